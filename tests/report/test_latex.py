"""Tables for LaTeX: whole texts, and any text or number that a cell may hold."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.one_line import printable
from regcli.report.contents import Column, Mark, Note, NoteKind, Report, Row, Table, Tone
from regcli.report.figures import LOSS, PERCENT, figure, setting_number
from regcli.report.writers import latex
from regcli.results.settings import Spread

TABLE = Table(
    [
        Column("layer_1", "layer_1", justify="left"),
        Column("loss", "validation\nloss", lambda value: figure(value, LOSS)),
        Column("zeros", "zeros", lambda value: figure(value, PERCENT)),
        Column("nothing", "nothing"),
    ],
    [
        Row(["relu & 50%", Spread(0.0821, 0.0031), 0.875, None], Tone.BEST, {"loss": Mark.BEST}),
        Row(["[8, 4]", Spread(2.3e-5, 1e-6), None, None], marks={"zeros": Mark.UNCONVERGED}),
        Row(["all", -1234.5, Spread(0.5, 0.001), None], begins_group=True),
    ],
    [
        Note("digits: 1,079 train rows", NoteKind.CONTEXT),
        Note("★ lowest validation loss", NoteKind.RANKING),
        Note("No best setting.", NoteKind.RANKING),
        Note("--method proximal makes zeros", NoteKind.WARNING),
    ],
)

TEXT = r"""
% \usepackage{booktabs,graphicx}

\begin{table}
  \centering
  \caption{digits: 1,079 train rows. $\star$ lowest validation loss. No best setting.}
  \label{tab:my-sweep}
  \resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{\begin{tabular}{lrr}
    \toprule
     & validation &  \\
    layer\_1 & loss & zeros \\
    \midrule
    \textbf{relu \& 50\%} & $\star$ $\mathbf{0.0821 \pm 0.0031}$ & \textbf{87.5\%} \\
    {[}8, 4{]} & $2.30 \times 10^{-5} \pm 1.0 \times 10^{-6}$ & \textendash{} $\sim$ \\
    \midrule
    all & $-1234$ & $50.0\% \pm 0.1$ \\
    \bottomrule
  \end{tabular}}
  \par\smallskip{\footnotesize -{}-method proximal makes zeros.}
\end{table}
"""


def test_a_table() -> None:
    assert latex.text(Report([TABLE], "my sweep!")) == TEXT.strip()


def test_tables_below_each_other_have_labels_of_their_own() -> None:
    text = latex.text(Report([TABLE, TABLE], ""))
    assert re.findall(r"\\label\{(.*?)\}", text) == ["tab:regcli", "tab:regcli-2"]


def test_a_report_without_tables_is_empty() -> None:
    assert latex.text(Report([])) == ""


SYMBOL = {
    r"\textbackslash{}": "\\",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"\textbar{}": "|",
    r"\symbol{34}": '"',
    r"\symbol{96}": "`",
    r"\symbol{39}": "'",
    r"\{": "{",
    r"\}": "}",
    r"\$": "$",
    r"\&": "&",
    r"\#": "#",
    r"\%": "%",
    r"\_": "_",
    "{[}": "[",
    "{]}": "]",
    "{*}": "*",
    "-{}": "-",
}
TOKEN = re.compile(
    rf"(?:{'|'.join(map(re.escape, SYMBOL))})|[^\\{{}}$&#%_^~<>|\"`'\[\]*]", re.DOTALL
)


def read_back(text: str) -> str:
    """What LaTeX prints of an escaped text; refuses whatever it would take for itself."""
    found = TOKEN.findall(text)
    assert "".join(found) == text
    assert "--" not in text
    return "".join(SYMBOL.get(token, token) for token in found)


TEXTS = st.text(st.characters(exclude_characters="".join(c for c in latex.ESCAPED if ord(c) > 127)))


@given(TEXTS | st.text("\\{}$&#%_~^<>|\"`'[]*- a\n", max_size=12))
def test_any_text_is_printed_as_it_is(text: str) -> None:
    assert read_back(latex.escaped(text)) == printable(text)


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4))
def test_any_texts_make_a_row_of_as_many_cells(texts: list[tuple[str, str]]) -> None:
    columns = [Column(key, key, may_hide=False, justify="left") for key in ("a", "b")]
    table = Table(columns, [Row(row) for row in texts], has_head=False)
    lines = latex.text(Report([table])).split("\n")
    body = lines[lines.index(r"    \toprule") + 1 : lines.index(r"    \bottomrule")]
    assert len(body) == len(texts)
    for line, row in zip(body, texts, strict=True):
        assert line.endswith(r" \\")
        cells = line.removeprefix("    ").removesuffix(r" \\").split(" & ")
        if not any(re.search(r"^[<>]?-?[\d,.]+(e[+-]\d+)?%?$", cell) for cell in row):
            assert "&".join(map(read_back, cells)) == "&".join(map(printable, row))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value(number: float) -> None:
    written = setting_number(number, 17)
    columns = [Column("x", "x", lambda value: setting_number(value, 17))]
    text = latex.text(Report([Table(columns, [Row([number])])]))
    (cell,) = re.findall(r"    \\midrule\n    (.*?) \\\\\n", text)
    plain = cell.strip("$").replace(r" \times 10^{", "e").replace("}", "").replace("{,", ",")
    assert float(plain) == float(written)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("10×8 → 2·λ", r"10$\times$8 $\to$ 2$\cdot$$\lambda$"),
        ("a---b", "a-{}-{}-b"),
        ("größe", "größe"),
        ("a\u00a0b\x1b", r"a~b\textbackslash{}x1b"),
    ],
)
def test_characters_of_reports(text: str, shown: str) -> None:
    assert latex.escaped(text) == shown
