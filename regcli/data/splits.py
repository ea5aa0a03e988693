"""From a table to what is trained on: split, preparation, noise columns, scaling, in that order."""

import numpy as np
from numpy.typing import NDArray

from regcli.config.dataset_section import Dataset
from regcli.config.target_keys import TargetColumn
from regcli.data.asked_metrics import positive_class
from regcli.data.columns.column_rules import ColumnRules
from regcli.data.dataset import Part, Splits, Table
from regcli.data.free_memory import require_memory
from regcli.data.parts.partition import Integers
from regcli.data.parts.row_parts import parts_of
from regcli.data.preparing import scaling
from regcli.data.preparing.preparation import Preparation, fit
from regcli.data.preparing.prepared_rows import (
    CELLS_OF_A_BLOCK,
    MOST_CELLS_AT_ONCE,
    PreparedRows,
    noise_names,
)
from regcli.data.preparing.training_ranges import fit_ranges
from regcli.data.scanned.part_names import part_name
from regcli.data.scanned.row_files import RowFiles
from regcli.data.target.target_transform import TargetTransform, require_logarithms
from regcli.errors import DataError, ModelError

# One seed, independent draws: adding noise columns must not move rows between the parts, stream 1
# in `data.parts.row_parts`. Not 0: NumPy takes the seed [s, 0] for s, with which the synthetic data
# sets are drawn.
_NOISE_STREAM = 2


def split(table: Table, config: Dataset, *, scaled: bool = True) -> Splits:
    """The parts of a table as they are trained on.

    Rows are drawn at random, for classification in proportion to the classes, unless groups, times
    or files of their own decide where they go; see `data.parts.row_parts`. They stay in the table's
    order within their part. A share of 0 makes its part None.

    Args:
        scaled: whether center and width are applied; without, inputs are as a model takes them that
            scales them itself.

    Raises:
        DataError: a part would be empty, training would lack a class, noise columns cannot be
            added, a column cannot be prepared or scaled, or the target or the weights cannot be
            used.
        ModelError: as `positive_class`, or classes are to be scaled.
    """
    try:
        return _split(table, config, scaled)
    except DataError as error:
        raise DataError(f"{table.source}: {error}") from None


def _split(table: Table, config: Dataset, scaled: bool) -> Splits:
    _require_noise_beside(table, config.noise_features)
    rows = parts_of(table, config)
    prepared = fit(table.features, rows.train, ColumnRules.of(config), config.scale)
    if table.cache is None:
        _require_memory(table, prepared, config.noise_features)
    elif config.noise_features:
        raise DataError("noise_features must be 0 for rows that do not fit into memory")
    noise = _noise(prepared.inputs, config.noise_features, config.seed, len(table.x))
    at_once = MOST_CELLS_AT_ONCE if table.cache is None else CELLS_OF_A_BLOCK
    inputs = PreparedRows(table.features, prepared, noise, at_once)
    if config.scale == "pixels":
        without_noise = PreparedRows(table.features, prepared, None, at_once)
        scaling.require_pixels(without_noise.blocks(np.arange(len(table.x))))
    fitted = scaling.fit_blocks(
        config.scale if scaled else "none", lambda: inputs.blocks(rows.train)
    )
    weights = table.weights
    if weights is not None and not weights[rows.train].any():
        raise DataError("weights must be above 0 in some training row, all of them are 0")

    def part(numbers: Integers) -> Part:
        x = _in_memory_or_cache(table, inputs, fitted, numbers)
        own = None if weights is None else weights[numbers]
        return Part(x, table.y[numbers], own)

    return Splits(
        table=table,
        train=part(rows.train),
        validation=part(rows.validation) if len(rows.validation) else None,
        test=part(rows.test) if len(rows.test) else None,
        preparation=prepared,
        columns=inputs.columns,
        center=fitted.center,
        width=fitted.width,
        positive=positive_class(config.positive, table.classes),
        ranges=fit_ranges(table.features, rows.train),
        target_transform=_target_transform(table, config.target_settings, rows.train),
    )


def _in_memory_or_cache(
    table: Table, inputs: PreparedRows, fitted: scaling.Scaling, numbers: Integers
) -> NDArray[np.float32]:
    """Scaled rows of some numbers, (rows, …); in a file where the table is in one."""
    shape = (len(numbers), *inputs.shape)

    def fill(x: NDArray[np.float32]) -> None:
        fitted.write(inputs.blocks(numbers), x, inputs.columns)

    if table.cache is not None:
        name = part_name(table.fingerprint, inputs.preparation, fitted, numbers)
        return RowFiles(table.cache).kept(name, shape, fill)
    x = np.empty(shape, np.float32)
    fill(x)
    return x


def _target_transform(table: Table, asked: TargetColumn, train: Integers) -> TargetTransform | None:
    if asked.is_transformed and table.task != "regression":
        raise ModelError(
            ("dataset", "target"),
            "scale and log require a continuous target, this one has "
            f"{len(table.classes)} classes; if it is a quantity, set dataset.task: regression",
        )
    require_logarithms(asked, table.y)
    return TargetTransform.fit(asked, table.y[train])


def _require_memory(table: Table, prepared: Preparation, noise: int) -> None:
    """Refuse rows if their copies for training would not fit into memory too.

    They are the scaled parts, a block of rows on its way there with its deviations from the mean,
    and noise columns.
    """
    inputs = table.x.size // len(table.x) if prepared.is_identity else len(prepared.inputs)
    double, cells = np.dtype(np.float64).itemsize, (inputs + noise) * len(table.x)
    blocks = 2 * min(cells, MOST_CELLS_AT_ONCE) * double
    parts = cells * np.dtype(np.float32).itemsize
    with_noise = f"with noise_features {noise} the data " if noise else "the data "
    require_memory(parts + blocks + noise * len(table.x) * double, with_noise)


def _require_noise_beside(table: Table, noise: int) -> None:
    """Refuse noise columns beside inputs that are tensors."""
    if noise and table.x.ndim != 2:
        raise DataError(
            f"noise_features must be 0 for rows that are tensors, x has the shape {table.x.shape}"
        )


def _noise(inputs: tuple[str, ...], count: int, seed: int, rows: int) -> NDArray[np.float64] | None:
    """`count` standard-normal columns, (rows, count); None for no column.

    A noise column follows only from the seed and its number, not from the split, nor from how many
    others there are.

    Raises:
        DataError: an input already has the name of a noise column.
    """
    if count == 0:
        return None
    taken = set(noise_names(count)) & set(inputs)
    if taken:
        raise DataError(
            f"column names must differ from those of noise_features, {min(taken)!r} is in the data"
        )
    rng = np.random.default_rng([seed, _NOISE_STREAM])
    return rng.standard_normal((count, rows)).T
