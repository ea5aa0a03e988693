"""What a command's results have to meet: checks, and an earlier sweep that they are compared with.

Checks are read before anything is loaded, those that name a setting once the plan is known.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from regcli.cli.demands import Demand, PlanCheck, demands_of_config, demands_of_options
from regcli.cli.judged import Judged
from regcli.cli.options import blaming
from regcli.config.check_grammar import Subject
from regcli.config.load import LoadedConfig
from regcli.errors import UsageError
from regcli.planning.events import Tell
from regcli.results.gate.cases import carry_out, chosen_setting
from regcli.results.gate.earlier import Earlier, compare_with
from regcli.results.records import RunRecord
from regcli.results.settings import by_setting
from regcli.results.verdict.judgement import MARGIN, Verdict
from regcli.store.store import Store
from regcli.store.store_row_values import read_row_values
from regcli.workflows.earlier_sweep import find_earlier


@dataclass(frozen=True)
class Gate:
    """What a command's results have to meet.

    Attributes:
        junit: the file to write the outcome to.
        baseline: names an earlier sweep, and `tolerance` how much worse than it is no failure.
        earlier: that sweep, once it is known.
    """

    demands: tuple[Demand, ...] = ()
    junit: Path | None = None
    baseline: str | None = None
    tolerance: float | None = None
    margin: float = MARGIN
    earlier: Earlier | None = None

    def with_config(self, loaded: LoadedConfig) -> "Gate":
        """The gate with the checks and the margin of a config."""
        return replace(
            self,
            demands=(*self.demands, *demands_of_config(loaded)),
            margin=loaded.config.margin,
        )

    def without_validation(self, record: RunRecord) -> tuple["Gate", str]:
        """The gate of a run whose config may have left no validation rows, and a word of that.

        Checks of the config that need such rows are left out then: with
        `train_on_validation` it trains for good what a sweep with those checks has chosen. Options
        ask for this run alone, and stay.
        """
        if record.data is None or record.data.rows.get("validation"):
            return self, ""
        left_out = [each for each in self.demands if each.place and each.check.needs_validation]
        if not left_out:
            return self, ""
        named = ", ".join(f"'{each.check.text}' ({each.place})" for each in left_out)
        demands = tuple(each for each in self.demands if each not in left_out)
        rule = "checks left out, because they require validation rows and there are none"
        return replace(self, demands=demands), f"{rule}: {named}"

    def with_earlier(self, store: Store) -> "Gate":
        """The gate with its earlier sweep, if it names one.

        Raises:
            UsageError: there is no such sweep, or nothing says which of its settings to use.
        """
        if self.baseline is None:
            return self
        with blaming("--baseline"):
            return replace(self, earlier=find_earlier(self.baseline, store, self.margin))

    def checking(self, tell: Tell) -> Tell:
        """A listener that refuses the plan where a check names no setting of it."""
        return PlanCheck(self.demands, tell)

    def judge(
        self,
        records: Sequence[RunRecord],
        verdict: Verdict | None,
        store: Store | None = None,
        is_interrupted: bool = False,
    ) -> Judged:
        """The checks carried out on what was trained.

        Of an interrupted command only those of every run: the others would speak of a part of the
        grid.

        Args:
            store: where the rows of the runs are, for the earlier sweep.
        """
        settings = by_setting(records)
        demands = [
            demand
            for demand in self.demands
            if not is_interrupted or demand.check.subject is Subject.EVERY_RUN
        ]
        cases = carry_out([demand.check for demand in demands], settings, verdict)
        judged = Judged(
            settings,
            tuple(zip(demands, cases, strict=True)),
            chosen_setting(settings, verdict),
            self.junit,
        )
        if self.earlier is None or store is None or is_interrupted:
            return judged
        rows_of = partial(read_row_values, store)
        tolerance = self.margin if self.tolerance is None else self.tolerance
        try:
            change = compare_with(self.earlier, settings, verdict, rows_of, tolerance)
        except UsageError as error:
            return replace(judged, refusal=UsageError(f"--baseline: {error}"))
        return replace(judged, baseline=self.baseline, change=change)


def open_gate(
    fail_if: Sequence[str] | None,
    junit: Path | None = None,
    baseline: str | None = None,
    tolerance: float | None = None,
) -> Gate:
    """The gate of a command's options.

    Raises:
        UsageError: one of them is malformed; names it.
    """
    demands = demands_of_options(fail_if)
    if junit is not None and not junit.parent.is_dir():
        raise UsageError(f"--junit: there is no folder {junit.parent}; create it first")
    if tolerance is not None and baseline is None:
        raise UsageError("--tolerance: requires --baseline, the sweep to compare with")
    if tolerance is not None and not 0 <= tolerance < math.inf:
        raise UsageError(f"--tolerance: must be a finite number of at least 0, got {tolerance:g}")
    return Gate(demands, junit, baseline, tolerance)
