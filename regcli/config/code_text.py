"""A Python file's text as it counts in a run's id: without comments, blank lines and layout."""

import io
import tokenize
from collections.abc import Iterable, Iterator, Sequence

_LAYOUT = frozenset(
    {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER, tokenize.TYPE_COMMENT}
)
_NAMES = {
    tokenize.NEWLINE: "end of line",
    tokenize.INDENT: "indent",
    tokenize.DEDENT: "dedent",
}
_STRING_STARTS = frozenset({"FSTRING_START", "TSTRING_START"})
_STRING_ENDS = frozenset({"FSTRING_END", "TSTRING_END"})


def counted_text(text: str) -> list[str]:
    """The tokens of a text that Python can parse, the same on every version of Python.

    Comments, blank lines, and how lines are indented and broken take no part; everything else
    does, docstrings too, which are values of the program.
    """
    lines = text.splitlines(keepends=True)
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    whole = _with_whole_strings(tokens, lines)
    return [_NAMES.get(kind, string) for kind, string in whole if kind not in _LAYOUT]


def _with_whole_strings(
    tokens: Iterable[tokenize.TokenInfo], lines: Sequence[str]
) -> Iterator[tuple[int, str]]:
    """Kinds and texts, with an f-string as one token, which Python 3.12 began to take apart."""
    depth, begin = 0, (0, 0)
    for token in tokens:
        name = tokenize.tok_name[token.type]
        if name in _STRING_STARTS:
            begin = token.start if not depth else begin
            depth += 1
        elif name in _STRING_ENDS:
            depth -= 1
            if not depth:
                yield tokenize.STRING, _between(lines, begin, token.end)
        elif not depth:
            yield token.type, token.string


def _between(lines: Sequence[str], begin: tuple[int, int], end: tuple[int, int]) -> str:
    (first, start), (last, stop) = begin, end
    if first == last:
        return lines[first - 1][start:stop]
    return "".join([lines[first - 1][start:], *lines[first : last - 1], lines[last - 1][:stop]])
