"""Golden files: how they are read, compared and written."""

import difflib
from collections.abc import Mapping
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"
_MOST_LINES = 60


def names(group: str) -> list[str]:
    """Names of a group's golden files, for tests to be made of."""
    return sorted(path.name for path in (FOLDER / group).iterdir())


def assert_as_golden(group: str, name: str, found: str) -> None:
    """Compare a text with its golden file; the failure shows the lines that differ."""
    golden = (FOLDER / group / name).read_text(encoding="utf-8")
    if found == golden:
        return
    lines = list(
        difflib.unified_diff(
            golden.splitlines(), found.splitlines(), "golden", "now", lineterm="", n=1
        )
    )
    more = f"\n… and {len(lines) - _MOST_LINES} more lines" if len(lines) > _MOST_LINES else ""
    raise AssertionError(
        f"{group}/{name} is not what it was; where that is wanted, run "
        f"'python -m tests.characterisation {group}'\n" + "\n".join(lines[:_MOST_LINES]) + more
    )


def write(group: str, texts: Mapping[str, str]) -> None:
    """Write a group's golden files in place of all that it had."""
    folder = FOLDER / group
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
