"""The runs of a sweep or a path as a program reads them."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regcli.api.finished_run import Run
from regcli.api.plain_verdict import Verdict, plain_verdict
from regcli.errors import UsageError
from regcli.results.records import RunRecord, SweepRecord
from regcli.results.verdict.judgement import Verdict as Judged

if TYPE_CHECKING:
    import polars as pl

    from regcli.api.sweep_plots import SweepPlots
    from regcli.store.store import Store


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """The runs of a grid or a path, and which of its settings to use.

    Attributes:
        id, name: of the sweep as it is stored.
        runs: in the order of the grid.
        along: the strength that varies along a path; empty for a grid.
        reused: how many runs were stored before.
        notes: what a person should know of the data, a sentence each; none of a stored sweep.
        refitted: runs that were trained again from those of a path, without penalty.
    """

    id: str
    name: str
    runs: tuple[Run, ...]
    _judge: Callable[[], Judged | None]
    _folder: Path
    along: str = ""
    reused: int = 0
    notes: tuple[str, ...] = ()
    refitted: tuple[Run, ...] = ()
    _retrain: Callable[[bool | None], Run] | None = None

    @cached_property
    def verdict(self) -> Verdict | None:
        """Which setting to use; None where nothing ranks the settings."""
        return None if self._judged is None else plain_verdict(self._judged)

    @cached_property
    def _judged(self) -> Judged | None:
        return self._judge()

    @cached_property
    def best(self) -> Run:
        """The best run of the best setting; its first one where each has rows of its own.

        Raises:
            UsageError: nothing ranks the settings.
        """
        return self._run_of("best", None if self._judged is None else self._judged.best)

    @cached_property
    def use(self) -> Run:
        """The same of the setting that the verdict says to use.

        Raises:
            UsageError: nothing ranks the settings.
        """
        return self._run_of("use", None if self._judged is None else self._judged.use)

    def _run_of(self, which: str, place: int | None) -> Run:
        """The run of a setting; without a verdict, of the one that the name `which` means."""
        from regcli.api.runs_folder import reading
        from regcli.results.settings import by_setting
        from regcli.workflows.named_runs import best_run, place_of

        settings = by_setting(self._records) if self._judged is None else self._judged.settings
        if place is None:
            with reading(self._folder) as store:
                place = place_of(settings, store, which)
        if place is None:
            raise UsageError(f"sweep {self.id}: has no best setting; take one of its runs")
        return Run(best_run(settings[place], settings), self._folder)

    def retrain(self, *, progress: bool | None = None) -> Run:
        """Train the setting to use on all rows but the test rows, and store that run.

        No fold's model has seen all of them. Where early stopping watches validation rows, these
        are kept.

        Args:
            progress: as `regcli.sweep` takes it.

        Raises:
            UsageError: nothing says which setting to use, or the sweep is a path or a stored one.
            RegcliError, KeyboardInterrupt: as `regcli.train`.
        """
        if self._retrain is None:
            raise UsageError(
                f"sweep {self.id}: only the call that gave a grid its verdict can train again; "
                "call regcli.sweep again, which reuses its runs"
            )
        return self._retrain(progress)

    @property
    def plot(self) -> "SweepPlots":
        """Its plots: `sweep.plot.score()`; matplotlib draws them, which has to be installed."""
        from regcli.api.sweep_plots import SweepPlots

        return SweepPlots(self.id, self._folder)

    def to_polars(self) -> "pl.DataFrame":
        """A row a run, with the columns of the format CSV."""
        from regcli.api.run_frames import runs_frame

        return runs_frame(self._records)

    def to_pandas(self) -> Any:
        """As `to_polars`, a frame of pandas, which has to be installed."""
        from regcli.api.pandas_frames import as_pandas

        return as_pandas(self.to_polars())

    def row_losses(self) -> "pl.DataFrame":
        """What the runs did with each row of validation and test.

        Returns:
            A row for each run and row of the data: the run's `id`, the `part`, the `row`'s number
            in the table from 0 (without rows that were left out for gaps), `data_loss`, and
            each metric that is a mean over rows. Of more than 100,000 rows, means of blocks.

        Raises:
            DataError: the data cannot be read, or has changed.
        """
        from regcli.api.run_frames import row_losses_frame

        return row_losses_frame(self._records, self._folder)

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Write the page of `regcli report`: the verdict, the table, plots, the data, the config.

        A file that is there already is replaced.

        Returns:
            The file.

        Raises:
            UsageError: none of its runs is stored any more.
            StoreError: the store cannot be read.
            OSError: the file cannot be written.
        """
        from regcli.api.runs_folder import reading
        from regcli.config.home import from_home
        from regcli.report.page_files import write_files
        from regcli.report.pages.sweep_page import sweep_page
        from regcli.report.writers.html import whole_page
        from regcli.workflows.stored_evidence import find_evidence

        written = from_home(Path(path))
        with reading(self._folder) as store:
            page = sweep_page(find_evidence([self.id], store))
        write_files({written: whole_page(page)})
        return written

    def _repr_html_(self) -> str:
        from regcli.report.notebook_views import sweep_html
        from regcli.results.settings import by_setting

        judged = self._judged
        settings = by_setting(self._records) if judged is None else judged.settings
        refits = {run.record.refit_of or "": run.record for run in self.refitted}
        return sweep_html(self._title, settings, judged, self.along, refits, self.notes)

    @property
    def _records(self) -> list[RunRecord]:
        return [run.record for run in self.runs]

    def __getstate__(self) -> dict[str, Any]:
        """With the verdict in place of what judges, and without what trains again."""
        judge = partial(_as_it_is, self._judged)
        return {**self.__dict__, "_judge": judge, "_retrain": None}

    def __len__(self) -> int:
        return len(self.runs)

    @property
    def _title(self) -> str:
        count = "1 run" if len(self.runs) == 1 else f"{len(self.runs):,} runs"
        return f"Sweep {self.name}: {count}"

    def __repr__(self) -> str:
        use = "" if self.verdict is None else f"; use {self.verdict.use.name}"
        return f"<{self._title}{use}>"


def _as_it_is(judged: Judged | None) -> Judged | None:
    return judged


def sweep_of(
    folder: Path,
    sweep: SweepRecord,
    records: Sequence[RunRecord],
    judge: Callable[[], Judged | None],
    along: str,
) -> Sweep:
    """A sweep from what workflows know of it.

    Args:
        folder: of the store.
        judge: gives the verdict, once it is asked for.
    """
    return Sweep(
        id=sweep.id,
        name=sweep.name,
        runs=tuple(Run(record, folder) for record in records),
        _judge=judge,
        _folder=folder,
        along=along,
    )


def stored_sweep(sweep: SweepRecord, store: "Store") -> Sweep:
    """A sweep that is stored, with those of its runs that are.

    Raises:
        StoreError: one cannot be read.
    """
    from regcli.api.runs_folder import reading
    from regcli.workflows.stored_sweeps import as_swept
    from regcli.workflows.sweep_verdict import judge_stored, strength_along

    records, folder = as_swept(sweep, store), store.folder

    def judge() -> Judged | None:
        with reading(folder) as opened:
            return judge_stored(sweep, records, opened)

    return sweep_of(folder, sweep, records, judge, strength_along(records))
