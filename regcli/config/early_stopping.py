"""The section `training.early_stopping`; what reads stored runs needs no other."""

from pydantic import Field

from regcli.config.section import Count, Section
from regcli.metrics.registry import WATCHED

MONITORED = ("data_loss", "objective", *WATCHED)
"""The results of a part's rows that early stopping can watch."""


class EarlyStopping(Section):
    """When to stop before the last epoch; the best weights are always restored."""

    monitor: str = Field(
        "validation.data_loss",
        pattern=rf"^(train|validation)\.({'|'.join(MONITORED)})$",
        description="Result to watch: validation.data_loss, validation.accuracy, …",
    )
    patience: Count = Field(10, description="Epochs without improvement before stopping.")
    min_delta: float = Field(
        0.0,
        ge=0,
        allow_inf_nan=False,
        description="Smallest change that counts as an improvement.",
    )
