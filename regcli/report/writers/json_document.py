"""The JSON document that scripts rely on."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json as to_json_bytes
from rich.console import Console

from regcli.report.contents import View


def write(view: View, console: Console) -> str:
    """The view's document."""
    del console
    return to_json(view.document())


def to_json(document: Mapping[str, Any]) -> str:
    """Indented JSON; numbers keep their full precision, NaN and infinities are null.

    Pydantic writes the document of 10,000 runs in a twentieth of the time of Python's own encoder.
    """
    return to_json_bytes(document, indent=2, inf_nan_mode="null", fallback=dict).decode()
