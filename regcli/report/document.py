"""Results as documents: the JSON that scripts rely on, and CSV and Markdown of the same runs."""

import csv
import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from regcli.one_line import printable
from regcli.results.conditions import KEYS, read_number
from regcli.results.records import SCHEMA_VERSION, RunRecord, SweepRecord

_MARKDOWN = re.compile(r"[\\|<]")
"""What would end a cell, begin a tag, or escape one of these."""


def sweep_document(
    sweep: SweepRecord | None, reused: int, records: Sequence[RunRecord]
) -> dict[str, Any]:
    """The pinned JSON document of a sweep, or of single runs where `sweep` is None."""
    head = None
    if sweep is not None:
        head = {
            "id": sweep.id,
            "name": sweep.name,
            "engine": sweep.engine,
            "seconds": sweep.seconds,
            "reused": reused,
        }
    return {
        "schema_version": SCHEMA_VERSION,
        "sweep": head,
        "runs": [run_entry(r) for r in records],
    }


def path_entry(along: str, largest: tuple[float, bool] | None) -> dict[str, Any]:
    """What a path's document says beside its runs: what grows, and the largest useful strength.

    Args:
        largest: the strength, and whether a formula gave it; None where it was not sought.
    """
    found = None
    if largest is not None:
        strength, is_exact = largest
        found = {"strength": strength, "found_by": "formula" if is_exact else "trial"}
    return {"along": along, "largest": found}


def run_entry(record: RunRecord, history: bool = False) -> dict[str, Any]:
    """One run as it stands in a document's `runs`."""
    plain = {**record.model_dump(mode="json"), "refit_of": record.refit_of}
    keys = ["id", "name", "state", "settings", "epochs", "seconds", "metrics", "sparsity"]
    keys += ["optimality", "engine", "message", "created", "refit_of"]
    if history:
        keys += ["history", "data", "config", "environment"]
    return {key: plain[key] for key in keys}


def to_json(document: Mapping[str, Any]) -> str:
    """Indented JSON; numbers keep their full precision, NaN and infinities are null."""
    return json.dumps(_finite(document), indent=2, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def flat_rows(records: Sequence[RunRecord]) -> tuple[list[str], list[list[object]]]:
    """Runs as a flat table at full precision: the header and a row a run.

    Results that no run has are left out, and `refit_of` where no run is refitted.
    """
    settings = list(dict.fromkeys(key for record in records for key in record.settings))
    numbers = {key: [read_number(record, key) for record in records] for key in KEYS}
    kept = [key for key, values in numbers.items() if any(value is not None for value in values)]
    links = ["refit_of"] if any(record.refit_of for record in records) else []
    rows = [
        [
            record.id,
            record.name,
            record.state.value,
            *(record.refit_of for _ in links),
            *(record.settings.get(key) for key in settings),
            *(numbers[key][position] for key in kept),
        ]
        for position, record in enumerate(records)
    ]
    return ["id", "name", "state", *links, *settings, *kept], rows


def to_csv(records: Sequence[RunRecord]) -> str:
    """Comma-separated values with a header."""
    return csv_table(*flat_rows(records))


def csv_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Comma-separated values of any cells."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def to_markdown(records: Sequence[RunRecord]) -> str:
    """A Markdown table with the columns of the CSV."""
    return markdown_table(*flat_rows(records))


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table of any cells."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(_markdown_cell, line))} |" for line in lines)


def _markdown_cell(value: object) -> str:
    """A value in one line whose characters Markdown takes for themselves."""
    if value is None:
        return ""
    text = " ".join(str(value).splitlines())
    return _MARKDOWN.sub(r"\\\g<0>", printable(text))
