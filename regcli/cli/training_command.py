"""The command that trains the setting to use once more, on the config's own split."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from regcli.config.document import read_scalar
from regcli.config.load import LoadedConfig
from regcli.config.problems import Path, dotted
from regcli.results.verdict.judgement import Verdict

SECTIONS = ("dataset", "model", "regularization", "training")
"""Sections of a config that decide what a run is trained with."""
REPLICATED = frozenset({"dataset.fold", "dataset.seed", "training.seed"})
"""Keys in which the runs of one setting differ."""
OPTIONS = {
    "regularization.l1": "--l1",
    "regularization.l2": "--l2",
    "regularization.method": "--method",
    "training.epochs": "--epochs",
    "training.seed": "--seed",
}
"""Keys that `regcli train` has options of their own for."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
"""Text that YAML takes as it stands, unless it is a word such as `null`."""


def with_training_command(verdict: Verdict | None, loaded: LoadedConfig) -> Verdict | None:
    """A verdict that names the command which trains its setting to use."""
    if verdict is None:
        return None
    use = verdict.settings[verdict.use].records[0]
    return replace(verdict, training=training_command(loaded, use.config))


def training_command(loaded: LoadedConfig, config: Mapping[str, Any]) -> str:
    """The command that trains a setting of a sweep on the config's own split, for a shell.

    It sets what options of the sweep's command changed in the config, and what the setting has in
    place of that.

    Args:
        config: of any run of the setting, as its record has it.
    """
    typed = {
        dotted(path): loaded.document.get(path)
        for path, place in loaded.document.values.items()
        if place.line == 0 and path[0] in SECTIONS
    }
    own = loaded.config.resolved()
    changed = {
        dotted(path): value
        for section in SECTIONS
        for path, value in _changes(own.get(section) or {}, config.get(section) or {}, (section,))
        if dotted(path) not in REPLICATED
    }
    words = ["regcli", "train", loaded.document.source]
    for key, value in {**typed, **changed}.items():
        text = _as_yaml(value)
        words += [OPTIONS[key], text] if key in OPTIONS else ["--set", f"{key}={text}"]
    return shlex.join(words)


def _changes(old: Any, new: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """The values to set in order to make new data of old, each at its path.

    Keys that a section no longer has are set to null. Of any other mapping, and of a list of
    another length, all is set at once.
    """
    if (
        isinstance(old, Mapping)
        and isinstance(new, Mapping)
        and (len(path) == 1 or old.keys() <= new.keys())
    ):
        for key in dict.fromkeys([*old, *new]):
            yield from _changes(old.get(key), new.get(key), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, pair in enumerate(zip(old, new, strict=True)):
            yield from _changes(*pair, (*path, place))
    elif old != new:
        yield path, new


def _as_yaml(value: object) -> str:
    """A value as `--set` takes it."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and read_scalar(value) == value:
        return value
    return json.dumps(value)
