"""What GitHub Actions shows of a command: annotations of problems, and the job's summary.

Commands to GitHub are lines in the log, of either stream: they go to stderr, because stdout holds
results alone.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from regcli.report.contents import Report
from regcli.report.writers import markdown

MOST_ANNOTATIONS = 10
"""So many errors of a step GitHub shows."""
MOST_BYTES = 1_000_000
"""Of a summary: GitHub takes none of more than 1 MiB."""
_PLACED = re.compile(
    r"(?P<file>(?:(?!: ).)+?):(?P<line>[0-9]+):(?P<column>[0-9]+): (?P<message>.+)"
)
_WRITTEN_OUT = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTIES = {**_WRITTEN_OUT, ":": "%3A", ",": "%2C"}


def is_on_github(environment: Mapping[str, str]) -> bool:
    """Whether a command is a step of a job there."""
    return environment.get("GITHUB_ACTIONS") == "true"


def annotations(problems: Sequence[str], environment: Mapping[str, str]) -> Iterator[str]:
    """At most ten lines that make GitHub show problems, and one with the count of the others.

    Args:
        problems: those that begin with a file, a line and a column are shown there.
    """
    workspace = environment.get("GITHUB_WORKSPACE")
    for problem in problems[:MOST_ANNOTATIONS]:
        yield _annotation(problem, workspace)
    more = len(problems) - MOST_ANNOTATIONS
    if more > 0:
        noun = "problem" if more == 1 else "problems"
        yield f"::notice::and {more:,} more {noun}; the log of this step has all"


def _annotation(problem: str, workspace: str | None) -> str:
    found = _PLACED.fullmatch(problem)
    if found is None:
        return f"::error::{_escaped(problem, _WRITTEN_OUT)}"
    file = _escaped(_from_workspace(found["file"], workspace), _IN_PROPERTIES)
    place = f"file={file},line={found['line']},col={found['column']}"
    return f"::error {place}::{_escaped(found['message'], _WRITTEN_OUT)}"


def _from_workspace(file: str, workspace: str | None) -> str:
    """A file as the repository has it, from wherever the command was started."""
    if not workspace:
        return file
    whole, root = Path(file).absolute(), Path(workspace).absolute()
    return whole.relative_to(root).as_posix() if whole.is_relative_to(root) else file


def _escaped(text: str, characters: Mapping[str, str]) -> str:
    return "".join(characters.get(character, character) for character in text)


def summary_text(report: Report, problems: Sequence[str], room: int = MOST_BYTES) -> str:
    """A report as Markdown, and what is wrong; rows that leave no room are left out, and counted.

    Args:
        room: bytes that it may have.
    """
    head = f"### {markdown.escaped(report.name)}\n\n" if report.name else ""
    tables = [markdown.text(Report((table,))) for table in report.tables]
    listed = [f"- {markdown.escaped(problem)}" for problem in problems[:MOST_ANNOTATIONS]]
    if len(problems) > MOST_ANNOTATIONS:
        listed.append(f"- and {len(problems) - MOST_ANNOTATIONS:,} more")
    others = "".join(f"\n\n{block}" for block in [*tables[1:], "\n".join(listed)] if block)
    left = room - len(f"{head}{others}\n".encode())
    first = _cut(tables[0], left) if tables else ""
    text = f"{head}{first}{others}\n"
    return text if len(text.encode()) <= room else ""


def _cut(table: str, room: int) -> str:
    """A table of Markdown without so many of its last rows that it fits, and how many these are."""
    if len(table.encode()) <= room:
        return table
    rows, _, notes = table.partition("\n\n")
    head, rule, *lines = rows.split("\n")
    below = f"\n\n{notes}" if notes else ""
    longest = f"\n\nand {len(lines):,} more rows, which leave no room in this summary"
    left = room - len(f"{head}\n{rule}{longest}{below}".encode())
    kept = []
    for line in lines:
        left -= len(line.encode()) + 1
        if left < 0:
            break
        kept.append(line)
    more = len(lines) - len(kept)
    said = f"\n\nand {more:,} more rows, which leave no room in this summary"
    return "\n".join([head, rule, *kept]) + said + below


def write_summary(report: Report, problems: Sequence[str], environment: Mapping[str, str]) -> None:
    """Add a report to the job's summary, where there is one and room in it.

    Raises:
        OSError: it cannot be written.
    """
    named = environment.get("GITHUB_STEP_SUMMARY")
    if not named:
        return
    path = Path(named)
    used = path.stat().st_size if path.exists() else 0
    with path.open("a", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(summary_text(report, problems, MOST_BYTES - used))


def this_environment() -> Mapping[str, str]:
    """The variables of this process."""
    return os.environ
