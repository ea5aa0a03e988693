"""The interface of executors: a batch in, events out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from regcli.data.references import Datasets
from regcli.planning.batches import Batch
from regcli.planning.events import Tell
from regcli.results.outcomes import Weights
from regcli.training.polishes import Polishes


def _no_weights(run_id: str) -> Weights:
    raise KeyError(run_id)


@dataclass(frozen=True)
class Materials:
    """What trainers work with, in the process that they run in.

    Attributes:
        device: TensorFlow's name of it, as `devices.prepare_device` gives it.
        data: gives the rows that a run's reference names.
        weights: gives those of a run that had ended before, by its id.
        checkpoints: a folder for populations that are in training; None to keep no state.
        polishes: the ends of proximal training that are compiled.
    """

    device: str
    data: Datasets = field(default_factory=Datasets)
    weights: Callable[[str], Weights] = _no_weights
    checkpoints: Path | None = None
    polishes: Polishes = field(default_factory=Polishes)


class Executor(Protocol):
    """Trains batches; everything else that it needs, it gets when it is made.

    It reports epochs, outcomes and notes as they come, rather than returning them at the end:
    Keras's `fit` calls back, and a Ctrl-C has to reach it there.
    """

    def run(self, batch: Batch, tell: Tell) -> None:
        """Train the runs of a batch, except those after the end of their path.

        A run that fails or diverges does not stop the others.

        Raises:
            KeyboardInterrupt: after the finished runs were reported.
        """
