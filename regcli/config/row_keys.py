"""What a config says of how rows are held out: fractions, files of their own, and folds."""

from typing import Annotated, Self

from pydantic import Discriminator, Field, Tag, model_validator

from regcli.config.section import WHOLE, Section, Share, broken_rule

MOST_FOLDS = 1_000
"""Folds that rows are dealt to at most."""


def _kind_of_part(value: object) -> str:
    """A file where it is text, unless that is a number in quotes."""
    if not isinstance(value, str):
        return "fraction"
    try:
        float(value)
    except ValueError:
        return "file" if value.strip() else "fraction"
    return "fraction"


PartOfRows = Annotated[
    Annotated[Share, Tag("fraction")] | Annotated[str, Tag("file")], Discriminator(_kind_of_part)
]
"""Rows for validation or test: a fraction of all, or a file of their own."""


class Fold(Section):
    """Which fold of a cross-validation is held out for validation."""

    number: Annotated[int, Field(ge=0), WHOLE] = Field(description="The fold, counted from 0.")
    of: Annotated[int, Field(ge=2, le=MOST_FOLDS), WHOLE] = Field(
        description="Number of folds that the rows without the test rows are dealt to."
    )
    repeat: Annotated[int, Field(ge=0), WHOLE] = Field(
        0, description="Which repetition, each of which deals the rows anew."
    )

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.number >= self.of:
            rule = "number must be below of, because folds are counted from 0"
            raise broken_rule(f"{rule}, got {self.number} of {self.of}", "number", "of")
        return self
