"""What a config says of the images of a folder."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from regcli.config.problems import shown
from regcli.config.section import WHOLE

Side = Annotated[int, Field(ge=1, le=4096), WHOLE]
"""Pixels along one side of an image."""


def _two_sides(value: object) -> object:
    if value is None or (isinstance(value, list | tuple) and len(value) == 2):
        return value
    raise ValueError(f"must be a height and a width, such as [32, 32], got {shown(value)}")


ImageSize = Annotated[
    tuple[Side, ...],
    BeforeValidator(_two_sides),
    Field(strict=False, json_schema_extra={"minItems": 2, "maxItems": 2}),
]
"""Height and width of an image, in pixels."""
