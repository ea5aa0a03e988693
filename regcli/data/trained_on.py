"""What a run was trained on, as far as new rows have to be like it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from regcli.config.dataset_section import Dataset
from regcli.config.problems import composed
from regcli.data.preparing.preparation import Preparation
from regcli.data.preparing.training_ranges import TrainingRanges

_OF_SHIPPED, _OF_ARRAYS = "target", "y"
"""The column with the truth where a config names none: of shipped data sets, and of arrays."""


@dataclass(frozen=True)
class TrainedOn:
    """A run's data, without its rows.

    Attributes:
        dataset: the section of its config.
        preparation: from columns to inputs, as it was fitted.
        classes: of its target; empty for a quantity.
        shape: of one row as the model takes it, noise columns included.
        dialect: how its file was written, as `Table.dialect`.
        ranges: of its columns in the training rows; None where they were not kept.
    """

    dataset: Dataset
    preparation: Preparation
    classes: tuple[str, ...]
    shape: tuple[int, ...]
    dialect: Mapping[str, str] = field(default_factory=dict)
    ranges: TrainingRanges | None = None

    @property
    def target(self) -> str:
        """The column that has the truth, if the file has it."""
        if self.dataset.target_column is not None:
            return composed(self.dataset.target_column)
        return _OF_ARRAYS if self.dataset.file else _OF_SHIPPED

    @property
    def takes_arrays(self) -> bool:
        """Whether rows may come without the names of their columns."""
        return not self.dataset.has_columns

    @property
    def takes_images(self) -> bool:
        """Whether rows may be image files: they are pixels from 0 to 255, with a channel axis."""
        is_pixels = self.dataset.has_images or self.dataset.scale == "pixels"
        return is_pixels and len(self.shape) == 3 and self.shape[-1] in (1, 3)

    @property
    def row_shape(self) -> tuple[int, ...]:
        """Shape of one row as a file of arrays has it."""
        return (len(self.preparation.columns),) if len(self.shape) == 1 else self.shape
