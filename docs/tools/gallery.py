"""The gallery: reports of a few sweeps, and the page that shows their pictures."""

import re
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from html import unescape
from io import StringIO
from pathlib import Path

from regcli.cli.app import run

_PICTURE = re.compile(r'<img class="plot" src="([^"]+)" alt="([^"]*)">')


@dataclass(frozen=True)
class Shown:
    """A report of the gallery.

    Attributes:
        name: of the sweep, and of the report's folder.
        title: of its part of the page.
        about: what was swept, a sentence.
        training: the command that trains it; empty where a notebook does.
    """

    name: str
    title: str
    about: str
    training: tuple[str, ...] = ()


SHOWN = (
    Shown(
        "lesson-folds",
        "Two classes, five folds",
        "l1 and l2 of a linear model on 30 measurements of tumours; from the notebook "
        "[What l1 and l2 do](notebooks/l1-and-l2.md).",
    ),
    Shown(
        "sparse-path",
        "A path of a net",
        "From a dense net to an empty one on images of digits; from the notebook "
        "[A sparse net](notebooks/sparse-net.md).",
    ),
    Shown(
        "penguins",
        "Three classes of your own table",
        "Numbers, categories and gaps; from the notebook [Your own table](notebooks/own-table.md).",
    ),
    Shown(
        "diabetes",
        "A quantity",
        "A grid of l1 and l2 of a small net that predicts a number.",
        ("sweep", "diabetes", "--l1", "0,1,10", "--l2", "0,1,10", "--quiet"),
    ),
)


def write_reports(folder: Path, stores: Sequence[Path], work: Path) -> None:
    """Write the report of each sweep into a folder of its name.

    Args:
        folder: for the reports.
        stores: folders of runs in which the sweeps of the notebooks are.
        work: a folder for runs of those that are trained here.

    Raises:
        RuntimeError: a command has failed, or nothing trains a sweep.
    """
    for shown in SHOWN:
        if shown.training:
            _run(*shown.training, "--runs", str(work))
        store, sweep = _stored(shown.name, [work] if shown.training else stores)
        _run("report", sweep, "--split", str(folder / shown.name), "--runs", str(store))


def _stored(name: str, stores: Sequence[Path]) -> tuple[Path, str]:
    """The folder and the id of a sweep, or of a path, whose name says more."""
    import regcli

    for store in stores:
        for sweep in regcli.open(store).sweeps():
            if sweep.name.split(",")[0] == name:
                return store, sweep.id
    raise RuntimeError(f"nothing trains a sweep {name!r}")


def _run(*arguments: str) -> None:
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as said:
        code = run(arguments)
    if code != 0:
        raise RuntimeError(f"regcli {' '.join(arguments)}: {said.getvalue()}")


def page(folder: Path, place: str) -> tuple[str, Mapping[str, str]]:
    """The page of the gallery, and the pictures it shows by file name.

    Args:
        folder: of the reports.
        place: the folder on the site in which they are.
    """
    parts = [
        "# Gallery\n",
        "Pictures of reports, as `regcli report --split` writes them: made by this build, from "
        "runs on real data. They follow light and dark.\n",
    ]
    pictures = {}
    for shown in SHOWN:
        report = (folder / shown.name / "index.html").read_text("utf-8")
        parts.append(f"## {shown.title}\n\n{shown.about}\n")
        link = f'<a href="{place}/{shown.name}/index.html">The whole report</a>'
        parts.append(f"```{{raw}} html\n<p>{link}</p>\n```\n")
        for name, alternative in _PICTURE.findall(report):
            own = f"{shown.name}-{name}"
            pictures[own] = (folder / shown.name / name).read_text("utf-8")
            parts.append(_figure(own, unescape(alternative)))
    return "\n".join(parts), pictures


def _figure(picture: str, alternative: str) -> str:
    text = " ".join(alternative.split())
    caption = text.split(". ")[0]
    return f"```{{figure}} {picture}\n:alt: {text}\n:figclass: plot\n\n{caption}\n```\n"
