"""Which rows a run is trained on, and the rows themselves, loaded once each.

A reference is plain data for any process, which then loads the rows itself.
"""

from dataclasses import dataclass
from math import prod
from pathlib import Path

from regcli.config.dataset_section import Dataset
from regcli.data.dataset import Splits, Table
from regcli.data.row_form import USUAL_FORM, RowForm
from regcli.data.row_order import is_in_windows
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import DataError

_OF_THE_SPLIT = ("seed", "fold", "scale", "noise_features", "positive")
"""Keys that say nothing of the table itself."""


@dataclass(frozen=True)
class DataReference:
    """Rows as a config asks for them.

    Attributes:
        folder: the folder that a relative file starts from.
        fingerprint: of the table's contents.
    """

    dataset: Dataset
    folder: Path
    fingerprint: str
    form: RowForm = USUAL_FORM


class Datasets:
    """Tables and their splits, each loaded at its first use.

    What tables and splits are made from decides which they are, so that sections that are equal
    share them.

    Args:
        cache: the folder for rows that do not fit into memory; None for that of the runs' folder.
    """

    def __init__(self, cache: Path | None = None) -> None:
        self._cache = cache
        self._tables: dict[str, Table] = {}
        self._splits: dict[str, Splits] = {}
        self._known: dict[tuple[int, Path], tuple[Dataset, Splits]] = {}

    def table(self, dataset: Dataset, folder: Path) -> Table:
        """Every row that a `dataset` section names.

        Raises:
            DataError: they cannot be read.
        """
        parts = {"validation": dataset.validation, "test": dataset.test}
        shares = [key for key, part in parts.items() if not isinstance(part, str)]
        of_the_split = dict.fromkeys([*_OF_THE_SPLIT, *shares])
        alike = dataset.model_copy(update={**of_the_split, "target": dataset.target_column})
        source = repr((folder, alike))
        if source not in self._tables:
            self._tables[source] = load_table(dataset, folder, self._cache)
        return self._tables[source]

    def split(self, dataset: Dataset, folder: Path) -> Splits:
        """The rows that a `dataset` section names, split and scaled.

        Raises:
            DataError: they cannot be read, split or scaled.
        """
        # Members share their sections: an object that is known is not written out again.
        found = self._known.get((id(dataset), folder))
        if found is None:
            text = repr((folder, dataset))
            if text not in self._splits:
                self._splits[text] = split(self.table(dataset, folder), dataset)
            # Kept with its section, whose id another object would else get.
            found = self._known[(id(dataset), folder)] = dataset, self._splits[text]
        return found[1]

    def of(self, reference: DataReference) -> Splits:
        """The rows that a reference names.

        Raises:
            DataError: they cannot be read, or have changed.
        """
        splits = self.split(reference.dataset, reference.folder)
        if splits.table.fingerprint != reference.fingerprint:
            raise DataError(f"{splits.table.source}: has changed since the run was planned")
        return splits


def row_form(splits: Splits) -> RowForm:
    """The form of the training rows of a split."""
    rows, *shape = splits.train.x.shape
    joins_inputs = splits.columns_of_inputs is not None
    return RowForm(joins_inputs, is_in_windows(rows, prod(shape)))
