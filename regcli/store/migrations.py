"""The tables of the store, as ordered steps from an empty database to the current one.

A step that has been released never changes; a new need is a new step at the end of `MIGRATIONS`.
"""

import sqlite3
from collections.abc import Callable

from regcli.results.model_words import model_words
from regcli.results.records import RunRecord
from regcli.store.store_rows import score_of


def create_runs(connection: sqlite3.Connection) -> None:
    """Plain columns for listing in `runs`, the whole record as JSON in `records`.

    Two tables, because a list of runs then reads a few pages instead of every run's history.
    `number` is never given twice, so it tells a run from the one that replaced it.
    """
    connection.execute(
        """
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            state TEXT NOT NULL,
            created TEXT NOT NULL,
            epochs INTEGER NOT NULL,
            seconds REAL,
            l1 REAL,
            l2 REAL,
            seed INTEGER,
            fold INTEGER,
            method TEXT,
            data_loss REAL,
            accuracy REAL,
            r2 REAL,
            exact_sparsity REAL,
            files TEXT NOT NULL
        )
        """
    )
    connection.execute("CREATE INDEX runs_by_age ON runs (created, number)")
    connection.execute(
        """
        CREATE TABLE records (
            number INTEGER PRIMARY KEY REFERENCES runs (number) ON DELETE CASCADE,
            record TEXT NOT NULL
        )
        """
    )


def create_sweeps(connection: sqlite3.Connection) -> None:
    """Sweeps and their members in grid order.

    `run_id` is not a foreign key: a failed member that is replaced by a better one stays a member.
    """
    connection.execute(
        "CREATE TABLE sweeps (id TEXT PRIMARY KEY, created TEXT NOT NULL, record TEXT NOT NULL)"
    )
    connection.execute(
        """
        CREATE TABLE sweep_runs (
            sweep_id TEXT NOT NULL REFERENCES sweeps (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            run_id TEXT NOT NULL,
            PRIMARY KEY (sweep_id, position)
        )
        """
    )
    connection.execute("CREATE INDEX sweep_runs_by_run ON sweep_runs (run_id)")


def create_findings(connection: sqlite3.Connection) -> None:
    """What was found out about a config and its data, so that it need not be found again."""
    connection.execute("CREATE TABLE findings (key TEXT PRIMARY KEY, finding TEXT NOT NULL)")


def link_refits(connection: sqlite3.Connection) -> None:
    """Which run a refitted one belongs to, so that a list tells it from a dense baseline."""
    connection.execute("ALTER TABLE runs ADD COLUMN refit_of TEXT")
    connection.execute(
        """
        UPDATE runs SET refit_of = (
            SELECT CASE
                WHEN NOT json_valid(record) THEN NULL
                WHEN json_extract(record, '$.config.training.keep_zeros')
                THEN json_extract(record, '$.config.training.start_from')
            END
            FROM records
            WHERE records.number = runs.number
        )
        """
    )


def add_checksums(connection: sqlite3.Connection) -> None:
    """CRC-32 of each record's text, so that a changed digit is noticed; NULL for older records."""
    connection.execute("ALTER TABLE records ADD COLUMN checksum INTEGER")


def describe_runs(connection: sqlite3.Connection) -> None:
    """What a list says of data, model and score, taken from the records of older versions."""
    for column in ("data TEXT", "model TEXT", "score REAL", "score_name TEXT"):
        connection.execute(f"ALTER TABLE runs ADD COLUMN {column}")
    for number, text in connection.execute("SELECT number, record FROM records").fetchall():
        values = _described(text)
        if values is not None:
            connection.execute(
                "UPDATE runs SET data = ?, model = ?, score = ?, score_name = ? WHERE number = ?",
                (*values, number),
            )


def _described(text: object) -> tuple[object, ...] | None:
    """Data, model, score and its name in a record; None for anything that is not a record."""
    try:
        record = RunRecord.model_validate_json(str(text))
    except ValueError:
        return None
    source = None if record.data is None else record.data.source
    return source, model_words(record), *score_of(record)


def add_identities(connection: sqlite3.Connection) -> None:
    """Version of the identity that each run's id was made by; NULL for older runs."""
    connection.execute("ALTER TABLE runs ADD COLUMN identity INTEGER")


def create_claims(connection: sqlite3.Connection) -> None:
    """Runs that are being trained, so that no other process trains them too."""
    connection.execute(
        """
        CREATE TABLE claims (
            run_id TEXT PRIMARY KEY,
            token TEXT NOT NULL,
            process TEXT NOT NULL,
            machine TEXT NOT NULL,
            beat REAL NOT NULL
        )
        """
    )


def create_blobs(connection: sqlite3.Connection) -> None:
    """What is small and belongs to a run, such as its weights, by a name; with its CRC-32.

    Before, everything that was no record was a file in the run's folder; it stays there.
    """
    connection.execute(
        """
        CREATE TABLE blobs (
            number INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
            name TEXT NOT NULL,
            content BLOB NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (number, name)
        )
        """
    )


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    create_runs,
    create_sweeps,
    create_findings,
    link_refits,
    add_checksums,
    describe_runs,
    add_identities,
    create_claims,
    create_blobs,
)
LATEST = len(MIGRATIONS)
"""The version that this regcli writes: the number of steps that a database has been through."""


def version(connection: sqlite3.Connection) -> int:
    """The number of steps that the database has been through; 0 for an empty one.

    Other programs' databases can have any number, also below 0.

    Raises:
        sqlite3.DatabaseError: the file is not a database.
    """
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def why_foreign(connection: sqlite3.Connection) -> str | None:
    """Why the database cannot have come from these steps; None where it can.

    Raises:
        sqlite3.Error: it cannot be read.
    """
    connection.execute("BEGIN")  # one moment for both questions: another process may be migrating
    try:
        done = version(connection)
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = {name for (name,) in tables}
    finally:
        connection.execute("ROLLBACK")
    if done < 0 or (done == 0 and names):
        return "another program made it"
    missing = [name for name in ("runs", "records") if done > 0 and name not in names]
    return f"no such table: {missing[0]}" if missing else None


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to `LATEST`, each step whole or not at all.

    Safe where several processes open the same new database: whoever gets the lock second finds
    the step done.

    Raises:
        sqlite3.Error: a step failed; the steps before it stay.
    """
    while version(connection) < LATEST:
        connection.execute("BEGIN IMMEDIATE")
        try:
            done = version(connection)
            if done < LATEST:
                MIGRATIONS[done](connection)
                connection.execute(f"PRAGMA user_version = {done + 1}")
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
