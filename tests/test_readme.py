"""The README does what it says: its commands run, and print what stands below them."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "docs"))
from blocks import README, commands, run

NUMBER = re.compile(r"\b[0-9a-f]{8,12}\b|[\d.,]+(e[+-]?\d+)?|±")
FAILING = {"regcli train typo.yaml": 2}


def layout(line: str) -> str:
    """A line without its numbers and widths, which depend on the machine."""
    return " ".join(NUMBER.sub("#", line).replace("★", "").replace("─", "").split())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_commands_of_the_readme_print_what_the_readme_shows(tmp_path: Path) -> None:
    found = list(commands(README.read_text(encoding="utf-8")))
    assert len(found) >= 6
    for command in found:
        finished = run(command.text, tmp_path, Path(sys.executable).parent)
        assert finished.returncode == FAILING.get(command.text, 0), finished.stdout
        shown = [layout(line) for line in command.output.strip("\n").splitlines()]
        printed = [layout(line) for line in finished.stdout.strip("\n").splitlines()]
        assert sorted(set(shown) - set(printed)) == [], command.text


def test_every_command_stands_in_the_readme() -> None:
    from regcli.cli.app import app

    text = README.read_text(encoding="utf-8")
    names = [command.name or command.callback.__name__ for command in app.registered_commands]
    names += [group.name for group in app.registered_groups]
    assert [name for name in names if f"`regcli {name}" not in text] == []


def test_every_shipped_config_stands_in_the_readme() -> None:
    from regcli.config.shipped import shipped_names

    text = README.read_text(encoding="utf-8")
    assert [name for name in shipped_names() if f"`{name}`" not in text] == []
