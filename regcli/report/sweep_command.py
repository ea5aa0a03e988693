"""The command that trains the settings of a sweep or a path again."""

import json
import shlex
from collections.abc import Sequence
from typing import Any

from regcli.results.settings import VARIANT, SettingSummary, fold_of, seed_of, split_of

_OPTIONS = {"l1": "--l1", "l2": "--l2", "method": "--method"}


def again_command(
    settings: Sequence[SettingSummary], along: str, config: str, has_refits: bool = False
) -> str:
    """`regcli sweep config.yaml --l1 0,0.01 --seeds 2`; empty where one command cannot name them.

    Settings may be no full grid, and a path has no option for every key.

    Args:
        along: the strength that varies along a path; empty for a grid.
        has_refits: whether the points of a path were trained again on their support.
    """
    values = {
        key: _different([each.settings.get(key) for each in settings])
        for key in dict.fromkeys(key for each in settings for key in each.settings)
    }
    varied = {key: each for key, each in values.items() if len(each) > 1}
    count = 1
    for each in varied.values():
        count *= len(each)
    if count != len(settings) or VARIANT in values or not all(map(_is_plain, _every(varied))):
        return ""
    words = ["regcli", "path" if along else "sweep", config]
    if along:
        words += ["--along", along]
    for key, each in varied.items():
        text = ",".join(map(_text, each))
        if along and key == along:
            words += ["--values", text]
        elif along and key != "l2":
            return ""
        else:
            words += [_OPTIONS[key], text] if key in _OPTIONS else ["--vary", f"{key}={text}"]
    words += ["--refit"] if along and has_refits else []
    replicates = _replicates(settings)
    if along and "--vary" in replicates:
        return ""
    return shlex.join([*words, *replicates])


def _different(values: Sequence[Any]) -> list[Any]:
    return list({repr(value): value for value in values}.values())


def _every(varied: dict[str, list[Any]]) -> list[Any]:
    return [value for values in varied.values() for value in values]


def _is_plain(value: object) -> bool:
    """Whether a value stands in a comma list as it is."""
    if isinstance(value, str):
        return value.replace("_", "").replace("-", "").isalnum()
    return isinstance(value, bool | int | float)


def _text(value: Any) -> str:
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value)


def _replicates(settings: Sequence[SettingSummary]) -> list[str]:
    """Options for the seeds, folds and splits that every setting has."""
    runs = [run for setting in settings for run in setting.records]
    words = []
    seeds = sorted({seed_of(run) for run in runs})
    if len(seeds) > 1 and seeds == [*range(seeds[0], seeds[0] + len(seeds))]:
        words += ["--seeds", str(len(seeds)), "--set", f"training.seed={seeds[0]}"]
    elif len(seeds) > 1:
        words += ["--vary", f"training.seed={','.join(map(str, seeds))}"]
    folds = [fold for run in runs if (fold := fold_of(run)) is not None]
    if folds:
        words += ["--folds", str(folds[0].of)]
        repeats = len({fold.repeat for fold in folds})
        words += ["--repeats", str(repeats)] if repeats > 1 else []
    splits = list(dict.fromkeys(split_of(run) for run in runs))
    if len(splits) > 1:
        words += ["--vary", f"dataset.seed={','.join(map(str, splits))}"]
    return words
