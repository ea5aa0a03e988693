"""From outcomes to the records and the weights that are stored of them."""

import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from numpy.typing import NDArray

from regcli.data.baseline import baseline
from regcli.data.dataset import Splits
from regcli.data.references import DataReference
from regcli.keras_settings import numeric_variables
from regcli.planning.run import Run
from regcli.results.library_versions import installed_versions
from regcli.results.outcomes import Outcome
from regcli.results.records import (
    CENTER,
    IDENTITY_VERSION,
    WIDTH,
    DataSummary,
    RunRecord,
    Scores,
    Sparsity,
)
from regcli.version import __version__


@dataclass(frozen=True)
class Ended:
    """A run that has ended, with what it was trained on."""

    run: Run
    splits: Splits
    outcome: Outcome


def make_records(ended: Sequence[Ended], engine: str, device: str) -> list[RunRecord]:
    """The records of runs that have ended now."""
    environment = _environment(device)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    distinct = {id(each.splits): each for each in ended}
    data = {key: summarize_data(each.splits, each.run.data) for key, each in distinct.items()}
    return [
        RunRecord(
            id=run.id,
            name=run.config.name,
            state=outcome.state,
            settings=dict(run.settings),
            config=run.config.resolved(),
            engine=engine,
            epochs=outcome.epochs,
            seconds=outcome.seconds,
            metrics=_finite(outcome.metrics),
            sparsity=_finite_sparsity(outcome.sparsity),
            optimality=outcome.optimality,
            history={name: _finite_values(own) for name, own in outcome.history.items()},
            data=data[id(splits)],
            environment=environment,
            message=outcome.message,
            created=now,
            parent=run.parent,
            keep_zeros=run.keep_zeros,
            identity=IDENTITY_VERSION,
        )
        for run, splits, outcome in ((each.run, each.splits, each.outcome) for each in ended)
    ]


def make_weights(splits: Splits, outcome: Outcome) -> Mapping[str, NDArray[Any]]:
    """What is stored of a run beside its record: its weights, and its scaling; else nothing."""
    if not outcome.weights:
        return {}
    return {**outcome.weights, CENTER: splits.center, WIDTH: splits.width}


def summarize_data(splits: Splits, reference: DataReference) -> DataSummary:
    """What a record says of the data it was trained on."""
    transform, is_file = splits.target_transform, reference.dataset.file is not None
    return DataSummary(
        source=splits.table.source,
        fingerprint=splits.table.fingerprint,
        task=splits.table.task,
        rows={name: 0 if part is None else len(part) for name, part in splits.parts()},
        input_shape=splits.train.x.shape[1:],
        columns=splits.columns,
        classes=splits.table.classes,
        true_columns=splits.true_columns,
        preparation=splits.preparation.key,
        ranges=None if splits.ranges is None else splits.ranges.key,
        positive=splits.table.classes[splits.positive] if splits.table.task == "binary" else None,
        folder=str(reference.folder.absolute()) if is_file else None,
        baseline=_finite(baseline(splits)),
        target_transform=None if transform is None else transform.as_plain(),
        dialect=splits.table.dialect or None,
        leaks=splits.table.leaks,
    )


def _finite(metrics: Mapping[str, Scores]) -> Mapping[str, Scores]:
    """Scores as the store gives them back: None for what is not finite."""
    return metrics if all(map(_are_finite, metrics.values())) else _replaced(metrics)


def _finite_values(values: Sequence[float]) -> tuple[float | None, ...]:
    if math.isfinite(sum(values)):
        return tuple(values)
    return tuple(value if math.isfinite(value) else None for value in values)


def _are_finite(scores: Scores) -> bool:
    """Whether all numbers are finite; by their sum, for there are dozens in each of many runs."""
    values = [value for value in scores.values() if value is not None]
    return len(values) == len(scores) and math.isfinite(sum(values))


def _replaced(metrics: Mapping[str, Scores]) -> dict[str, Scores]:
    return {
        part: {
            name: value if value is not None and math.isfinite(value) else None
            for name, value in scores.items()
        }
        for part, scores in metrics.items()
    }


def _finite_sparsity(sparsity: Sparsity | None) -> Sparsity | None:
    if sparsity is None or sparsity.after_zeroing is None:
        return sparsity
    after = sparsity.after_zeroing
    finite = _finite(after.metrics)
    if finite is after.metrics:
        return sparsity
    after = after.model_copy(update={"metrics": finite})
    return sparsity.model_copy(update={"after_zeroing": after})


def _environment(device: str) -> Mapping[str, str]:
    return {
        "regcli": __version__,
        "python": platform.python_version(),
        **installed_versions(),
        "device": device,
        "determinism": "op_determinism",
        **numeric_variables(),  # which another part of the process may set at any time
    }
