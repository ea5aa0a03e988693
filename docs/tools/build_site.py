"""Build the site of the documentation: `make site`.

The pages, the notebooks as they run now, the reference of commands and a gallery of reports are
put together in a folder of their own; Sphinx makes the site of it. Nothing is fetched.
"""

import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import command_reference
import gallery
import notebook_pages
from site_pages import DOCS, NOTEBOOKS, PLACES, site_text

_AT_ONCE = 2
"""Notebooks that run side by side; each loads TensorFlow, which takes most of a gigabyte."""
_REPORTS = "reports"


def main(arguments: list[str]) -> int:
    """Build the site into the folder that the first argument names; return Sphinx's exit code."""
    from sphinx.cmd.build import build_main

    site = Path(arguments[0]).resolve()
    if site.exists() and not (site / ".buildinfo").exists():
        sys.exit(f"{site}: exists and is no site; remove it, or name another folder")
    with tempfile.TemporaryDirectory() as name:
        source, reports, work = (Path(name) / part for part in ("source", "reports", "work"))
        for page in PLACES:
            if page not in NOTEBOOKS:
                _write(source / PLACES[page], site_text(page, page.read_text("utf-8")))
        _write(source / "reference" / "commands.md", command_reference.page())
        stores = _write_notebooks(source / "notebooks", work)
        gallery.write_reports(reports / _REPORTS, stores, work / "gallery")
        text, pictures = gallery.page(reports / _REPORTS, _REPORTS)
        _write(source / "gallery.md", text)
        for picture, svg in pictures.items():
            _write(source / picture, svg)
        shutil.rmtree(site, ignore_errors=True)
        options = ["-b", "html", "-c", str(DOCS), "-d", f"{name}/doctrees"]
        options += ["--fail-on-warning", "--keep-going", "--quiet", "--jobs", "auto"]
        options += ["-D", f"html_extra_path={reports}"]
        return build_main([*options, str(source), str(site)])


def _write_notebooks(folder: Path, work: Path) -> list[Path]:
    """Run the notebooks and write their pages; where their runs are stored."""
    folders = [work / notebook.stem for notebook in NOTEBOOKS]
    for each in folders:
        each.mkdir(parents=True)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        done = list(pool.map(notebook_pages.run, NOTEBOOKS, folders))
    for path, notebook in zip(NOTEBOOKS, done, strict=True):
        text, pictures = notebook_pages.as_markdown(notebook, path.stem)
        _write(folder / f"{path.stem}.md", site_text(path, text))
        shutil.copy(path, folder)
        for name, picture in pictures.items():
            (folder / name).write_bytes(picture)
    return [each / "runs" for each in folders]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
