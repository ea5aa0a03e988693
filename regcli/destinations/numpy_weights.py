"""The weights of one run as one of NumPy's files."""

from regcli.destinations.destination import Sent, Shipment
from regcli.store.store_weights import as_archive, read_weights
from regcli.whole_files import replacing


def send(shipment: Shipment) -> Sent:
    """Write the file.

    Raises:
        StoreError: the run has no weights, or they cannot be read.
        OSError: the file cannot be written.
    """
    (run,) = shipment.records
    content = as_archive(read_weights(shipment.store, run.id))
    with replacing(shipment.path) as unfinished:
        unfinished.write_bytes(content)
    return Sent(f"the weights of run {run.id}")
