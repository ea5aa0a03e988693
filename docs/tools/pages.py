"""The pages, and what stands on them: commands with their output, files to save, links."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
CONFIG = ROOT / "docs" / "config.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))
"""What users read. `config.md` is made from the schema; the others are written by hand."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FILE_NAME = re.compile(r"# ([\w.-]+\.\w+)\n")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Command:
    """A command line and the output that stands below it."""

    text: str
    output: str


@dataclass(frozen=True)
class File:
    """A file that the reader is asked to save: a block whose first line is `# its-name.yaml`."""

    name: str
    text: str


def steps(page: str) -> Iterator[Command | File]:
    """What a reader of a page types and saves, in order."""
    for language, block in _BLOCK.findall(page):
        if language == "console":
            yield from _commands(block)
        elif named := _FILE_NAME.match(block):
            yield File(named.group(1), block)


def commands(page: str) -> list[Command]:
    """Every `$ command` of a page, in order."""
    return [step for step in steps(page) if isinstance(step, Command)]


def _commands(block: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        text, _, output = part.partition("\n")
        yield Command(text, output)


def with_outputs(page: str, outputs: Sequence[str]) -> str:
    """A page with these outputs below its commands, in order."""
    start = 0
    for command, output in zip(commands(page), outputs, strict=True):
        old = f"$ {command.text}\n{command.output}"
        start = page.index(old, start)
        new = f"$ {command.text}\n{output}"
        page = page[:start] + new + page[start + len(old) :]
        start += len(new)
    return page


def links(page: str) -> list[str]:
    """Where the links of a page lead."""
    return _LINK.findall(_BLOCK.sub("", page))


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = _HEADING.findall(_BLOCK.sub("", page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
