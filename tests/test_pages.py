"""The pages do what they say: commands print what stands below them, and nothing is left out."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

sys.path.insert(0, str(Path(__file__).parent.parent / "docs" / "tools"))
import config_reference
from config_texts import EXAMPLES, WHOLE_CONFIG
from pages import CONFIG, PAGES, README, ROOT, File, Statement, anchors, commands, links, steps
from refresh import refreshed
from shell import Shell

from regcli.cli.app import app
from regcli.config.keras_parts import Layer, Loss, Optimizer
from regcli.config.load import load_config
from regcli.config.schema import Config
from regcli.config.section import Section
from regcli.config.shipped import shipped_names

_NUMBER = re.compile(r"\b[0-9a-f]{8,12}\b|\d+m \d\ds|[\d.,]+(e[+-]?\d+)?|±")
PARTS = (Layer, Loss, Optimizer)
"""What a config says by the names and arguments of Keras."""

ALL_PAGES = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def layout(output: str) -> list[str]:
    """Lines without their numbers, widths and order, which depend on the machine."""
    lines = (
        _NUMBER.sub("#", line).replace("★", "").replace("─", "") for line in output.splitlines()
    )
    return sorted(" ".join(line.split()) for line in lines)


@pytest.mark.slow
@ALL_PAGES
def test_commands_print_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    for step in steps(page.read_text(encoding="utf-8")):
        if isinstance(step, File):
            (shell.folder / step.name).write_text(step.text, encoding="utf-8")
            continue
        if isinstance(step, Statement):
            assert layout(shell.run_python(step.text)) == layout(step.output), step.text
            continue
        shows_code = step.text == "echo $?"
        assert shell.code == 0 or shows_code, "a command that fails is followed by echo $?"
        printed = shell.run(step.text)
        if shows_code:
            assert printed == step.output
        else:
            assert layout(printed) == layout(step.output), step.text
    assert shell.code == 0


def test_make_docs_puts_what_is_printed_below_each_command() -> None:
    before = "Say:\n\n```console\n$ echo one\nold\n$ cd .\n$ regcli --nope\n```\n"
    after = refreshed(before)
    assert after.startswith("Say:\n\n```console\n$ echo one\none\n$ cd .\n$ regcli --nope\nregcli:")
    assert refreshed(after) == after


def test_make_docs_puts_what_python_shows_below_each_statement() -> None:
    before = (
        "```pycon\n>>> a = 6\n>>> for b in (1, 2):\n...     print(a * b)\n...\nold\n"
        ">>> a + b\n>>> a.c\n```\n"
    )
    after = refreshed(before)
    assert after == (
        "```pycon\n>>> a = 6\n>>> for b in (1, 2):\n...     print(a * b)\n...\n6\n12\n"
        ">>> a + b\n8\n>>> a.c\nAttributeError: 'int' object has no attribute 'c'\n```\n"
    )
    assert refreshed(after) == after


@ALL_PAGES
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def test_the_readme_fits_on_two_screens() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 120


def all_commands() -> Iterator[str]:
    """Every command, `regcli runs show` among them."""
    root = typer.main.get_command(app)
    for name, command in root.commands.items():
        children = getattr(command, "commands", {})
        yield from (f"{name} {child}" for child in children) if children else (name,)


@pytest.mark.parametrize("name", list(all_commands()))
def test_every_command_has_an_example(name: str) -> None:
    texts = [command.text for page in PAGES for command in commands(page.read_text("utf-8"))]
    assert any(re.search(rf"\bregcli {name}\b", text) for text in texts)


def test_every_shipped_config_is_documented() -> None:
    text = CONFIG.read_text(encoding="utf-8")
    assert [name for name in shipped_names() if f"- `{name}`: " not in text] == []


def test_the_readme_names_every_page() -> None:
    found = {(ROOT / link).resolve() for link in links(README.read_text(encoding="utf-8"))}
    assert set(PAGES) - {README} <= found


def test_the_config_reference_is_made_from_the_schema() -> None:
    assert config_reference.page() == CONFIG.read_text(encoding="utf-8"), "run make docs"


def keys(section: type[Section], above: str = "") -> Iterator[tuple[str, str]]:
    """Every key of a config, with its section's dotted name."""
    for name, field in section.model_fields.items():
        yield above, name
        for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(kind, type) and issubclass(kind, Section) and kind not in PARTS:
                yield from keys(kind, f"{above}.{name}".strip("."))


@pytest.mark.parametrize(("section", "key"), list(keys(Config)))
def test_every_key_stands_in_its_section_of_the_config_reference(section: str, key: str) -> None:
    text = CONFIG.read_text(encoding="utf-8")
    heading = f"# `{section}`" if section else "# Top level"
    below = re.split(r"^#", text[text.index(f"{heading}\n") + 1 :], flags=re.MULTILINE)[0]
    assert f"- **`{key}`**: " in below


@pytest.mark.parametrize("section", EXAMPLES)
def test_the_example_of_a_section_is_a_config(section: str, tmp_path: Path) -> None:
    text = EXAMPLES[section]
    data = "" if section.startswith("dataset") else "dataset: {name: iris}\n"
    (tmp_path / "c.yaml").write_text(data + text, encoding="utf-8")
    loaded = load_config(str(tmp_path / "c.yaml")).config.resolved()
    for key in section.split("."):
        loaded = loaded[key]
    assert loaded


def test_the_whole_config_is_one(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(WHOLE_CONFIG, encoding="utf-8")
    assert load_config(str(tmp_path / "c.yaml")).config.sweep.seeds == 3
