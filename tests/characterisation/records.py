"""Records with numbers that are made up, stored under the ids of runs that commands ask for.

A sweep whose runs are all stored trains nothing: what it shows then is the same on every machine.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from regcli.results.records import (
    IDENTITY_VERSION,
    AfterZeroing,
    DataSummary,
    LayerSparsity,
    Optimality,
    RunRecord,
    RunState,
    Sparsity,
)
from regcli.store.store import open_store

from .command_line import document

COLUMNS = ("a", "b", "c")
_SCORES = {"train": 1.0, "validation": 1.25, "test": 1.5}


def a_record(number: int, identity: str, settings: Mapping[str, Any], **changes: Any) -> RunRecord:
    """A finished run of a net of one hidden layer, whose numbers follow from its own number."""
    is_regression = changes.pop("is_regression", False)
    is_proximal = settings.get("method") == "proximal"
    values: dict[str, Any] = {
        "id": identity,
        "name": "made up",
        "state": RunState.FINISHED,
        "settings": settings,
        "config": _config(settings),
        "engine": "population",
        "epochs": 20,
        "seconds": 0.25 + number / 8,
        "metrics": {
            part: _scores(0.1 + number * 7 % 13 / 10, factor, is_regression)
            for part, factor in _SCORES.items()
        },
        "sparsity": _sparsity(number, is_proximal),
        "optimality": _optimality(number) if is_proximal else None,
        "history": {"loss": (1.5, 0.75 + number), "val_loss": (1.75, None)},
        "data": DataSummary(
            source="rows.csv",
            fingerprint="0123456789abcdef",
            task="regression" if is_regression else "multiclass",
            rows={"train": 24, "validation": 8, "test": 8},
            input_shape=(len(COLUMNS),),
            columns=COLUMNS,
            classes=() if is_regression else ("high", "low", "middle"),
            true_columns=("a", "c") if is_regression else None,
        ),
        "environment": {"regcli": "0.1.0", "device": "/CPU:0"},
        "created": f"2026-03-01T00:{number // 60:02d}:{number % 60:02d}+00:00",
        "identity": IDENTITY_VERSION,
    }
    return RunRecord(**{**values, **changes})


def an_unfinished(
    number: int, identity: str, settings: Mapping[str, Any], state: str, **changes: Any
) -> RunRecord:
    """A run that diverged, failed or was interrupted after its third epoch."""
    record = a_record(number, identity, settings, **changes)
    empty = {part: dict.fromkeys(scores) for part, scores in record.metrics.items()}
    return record.model_copy(
        update={
            "state": RunState(state),
            "metrics": empty if state == "diverged" else {},
            "sparsity": None,
            "optimality": None,
            "epochs": 3,
            "message": "ended in epoch 4 of 20",
        }
    )


def store_runs(folder: Path, records: Sequence[RunRecord]) -> None:
    """Put records into the folder's `runs`."""
    with open_store(folder / "runs") as store:
        store.add_many([(record, {}) for record in records])


def planned(folder: Path, config: str, *assignments: str) -> list[tuple[str, dict[str, Any]]]:
    """Ids and settings of a config's runs, with values that `--set` gives."""
    options = [part for assignment in assignments for part in ("--set", assignment)]
    plan = document("validate", config, *options, "--json", folder=folder)["plan"]
    return [(run["id"], run["settings"]) for run in plan]


def _config(settings: Mapping[str, Any]) -> dict[str, Any]:
    strengths = {key: settings.get(key) for key in ("l1", "l2", "method")}
    return {
        "name": "made up",
        "dataset": {"file": "rows.csv", "target": "kind", "noise_features": 0, "seed": 0},
        "model": {"layers": [{"Dense": {"units": 8, "activation": "relu"}}]},
        "regularization": {**strengths, "layers": "all"},
        "training": {
            "optimizer": {"name": "adam", "learning_rate": 0.001},
            "epochs": 20,
            "batch_size": 32,
            "seed": settings.get("seed"),
        },
    }


def _scores(loss: float, factor: float, is_regression: bool) -> dict[str, float]:
    losses = {
        "data_loss": loss * factor,
        "penalty": 0.0123456,
        "objective": loss * factor + 0.0123456,
    }
    if is_regression:
        return losses | {"r2": 1 - loss * factor / 2, "mae": loss * factor * 100}
    return losses | {"accuracy": 1 - loss * factor / 4}


def _sparsity(number: int, is_proximal: bool) -> Sparsity:
    zeros = number * 5 % 48 if is_proximal else 0
    active = COLUMNS[: 3 - number % 2]
    return Sparsity(
        exact=zeros / 48,
        near=(zeros + 3) / 51,
        threshold=1e-3,
        nonzero=48 - zeros,
        total=48,
        active_inputs=len(active),
        live_units={"dense": 8 - number % 3},
        layers=(
            LayerSparsity(
                name="dense", shape=(3, 8), exact=zeros / 96, near=0.25, nonzero=24, gzip_bytes=120
            ),
            LayerSparsity(
                name="output", shape=(8, 3), exact=zeros / 48, near=0.5, nonzero=24, gzip_bytes=98
            ),
        ),
        active_columns=active,
        gzip_bytes=218,
        after_zeroing=AfterZeroing(
            nonzero=20,
            active_inputs=1,
            live_units={"dense": 2},
            active_columns=("a",),
            precision=1.0,
            recall=0.5,
            f1=2 / 3,
            metrics={part: {"data_loss": factor} for part, factor in _SCORES.items()},
        ),
    )


def _optimality(number: int) -> Optimality:
    settled = number % 3 != 0
    return Optimality(
        residual=0.001 * (number + 1),
        pull=0.5,
        relative=0.0001 if settled else 0.2,
        settled=settled,
        polish_steps=100,
    )
