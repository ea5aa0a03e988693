"""`regcli plot`: one picture of what is stored, the same for the same store, and its refusals."""

import re
import struct
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import get_args

import pytest

from regcli.report.plot_kinds import KINDS
from regcli.report.plot_names import KindName

from .in_process import problem, regcli

SVG = "{http://www.w3.org/2000/svg}"
BEGINNINGS = {".png": b"\x89PNG\r\n", ".svg": b"<?xml", ".pdf": b"%PDF-"}
NAMES = ["$x$", "_y", "[red]b[/red]", "tab\x07bell", r"$\frac{", "a\u202eb"]
SHOWN = ["$x$", "_y", "[red]b[/red]", r"tab\x07bell", r"$\frac{", r"a\u202eb"]
SWEEP_NAME = "$h$_[red]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grid of two strengths and a path on a table of which every name is hostile."""
    folder = tmp_path_factory.mktemp("plots")
    lines = [
        ",".join([*(f"{(row * (n + 3)) % 17 / 7:.3f}" for n in range(len(NAMES))), "yn"[row % 2]])
        for row in range(60)
    ]
    (folder / "t.csv").write_text("\n".join([",".join([*NAMES, "label"]), *lines]), "utf-8")
    (folder / "c.yaml").write_text(
        f'name: "{SWEEP_NAME}"\n'
        "dataset: {file: t.csv, target: label}\nmodel: {layers: []}\n"
        "regularization: {method: proximal}\n"
        "training: {optimizer: {name: adam, learning_rate: 0.1}, epochs: 3, polish: 0}\n"
    )
    grid = ("--l1", "0,0.01,0.1", "--l2", "0,0.01", "--engine", "keras")
    done = regcli("path", "c.yaml", "--values", "0.001,0.01,0.1", "--engine", "keras", cwd=folder)
    assert done.returncode == 0, done
    done = regcli("sweep", "c.yaml", *grid, cwd=folder)
    assert done.returncode == 0, done
    return folder


def drawn(kind: str, *options: str, cwd: Path, name: str = "x.svg") -> bytes:
    """A picture of the newest sweep, or of that which the options name."""
    done = regcli("plot", kind, *options, "-o", name, "--force", cwd=cwd)
    assert (done.returncode, done.stdout) == (0, ""), done
    assert done.stderr.endswith(f"wrote {name}\n")
    return (cwd / name).read_bytes()


def texts(picture: bytes) -> list[str]:
    return [each.text or "" for each in ET.fromstring(picture).iter(f"{SVG}text")]


ABSENT = {"residuals", "sparsity"}
"""Kinds that a linear model of two classes has none of."""
PICTURES = [
    *((kind, ".svg") for kind in get_args(KindName) if kind not in ABSENT),
    *(("score", ".png"), ("map", ".pdf")),
]


def dots(path: Path) -> tuple[int, int]:
    """Width and height of a PNG, as its first chunk has them."""
    return struct.unpack(">II", path.read_bytes()[16:24])  # type: ignore[return-value]


@pytest.mark.parametrize(("kind", "ending"), PICTURES)
def test_a_picture_is_the_same_each_time(kind: str, ending: str, folder: Path) -> None:
    first = drawn(kind, cwd=folder, name=f"x{ending}")
    assert first.startswith(BEGINNINGS[ending])
    assert drawn(kind, cwd=folder, name=f"x{ending}") == first
    assert not re.search(rb"(?i)date>|CreationDate|matplotlib v", first)


def test_every_name_of_a_kind_has_one() -> None:
    assert tuple(KINDS) == get_args(KindName)


def test_a_path_is_drawn(folder: Path) -> None:
    found = texts(drawn("path", f"{SWEEP_NAME}, path along l1", cwd=folder))
    assert {"l1", "accuracy", "train", "validation", "95% interval"} <= set(found)
    assert f"{SWEEP_NAME} · Columns along l1" in found


def test_the_name_of_a_config_is_that_of_its_path(folder: Path) -> None:
    """A grid and a path of one config: a plot of a path needs the path, others take the grid."""
    assert f"{SWEEP_NAME} · Columns along l1" in texts(drawn("path", SWEEP_NAME, cwd=folder))
    assert "l2" in texts(drawn("score", SWEEP_NAME, "--along", "l2", cwd=folder))


def test_names_are_shown_as_they_are(folder: Path) -> None:
    picture = drawn("path", cwd=folder)
    assert set(SHOWN) <= set(texts(picture))
    assert b"DejaVuSans-" not in picture  # no letter is an outline


def test_what_is_plotted_is_said_in_words(folder: Path) -> None:
    found = texts(drawn("score", cwd=folder))
    assert {f"{SWEEP_NAME} · Score and loss against l1", "l1", "loss", "0", "0.1"} <= set(found)
    assert any("held at the setting to use: l2 " in text for text in found)
    assert "l2" in texts(drawn("score", "--along", "l2", cwd=folder))
    cells = [text for text in texts(drawn("map", cwd=folder)) if re.search(r"\d\.\d{4}", text)]
    assert len(cells) >= 6
    assert sum(text.startswith("★") for text in cells) == 1
    root = ET.fromstring(drawn("pareto", cwd=folder))
    described = " ".join(root.itertext())
    assert "6 settings by non-zero weights and validation loss; " in described


