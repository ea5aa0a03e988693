"""The JSON document that scripts rely on."""

import json
import math
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from regcli.report.contents import View


def write(view: View, console: Console) -> str:
    """The view's document."""
    del console
    return to_json(view.document())


def to_json(document: Mapping[str, Any]) -> str:
    """Indented JSON; numbers keep their full precision, NaN and infinities are null."""
    return json.dumps(_finite(document), indent=2, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
