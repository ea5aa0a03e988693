"""YAML for people: keys with a comment beside each, and suggestions behind a #."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from regcli.config.document import inline_text
from regcli.one_line import printable

_WIDTH = 88
_COMMENT_WIDTH = 100
_INDENT = "  "
_LATEST_COMMENT = 40
"""The column up to which the comments of a section stand one below the other."""


@dataclass(frozen=True)
class Item:
    """An item of a list that has a line of its own, and what stands beside it."""

    value: str
    comment: str


@dataclass(frozen=True)
class Entry:
    """A key with its value.

    Attributes:
        value: plain data; or a tuple of entries for a section, of items for a list.
        comment: what stands beside it, or above it where it is long.
        is_suggestion: whether it stands behind a #, for a person to switch it on.
    """

    key: str
    value: Any
    comment: str = ""
    is_suggestion: bool = False

    @property
    def is_section(self) -> bool:
        """Whether the value is entries."""
        return isinstance(self.value, tuple) and isinstance(self.value[0], Entry)


def commented_yaml(head: Sequence[str], entries: Sequence[Entry]) -> str:
    """A document: comment lines, then its keys; sections stand apart.

    What it writes reads back as the entries' data, without those that are suggestions.
    """
    lines = [f"# {printable(line)}".rstrip() for line in head]
    before: Entry | None = None
    for entry in entries:
        if before is not None and (entry.is_section or before.is_section):
            lines.append("")
        lines += _block([entry], "")
        before = entry
    return "\n".join(lines) + "\n"


def _block(entries: Sequence[Entry], indent: str) -> Iterator[str]:
    """The lines of some keys, comments beside them where there is room."""
    texts = [list(_entry_lines(entry, indent)) for entry in entries]
    beside = [len(t[0]) for e, t in zip(entries, texts, strict=True) if e.comment and len(t) == 1]
    place = max((width for width in beside if width <= _LATEST_COMMENT), default=0) + 2
    for entry, lines in zip(entries, texts, strict=True):
        first, *others = lines
        comment = printable(entry.comment)
        with_comment = f"{first.ljust(place - 2)}  # {comment}"
        if comment and not others and len(with_comment) <= _COMMENT_WIDTH:
            yield with_comment
            continue
        if comment:
            yield from _above(comment, indent)
        yield from lines


def _above(comment: str, indent: str) -> Iterator[str]:
    begin = f"{indent}# "
    yield from textwrap.wrap(
        comment,
        _COMMENT_WIDTH,
        initial_indent=begin,
        subsequent_indent=begin,
        break_on_hyphens=False,
    )


def _entry_lines(entry: Entry, indent: str) -> Iterator[str]:
    begin = f"{indent}# " if entry.is_suggestion else indent
    deeper, value, key = begin + _INDENT, entry.value, f"{begin}{inline_text(entry.key)}:"
    if entry.is_section:
        yield key
        yield from _block(value, deeper)
    elif isinstance(value, tuple):
        yield key
        yield from _item_lines(value, deeper)
    elif isinstance(value, dict) and _is_long(key, value):
        yield key
        yield from (f"{deeper}{inline_text(k)}: {inline_text(held)}" for k, held in value.items())
    elif isinstance(value, list) and value and (_is_long(key, value) or isinstance(value[0], dict)):
        yield key
        yield from (f"{deeper}- {_item_text(item)}" for item in value)
    else:
        yield f"{key} {inline_text(value)}"


def _item_text(item: Any) -> str:
    """An item of a list; a mapping of one key without braces, as Keras's layers are written."""
    if isinstance(item, dict) and len(item) == 1:
        ((key, value),) = item.items()
        return f"{inline_text(key)}: {inline_text(value)}"
    return inline_text(item)


def _is_long(begin: str, value: Any) -> bool:
    return len(f"{begin} {inline_text(value)}") > _WIDTH


def _item_lines(items: Sequence[Item], indent: str) -> Iterator[str]:
    texts = [f"{indent}- {inline_text(item.value)}" for item in items]
    place = max((len(text) for text in texts if len(text) <= _LATEST_COMMENT), default=0)
    for item, text in zip(items, texts, strict=True):
        yield f"{text.ljust(place)}  # {printable(item.comment)}" if item.comment else text
