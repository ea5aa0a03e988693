"""Models of many runs, each as a Keras file that is checked in one process of its own."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from regcli.destinations.destination import Shipment
from regcli.errors import RegcliError, StoreError
from regcli.results.records import RunRecord, RunState
from regcli.store.store_weights import read_weights

if TYPE_CHECKING:
    from regcli.exports.fresh_keras import FreshKeras


class RunModels:
    """The models of a shipment's runs, from `with` to its end; a file lives until the next one.

    Nothing heavy is loaded before the first model.
    """

    def __init__(self, shipment: Shipment) -> None:
        self._shipment = shipment
        self._fresh: FreshKeras | None = None

    def __enter__(self) -> Self:
        self._finished = ExitStack()
        self._folder = Path(self._finished.enter_context(tempfile.TemporaryDirectory()))
        return self

    def __exit__(self, *raised: object) -> None:
        self._finished.close()

    @property
    def are_wanted(self) -> bool:
        """Whether models go along at all."""
        return self._shipment.models

    def files(self, run: RunRecord) -> list[Path] | None:
        """The model's file and the one that says what it takes; none where no weights are kept.

        Returns:
            None where the model cannot be written; a person has been told why.
        """
        if not self._has_weights(run):
            return []
        from regcli.exports.fresh_keras import FreshKeras
        from regcli.exports.model_columns import columns_path
        from regcli.exports.model_files import export_model

        if self._fresh is None:
            self._fresh = self._finished.enter_context(FreshKeras())
        path = self._folder / "model.keras"
        try:
            export_model(self._shipment.store, run.id, path, fresh=self._fresh)
        except RegcliError as error:
            self._shipment.tell(f"the model of run {run.id} is left out: {error}")
            return None
        return [path, columns_path(path)]

    def _has_weights(self, run: RunRecord) -> bool:
        """Whether a model can be made; damage is left to what makes it, which says so."""
        if run.data is None:
            return False
        try:
            read_weights(self._shipment.store, run.id)
        except StoreError:
            return run.state is RunState.FINISHED
        return True
