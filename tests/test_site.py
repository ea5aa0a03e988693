"""The site of the documentation: what stands on it, and that it needs nothing else."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "docs" / "tools"))
import command_reference
import gallery
import notebook_pages
from pages import ROOT
from site_pages import DOCS, NOTEBOOKS, PLACES, site_text

from regcli.cli.app import run

ALL_NOTEBOOKS = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
pytestmark = pytest.mark.timeout(2400)
"""The first slow test builds the site: two minutes alone on two cores, far more beside others."""
LOADING = {"src", "srcset", "poster", "data"}
"""Attributes whose address a browser asks for without a click; of a link, its href too."""


@dataclass
class Read(HTMLParser):
    """What a test asks of a page of HTML."""

    loaded: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    pictures: list[dict[str, str]] = field(default_factory=list)
    styles: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.loaded += [given[name] for name in LOADING & given.keys()]
        self.styles += given.get("style", "")
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "link":
            self.loaded.append(given["href"])
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "img":
            self.pictures.append(given)


def read(page: Path) -> Read:
    found = Read()
    found.feed(page.read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "site"
    command = [sys.executable, str(DOCS / "tools" / "build_site.py"), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def pages_of(site: Path) -> Iterator[Path]:
    return site.rglob("*.html")


@pytest.mark.slow
def test_every_page_stands_on_the_site(site: Path) -> None:
    expected = {*PLACES.values(), "gallery.md", "reference/commands.md"}
    assert [place for place in expected if not (site / place).with_suffix(".html").exists()] == []


@pytest.mark.slow
def test_the_site_asks_nothing_of_the_network(site: Path) -> None:
    for page in pages_of(site):
        found = read(page)
        assert [url for url in found.loaded if urlsplit(url).netloc] == [], page
        assert "url(" not in found.styles, page
    for style in site.rglob("*.css"):
        text = style.read_text("utf-8")
        assert re.findall(r"""(?:url\(|@import)\s*["']?(?:https?:)?//[^)\s]*""", text) == [], style


@pytest.mark.slow
def test_local_links_and_anchors_lead_somewhere(site: Path) -> None:
    read_pages = {page.resolve(): read(page) for page in pages_of(site)}
    for page, found in read_pages.items():
        for link in (*found.links, *found.loaded):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            assert target.is_file(), f"{page}: {link}"
            if parts.fragment and target in read_pages:
                known = read_pages[target].ids
                assert unquote(parts.fragment) in known, f"{page}: {link}"


@pytest.mark.slow
def test_links_to_elsewhere_are_addresses(site: Path) -> None:
    for page in pages_of(site):
        for link in read(page).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                assert parts.scheme in {"https", "mailto"}, f"{page}: {link}"
                assert parts.netloc or parts.scheme == "mailto", f"{page}: {link}"


@pytest.mark.slow
def test_every_picture_says_what_it_shows(site: Path) -> None:
    for page in pages_of(site):
        for picture in read(page).pictures:
            assert len(picture.get("alt", "")) > 20, f"{page}: {picture['src']}"


@pytest.mark.slow
@ALL_NOTEBOOKS
def test_a_notebook_runs_and_can_be_downloaded(notebook: Path, site: Path) -> None:
    """A cell that fails would have stopped the build."""
    page = site / "notebooks" / f"{notebook.stem}.html"
    text = page.read_text("utf-8")
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = sum(cell["cell_type"] == "code" for cell in cells)
    assert len(re.findall('class="highlight-(?:python|bash) ', text)) == code
    assert 'class="highlight-text ' in text
    (download,) = {link for link in read(page).links if link.endswith(".ipynb")}
    assert (page.parent / download).read_bytes() == notebook.read_bytes()


@pytest.mark.slow
def test_the_gallery_shows_pictures_of_each_report(site: Path) -> None:
    found = read(site / "gallery.html")
    for shown in gallery.SHOWN:
        assert f"reports/{shown.name}/index.html" in found.links
        own = [each for each in found.pictures if Path(each["src"]).name.startswith(shown.name)]
        assert len(own) > 3, shown.name


@ALL_NOTEBOOKS
def test_a_notebook_is_stored_without_outputs(notebook: Path) -> None:
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None), cell["id"]


@pytest.mark.parametrize("name", re.findall(r"^## regcli (\w+)$", command_reference.page(), re.M))
def test_the_reference_has_what_the_help_of_a_command_shows(name: str) -> None:
    shown = StringIO()
    with redirect_stdout(shown):
        assert run([name, "--help"]) == 0
    options = set(re.findall(r"^│ (?:\* +)?(--[a-z][a-z0-9-]*)", shown.getvalue(), re.MULTILINE))
    section = command_reference.page().split(f"\n## regcli {name}\n")[1].split("\n## ")[0]
    assert options - {"--help"} <= set(re.findall(r"^`(--[a-z0-9-]+)`", section, re.MULTILINE))
    assert options


def test_links_of_a_page_lead_to_the_places_of_the_site() -> None:
    text = "[a](docs/verdict.md#four-words) [b](CONTRIBUTING.md) [c](https://x.org/y.md) [d](#e)"
    assert site_text(ROOT / "README.md", text) == (
        "[a](../verdict.md#four-words) [b](contributing.md) [c](https://x.org/y.md) [d](#e)"
    )
    assert site_text(DOCS / "getting-started.md", "[f](../README.md#install)") == (
        "[f](project/readme.md#install)"
    )
    assert site_text(DOCS / "python.md", "[g](notebooks/own-table.ipynb)") == (
        "[g](notebooks/own-table.md)"
    )


def cell_with(source: str, *outputs: nbformat.NotebookNode) -> nbformat.NotebookNode:
    title = nbformat.v4.new_markdown_cell("# Title\n\nText.")
    return nbformat.v4.new_notebook(
        cells=[title, nbformat.v4.new_code_cell(source, outputs=list(outputs))]
    )


def test_a_notebook_becomes_a_page_with_what_it_shows() -> None:
    new = nbformat.v4.new_output
    notebook = cell_with(
        "# The sum of both\nprint(1 + 1)",
        new("stream", name="stdout", text="tw"),
        new("stream", name="stderr", text="\x1b[31mcareful\x1b[0m\n"),
        new("stream", name="stdout", text="o\n"),
        new("execute_result", data={"text/plain": "```"}),
        new("display_data", data={"image/png": "AAAA", "text/plain": "<Figure>"}),
    )
    text, pictures = notebook_pages.as_markdown(notebook, "sums")
    assert text == (
        "# Title\n\n"
        "To run it yourself: {download}`sums.ipynb`. The outputs are of this build.\n\n"
        "Text.\n\n"
        "```python\n# The sum of both\nprint(1 + 1)\n```\n\n"
        "```text\ntwo\n```\n\n"
        "```text\ncareful\n```\n\n"
        "````text\n```\n````\n\n"
        "![The sum of both](sums-1.png)\n"
    )
    assert pictures == {"sums-1.png": b"\0\0\0"}


def test_a_picture_without_words_is_refused() -> None:
    drawing = nbformat.v4.new_output("display_data", data={"image/png": "AAAA"})
    with pytest.raises(ValueError, match="must begin with a comment"):
        notebook_pages.as_markdown(cell_with("draw()", drawing), "sums")
