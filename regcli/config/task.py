"""Kinds of target."""

from typing import Literal

Task = Literal["binary", "multiclass", "regression"]
