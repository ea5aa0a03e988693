"""The door to data: from what a config names to a table of all its rows."""

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from regcli.config.data_files import ARRAYS_ENDING, may_be_folder
from regcli.config.dataset_section import Dataset
from regcli.config.dialect_keys import is_text_file
from regcli.config.problems import composed
from regcli.data.dataset import Table
from regcli.data.features import Features
from regcli.data.files import archives
from regcli.data.files.dialect import AskedDialect
from regcli.data.files.regular_files import (
    is_folder,
    locate,
    locate_all,
    require_regular_file,
)
from regcli.data.images.pillow import require_pillow
from regcli.data.named.named_tables import load_named
from regcli.data.wording import nearest, quoted
from regcli.errors import DataError

if TYPE_CHECKING:
    from regcli.data.files.raw_tables import RawTable

_NAMED = 24
"""Columns that a message names at most."""
CACHE = "cache"
"""The folder within that of the runs for rows that do not fit into memory."""


def load_table(config: Dataset, base: Path, cache: Path | None = None) -> Table:
    """Every row of the data set that a config names.

    Args:
        config: the `dataset` section.
        base: the folder that a relative `file` starts from, which is the config's own.
        cache: the folder for rows that do not fit into memory; None for that of the runs' folder.

    Raises:
        DataError: there is no such data set, or the file cannot be read or trained on.
    """
    if config.file is None:
        return load_named(str(config.name), config.task)
    if config.has_images:
        table = _load_images(config, base)
    else:
        table = _load_files(config, base, cache or usual_cache())
    if config.has_columns:
        from regcli.data.profile.loaded_tables import warnings_of

        warnings = warnings_of(table)
        table = replace(table, notes=(*table.notes, *warnings.all), leaks=warnings.leaks)
    if config.true_columns is None:
        return table
    path = locate(config.file, base)
    return replace(table, true_columns=_true_columns(config.true_columns, table.features, path))


def usual_cache() -> Path:
    """The folder for rows that do not fit into memory, where nobody names the runs' folder."""
    return Path(os.environ.get("REGCLI_RUNS") or "runs") / CACHE


def _true_columns(chosen: Sequence[str], features: Features, path: Path) -> tuple[str, ...]:
    """The named columns, and inputs of categories, in the data's order.

    Raises:
        DataError: there is no such column.
    """
    known = [name for column in features.columns for name in _true_names(features, column)]
    named = [composed(name) for name in chosen]
    for name in named:
        if name not in known:
            there = ", ".join(known[:_NAMED])
            advice = nearest(name, known) or f"; known: {there}"
            raise DataError(
                f"{path}: true_columns must name inputs, there is no column {quoted(name)}{advice}"
            )
    return tuple(name for name in known if name in named)


def _true_names(features: Features, column: str) -> Iterator[str]:
    yield column
    if (kind := features.kind(column)).name == "category":
        yield from (f"{column}={value}" for value in kind.values)


def _load_files(config: Dataset, base: Path, cache: Path) -> Table:
    """The rows of the config's file, and of the files that validation and test rows are in."""
    named = {0: config.file, 1: config.validation, 2: config.test}
    files = {part: locate_all(name, base) for part, name in named.items() if isinstance(name, str)}
    every = [path for paths in files.values() for path in paths]
    for path in every:
        if is_folder(path) and may_be_folder(path.name):
            raise DataError(
                f"{path}: must be a file, it is a folder; if it has a sub-folder of images for "
                "each class, remove target, which these are"
            )
        require_regular_file(path)
    for some, others in itertools.combinations(files.values(), 2):
        for one, other in itertools.product(some, others):
            if one.samefile(other):
                raise DataError(f"{other}: must not be the rows of two parts")
    kind = _kind_of_all(every)
    own = locate(str(config.file), base)
    if kind == ARRAYS_ENDING:
        for name, paths in zip(named.values(), files.values(), strict=False):
            if len(paths) > 1:
                raise DataError(f"{base / str(name)}: must be one file of arrays, not a pattern")
        return archives.load_npz({part: paths[0] for part, paths in files.items()}, config.task)
    # Imported here because polars takes a quarter of a second, which only these files need.
    from regcli.data.columns.column_rules import ColumnRules
    from regcli.data.columns.roles import Roles
    from regcli.data.files.table_files import load_table_files
    from regcli.data.scanned.scan_choice import is_scanned
    from regcli.data.scanned.scanned_table import scan_table

    roles, rules, asked = Roles.of(config), ColumnRules.of(config), AskedDialect.of(config)
    if len(every) == 1 and kind in ("text", ".parquet") and is_scanned(own, roles, asked):
        return scan_table(own, roles, rules, asked, cache)
    return load_table_files(files, roles, rules, asked, own)


def _load_images(config: Dataset, base: Path) -> Table:
    """The images of the config's folder, and of the folders of validation and test rows."""
    named = {0: str(config.file), 1: config.validation, 2: config.test}
    folders = {part: locate(name, base) for part, name in named.items() if isinstance(name, str)}
    for folder in folders.values():
        _require_folder(folder)
    for one, other in itertools.combinations(folders.values(), 2):
        if one.samefile(other):
            raise DataError(f"{other}: must not be the rows of two parts")
    require_pillow(folders[0])
    # Imported here because Pillow need not be installed.
    from regcli.data.images.image_tables import load_images

    return load_images(folders, config)


def _require_folder(path: Path) -> None:
    """Refuse anything but a folder.

    Raises:
        DataError: says what is there instead, and which files could be.
    """
    if not is_folder(path):
        require_regular_file(path)
        _kind_of_all([path])
        raise DataError(f"{path}: must be a folder of images, it is a file")


def load_raw(file: str, base: Path, target: str = "", asked: Dataset | None = None) -> "RawTable":
    """The columns of a file, or of all files of a pattern, before it is known what they are for.

    Args:
        file: as a config would name it; of columns.
        base: the folder that it starts from.
        target: the column to predict, in composed form; empty where it is not chosen yet.
        asked: what a person has said of how the file is written, and of columns to leave out.

    Raises:
        DataError: the file cannot be read, or has no columns.
    """
    from regcli.data.files.raw_tables import read_raw

    paths = locate_all(file, base)
    for path in paths:
        require_regular_file(path)
    if _kind_of_all(paths) == ARRAYS_ENDING:
        raise DataError(f"{paths[0]}: must be a table with column names, such as CSV, got arrays")
    return read_raw(paths, locate(file, base), target, asked)


def _kind_of_all(paths: Sequence[Path]) -> str:
    """What files hold, all of them the same.

    Raises:
        DataError: they do not, or it is not known.
    """
    first = paths[0]
    kind = _kind(first)
    for path in paths:
        if _kind(path) != kind:
            raise DataError(f"{path}: must end in {first.suffix.lower()} like {first.name}")
    if not kind:
        raise DataError(
            f"{first}: must end in .csv, .tsv, .txt, .parquet, .xlsx or .npz, or be a folder of "
            f"images; got {quoted(first.suffix)}"
        )
    return kind


def _kind(path: Path) -> str:
    """What a file holds, by its ending; empty where that says nothing."""
    if is_text_file(path.name):
        return "text"
    ending = path.suffix.lower()
    return ending if ending in (".parquet", ".xlsx", ARRAYS_ENDING) else ""
