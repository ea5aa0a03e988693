"""Every command explains itself, with an example that works."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from regcli.cli.app import app

from .in_process import regcli
from .processes import loaded_packages

HEAVY = {"tensorflow", "keras", "numpy", "sklearn", "polars", "matplotlib"}
ID = re.compile(r"\b[0-9a-f]{4,6}\b")


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, (*path, name))


COMMANDS = dict(walk(typer.main.get_command(app)))
PATHS = pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "regcli")


def example(path: tuple[str, ...]) -> str:
    """The command line that a command's help shows."""
    command = COMMANDS[path]
    found = re.search(
        r"(?:Example|Start with): `(regcli[^`]*)`", f"{command.help} {command.epilog}"
    )
    assert found is not None, f"regcli {' '.join(path)}: its help has no example"
    return found.group(1)


def test_the_commands() -> None:
    assert {" ".join(path) for path in COMMANDS} == {
        *("", "train", "sweep", "path", "runs", "compare", "explain", "shrink", "predict"),
        *("report", "plot", "validate", "schema", "init", "doctor", "plan"),
        *("runs list", "runs show", "runs rm", "runs export", "runs merge"),
    }


@PATHS
def test_help_says_what_the_command_does_with_an_example(
    path: tuple[str, ...], tmp_path: Path
) -> None:
    done = regcli(*path, "--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    shown = " ".join(done.stdout.replace("│", " ").split())
    assert shown.startswith(" ".join(("Usage: regcli", *path)))
    assert example(path) in shown
    helps = (getattr(parameter, "help", None) or "" for parameter in COMMANDS[path].params)
    assert [word for text in helps for word in text.split() if word not in shown] == []
    assert max(map(len, done.stdout.splitlines())) <= 80


@PATHS
def test_every_option_is_explained(path: tuple[str, ...]) -> None:
    undocumented = [
        parameter.name
        for parameter in COMMANDS[path].params
        if not getattr(parameter, "help", "explained") and parameter.name != "help"
    ]
    assert undocumented == []


TRAINING = {(), ("train",), ("sweep",), ("path",)}


@pytest.mark.slow
@PATHS
def test_the_example_works(path: tuple[str, ...], lab: Path, ids: list[str]) -> None:
    """As it stands, but that one epoch is enough."""
    unused = iter(ids)
    line = ID.sub(lambda found: next(unused)[: len(found.group())], example(path))
    program, *arguments = shlex.split(line.partition(" > ")[0])
    for name in set(arguments) & {"shard-1", "shard-2"}:
        shutil.copytree(lab / "runs", lab / name)
    done = regcli(*arguments, *(["--epochs", "1"] if path in TRAINING else []), cwd=lab)
    assert (program, done.returncode) == ("regcli", 0), done
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [[], ["--help"], ["sweep", "-h"], ["--version"]])
def test_help_is_light(arguments: list[str], tmp_path: Path) -> None:
    code = 0 if arguments else 2
    assert loaded_packages(*arguments, cwd=tmp_path, code=code) & HEAVY == set()


LIGHT = [
    ["runs"],
    ["runs", "list", "--json"],
    ["report"],
    ["plot", "learning"],
    ["validate", "quickstart"],
    ["schema"],
    ["init", "new"],
    ["sweep", "smoke", "--dry-run"],
    ["plan", "smoke", "--seeds", "2", "--epochs", "2"],
    ["sweep", "smoke", "--epochs", "2", "--seeds", "2"],
]


@pytest.mark.parametrize("arguments", LIGHT, ids=" ".join)
def test_what_trains_nothing_does_not_load_tensorflow(arguments: list[str], lab: Path) -> None:
    assert loaded_packages(*arguments, cwd=lab) & {"tensorflow", "keras"} == set()


@pytest.mark.parametrize("command", [["compare"], ["runs", "rm"], ["runs", "show"]])
def test_looking_at_runs_does_not_load_tensorflow(
    command: list[str], lab: Path, ids: list[str]
) -> None:
    named = ids[:1] if command[-1] == "show" else ids[:2]
    assert loaded_packages(*command, *named, cwd=lab) & {"tensorflow", "keras"} == set()


def test_without_arguments_the_help_is_shown_once(tmp_path: Path) -> None:
    done = regcli(cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.rstrip() == regcli("--help", cwd=tmp_path).stdout.rstrip()


def test_the_version(tmp_path: Path) -> None:
    from regcli import __version__

    assert regcli("--version", cwd=tmp_path).stdout == f"regcli {__version__}\n"
