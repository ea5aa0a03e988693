"""What all sections of a config are made of: their base, and the numbers that several have."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from regcli.config.arguments import as_whole


def _without_sign_of_zero(number: float) -> float:
    return number + 0.0  # -0.0 and 0.0 are one strength, and must have one name and one run id


Strength = Annotated[float, Field(ge=0, allow_inf_nan=False), AfterValidator(_without_sign_of_zero)]
Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
ClassWeight = Annotated[float, Field(ge=0, allow_inf_nan=False)]
WHOLE = BeforeValidator(as_whole)
"""A whole number may be written `64.0` or `1e3`, as ranges give it."""
Count = Annotated[int, Field(ge=1), WHOLE]
Seed = Annotated[int, Field(ge=0, lt=2**31), WHOLE]

BROKEN_RULE = "broken_rule"
"""Type of the errors of rules that join several keys."""


def broken_rule(message: str, *keys: str) -> PydanticCustomError:
    """The error of a rule that joins keys of a section."""
    return PydanticCustomError(BROKEN_RULE, "{message}", {"message": message, "keys": keys})


class Section(BaseModel):
    """Base of every section: immutable, no unknown keys, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
