"""The trained model of one run as an ONNX file, with a file beside it that says what it takes."""

from regcli.destinations.destination import Sent, Shipment
from regcli.destinations.optional_packages import require_packages
from regcli.destinations.told_models import tell_of_model

_PACKAGES = {"tf2onnx": "tf2onnx", "onnxruntime": "onnxruntime"}


def send(shipment: Shipment) -> Sent:
    """Write both, and say in words what the model does.

    Raises:
        ExportError: a package is missing.
        RegcliError: as `export_onnx`.
    """
    require_packages(_PACKAGES, "onnx")
    from regcli.exports.onnx_files import export_onnx

    (run,) = shipment.records
    path = shipment.path
    written = export_onnx(shipment.store, run.id, path, probabilities=shipment.probabilities)
    tell_of_model(written, shipment)
    return Sent(f"the model of run {run.id}")
