"""Run the commands of the pages and put what they print below them: `make docs`."""

import sys
import tempfile
from pathlib import Path

import config_reference
from pages import CONFIG, PAGES, Command, File, steps, with_outputs
from shell import Shell


def main(names: list[str]) -> None:
    """Rewrite the pages with these names, or all of them, and the config reference."""
    CONFIG.write_text(config_reference.page(), encoding="utf-8")
    for page in PAGES:
        if not names or page.stem in names:
            text = page.read_text(encoding="utf-8")
            page.write_text(refreshed(text), encoding="utf-8")


def refreshed(page: str) -> str:
    """A page as it stands once its commands have run in a fresh folder."""
    outputs = []
    with tempfile.TemporaryDirectory() as name:
        shell = Shell(Path(name))
        for step in steps(page):
            if isinstance(step, File):
                (shell.folder / step.name).write_text(step.text, encoding="utf-8")
            else:
                show = shell.run if isinstance(step, Command) else shell.run_python
                outputs.append(show(step.text))
    return with_outputs(page, outputs)


if __name__ == "__main__":
    main(sys.argv[1:])
