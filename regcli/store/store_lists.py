"""Lists of stored runs, from the plain columns of the database."""

from typing import Any

from regcli.errors import StoreError
from regcli.store import store_errors, store_query, store_rows
from regcli.store.store_errors import Damage
from regcli.store.store_query import RunQuery
from regcli.store.store_rows import RunSummary
from regcli.store.store_session import StoreSession

Listed = tuple[RunSummary, tuple[Any, ...]]
"""A run in a list, and the other requested values."""

_COLUMNS = ", ".join(store_rows.COLUMNS)
_SUMMARY = f"{_COLUMNS}, (SELECT count(DISTINCT sweep_id) FROM sweep_runs WHERE run_id = runs.id)"
_FROM_RUNS = "FROM runs LEFT JOIN records USING (number)"


class RunLists(StoreSession):
    """What a store says of many runs at once."""

    def summaries(self, last: int | None = None) -> list[RunSummary]:
        """The `last` stored runs, or all of them: newest first, without reading their records.

        Raises:
            StoreError: the database cannot be read, or one of the runs; the text names it.
        """
        summaries, damaged = self.readable_summaries(last)
        if damaged:
            raise StoreError(store_errors.damaged_runs(damaged))
        return summaries

    def readable_summaries(self, last: int | None = None) -> tuple[list[RunSummary], list[Damage]]:
        """As `summaries`, with those of the runs that cannot be read apart.

        Raises:
            StoreError: the database cannot be read.
        """
        found, damaged = self.listed(RunQuery(last=last))
        return [summary for summary, _ in found], damaged

    def listed(self, query: RunQuery) -> tuple[list[Listed], list[Damage]]:
        """The runs of a query, each with the requested values; also those that cannot be read.

        Raises:
            StoreError: the database cannot be read.
        """
        wanted = [store_query.expression(key) for key in query.values]
        where, given = store_query.condition(query)
        order, more = store_query.order(query)
        columns = ", ".join([_SUMMARY, *(sql for sql, _ in wanted)])
        statement = f"SELECT {columns} {_FROM_RUNS} WHERE {where} ORDER BY {order} LIMIT ?"
        last = -1 if query.last is None else query.last
        parameters = [*(value for _, values in wanted for value in values), *given, *more, last]
        with self._reading():
            rows = self._connection.execute(statement, parameters).fetchall()
        width = len(store_rows.COLUMNS) + 1
        found = [(store_rows.summary(row[:width]), row[width:]) for row in rows]
        return (
            [(run, values) for run, values in found if isinstance(run, RunSummary)],
            [run for run, _ in found if isinstance(run, Damage)],
        )

    def count(self, query: RunQuery | None = None) -> int:
        """How many runs are stored; with a query, how many meet it, regardless of its `last`.

        Raises:
            StoreError: the database cannot be read.
        """
        where, given = store_query.condition(query or RunQuery())
        tables = _FROM_RUNS if query and query.filters else "FROM runs"
        with self._reading():
            found = self._connection.execute(f"SELECT count(*) {tables} WHERE {where}", given)
            return int(found.fetchone()[0])

    def has_value(self, key: str) -> bool:
        """Whether any stored run has a value of a key, as queries name it.

        Raises:
            StoreError: the database cannot be read.
        """
        sql, given = store_query.expression(key)
        statement = f"SELECT 1 {_FROM_RUNS} WHERE {sql} IS NOT NULL LIMIT 1"
        with self._reading():
            return self._connection.execute(statement, given).fetchone() is not None
