"""What a config says of the column to predict: its name, or a mapping with what is done to it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from regcli.config.section import Section


class TargetColumn(Section):
    """The column to predict, and what is done to a quantity before a model is trained on it."""

    column: str | None = Field(
        None,
        description="The column to predict; left out for shipped data sets and NPZ files, which "
        "have their own target.",
    )
    scale: Literal["none", "standard"] = Field(
        "none",
        description="standard: mean 0 and standard deviation 1, fitted on the training rows only. "
        "Strengths and losses then are those of the scaled target; metrics such as rmse stay in "
        "its own unit.",
    )
    log: bool = Field(
        False,
        description="Whether the natural logarithm of the target is learnt, before any scaling. "
        "Every value must be above 0.",
    )

    @property
    def is_transformed(self) -> bool:
        """Whether a model is trained on something else than the target's own values."""
        return self.log or self.scale != "none"


def _form_of_target(value: object) -> str:
    return "settings" if isinstance(value, Mapping | TargetColumn) else "text"


Target = Annotated[
    Annotated[str, Tag("text")] | Annotated[TargetColumn, Tag("settings")],
    Discriminator(_form_of_target),
]
"""The column to predict: its name alone, or a mapping with what is done to it."""
