"""The door of this room: a commented config for a table, from its profile."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from regcli.config.commented_yaml import Entry, commented_yaml
from regcli.data.profile.table_profile import TableProfile
from regcli.proposal.dataset_choice import DatasetChoice
from regcli.proposal.model_choice import ModelChoice, choose_model, count_inputs
from regcli.proposal.score_choice import fold_count, score_entries

_TEST = 0.2
_HEAD = (
    "yaml-language-server: $schema=./regcli.schema.json",
    "A first config for {file}, from what {what} holds. Every line may be changed:",
    "  regcli validate regcli.yaml  check this file and show every default",
    "  regcli sweep                 train the grid below, and say which setting to use",
)


@dataclass(frozen=True)
class FirstConfig:
    """A config that is proposed for a table.

    Attributes:
        text: the file's text.
        model: the model that was chosen, and why.
    """

    text: str
    model: ModelChoice


def first_config(
    profile: TableProfile,
    file: str,
    dialect: Mapping[str, str],
    asked: Mapping[str, Any] | None = None,
) -> FirstConfig:
    """The config that is proposed for a table.

    Args:
        profile: what the table holds.
        file: the table, relative to the config.
        dialect: keys of the `dataset` section that say how the file is written.
        asked: keys of that section that a person has set, with their values.
    """
    target = profile.target
    rows = profile.rows - target.column.gaps.count
    asked = asked or {}
    share = asked.get("test", _TEST)
    test = share if isinstance(share, float | int) else 0.0  # a file has rows of its own
    folds = fold_count(target, rows, test)
    model = choose_model(int(rows * (1 - test)), count_inputs(profile.inputs), target.task, folds)
    entries = (
        Entry("name", sweep_name(file)),
        Entry("dataset", DatasetChoice(profile, file, dialect, asked, _TEST).entries()),
        Entry("model", (Entry("layers", [*model.layers], model.why),)),
        Entry("regularization", (Entry("method", model.method, METHODS[model.method]),)),
        Entry("training", training_entries(model)),
        Entry("sweep", tuple(_sweep(model))),
        *score_entries(target),
    )
    return FirstConfig(commented_yaml(head_lines(file, "the table"), entries), model)


def head_lines(file: str, what: str) -> list[str]:
    """The comment above a first config.

    Args:
        what: what kind of data it is for, with an article.
    """
    return [line.format(file=PurePath(file).name, what=what) for line in _HEAD]


METHODS = {
    "proximal": "l1 makes weights exactly 0",
    "penalty": "added to the loss, as Keras does; proximal makes weights exactly 0",
}


def training_entries(model: ModelChoice) -> tuple[Entry, ...]:
    """How a model is trained."""
    return (
        Entry("optimizer", {"name": "adam", "learning_rate": model.learning_rate}),
        Entry("epochs", model.epochs),
        Entry("batch_size", model.batch_size),
        Entry("seed", 0),
    )


def _sweep(model: ModelChoice) -> Iterator[Entry]:
    auto = "0, and 6 values from the largest useful one down"
    yield Entry("l1", model.l1, auto if "auto" in model.l1 else "every combination is trained")
    if model.l2 is None:
        comment = "left out because it takes long: so many inputs"
        yield Entry("l2", "0,0.01", comment, is_suggestion=True)
    else:
        yield Entry("l2", model.l2)
    if model.folds is None:
        yield Entry("seeds", 3, "a class has too few rows for folds")
    else:
        yield Entry("folds", model.folds, "cross-validation: each row validates once")


def sweep_name(file: str) -> str:
    """A name for the sweep, from the file's: `Hitters.csv` makes `hitters`."""
    stem = PurePath(file).name.partition(".")[0].lower()
    return re.sub(r"[^\w-]+", "-", stem).strip("-") or "table"
