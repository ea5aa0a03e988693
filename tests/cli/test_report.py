"""`regcli report`: what its page says of stored runs, and how it is refused."""

import re
import sqlite3
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from report.browser import AXE, CHROMIUM, NO_AXE, NO_CHROMIUM, found_in, in_the_dark
from report.written_pages import Element, read, rows, sections

from .in_process import problem, regcli

LIMIT = 500_000
SVG = "{http://www.w3.org/2000/svg}"


def page_of(*names: str, cwd: Path) -> Element:
    """The page of some runs, once what every page must be is checked."""
    done = regcli("report", *names, "--force", cwd=cwd)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "wrote report.html\n"), done
    text = (cwd / "report.html").read_text("utf-8")
    assert len(text.encode()) < LIMIT
    page = read(text)
    check_page(page)
    return page


def check_page(page: Element) -> None:
    """Nothing is loaded from elsewhere, no attribute holds code, every picture says what it is."""
    for element in page.every():
        assert "style" not in element.attributes, element.attributes
        assert not [name for name in element.attributes if name.startswith("on")]
        for name in ("src", "href"):
            assert element.attributes.get(name, "#").startswith("#"), element.attributes
    identities = [each.attributes["id"] for each in page.every() if "id" in each.attributes]
    assert sorted(set(identities)) == sorted(identities)
    drawings = list(page.every("svg"))
    assert drawings
    for drawing in drawings:
        assert drawing.attributes["role"] == "img"
        for tag in ("title", "desc"):
            (named,) = [c for c in drawing.children if isinstance(c, Element) and c.tag == tag]
            assert named.text.strip()
            assert named.attributes["id"] in drawing.attributes["aria-labelledby"].split()


def test_the_page_of_the_newest_sweep(lab: Path) -> None:
    page = page_of(cwd=lab)
    assert [each.text for each in page.every("h1")] == ["smoke"]
    found = sections(page)
    # Its only run beside the one that diverged: nothing to choose from.
    assert list(found)[:2] == ["Verdict", "Settings"]
    assert "1 of 2 runs did not finish; the first: diverged, " in found["Verdict"].text


def test_a_page_says_what_the_sweep_said(
    lab: Path, widened: subprocess.CompletedProcess[str]
) -> None:
    sweep = re.search(r'"id": "([0-9a-f]+)"', widened.stdout)
    assert sweep is not None
    page = page_of(sweep[1], cwd=lab)
    found = sections(page)
    assert list(found) == [
        *("Verdict", "Settings", "Score and loss against strength"),
        *("Columns along the path", "Zeros of each layer", "Weights", "Learning curves"),
        *("The setting to use", "How stable the choice is", "Model", "Data", "Config"),
        *("Machine and versions", "Make it again"),
    ]
    shown = regcli(
        "sweep",
        "smoke",
        "--epochs",
        "2",
        "--seeds",
        "2",
        "--engine",
        "keras",
        "--l1",
        "0,1e-3,1e-2",
        "--format",
        "md",
        cwd=lab,
    ).stdout
    (verdict,) = found["Verdict"].every("table")
    for label, text in rows(verdict):
        assert f"| **{label}** | {text.replace('<', chr(92) + '<')} |" in shown.replace("\xa0", " ")
    (table,) = found["Settings"].every("table")
    heads, *settings = rows(table)
    assert heads[:3] == ["", "l1", "objective"]
    assert [row[1] for row in settings] == ["0", "0.001", "0.01"]
    assert {word for row in settings for word in row[0].split(", ") if word} == {
        *("use", "best", "reference"),
    }
    assert sum("★" in cell for row in settings for cell in row) == 1
    assert "iris: 90 train, 30 validation, 30 test rows" in found["Data"].text
    rows_of = found["The setting to use"].text
    for title in ("Confusion matrix", "Reliability", "ROC curve", "Precision and recall"):
        assert title in rows_of
    assert "are not stored" not in rows_of
    assert "l1: 0.0" in found["Config"].text
    commands = found["Make it again"].text
    assert "regcli sweep config.yaml --l1 0,0.001,0.01 --seeds 2" in commands
    assert f"regcli report {sweep[1]}" in commands


def test_the_command_of_the_page_trains_the_same_runs(
    lab: Path, widened: subprocess.CompletedProcess[str]
) -> None:
    sweep = re.search(r'"id": "([0-9a-f]+)"', widened.stdout)
    assert sweep is not None
    found = sections(page_of(sweep[1], cwd=lab))
    (config,) = found["Config"].every("pre")
    (commands,) = found["Make it again"].every("pre")
    (lab / "config.yaml").write_text(config.text)
    program, *arguments = commands.text.splitlines()[0].split()
    done = regcli(*arguments, "--dry-run", cwd=lab)
    assert (program, done.returncode) == ("regcli", 0), done
    assert "6 runs: 6 stored, 0 to train" in done.stderr + done.stdout


