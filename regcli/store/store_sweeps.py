"""The rows of sweeps: which runs belong together, and in which order."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from regcli.errors import StoreError
from regcli.results.records import SweepRecord
from regcli.store.store_rows import plain_mapping

_SELECT_SUMMARIES = """
    SELECT sweeps.id, sweeps.record, count(runs.number), min(runs.data_loss), min(runs.data)
    FROM sweeps
    LEFT JOIN sweep_runs ON sweep_runs.sweep_id = sweeps.id
    LEFT JOIN runs ON runs.id = sweep_runs.run_id
    GROUP BY sweeps.id
    ORDER BY sweeps.created DESC, sweeps.rowid DESC
"""


@dataclass(frozen=True, slots=True)
class SweepSummary:
    """One line of a list of sweeps.

    Attributes:
        runs: how many of its runs are stored.
        created: when the sweep ended: ISO 8601, UTC.
        data_loss: the lowest of the validation rows; None where none was measured.
    """

    id: str
    name: str
    data: str | None
    runs: int
    engine: str
    seconds: float
    created: str
    data_loss: float | None


def write_sweep(connection: sqlite3.Connection, record: SweepRecord) -> None:
    """Store a sweep in place of an earlier one of the same id; the caller has the transaction.

    Raises:
        sqlite3.Error: it cannot be written.
    """
    connection.execute("DELETE FROM sweeps WHERE id = ?", (record.id,))
    connection.execute(
        "INSERT INTO sweeps (id, created, record) VALUES (?, ?, ?)",
        (record.id, record.created, record.model_dump_json(exclude={"run_ids"})),
    )
    connection.executemany(
        "INSERT INTO sweep_runs (sweep_id, position, run_id) VALUES (?, ?, ?)",
        [(record.id, position, run_id) for position, run_id in enumerate(record.run_ids)],
    )


def sweep_ids(connection: sqlite3.Connection) -> list[str]:
    """The ids of all sweeps, in their own order.

    Raises:
        sqlite3.Error: the database cannot be read.
    """
    rows = connection.execute("SELECT id FROM sweeps ORDER BY id")
    return [sweep_id for (sweep_id,) in rows if isinstance(sweep_id, str)]


def read_sweeps(connection: sqlite3.Connection) -> list[SweepRecord]:
    """Every sweep, newest first, each with its runs in grid order.

    Raises:
        StoreError: a row is not a sweep.
        sqlite3.Error: the database cannot be read.
    """
    rows = connection.execute("SELECT id, record FROM sweeps ORDER BY created DESC, rowid DESC")
    return [_sweep(connection, row) for row in rows.fetchall()]


def read_summaries(connection: sqlite3.Connection) -> list[SweepSummary]:
    """Every sweep in a line of a list, newest first.

    Raises:
        StoreError: a row is not a sweep.
        sqlite3.Error: the database cannot be read.
    """
    found = []
    for sweep_id, text, runs, loss, data in connection.execute(_SELECT_SUMMARIES).fetchall():
        record = _record(sweep_id, text, ())
        about = (record.engine, record.seconds, record.created)
        found.append(SweepSummary(record.id, record.name, data, runs, *about, loss))
    return found


def read_sweep(connection: sqlite3.Connection, sweep_id: str) -> SweepRecord | None:
    """The sweep with that whole id.

    Raises:
        StoreError: the row is not a sweep.
        sqlite3.Error: the database cannot be read.
    """
    row = connection.execute("SELECT id, record FROM sweeps WHERE id = ?", (sweep_id,)).fetchone()
    return None if row is None else _sweep(connection, row)


def _sweep(connection: sqlite3.Connection, row: tuple[Any, ...]) -> SweepRecord:
    sweep_id, text = row
    members = connection.execute(
        "SELECT run_id FROM sweep_runs WHERE sweep_id = ? ORDER BY position", (sweep_id,)
    )
    return _record(sweep_id, text, tuple(run_id for (run_id,) in members.fetchall()))


def _record(sweep_id: str, text: object, run_ids: tuple[str, ...]) -> SweepRecord:
    try:
        # Written without its members, which a removal can change.
        return SweepRecord.model_validate({**(plain_mapping(text) or {}), "run_ids": run_ids})
    except ValueError as error:
        raise StoreError(
            f"The stored sweep {sweep_id} cannot be read; its {len(run_ids)} runs can, one by one."
        ) from error
