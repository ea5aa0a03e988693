"""The trained model of one run as a Keras file, with a file beside it that says what it takes."""

from regcli.destinations.destination import Sent, Shipment
from regcli.destinations.told_models import tell_of_model
from regcli.exports.model_files import export_model


def send(shipment: Shipment) -> Sent:
    """Write both, and say in words what the model does.

    Raises:
        RegcliError: as `export_model`.
    """
    (run,) = shipment.records
    path = shipment.path
    written = export_model(shipment.store, run.id, path, probabilities=shipment.probabilities)
    tell_of_model(written, shipment)
    if written.needs is not None:
        shipment.tell(f"import the code in {written.needs.name} before the file is loaded")
    return Sent(f"the model of run {run.id}")
