r"""LaTeX: each table of a report as `booktabs` sets it, means with their deviations as $a \pm b$.

What the text holds is escaped, so that any name, path or value compiles; the best row is bold.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console

from regcli.report.cells import filled_columns, harmless, marked, shown
from regcli.report.contents import Column, Note, NoteKind, Report, Row, Shown, Table, Tone, View
from regcli.report.figures import Figure

ESCAPED = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\symbol{34}",
    "`": r"\symbol{96}", "'": r"\symbol{39}", "[": "{[}", "]": "{]}", "*": "{*}",
    "★": r"$\star$", "±": r"$\pm$", "×": r"$\times$", "·": r"$\cdot$", "−": "$-$", "→": r"$\to$",
    "≤": r"$\leq$", "≥": r"$\geq$", "≈": r"$\approx$", "–": r"\textendash{}",
    "—": r"\textemdash{}", "…": r"\dots{}", "²": "$^2$", "½": r"$\frac{1}{2}$", "√": r"$\surd$",
    "‖": r"$\Vert$", "Σ": r"$\Sigma$", "λ": r"$\lambda$", "α": r"$\alpha$", "γ": r"$\gamma$",
    "ρ": r"$\rho$", "σ": r"$\sigma$", "ᵢ": "$_i$", "ₖ": "$_k$", "\xa0": "~",
}  # fmt: skip
"""What LaTeX takes for itself, joins with its neighbour, or has no letter for.

A star or a bracket in braces, because after a line's end it would be part of that command.
"""
_NUMBER = re.compile(r"([<>]?)(-?[\d,]+(?:\.\d+)?)(?:e([+-]\d+))?(%?)")
_MATHS = re.compile(r"[-<>e±]")
"""What numbers have that are set as mathematics; others are plain digits."""
_HYPHENS = re.compile(r"-(?=-)")
"""That would become a dash with the next one."""
_FITTED = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{"
"""Makes a table smaller that is wider than the text, and leaves others as they are."""
_ALIGNED = {"left": "l", "right": "r"}
_IN_CAPTION = (NoteKind.CONTEXT, NoteKind.RANKING, NoteKind.READING)


def write(view: View, console: Console) -> str:
    """The report for a document that uses the packages booktabs and graphicx."""
    del console
    return text(view.report())


def text(report: Report) -> str:
    """Each table as a float of its own, with a caption, a label, and its warnings below."""
    floats = [_float(table, _label(report.name, n)) for n, table in enumerate(report.tables, 1)]
    return "\n\n".join([r"% \usepackage{booktabs,graphicx}", *floats]) if floats else ""


def _label(name: str, number: int) -> str:
    """`tab:digits-mlp`, the second one `tab:digits-mlp-2`."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower() or "regcli"
    return f"tab:{plain}" if number == 1 else f"tab:{plain}-{number}"


def _float(table: Table, label: str) -> str:
    columns = list(filled_columns(table))
    aligned = "".join(_alignment(column, table) for _, column in columns)
    lines = [r"\begin{table}", r"  \centering"]
    if caption := _sentences(note for note in table.notes if note.kind in _IN_CAPTION):
        lines.append(rf"  \caption{{{caption}}}")
        lines.append(rf"  \label{{{label}}}")
    opening, closing = (_FITTED, "}") if table.has_head else ("", "")
    lines += [rf"  {opening}\begin{{tabular}}{{{aligned}}}", r"    \toprule"]
    if table.has_head:
        lines += [*_heads([column for _, column in columns]), r"    \midrule"]
    lines += _body(table.rows, columns)
    lines += [r"    \bottomrule", rf"  \end{{tabular}}{closing}"]
    if warnings := _sentences(note for note in table.notes if note.kind is NoteKind.WARNING):
        lines.append(rf"  \par\smallskip{{\footnotesize {warnings}}}")
    return "\n".join([*lines, r"\end{table}"])


def _alignment(column: Column, table: Table) -> str:
    """Sentences, which tables without a head hold, are broken where the page ends."""
    is_sentence = column.wraps and not table.has_head
    return r"p{0.8\linewidth}" if is_sentence else _ALIGNED[column.justify]


def _sentences(notes: Iterable[Note]) -> str:
    """Notes as sentences, one after the other."""
    texts = [escaped(note.text) for note in notes]
    return " ".join(each if each.endswith(".") else f"{each}." for each in texts)


def _heads(columns: Sequence[Column]) -> Iterator[str]:
    """The labels, in as many lines as the tallest has; short ones are at the bottom."""
    labels = [column.label.split("\n") for column in columns]
    tallest = max(map(len, labels), default=0)
    for line in range(tallest):
        padded = ([""] * (tallest - len(label)) + label for label in labels)
        yield _line(escaped(label[line]) for label in padded)


def _body(rows: Sequence[Row], columns: Sequence[tuple[int, Column]]) -> Iterator[str]:
    for position, row in enumerate(rows):
        if row.begins_group and position:
            yield r"    \midrule"
        yield _line(_cell(row, *place) for place in columns)


def _line(cells: Iterable[str]) -> str:
    return rf"    {' & '.join(cells)} \\"


def _cell(row: Row, place: int, column: Column) -> str:
    is_bold = row.tone is Tone.BEST or column.is_head
    cell = _shown(shown(row, place, column), is_bold)
    return marked(cell, row, column, r"$\star$", r"$\sim$") if cell else ""


def _shown(value: Shown, is_bold: bool) -> str:
    given = value if isinstance(value, Figure) else Figure(value)
    numbers = [each for each in (given.digits, given.deviation) if each]
    if _MATHS.search(str(given)) and all(map(_NUMBER.fullmatch, numbers)):
        inside = r" \pm ".join(map(_in_math, numbers))
        return rf"$\mathbf{{{inside}}}$" if is_bold else f"${inside}$"
    text = escaped(str(value))
    return rf"\textbf{{{text}}}" if is_bold and text else text


def _in_math(number: str) -> str:
    r"""Digits as mathematics sets them: `2.3e-05` is 2.3 \times 10^{-5}, and a comma is no list."""
    sign, digits, power, unit = _NUMBER.sub(r"\1 \2 \3 \4", number).split(" ")
    power = rf" \times 10^{{{int(power)}}}" if power else ""
    return sign + digits.replace(",", "{,}") + power + (r"\%" if unit else "")


def escaped(value: str) -> str:
    """Any text in one line, as LaTeX prints it."""
    escaped_characters = (ESCAPED.get(character, character) for character in harmless(value))
    return _HYPHENS.sub("-{}", "".join(escaped_characters))
