"""The verdict on a sweep that has ended, from what the store has of its runs."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from regcli.config.document import Document, parse_path, read_scalar
from regcli.config.load import LoadedConfig
from regcli.config.problems import dotted
from regcli.planning.axes import SHORT_NAMES
from regcli.results.settings import by_setting
from regcli.results.verdict.judgement import MARGIN, Verdict, judge
from regcli.store.store import Store
from regcli.store.store_row_values import read_row_values
from regcli.workflows.graph_training import SweepResult

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
"""Text that YAML takes as it stands, unless it is a word such as `null`."""


def judge_sweep(loaded: LoadedConfig, result: SweepResult, store: Store) -> Verdict | None:
    """The verdict on a sweep; None on one that was interrupted, or where nothing ranks settings.

    Raises:
        StoreError: what was stored of a run's rows cannot be read.
    """
    if result.interrupted:
        return None
    asked = loaded.config.verdict
    margin = MARGIN if asked is None else asked.margin
    verdict = judge(by_setting(result.records), partial(read_row_values, store), margin)
    if verdict is None:
        return None
    use = verdict.settings[verdict.use].settings
    return replace(verdict, training=training_command(loaded, use))


def training_command(loaded: LoadedConfig, settings: Mapping[str, Any]) -> str:
    """The command that trains one setting of a sweep on the config's own split, for a shell.

    It sets what options of the sweep's command changed in the config, and what the setting has in
    place of that.
    """
    typed = {
        dotted(path): loaded.document.get(path)
        for path, place in loaded.document.values.items()
        if place.line == 0 and path[0] != "sweep"
    }
    config = Document("", loaded.config.resolved())
    own = {SHORT_NAMES.get(key, key): value for key, value in settings.items()}
    varied = {key: value for key, value in own.items() if config.get(parse_path(key)) != value}
    words = ["regcli", "train", loaded.document.source]
    for key, value in {**typed, **varied}.items():
        words += ["--set", f"{key}={_as_yaml(value)}"]
    return shlex.join(words)


def _as_yaml(value: object) -> str:
    """A value as `--set` takes it."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and read_scalar(value) == value:
        return value
    return json.dumps(value)
