"""Where each page stands on the site, and its links from there.

On a code host the pages are read where they lie. The site has only them, so what they link to
elsewhere in the checkout is brought along.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from pages import ROOT

DOCS = ROOT / "docs"
NOTEBOOKS = tuple(sorted((DOCS / "notebooks").glob("*.ipynb")))
_FROM_ELSEWHERE: Mapping[str, str] = {
    "README.md": "project/readme.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "configs/tables/README.md": "project/tables.md",
    "benchmarks/results/full.md": "project/measured.md",
}
_TITLES: Mapping[str, str] = {"project/measured.md": "# What was measured\n\n"}
"""Titles of the pages that have none of their own."""
_LINK = re.compile(r"(?<=\]\()([^)\s#]+)")

PLACES: Mapping[Path, str] = {
    **{page: str(page.relative_to(DOCS)) for page in sorted(DOCS.glob("*.md"))},
    **{page: str(page.relative_to(DOCS)) for page in sorted(DOCS.glob("reference/*.md"))},
    **{ROOT / source: place for source, place in _FROM_ELSEWHERE.items()},
    **{notebook: f"notebooks/{notebook.stem}.md" for notebook in NOTEBOOKS},
}
"""The place on the site of each file that is a page there."""


def site_text(source: Path, text: str) -> str:
    """A page's text with its links led to the places of the site.

    Args:
        source: the file that it comes from, a key of `PLACES`.
    """
    place = PLACES[source]

    def led(found: re.Match[str]) -> str:
        target = PLACES.get((source.parent / found.group(1)).resolve())
        return found.group(1) if target is None else os.path.relpath(target, Path(place).parent)

    return _TITLES.get(place, "") + _LINK.sub(led, text)
