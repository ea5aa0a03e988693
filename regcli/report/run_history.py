"""The losses of a run by epoch, and the epoch whose weights it has."""

import math

from regcli.config.early_stopping import EarlyStopping
from regcli.report.plots.learning_curves import History
from regcli.results.patience import Patience, logged_name
from regcli.results.records import RunRecord


def history_of(run: RunRecord) -> History | None:
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
