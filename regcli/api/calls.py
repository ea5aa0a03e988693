"""The functions of the Python face: each does what the command of its name does.

Nothing heavy is imported at the top: whoever imports regcli reads this module.
"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from regcli.api.finished_run import Run
    from regcli.api.finished_sweep import Sweep
    from regcli.api.runs_folder import Runs

Folder = str | os.PathLike[str]
Given = str | os.PathLike[str] | Mapping[str, Any]
"""A config: its file, the name of a shipped one, or the config itself."""
Grid = str | float | Sequence[float | str]
"""Strengths: `"0,log:1e-4:1e-1:9"`, `0.01` or `[0, 1e-3]`."""
Method = Literal["penalty", "proximal"]
Engine = Literal["auto", "population", "keras"]


def sweep(
    config: Given,
    *,
    data: Any = None,
    target: str | None = None,
    l1: Grid | None = None,
    l2: Grid | None = None,
    vary: Mapping[str, Any] | None = None,
    seeds: int | None = None,
    folds: int | None = None,
    repeats: int | None = None,
    epochs: int | None = None,
    method: Method | Sequence[Method] | None = None,
    set: Mapping[str, Any] | None = None,
    device: str = "auto",
    engine: Engine = "auto",
    runs: Folder = "runs",
    fresh: bool = False,
    progress: bool | None = None,
) -> "Sweep":
    """Train a grid of settings and compare them, as the command `regcli sweep`.

    Stored runs are reused: the same call again resumes it.

    Args:
        config: a path, the name of a shipped config, or the config as a mapping.
        data: rows in place of the config's own: arrays `(x, y)`, a frame of polars or pandas, or
            the path of a file. Arrays and frames are kept in the folder of runs.
        target: the column of the frame or file to predict.
        l1: values of l1·Σ|W|.
        l2: values of l2·ΣW².
        vary: values of any other key: `{"training.batch_size": [16, 32]}`.
        seeds: number of seeds per setting.
        folds: number of folds for cross-validation, in place of the validation rows.
        repeats: how often rows are dealt anew to folds.
        epochs: number of epochs to train.
        method: `penalty`, which is added to the loss, or `proximal`, which gives exact zeros; a
            list compares both.
        set: any key of the config: `{"training.batch_size": 64}`.
        device: `auto`, `cpu`, `gpu` or `gpu:N`.
        engine: `auto`, `population` or `keras`.
        runs: the folder of the store.
        fresh: whether stored runs are trained again and replaced.
        progress: whether progress is shown; None shows it on a terminal and in a notebook that has
            ipywidgets.

    Raises:
        ConfigError: the config; every problem of it, a line each.
        DataError: the data cannot be read or trained on.
        UsageError: there is no such config, or nothing varies.
        RegcliError: whatever else the command refuses.
        KeyboardInterrupt: it was interrupted; runs that have ended are stored.
    """
    from regcli.api.asked_config import Asked
    from regcli.api.training_session import Session
    from regcli.errors import UsageError
    from regcli.workflows.grid_sweep import run_sweep
    from regcli.workflows.largest_strength import with_numbers

    asked = Asked(config, runs, data, target, set)
    asked.take("sweep", l1=l1, l2=l2, seeds=seeds, folds=folds, repeats=repeats)
    asked.take("training", epochs=epochs)
    asked.take_method(method)
    asked.take_varied(vary)
    loaded = asked.load()
    if not loaded.config.sweep.varies:
        raise UsageError(
            f"{loaded.document.source}: a sweep must vary at least one key, this config has no "
            "sweep section; give l1, l2, vary, seeds or folds, or train one run with regcli.train"
        )
    session = Session(asked.folder, device, engine, fresh, progress, asked.own_data)
    with session.workspace() as workspace:
        result = run_sweep(with_numbers(loaded, workspace), workspace)
        return session.sweep(loaded, result, workspace)


def path(
    config: Given,
    *,
    data: Any = None,
    target: str | None = None,
    along: Literal["l1", "l2", "group_strength"] = "l1",
    points: int = 50,
    values: Grid | None = None,
    l2: Grid | None = None,
    seeds: int | None = None,
    folds: int | None = None,
    repeats: int | None = None,
    max_nonzero: int = 0,
    max_inputs: int | None = None,
    refit: bool = False,
    epochs: int | None = None,
    set: Mapping[str, Any] | None = None,
    device: str = "auto",
    engine: Engine = "auto",
    runs: Folder = "runs",
    fresh: bool = False,
    progress: bool | None = None,
) -> "Sweep":
    """Train a regularization path from dense to sparse, as the command `regcli path`.

    Each point starts from the last one. Running the same path again resumes it.

    Args:
        config: as `sweep` takes it; so are data, target, seeds, folds, repeats, epochs, set,
            device, engine, runs, fresh and progress.
        along: the strength that varies along the path.
        points: number of points up to the largest useful strength.
        values: the strengths, in place of `points`; needed along any other strength than l1.
        l2: values of l2, with one path each.
        max_nonzero: stop at so few non-zero weights.
        max_inputs: stop at so few active inputs.
        refit: whether each point is trained again without penalty, its zeros held; see
            `Sweep.refitted`.

    Raises:
        RegcliError, KeyboardInterrupt: as `sweep`.
    """
    from regcli.api.asked_config import Asked
    from regcli.api.training_session import Session
    from regcli.errors import UsageError
    from regcli.workflows.strength_path import PathPlan, needed_strengths, run_path

    if l2 is not None and along == "l2":
        raise UsageError("l2: must not be combined with along='l2'; use values")
    asked = Asked(config, runs, data, target, set)
    strengths = asked.path_values(along, values)
    asked.take_keys("values", needed_strengths(along, strengths))
    asked.take("sweep", l2=l2, seeds=seeds, folds=folds, repeats=repeats)
    asked.take("training", epochs=epochs)
    loaded = asked.load()
    plan = PathPlan(along, strengths, points, max_nonzero, max_inputs, refit)
    session = Session(asked.folder, device, engine, fresh, progress, asked.own_data)
    with session.workspace() as workspace:
        result = run_path(loaded, plan, workspace)
        refits = () if result.ended is result.points else result.ended.records
        return session.sweep(loaded, result.points, workspace, along, refits, result.ended)


def train(
    config: Given,
    *,
    data: Any = None,
    target: str | None = None,
    l1: float | None = None,
    l2: float | None = None,
    epochs: int | None = None,
    seed: int | None = None,
    method: Method | None = None,
    set: Mapping[str, Any] | None = None,
    device: str = "auto",
    engine: Engine = "auto",
    runs: Folder = "runs",
    progress: bool | None = None,
) -> "Run":
    """Train one run with the strengths of a config, as the command `regcli train`.

    It is always trained. A run of the same id that is stored already is kept; where the new
    numbers differ, a warning says so.

    Args:
        config, data, target, epochs, set, device, engine, runs, progress: as `sweep` takes them.
        l1: strength of l1·Σ|W|.
        l2: strength of l2·ΣW².
        seed: seed for initialization and shuffling.
        method: `penalty` or `proximal`.

    Raises:
        RegcliError, KeyboardInterrupt: as `sweep`.
    """
    from regcli.api.asked_config import Asked
    from regcli.api.training_session import Session
    from regcli.workflows.grid_sweep import run_single

    asked = Asked(config, runs, data, target, set)
    asked.take("regularization", l1=l1, l2=l2)
    asked.take_method(method)
    asked.take("training", epochs=epochs, seed=seed)
    loaded = asked.load()
    session = Session(asked.folder, device, engine, False, progress, asked.own_data)
    with session.workspace() as workspace:
        return session.run(run_single(loaded, workspace))


def open(runs: Folder = "runs") -> "Runs":
    """What is stored in a folder of runs.

    Raises:
        StoreError: there is no store, or it cannot be read.
    """
    from regcli.api.runs_folder import Runs, reading

    folder = Runs(runs)
    with reading(folder.folder):
        return folder
