"""Runs as a text of one of the formats: a row a run, or the JSON document."""

from regcli.destinations.destination import Sent, Shipment, count_words
from regcli.report.exported_runs import export_view
from regcli.report.formats import Format, format_named
from regcli.report.sink import as_file
from regcli.whole_files import replacing


def send(shipment: Shipment) -> Sent:
    """Write the text, or show it where there is no file.

    Raises:
        OSError: the file cannot be written.
    """
    form, records = format_named(shipment.to), shipment.records
    # A Markdown file is often put into another one: it holds the table and nothing else.
    text = as_file(export_view(records, shipment.choice, has_notes=form is not Format.MD), form)
    if shipment.output is None:
        shipment.show(text)
    else:
        with replacing(shipment.output) as unfinished:
            unfinished.write_text(text, encoding="utf-8")
    return Sent(count_words(len(records)))
