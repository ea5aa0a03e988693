"""Runs as a Parquet file: the rows and columns of the format CSV, each column of one type."""

from regcli.destinations.destination import Sent, Shipment, count_words
from regcli.report.run_rows import run_rows
from regcli.report.typed_frames import typed_frame
from regcli.whole_files import replacing


def send(shipment: Shipment) -> Sent:
    """Write the file.

    Raises:
        OSError: it cannot be written.
    """
    frame = typed_frame(run_rows(shipment.records, shipment.choice))
    with replacing(shipment.path) as unfinished:
        frame.write_parquet(unfinished)
    return Sent(count_words(len(shipment.records)))
