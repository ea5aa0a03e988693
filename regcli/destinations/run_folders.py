"""Names of folders of runs, which every file system takes."""

import re

from regcli.destinations.run_numbers import settings_text
from regcli.results.records import RunRecord

_LONGEST = 60
"""Characters of a name: of four bytes each, they and an id are within what file systems allow."""

_REFUSED = re.compile(r"[^\w.,=+@ -]")


def run_folder(record: RunRecord) -> str:
    """`NAME/SETTINGS ID`: `digits-mlp/l1=0.001,l2=0,seed=1 3fa9c1d2e0b4`."""
    name = _safe(record.name) or "runs"
    return f"{name}/{f'{_safe(settings_text(record))} {_safe(record.id)}'.strip()}"


def _safe(text: str) -> str:
    """Text without what has a meaning in paths, cut where it is long."""
    return _REFUSED.sub("_", text)[:_LONGEST].strip(" .")
