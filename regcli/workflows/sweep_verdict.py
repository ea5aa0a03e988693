"""The verdict on a sweep that has ended, from what the store has of its runs."""

from functools import partial

from regcli.config.load import LoadedConfig
from regcli.results.settings import by_setting
from regcli.results.verdict.judgement import MARGIN, Verdict, judge
from regcli.store.store import Store
from regcli.store.store_row_values import read_row_values
from regcli.workflows.graph_training import SweepResult


def judge_sweep(
    loaded: LoadedConfig, result: SweepResult, store: Store, along: str = ""
) -> Verdict | None:
    """The verdict on a sweep; None on one that was interrupted, or where nothing ranks settings.

    Args:
        along: the strength that varies along a path, of which the runs are the points.

    Raises:
        StoreError: what was stored of a run's rows cannot be read.
    """
    if result.interrupted:
        return None
    asked = loaded.config.verdict
    margin = MARGIN if asked is None else asked.margin
    return judge(by_setting(result.records), partial(read_row_values, store), margin, along)
