"""What `regcli init --set` says of a table, and how errors about the table name that option."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from regcli.cli.overrides import make_overrides
from regcli.config.dataset_section import Dataset
from regcli.config.document import read_yaml, write_yaml
from regcli.config.load import check, with_key
from regcli.config.problems import Place, dotted
from regcli.errors import DataError, UsageError

_OPTIONS = {"file": "--data", "target": "--target", "task": "--task"}
_OF_ONE_COLUMN = ("columns", "types", "groups", "time", "weights")
_UNCHOSEN = "target"
"""Stands for the target while nobody has named it: a section of a file has to have one."""

_KEY = re.compile(r"(?:write )?dataset\.(decimal|thousands|comment|separator): ('[^']+'|\"'\")")
_KEY_OF_ANY_MARK = "dataset.thousands with that mark"
_OR_DROP = ", or leave the column out with dataset.drop"
_CLASSES = "; to predict the values as classes, set task: classification"


@dataclass(frozen=True)
class AskedDataset:
    """Keys of the `dataset` section that a person has set.

    Attributes:
        section: the section with these keys, checked.
        keys: the keys with their values as plain data.
    """

    section: Dataset
    keys: Mapping[str, Any] = field(default_factory=dict)


def read_asked(
    assignments: Sequence[str] | None, file: str, target: str | None, *, of_images: bool = False
) -> AskedDataset:
    """What the texts of `--set` say of a table, or of a folder of images.

    Raises:
        UsageError: a key is not of the `dataset` section, or another option or the written config
            is the place for it.
        ConfigError: a key is not known, or its value breaks a rule.
    """
    section = {"file": file}
    if not of_images:
        section["target"] = target or _UNCHOSEN
    document = read_yaml(write_yaml({"dataset": section}), file)
    keys = []
    for path, option, value in make_overrides(assignments, {}):
        keys.append(_allowed(path, option))
        document = with_key(document, path, value, Place(0, 0, option))
    dataset = check(document).dataset
    return AskedDataset(dataset, {key: document.get(("dataset", key)) for key in keys})


def _allowed(path: tuple[str | int, ...], option: str) -> str:
    """The key of the section that a path leads to."""
    if path[0] != "dataset" or len(path) < 2:
        got = dotted(path)
        raise UsageError(
            f"{option}: init takes keys of the section dataset, got {got}; write others into the "
            "config that init makes"
        )
    key = str(path[1])
    if key in _OPTIONS:
        raise UsageError(f"{option}: give {_OPTIONS[key]} instead")
    if key == "fold":
        raise UsageError(f"{option}: the config that init makes sets the folds in sweep.folds")
    if key in _OF_ONE_COLUMN:
        raise UsageError(
            f"{option}: init takes no keys about single columns but drop; write {key} into the "
            "config that init makes"
        )
    return key


def with_options(error: DataError) -> DataError:
    """An error about a table whose advice names options of init, as there is no config yet."""
    return DataError(*map(_with_options, error.problems))


def _with_options(problem: str) -> str:
    by_option = _KEY.sub(lambda found: f"give {_as_option(found[1], found[2][1:-1])}", problem)
    by_option = re.sub(r", give (?=--set)", ", ", by_option)
    by_option = by_option.replace(f"write {_KEY_OF_ANY_MARK}", "give --set dataset.thousands=MARK")
    # This is about the target, which cannot be left out.
    by_option = by_option.replace(_OR_DROP + _CLASSES, _CLASSES)
    by_task = _CLASSES.replace("set task: ", "give --task ")
    return by_option.replace(_CLASSES, by_task)


def _as_option(key: str, mark: str) -> str:
    return f"--set {shlex.quote(f'dataset.{key}={mark}')}"