def test_a_page_goes_to_standard_output(lab: Path, ids: list[str]) -> None:
    page_of(ids[0], ids[2], cwd=lab)
    done = regcli("report", ids[0], ids[2], "-o", "-", cwd=lab)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (lab / "report.html").read_text("utf-8") + "\n"
    assert not (lab / "-").exists()
    assert problem("report", ids[0], "-o", "-", "--open", cwd=lab) == (
        "regcli: --open: must not be combined with --output -, which writes no file"
    )


def test_a_run_without_predictions_says_what_gives_them(lab: Path, ids: list[str]) -> None:
    with sqlite3.connect(lab / "runs" / "regcli.sqlite") as database:
        database.execute("DELETE FROM blobs WHERE name = 'predictions'")
    text = sections(page_of(ids[0], cwd=lab))["The first setting"].text
    assert "This setting has no confusion matrix and curves: its predictions of" in text
    assert "Train it again by the command at the end of this page" in text
    assert "ROC curve" not in text


def test_single_runs(lab: Path, ids: list[str]) -> None:
    found = sections(page_of(ids[0], ids[2], cwd=lab))
    assert [row[0] for row in rows(next(found["Settings"].every("table")))[1:]] != []
    one = sections(page_of(ids[0], cwd=lab))
    assert "One setting: there is nothing to choose from." in one["Verdict"].text
    assert "Learning curves" in one


def test_a_diverged_run_alone_has_a_page(lab: Path, ids: list[str]) -> None:
    done = regcli("report", ids[-1], "-o", "diverged.html", cwd=lab)
    assert done.returncode == 0, done
    assert "diverged" in sections(read((lab / "diverged.html").read_text()))["Verdict"].text


def test_a_folder_of_files_holds_no_code(lab: Path, ids: list[str]) -> None:
    done = regcli("report", ids[0], ids[2], "--split", "pages", cwd=lab)
    assert (done.returncode, done.stderr) == (0, "wrote pages/index.html\n")
    page = read((lab / "pages" / "index.html").read_text("utf-8"))
    assert [each.tag for each in page.every() if each.tag in ("style", "script", "svg")] == []
    assert [e.attributes for e in page.every() if "style" in e.attributes] == []
    (sheet,) = page.every("link")
    assert sheet.attributes == {"rel": "stylesheet", "href": "page.css"}
    named = {each.attributes["src"] for each in page.every("img")}
    assert named == {path.name for path in (lab / "pages").glob("*.svg")} != set()
    for image in page.every("img"):
        assert len(image.attributes["alt"]) > 20
        drawing = ET.parse(lab / "pages" / image.attributes["src"]).getroot()
        assert drawing.tag == f"{SVG}svg"
        assert [each for each in drawing.iter() if "style" in each.attrib] == []


def test_a_folder_keeps_no_picture_of_an_older_page(lab: Path, ids: list[str]) -> None:
    folder = lab / "again"
    folder.mkdir()
    (folder / "index.html").write_text('<img class="plot" src="old.svg" alt="of an older page">')
    for name in ("old.svg", "mine.svg"):
        (folder / name).write_text("<svg/>")
    done = regcli("report", ids[0], "--split", "again", "--force", cwd=lab)
    assert done.returncode == 0, done
    assert not (folder / "old.svg").exists()
    assert (folder / "mine.svg").read_text() == "<svg/>"


def test_refusals(lab: Path, ids: list[str]) -> None:
    (lab / "report.html").write_text("mine")
    assert problem("report", cwd=lab) == (
        "regcli: --output: report.html exists already; --force overwrites it"
    )
    assert (lab / "report.html").read_text() == "mine"
    (lab / "pages").mkdir(exist_ok=True)
    assert problem("report", "-o", "pages", "--force", cwd=lab) == (
        "regcli: --output: pages must be a file, it is a folder"
    )
    assert problem("report", "-o", "no/page.html", cwd=lab) == (
        "regcli: --output: there is no folder no; create it first"
    )
    assert problem("report", "-o", "a.html", "--split", "b", cwd=lab) == (
        "regcli: --split: must not be combined with --output; use one of the two"
    )
    (lab / "b").mkdir()
    assert problem("report", "--split", "b", cwd=lab) == (
        "regcli: --split: b exists already; --force overwrites what is in it"
    )
    assert problem("report", "smoky", "-o", "a.html", cwd=lab) == (
        "regcli: No run or sweep in runs has the id or name 'smoky'; did you mean smoke?"
    )
    (lab / "empty").mkdir()
    assert problem("report", "-o", "a.html", "--runs", "empty", cwd=lab) == (
        "regcli: There are no runs in empty yet; train some with 'regcli sweep', or use another "
        "folder (--runs DIR)."
    )


