"""The trained model of one run as a Keras file, with a file beside it that says what it takes."""

from regcli.destinations.destination import Sent, Shipment
from regcli.exports.model_columns import columns_path
from regcli.exports.model_files import export_model


def send(shipment: Shipment) -> Sent:
    """Write both, and say in words what the model does.

    Raises:
        RegcliError: as `export_model`.
    """
    (run,) = shipment.records
    path = shipment.path
    written = export_model(shipment.store, run.id, path, probabilities=shipment.probabilities)
    if written.not_compared:
        shipment.tell(f"not compared with the run's scores: {written.not_compared}")
    beside = columns_path(path).name
    shipment.tell(f"it takes {written.takes} and gives {written.gives}, as {beside} says")
    if written.needs is not None:
        shipment.tell(f"import the code in {written.needs.name} before the file is loaded")
    return Sent(f"the model of run {run.id}")
