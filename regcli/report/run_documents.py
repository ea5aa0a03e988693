"""Results as the JSON documents that scripts rely on: keys are only ever added."""

from collections.abc import Sequence
from typing import Any

from regcli.report.column_choice import EVERYTHING, Choice, in_order
from regcli.report.run_rows import aggregated_entries
from regcli.report.run_values import value_of
from regcli.report.verdict_document import verdict_entry
from regcli.results.records import SCHEMA_VERSION, RunRecord, SweepRecord
from regcli.results.verdict.judgement import Verdict

_ENTRY = (
    *("id", "name", "state", "settings", "epochs", "seconds", "metrics", "sparsity"),
    *("optimality", "engine", "message", "created", "refit_of", "parent", "identity"),
)
_WITH_HISTORY = ("history", "data", "config", "environment")


def sweep_document(
    sweep: SweepRecord | None,
    reused: int,
    records: Sequence[RunRecord],
    choice: Choice = EVERYTHING,
    verdict: Verdict | None = None,
) -> dict[str, Any]:
    """The pinned JSON document of a sweep, or of single runs where `sweep` is None.

    It is complete for any choice of columns; `aggregated` is there where it was requested.
    """
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
        "runs": [run_entry(r) for r in in_order(records, choice.sort, value_of)],
        **({"aggregated": aggregated_entries(records)} if choice.aggregate else {}),
        **({"verdict": verdict_entry(verdict)} if sweep is not None else {}),
    }


def path_entry(along: str, largest: tuple[float, bool] | None) -> dict[str, Any]:
    """What a path's document has besides its runs: its strength, and the largest useful one.

    Args:
        largest: the strength, and whether a formula gave it; None where it was not sought.
    """
    found = None
    if largest is not None:
        strength, is_exact = largest
        found = {"strength": strength, "found_by": "formula" if is_exact else "trial"}
    return {"along": along, "largest": found}


def run_entry(record: RunRecord, history: bool = False) -> dict[str, Any]:
    """One run as an entry of a document's `runs`."""
    keys = [*_ENTRY, *(_WITH_HISTORY if history else ())]
    left_out = {"data": {"folder", "dialect", "ranges", "leaks"}}
    plain = record.model_dump(mode="json", include=set(keys), exclude=left_out)
    plain["refit_of"] = record.refit_of
    return {key: plain[key] for key in keys}
