"""The `dataset` section: where the rows come from, and how they are split and scaled."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from regcli.config import catalogue
from regcli.config.column_keys import ColumnType, DatePart, Missing
from regcli.config.data_files import holds_arrays, holds_columns, may_be_folder
from regcli.config.dialect_keys import (
    SEPARATOR_WORDS,
    THOUSANDS_WORDS,
    Cell,
    Comment,
    Decimal,
    Encoding,
    Separator,
    Thousands,
    is_text_file,
)
from regcli.config.image_keys import ImageSize
from regcli.config.problems import composed
from regcli.config.row_keys import Fold, PartOfRows
from regcli.config.section import WHOLE, Count, Section, Seed, broken_rule
from regcli.config.target_keys import Target, TargetColumn


def _true_or_none(value: bool | None) -> bool | None:
    """None for what is not switched on, so that both ways to write it make the same run."""
    return value or None


def _is_folder_of_images(file: object, target: object) -> bool:
    return isinstance(file, str) and file != "" and target is None and may_be_folder(file)


class Dataset(Section):
    """Where the rows come from, how they are split, and how they are scaled."""

    name: str | None = Field(
        None,
        description="Name of a data set that comes with regcli, or that another package keeps on "
        "this machine.",
        json_schema_extra={"enum": [*catalogue.NAMED_DATASETS, None]},
    )
    file: str | None = Field(
        None,
        description="A CSV, TSV, TXT, Parquet, Excel or NPZ file, relative to the config. Text may "
        "be compressed (.csv.gz, .csv.zst). A pattern such as data/part-*.csv names several files "
        "of the same columns. Or a folder with a sub-folder of images for each class.",
    )
    image_size: ImageSize | None = Field(
        None,
        description="Height and width, in pixels, that the images of a folder are resized to. "
        "Default: their own size, which must be the same for all.",
    )
    channels: Literal["grey", "rgb"] | None = Field(
        None,
        description="Channels of the images of a folder: grey is 1, rgb is 3. Default: grey where "
        "all are grey.",
    )
    separator: Separator | None = Field(
        None,
        description="Mark between the columns of a text file, or its name. Default: the one that "
        "the header shows.",
        json_schema_extra={"enum": [*SEPARATOR_WORDS]},
    )
    decimal: Decimal | None = Field(
        None,
        description="Decimal mark of the numbers in a text file. Default: the point, or the comma "
        "where numbers show that.",
    )
    thousands: Thousands | None = Field(
        None,
        description="Mark between the thousands of the numbers in a text file. Default: none, or "
        "the one that numbers show.",
        json_schema_extra={"enum": [*THOUSANDS_WORDS]},
    )
    encoding: Encoding | None = Field(
        None,
        description="Encoding of a text file, such as cp1252. Default: UTF-8, or the one that its "
        "bytes show.",
    )
    comment: Comment | None = Field(
        None,
        description="What the comment lines of a text file begin with; they are left out. Default: "
        "none, or # where the file begins so.",
    )
    null_values: Annotated[tuple[Cell, ...], Field(strict=False)] | None = Field(
        None,
        description="Cells that mean a missing value, in any case of letters, instead of the usual "
        "ones (NA, ?, null and the like). An empty cell always does.",
    )
    target: Target | None = Field(
        None,
        description="The column to predict; not used for NPZ files, which hold y, nor for folders "
        "of images. A mapping also says how a quantity is scaled: {column: price, log: true}.",
    )
    weights: str | None = Field(
        None,
        description="A column of the file with a weight for each row, 0 or more, which multiplies "
        "the row's loss in training. It is no input.",
    )
    drop: Annotated[tuple[str, ...], Field(strict=False)] | None = Field(
        None, description="Columns of the file that are not used at all."
    )
    columns: Annotated[tuple[str, ...], Field(strict=False)] | None = Field(
        None, description="The only columns of the file that are inputs. Not used with drop."
    )
    types: Mapping[str, ColumnType] | None = Field(
        None,
        description="What columns are read as, by name; an order of values is written "
        "{ordinal: [S, M, L]}.",
    )
    dates: (
        Annotated[tuple[Annotated[DatePart, Field(title="parts")], ...], Field(strict=False)] | None
    ) = Field(
        None,
        description="Inputs that a column of dates becomes: year, month, weekday (1 for Monday), "
        "elapsed (days since the earliest training row). Without it, dates are refused that "
        "types does not name.",
    )
    max_categories: Count | None = Field(
        None,
        description="The most frequent categories of a column's training rows that have an input "
        "each; the others share the input 'other'. By default all have one, at most 1000.",
    )
    missing: Missing | None = Field(
        None,
        description="What is done about gaps in inputs: error (the default), drop (leave the rows "
        "out, also those without a target), mean, median, most_frequent, or indicator (the mean, "
        "and an input that says where it was missing). Categories take the most frequent value for "
        "mean and median. A mapping has a rule by column, and 'default' for the others.",
    )
    task: Literal["classification", "regression"] | None = Field(
        None, description="Classification or regression; by default it follows from the target."
    )
    test: PartOfRows = Field(
        0.2,
        description="Rows held out for testing: a fraction of all, 0 for none, or a file of the "
        "same columns.",
    )
    validation: PartOfRows = Field(
        0.2,
        description="Rows held out for validation, which ranks the settings: a fraction of all, "
        "0 for none, or a file of the same columns.",
    )
    train_on_validation: Annotated[bool | None, AfterValidator(_true_or_none)] = Field(
        None,
        description="Train on the validation rows too, once a setting is chosen: for the model to "
        "predict with. The test rows stay the same, and stay apart.",
    )
    groups: str | None = Field(
        None,
        description="A column of the file, such as a patient or a site, whose rows stay together: "
        "all of a group train, or none. It is no input.",
    )
    time: str | None = Field(
        None,
        description="A column of the file that says when each row was: the latest rows test, those "
        "before them validate, and folds train on what came before them. It is no input.",
    )
    fold: Fold | None = Field(
        None,
        description="The fold that is held out for validation, in place of a fraction. "
        "sweep.folds sets it for each run.",
    )
    scale: Literal["none", "standard", "minmax", "robust", "quantile", "pixels"] = Field(
        "standard",
        description="Scaling of the input columns, fitted on the training rows only: mean and "
        "standard deviation, range, median and quartiles, or ranks; or pixels: division by 255, "
        "which is the default for folders and data sets of images. Not used where an Embedding "
        "takes the inputs.",
    )
    noise_features: Annotated[int, Field(ge=0, le=100_000), WHOLE] = Field(
        0, description="Number of irrelevant, random columns to add."
    )
    true_columns: Annotated[tuple[str, ...], Field(strict=False)] | None = Field(
        None,
        description="Columns of a file that the target is known to depend on, as in simulated "
        "data. The active inputs of each run are compared with them (precision and recall).",
    )
    positive: Cell | None = Field(
        None,
        description="The positive class of a target with two classes, for precision, recall, F1 "
        "and average precision. Default: the second class.",
    )
    seed: Seed = Field(0, description="Seed for the split and the noise columns.")

    @model_validator(mode="before")
    @classmethod
    def _scale_of_images(cls, given: object) -> object:
        """Images are divided by 255 unless the config says otherwise."""
        if not isinstance(given, dict) or "scale" in given:
            return given
        scale = catalogue.DEFAULT_SCALES.get(str(given.get("name")))
        if _is_folder_of_images(given.get("file"), given.get("target")):
            scale = "pixels"
        return given if scale is None else {**given, "scale": scale}

    @property
    def has_columns(self) -> bool:
        """Whether the rows are of a file whose columns have names."""
        return self.file is not None and not holds_arrays(self.file) and not self.has_images

    @property
    def has_images(self) -> bool:
        """Whether the rows are images in a folder."""
        return _is_folder_of_images(self.file, self.target)

    @property
    def asked_size(self) -> tuple[int, int] | None:
        """Height and width that images are resized to."""
        return None if self.image_size is None else (self.image_size[0], self.image_size[1])

    @property
    def target_column(self) -> str | None:
        """The name of the column to predict; None where the data has its own target."""
        return self.target.column if isinstance(self.target, TargetColumn) else self.target

    @property
    def target_settings(self) -> TargetColumn:
        """The column to predict with what is done to it, however it is written."""
        given = self.target
        return given if isinstance(given, TargetColumn) else TargetColumn(column=given)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.name is None) == (self.file is None):
            given = "neither" if self.name is None else "both"
            rule = f"needs either name (a shipped data set) or file, got {given}"
            raise broken_rule(rule, "name", "file")
        if self.target_column is not None and self.file is None:
            rule = "target requires file (a shipped data set has its own target)"
            raise broken_rule(f"{rule}, got target '{self.target_column}'", "target", "name")
        if self.has_columns and self.target_column is None:
            rule = "file requires target, the column to predict"
            raise broken_rule(f"{rule}; got file '{self.file}' without target", "file")
        if self.true_columns is not None and self.file is None:
            rule = "true_columns requires file (the true columns of a shipped data set are known)"
            raise broken_rule(f"{rule}, got name '{self.name}'", "true_columns", "name")
        return self

    @model_validator(mode="after")
    def _text_as_it_is_written(self) -> Self:
        keys = ("separator", "decimal", "thousands", "encoding", "comment")
        for key in keys:
            given = getattr(self, key)
            if given is not None and not (self.file and is_text_file(self.file)):
                rule = f"{key} requires a file of text, such as CSV"
                raise broken_rule(f"{rule}; got {key}: {given!r}", key)
        if self.null_values is not None and not (self.file and holds_columns(self.file)):
            rule = "null_values requires a file with columns, such as CSV or Parquet"
            raise broken_rule(rule, "null_values")
        if self.thousands is not None and self.thousands == self.decimal:
            rule = "decimal and thousands must be different marks"
            raise broken_rule(f"{rule}, got {self.decimal!r} for both", "decimal", "thousands")
        return self

    @model_validator(mode="after")
    def _images(self) -> Self:
        for key in ("image_size", "channels"):
            if getattr(self, key) is not None and not self.has_images:
                got = f"name '{self.name}'" if self.file is None else f"file '{self.file}'"
                if self.file is not None and self.target is not None:
                    got = f"{got} with target '{self.target_column}'"
                raise broken_rule(f"{key} requires a folder of images; got {got}", key)
        if self.scale == "pixels" and self.noise_features:
            rule = "noise_features requires another scale than pixels"
            raise broken_rule(f"{rule}, got {self.noise_features}", "noise_features", "scale")
        return self

    @model_validator(mode="after")
    def _rows_to_train_on(self) -> Self:
        shares = [share for share in (self.test, self.validation) if not isinstance(share, str)]
        if sum(shares) >= 1:
            given = " + ".join(f"{share:g}" for share in shares)
            rule = "test + validation must be below 1 to leave rows to train on"
            raise broken_rule(f"{rule}, got {given}", "test", "validation")
        return self

    @model_validator(mode="after")
    def _columns_of_a_file(self) -> Self:
        is_table = self.has_columns
        roles = [("groups", self.groups), ("time", self.time), ("weights", self.weights)]
        target = composed(self.target_column or "")
        dropped = [("drop", column) for column in self.drop or ()]
        inputs = [("columns", column) for column in self.columns or ()]
        typed = [("types", column) for column in self.types or ()]
        for key, column in [*roles, *dropped, *inputs, *typed]:
            if column is not None and not is_table:
                rule = f"{key} requires a file with columns, such as CSV or Parquet"
                raise broken_rule(f"{rule}; got {key}: {column}", key)
            if column is not None and composed(column) == target:
                raise broken_rule(f"{key} must not be the target, got {column}", key, "target")
        self._inputs_of_a_file(is_table)
        for key, column in roles:
            for other, named in (("drop", self.drop), ("columns", self.columns)):
                if column is not None and composed(column) in map(composed, named or ()):
                    rule = f"{other} must not name {key}, got {column}"
                    raise broken_rule(rule, other, key)
        if self.groups is not None and self.time is not None:
            rule = "groups and time must not be combined"
            raise broken_rule(f"{rule}; got groups: {self.groups}, time: {self.time}", "time")
        for key, column in (("groups", self.groups), ("time", self.time)):
            if column and self.weights and composed(column) == composed(self.weights):
                rule = f"weights must not be the column of {key}, got {column}"
                raise broken_rule(rule, "weights", key)
        for key, part in (("test", self.test), ("validation", self.validation)):
            if isinstance(part, str) and self.file is None:
                rule = f"{key} must be a fraction for a shipped data set"
                raise broken_rule(f"{rule}, got the file '{part}'", key, "name")
        return self

    def _inputs_of_a_file(self, is_table: bool) -> None:
        """Refuse rules for the columns of a table where there is none, or that contradict."""
        for key, named in (("columns", self.columns), ("dates", self.dates)):
            if named == ():
                raise broken_rule(f"{key} must not be empty; remove it for the default", key)
        given = {
            "dates": self.dates,
            "max_categories": self.max_categories,
            "missing": self.missing,
        }
        for key, value in given.items() if not is_table else ():
            if value is not None:
                raise broken_rule(
                    f"{key} requires a file with columns, such as CSV or Parquet", key
                )
        if self.columns is not None and self.drop is not None:
            raise broken_rule("columns and drop must not be combined", "columns", "drop")
