"""A folder of stored runs: what there is, and one of them by name."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from regcli.config.home import from_home

if TYPE_CHECKING:
    from regcli.api.finished_run import Run
    from regcli.api.finished_sweep import Sweep
    from regcli.store.store import Store

State = Literal["finished", "diverged", "failed", "interrupted"]


@contextmanager
def reading(folder: Path) -> Iterator["Store"]:
    """The open store of a folder.

    Raises:
        StoreError: there is none, or it cannot be read.
    """
    from regcli.config.own_code import allowed_by
    from regcli.store.store import open_store

    with open_store(folder, create=False, allows_code=allowed_by(os.environ)) as store:
        yield store


class Runs:
    """The stored runs and sweeps of a folder.

    Attributes:
        folder: where they are.
    """

    def __init__(self, folder: str | os.PathLike[str] = "runs") -> None:
        self.folder = from_home(Path(folder))

    def sweeps(self) -> "list[Sweep]":
        """Every stored sweep, the newest first.

        Raises:
            StoreError: one cannot be read.
        """
        from regcli.api.finished_sweep import stored_sweep

        with reading(self.folder) as store:
            return [stored_sweep(sweep, store) for sweep in store.sweeps()]

    def sweep(self, name: str) -> "Sweep":
        """A sweep by its id, the beginning of it, or its name, of which the newest.

        Where no sweep has the name, that of a config stands for the newest path of it.

        Raises:
            UsageError: there is none, or several ids begin so.
            StoreError: it cannot be read.
        """
        from regcli.api.finished_sweep import stored_sweep
        from regcli.config.problems import did_you_mean
        from regcli.errors import UsageError
        from regcli.workflows.stored_sweeps import find_sweep_or_path

        with reading(self.folder) as store:
            found = find_sweep_or_path(name, store)
            if found is None:
                near = did_you_mean(name, {each.name for each in store.sweep_summaries()})
                raise UsageError(f"there is no sweep {name!r} in {self.folder}{near}")
            return stored_sweep(found, store)

    def runs(
        self,
        where: str | Sequence[str] = (),
        *,
        name: str | None = None,
        state: State | None = None,
        last: int | None = None,
    ) -> "list[Run]":
        """Stored runs, the newest first.

        Args:
            where: conditions that they meet, such as `l1 > 0` or `test.accuracy >= 0.9`.
            name: of their config; `*` matches any text.
            state: how they ended.
            last: how many at most; None for all.

        Raises:
            UsageError: a condition is malformed, or no run has its key.
            StoreError: one cannot be read.
        """
        from regcli.api.finished_run import Run
        from regcli.errors import UsageError
        from regcli.report.column_choice import check_keys
        from regcli.report.listed_keys import keys_to_check
        from regcli.results.records import RunState
        from regcli.store.store_query import RunQuery, parse_filter

        given = (where,) if isinstance(where, str) else where
        if state is not None and state not in [*RunState]:
            raise UsageError(f"state: must be {', '.join(RunState)}, got {state!r}")
        wanted = None if state is None else RunState(state)
        try:
            query = RunQuery(name, wanted, tuple(map(parse_filter, given)), last=last)
            with reading(self.folder) as store:
                known = keys_to_check(store, query)
                if known is not None:
                    check_keys(query.keys, known)
                records = store.find(run.id for run, _ in store.listed(query)[0])
        except UsageError as error:
            raise UsageError(f"where: {error}") from None
        return [Run(record, self.folder) for record in records.values()]

    def run(self, name: str) -> "Run":
        """One run: by the beginning of its id, by name, or `best` or `use` of the newest sweep.

        Raises:
            UsageError: there is none, or several ids begin so.
            StoreError: it cannot be read.
        """
        from regcli.api.finished_run import Run
        from regcli.workflows.named_runs import find_run

        with reading(self.folder) as store:
            record, _ = find_run(name, store)
        return Run(record, self.folder)

    def __repr__(self) -> str:
        return f"regcli.open({str(self.folder)!r})"
