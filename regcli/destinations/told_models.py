"""What a person is told of a model that was written."""

from typing import TYPE_CHECKING

from regcli.destinations.destination import Shipment

if TYPE_CHECKING:
    from regcli.exports.model_files import Exported


def tell_of_model(written: "Exported", shipment: Shipment) -> None:
    """Tell what it takes and gives, and that its scores could not be compared where that is so."""
    from regcli.exports.model_columns import columns_path

    if written.not_compared:
        shipment.tell(f"not compared with the run's scores: {written.not_compared}")
    beside = columns_path(shipment.path).name
    shipment.tell(f"it takes {written.takes} and gives {written.gives}, as {beside} says")