def test_sizes(folder: Path) -> None:
    drawn("score", cwd=folder, name="x.png")
    assert dots(folder / "x.png") == (1920, 1080)
    drawn("score", "--size", "6x4", cwd=folder, name="x.png")
    assert dots(folder / "x.png") == (1200, 800)
    done = regcli("plot", "score", "--size", "column", "-o", "c.png", cwd=folder)
    assert dots(folder / "c.png")[0] == 1020
    caption, wrote = done.stderr.splitlines()
    assert caption.startswith(
        f"for the caption: {SWEEP_NAME} · Score and loss against l1; held at "
    )
    assert wrote == "wrote c.png"


def test_letters_that_no_typeface_has_are_named(folder: Path, lab: Path) -> None:
    config = (folder / "c.yaml").read_text().replace(SWEEP_NAME, "\U00013000x")
    (lab / "c.yaml").write_text(config)
    (lab / "t.csv").write_bytes((folder / "t.csv").read_bytes())
    done = regcli("train", "c.yaml", "--engine", "keras", cwd=lab)
    assert done.returncode == 0, done
    done = regcli("plot", "learning", "\U00013000x", cwd=lab)
    assert (done.returncode, done.stderr) == (
        0,
        "no typeface of matplotlib has the letters \U00013000: they are shown as boxes; an .svg "
        "file keeps them as text\nwrote learning.png\n",
    )
    assert "\U00013000x · Learning curve: the setting" in texts(
        drawn("learning", "\U00013000x", cwd=lab)
    )


def test_no_style_of_a_person_changes_a_picture(folder: Path) -> None:
    import matplotlib as mpl

    plain = drawn("score", cwd=folder)
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "text.parse_math": True}):
        assert drawn("score", cwd=folder) == plain


REFUSALS = [
    (
        ["score", "-o", "x.jpg"],
        "--output: must end in .png, .svg or .pdf, got 'x.jpg'",
    ),
    (["score", "-o", "no/x.png"], "--output: there is no folder no; create it first"),
    (
        ["score", "--size", "big"],
        "--size: must be slide, column or WIDTHxHEIGHT in inches, like 6x4; got 'big'",
    ),
    (["score", "--size", "100x4"], "--size: sides must be from 1 to 50 inches, got '100x4'"),
    (["score", "--along", "l3"], "--along: must be l1 or l2, got 'l3'"),
    (
        ["map", "--along", "l1"],
        "--along: must be left out with map; it goes with score, path and sparsity",
    ),
    (
        ["path", "--setting", "best"],
        "--setting: must be left out with path; it goes with learning",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSALS, ids=lambda each: " ".join(each))
def test_refusals(arguments: list[str], message: str, folder: Path) -> None:
    assert problem("plot", *arguments, cwd=folder) == f"regcli: {message}"


def test_a_file_is_kept(folder: Path) -> None:
    (folder / "mine.png").write_text("mine")
    assert problem("plot", "map", "-o", "mine.png", cwd=folder) == (
        "regcli: --output: mine.png exists already; --force overwrites it"
    )
    assert (folder / "mine.png").read_text() == "mine"


NEEDS = {
    "score": "at least 2 values of a strength, and a result to rank them by",
    "map": "two strengths that vary together, like l1 and l2",
    "pareto": "settings of different sizes, and a result to rank them by",
    "path": "3 to 200 values of a strength, stored weights, and a first layer on columns of a "
    "table",
    "residuals": "a quantity, and stored predictions of single rows, as those of the settings that "
    "a verdict names",
    "coefficients": "a linear model with stored weights",
    "sparsity": "several layers, and at least 2 values of a strength",
}


@pytest.mark.parametrize("kind", NEEDS)
def test_a_kind_that_runs_have_no_data_for(kind: str, lab: Path, ids: list[str]) -> None:
    assert problem("plot", kind, ids[0], cwd=lab) == (
        f"regcli: these runs have no {kind} plot: it needs {NEEDS[kind]}"
    )
    assert not (lab / f"{kind}.png").exists()


def test_an_unknown_kind_and_an_unknown_sweep(lab: Path) -> None:
    assert problem("plot", "scores", cwd=lab) == (
        "regcli: KIND: must be score, map, pareto, path, learning, confusion, reliability, roc, "
        "residuals, coefficients or sparsity, got 'scores'; did you mean "
        "'score'?; see regcli plot --help"
    )
    assert problem("plot", "score", "smoky", cwd=lab) == (
        "regcli: No run or sweep in runs has the id or name 'smoky'; did you mean smoke?"
    )


def test_without_matplotlib_it_is_told_what_to_install(
    lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert problem("plot", "learning", cwd=lab) == (
        "regcli: plots need the package matplotlib; install it with pip install 'regcli[plot]'"
    )
