"""What decides how rows are trained on, beside their values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RowForm:
    """What decides how rows are trained on, beside their values.

    Attributes:
        joins_inputs: whether several inputs were made of one column, so that they are one group.
        is_in_windows: whether they are too many to be shuffled as a whole; see `data.row_order`.
    """

    joins_inputs: bool = False
    is_in_windows: bool = False


USUAL_FORM = RowForm()
