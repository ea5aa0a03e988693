"""The reference of commands as Markdown, made from what `--help` is made from."""

import re
from collections.abc import Iterator
from typing import Any

import typer

from regcli.cli.app import app

_SPECIAL = re.compile(r"([\\`*_<>\[\]|$])")
_EXAMPLE = re.compile(r"Examples?: (.+)", re.DOTALL)


def page() -> str:
    """The page's text."""
    root = typer.main.get_command(app)
    parts = [
        "# Commands\n",
        "Made from the commands themselves; `regcli COMMAND --help` shows the same. All of them "
        "also take the [common options](#common-options).\n",
    ]
    for name, command in root.commands.items():
        parts += _command(f"regcli {name}", command, "##")
        for child, its in getattr(command, "commands", {}).items():
            parts += _command(f"regcli {name} {child}", its, "###")
    return "\n".join([*parts, "## Common options\n", *_parameters(root)])


def _command(name: str, command: Any, level: str) -> Iterator[str]:
    yield f"{level} {name}\n"
    yield f"```text\n{_usage(name, command)}\n```\n"
    yield f"{command.help}\n"
    found = _EXAMPLE.fullmatch(command.epilog or "")
    if found:
        examples = "".join(f"$ {each}\n" for each in re.findall(r"`([^`]+)`", found.group(1)))
        yield f"```console\n{examples}```\n"
    yield from _parameters(command)


def _usage(name: str, command: Any) -> str:
    words = [name]
    if any(each.param_type_name == "option" for each in command.params):
        words.append("[OPTIONS]")
    if getattr(command, "commands", {}):
        words.append("[COMMAND]")
    for each in command.params:
        if each.param_type_name == "argument":
            repeated = "…" if each.nargs == -1 and "…" not in each.metavar else ""
            shown = f"{each.metavar}{repeated}"
            words.append(shown if each.required else f"[{shown}]")
    return " ".join(words)


def _parameters(command: Any) -> Iterator[str]:
    """A definition of each argument and option, in the order of the help."""
    for each in command.params:
        if each.hidden or not each.help:
            continue
        if each.param_type_name == "argument":
            term = f"`{each.metavar}`"
        else:
            forms = [f"`{form}`" for form in (*each.opts, *each.secondary_opts)]
            term = ", ".join(forms) + (f" `{each.metavar}`" if each.metavar else "")
        yield f"{term}\n: {_meaning(each)}\n"


def _meaning(parameter: Any) -> str:
    text = _SPECIAL.sub(r"\\\1", " ".join(parameter.help.split()))
    facts = []
    if getattr(parameter, "multiple", False):
        facts.append("It can be repeated.")
    if parameter.envvar:
        facts.append(f"Environment variable: `{parameter.envvar}`.")
    if parameter.show_default and parameter.default not in (None, False, ()):
        facts.append(f"Default: `{parameter.default}`.")
    if not facts:
        return text
    return " ".join([text if text.endswith((".", "!", "?")) else f"{text}.", *facts])
