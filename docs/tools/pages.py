"""The pages, and what stands on them: commands and Python with their output, files, links."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
CONFIG = ROOT / "docs" / "config.md"
ENTRY = ROOT / "docs" / "index.md"
"""The first page of the site; on a code host, README is."""
PAGES = (README, *sorted(set((ROOT / "docs").glob("*.md")) - {ENTRY}))
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

    @property
    def typed(self) -> str:
        """The line as it stands on the page."""
        return f"$ {self.text}"


@dataclass(frozen=True)
class Statement:
    """A statement of Python and what it shows below it; those of a page share their names."""

    text: str
    output: str

    @property
    def typed(self) -> str:
        """The lines as they stand on the page, behind Python's prompts."""
        first, *others = self.text.split("\n")
        return "\n".join([f">>> {first}", *(f"... {line}".rstrip() for line in others)])


@dataclass(frozen=True)
class File:
    """A file that the reader is asked to save: a block whose first line is `# its-name.yaml`."""

    name: str
    text: str


def steps(page: str) -> Iterator[Command | Statement | File]:
    """What a reader of a page types and saves, in order."""
    for language, block in _BLOCK.findall(page):
        if language == "console":
            yield from _commands(block)
        elif language == "pycon":
            yield from _statements(block)
        elif named := _FILE_NAME.match(block):
            yield File(named.group(1), block)


def commands(page: str) -> list[Command]:
    """Every `$ command` of a page, in order."""
    return [step for step in steps(page) if isinstance(step, Command)]


def _commands(block: str) -> Iterator[Command]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        text, _, output = part.partition("\n")
        yield Command(text, output)


def _statements(block: str) -> Iterator[Statement]:
    for part in re.split(r"^>>> ", block, flags=re.MULTILINE)[1:]:
        first, *lines = part.removesuffix("\n").split("\n")
        others = list(itertools.takewhile(lambda line: line.startswith("..."), lines))
        shown = lines[len(others) :]
        text = "\n".join([first, *(line[4:] for line in others)])
        yield Statement(text, "".join(f"{line}\n" for line in shown))


def with_outputs(page: str, outputs: Sequence[str]) -> str:
    """A page with these outputs below its commands and statements, in order."""
    start = 0
    shown = [step for step in steps(page) if not isinstance(step, File)]
    for step, output in zip(shown, outputs, strict=True):
        old = f"{step.typed}\n{step.output}"
        start = page.index(old, start)
        new = f"{step.typed}\n{output}"
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
