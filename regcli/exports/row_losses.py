"""What stored runs did with each row: the row's number in the table beside its loss and metrics."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from regcli.config.dataset_section import Dataset
from regcli.data.dataset import Table
from regcli.data.parts.partition import Partition
from regcli.data.parts.row_parts import parts_of
from regcli.exports.stored_model import table_of_run
from regcli.results.records import DataSummary, RunRecord
from regcli.results.row_values import RowValues, block_starts
from regcli.store.store import Store
from regcli.store.store_row_values import read_row_values
from regcli.store.stored_configs import config_of


@dataclass(frozen=True)
class PartValues:
    """What a run did with the rows of one part.

    Attributes:
        run: its id.
        part: `validation` or `test`.
        rows: numbers of the rows in the table, from 0, (rows,); of very many, each value is the
            mean of a block of rows that follow each other, and this the first of them.
        values: `data_loss` and the metrics that are means over rows, (rows,) each.
    """

    run: str
    part: str
    rows: NDArray[np.int64]
    values: RowValues


def values_of_rows(records: Iterable[RunRecord], store: Store) -> Iterator[PartValues]:
    """What runs did with each row; nothing of a run that was stored without its rows.

    Raises:
        DataError: the data of a run cannot be read, or has changed.
        StoreError: what is stored cannot be read.
    """
    known = _Parts()
    for record in records:
        found = read_row_values(store, record.id)
        if found is None or record.data is None:
            continue
        parts = known.of(record, record.data)
        for part, values in found.items():
            rows = getattr(parts, part)
            kept = len(next(iter(values.values()), rows))
            yield PartValues(record.id, part, rows[block_starts(len(rows), kept)], values)


@dataclass
class _Parts:
    """Tables and their parts, each loaded once."""

    tables: dict[str, Table] = field(default_factory=dict)
    parts: dict[tuple[str, str], Partition] = field(default_factory=dict)

    def of(self, record: RunRecord, data: DataSummary) -> Partition:
        dataset = config_of(record).dataset
        key = data.fingerprint, repr(dataset)
        if key not in self.parts:
            self.parts[key] = parts_of(self._table(record, data, dataset), dataset)
        return self.parts[key]

    def _table(self, record: RunRecord, data: DataSummary, dataset: Dataset) -> Table:
        if data.fingerprint not in self.tables:
            self.tables[data.fingerprint] = table_of_run(record, data, dataset)
        return self.tables[data.fingerprint]
