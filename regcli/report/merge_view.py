"""What came of merging stores: a row for each of them."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from regcli.report.contents import Column, Report, Row, Table, View, data_table
from regcli.report.figures import count_text
from regcli.results.records import SCHEMA_VERSION
from regcli.workflows.store_merge import Merged

_COUNTS = ("added", "equal", "different", "damaged", "sweeps")


def merge_view(merged: Sequence[Merged]) -> View:
    """What each store gave."""
    return View(
        report=partial(_report, merged),
        rows=partial(_table, merged),
        document=partial(_document, merged),
    )


def _counts(each: Merged) -> list[int]:
    return [each.added, each.equal, len(each.different), len(each.damaged), each.sweeps]


def _report(merged: Sequence[Merged]) -> Report:
    columns = [Column("store", "store", justify="left"), *(Column(key, key) for key in _COUNTS)]
    rows = [Row([str(each.folder), *_counts(each)], format=_text) for each in merged]
    return Report((Table(columns, rows, []),), "merging")


def _text(value: object) -> str:
    return count_text(value) if isinstance(value, int) else str(value)


def _table(merged: Sequence[Merged]) -> Table:
    return data_table(["store", *_COUNTS], [[str(each.folder), *_counts(each)] for each in merged])


def _document(merged: Sequence[Merged]) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "stores": [
            {
                "store": str(each.folder),
                "added": each.added,
                "equal": each.equal,
                "different": list(each.different),
                "damaged": [{"id": run_id, "reason": why} for run_id, why in each.damaged],
                "sweeps": each.sweeps,
            }
            for each in merged
        ],
    }
