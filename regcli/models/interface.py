"""What stands on both sides of a model: the rows that it takes, and the target that it answers."""

from dataclasses import dataclass

from regcli.config.task import Task
from regcli.data.dataset import Splits
from regcli.results.records import DataSummary


@dataclass(frozen=True)
class Interface:
    """What any model of a data set has to take and give.

    Attributes:
        task: what the target asks for.
        outputs: numbers that the target needs for one row.
        input_shape: of one row.
        columns: names of the numbers of a row, (inputs,); for tensors in the order of `ravel`.
        columns_of_inputs: as of `Splits`; None where every input is a column, and where a stored
            model is built again, whose penalty no longer counts.
    """

    task: Task
    outputs: int
    input_shape: tuple[int, ...]
    columns: tuple[str, ...]
    columns_of_inputs: tuple[int, ...] | None = None

    @classmethod
    def of_splits(cls, splits: Splits) -> "Interface":
        """That of the rows which a member is trained on."""
        return cls(
            task=splits.table.task,
            outputs=splits.outputs,
            input_shape=splits.train.x.shape[1:],
            columns=splits.columns,
            columns_of_inputs=splits.columns_of_inputs,
        )

    @classmethod
    def of_summary(cls, data: DataSummary) -> "Interface":
        """That of the rows which a stored run was trained on."""
        outputs = len(data.classes) if data.task == "multiclass" else 1
        return cls(data.task, outputs, data.input_shape, data.columns)
