"""Learning curves of the settings that the verdict names."""

import math
from collections.abc import Iterator

from regcli.config.schema import EarlyStopping
from regcli.report.pages.page import Section
from regcli.report.plots.learning_curves import History, learning_plot
from regcli.report.plots.plot import Plot
from regcli.report.setting_columns import naming
from regcli.results.patience import Patience, logged_name
from regcli.results.records import RunRecord
from regcli.results.verdict.setting_roles import roles
from regcli.workflows.stored_evidence import Evidence


def learning_section(evidence: Evidence) -> Section:
    """A plot for each of: the setting to use, the best one and the reference."""
    return Section("learning", "Learning curves", tuple(_plots(evidence)))


def _plots(evidence: Evidence) -> Iterator[Plot]:
    verdict = evidence.verdict
    named = [0] if verdict is None else [verdict.use, verdict.best, verdict.reference]
    name = naming([setting.settings for setting in evidence.settings])
    for place in dict.fromkeys(named):
        if place is None:
            continue
        setting = evidence.settings[place]
        found = [history for run in setting.records if (history := _history(run)) is not None]
        if found:
            text = " ".join(filter(None, [roles(setting, verdict), name(setting.settings)]))
            yield learning_plot(f"learning-{place}", text or "the setting", "loss", found)


def _history(run: RunRecord) -> History | None:
    """The data losses of a run by epoch; None where there are fewer than two."""
    train, validation = (
        [math.nan if value is None else value for value in run.history.get(key, ())]
        for key in ("data_loss", "val_data_loss")
    )
    if len(train) < 2:
        return None
    return History(train, validation, _kept_epoch(run, len(train)))


def _kept_epoch(run: RunRecord, epochs: int) -> int:
    """The epoch whose weights a run has: the best one where it could stop early, else the last."""
    given = run.config.get("training", {}).get("early_stopping")
    if not given:
        return epochs
    patience = Patience(EarlyStopping.model_validate(given))
    kept = epochs
    for epoch, value in enumerate(run.history.get(logged_name(patience.early.monitor), ()), 1):
        patience.take(math.nan if value is None else value)
        kept = epoch if patience.improved else kept
    return kept