NAMES = [
    "</script><script>alert(1)</script>",
    "[red]bold[/red]",
    "a\u202eb\u2066c",
    "tab\x07bell",
    "{{ 7*7 }}{% x %}",
    "quote\"'><img src=x onerror=alert(2)>",
    "]]><!--",
]
SWEEP_NAME = "</title><script>alert(3)</script>"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sweep of which every name is hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    heads = ",".join('"' + name.replace('"', '""') + '"' for name in [*NAMES, "<b>label"])
    classes = ("yes<i>", "no\u202e")
    lines = [
        ",".join(
            [*(f"{(row * (n + 3)) % 17 / 7:.3f}" for n in range(len(NAMES))), classes[row % 2]]
        )
        for row in range(60)
    ]
    (folder / "t.csv").write_text("\n".join([heads, *lines]), encoding="utf-8")
    (folder / "c.yaml").write_text(
        f'name: "{SWEEP_NAME}"\n'
        'dataset: {file: t.csv, target: "<b>label"}\nmodel: {layers: []}\n'
        "training: {optimizer: {name: adam, learning_rate: 0.1}, epochs: 2}\n"
        "sweep: {l1: '0,0.01,0.1'}\n"
    )
    done = regcli("sweep", "c.yaml", "--engine", "keras", cwd=folder)
    assert done.returncode == 0, done
    return folder


def test_names_are_text_and_nothing_else(hostile: Path) -> None:
    page = page_of(cwd=hostile)
    assert [each.text for each in page.every("h1")] == [SWEEP_NAME]
    assert next(page.every("title")).text == SWEEP_NAME
    assert len(list(page.every("script"))) == 1
    assert list(page.every("img")) == []
    text = page.text
    for name in (NAMES[0], NAMES[1], NAMES[4], NAMES[5], NAMES[6], "yes<i>"):
        assert name in text, name
    # What would turn the direction of a line, or ring a bell, is written out.
    assert r"a\u202eb\u2066c" in text
    assert r"tab\x07bell" in text
    assert r"no\u202e" in text
    assert [c for c in text if not c.isprintable() and c not in "\n\xa0"] == []


def test_names_stand_in_isolation(hostile: Path) -> None:
    """A name that is written from right to left leaves what stands beside it in its order."""
    page = page_of(cwd=hostile)
    found = sections(page)
    (table,) = found["Coefficients"].every("table")
    firsts = [row.children[0] for row in table.every("tr")][1:]
    for first in firsts:
        assert isinstance(first, Element)
        assert [each.tag for each in first.children if isinstance(each, Element)] == ["bdi"]


BOXES = """
window.addEventListener("load", function () {
  var found = [], root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) { found.push("the page is too wide"); }
  document.querySelectorAll("svg.plot").forEach(function (drawing) {
    var name = drawing.querySelector("title").textContent, whole = drawing.getBoundingClientRect();
    var texts = [].map.call(drawing.querySelectorAll("text"), function (each) {
      return [each.textContent, each.getBoundingClientRect()];
    });
    texts.forEach(function (one, place) {
      var a = one[1];
      if (a.left < whole.left - 2 || a.right > whole.right + 2 || a.bottom > whole.bottom + 2) {
        found.push(name + ": cut: " + one[0]);
      }
      texts.slice(place + 1).forEach(function (other) {
        var b = other[1];
        var across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        var down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 3) { found.push(name + ": " + one[0] + " over " + other[0]); }
      });
    });
  });
  show(found);
});
"""

RULES = """
window.addEventListener("load", function () {
  axe.run().then(function (done) {
    show(done.violations.map(function (each) {
      return [each.id, each.nodes.map(function (node) { return node.html; })];
    }));
  });
});
"""


@pytest.fixture(params=["lab", "hostile"])
def written(request: pytest.FixtureRequest) -> str:
    """A page with many plots, and one of hostile names."""
    folder: Path = request.getfixturevalue(request.param)
    names = request.getfixturevalue("ids")[:6] if request.param == "lab" else []
    page_of(*names, cwd=folder)
    return (folder / "report.html").read_text("utf-8")


@pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
def test_no_text_covers_another_one(written: str, tmp_path: Path) -> None:
    found = {width: found_in(written, BOXES, width, tmp_path) for width in (390, 1280)}
    assert found == {390: [], 1280: []}


@pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
@pytest.mark.skipif(AXE is None, reason=NO_AXE)
def test_pages_keep_the_rules_of_accessibility(written: str, tmp_path: Path) -> None:
    assert AXE is not None
    script = AXE.read_text("utf-8") + RULES
    found = {
        color: found_in(page, script, 1280, tmp_path)
        for color, page in (("light", written), ("dark", in_the_dark(written)))
    }
    assert found == {"light": [], "dark": []}
