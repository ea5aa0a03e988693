"""Coefficients of several runs: those of one column stand together."""

import numpy as np

from regcli.report.pages.coefficients_section import aligned
from regcli.results.coefficients import Coefficients


def of(columns: tuple[str, ...], *values: float) -> Coefficients:
    scaled = np.array(values).reshape(-1, 1)
    return Coefficients(columns, (), scaled, scaled, np.zeros(1))


def test_folds_with_as_many_other_columns_are_put_together_by_name() -> None:
    """A category that is rare has its column in the folds that trained on it."""
    one = of(("age", "city=a", "city=b"), 1.0, 2.0, 3.0)
    other = of(("city=a", "city=c", "age"), 20.0, 40.0, 10.0)
    columns, stacked = aligned([one, other])
    assert columns == ["age", "city=a"]
    assert stacked[:, :, 0].tolist() == [[1.0, 2.0], [10.0, 20.0]]


def test_runs_with_other_columns_alone_have_none_in_common() -> None:
    assert aligned([of(("a",), 1.0), of(("b",), 2.0)])[0] == []
