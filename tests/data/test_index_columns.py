import random

import numpy as np
import pytest

from regcli.data.columns.index_columns import fault_of_index
from regcli.errors import DataError

COUNT = list(range(12))
BY_NAME = (
    "must hold data, it has a name that pandas gives to an index or to an unnamed column; write "
    "the file with index=False, leave the column out with dataset.drop, or rename it"
)
BY_COUNT = (
    "must hold data, its name and values look like row numbers from {} to {}; leave the column "
    "out with dataset.drop, or rename it if it is an input"
)


@pytest.mark.parametrize("name", ["Unnamed: 0", "Unnamed: 0.1", "unnamed: 12", "__index_level_0__"])
@pytest.mark.parametrize("load", ["load_csv", "load_parquet"])
def test_the_index_of_pandas_is_no_input_whatever_it_holds(request, load, name):
    for values in (COUNT, [5, 2, 9] * 4, ["u", "v", "w"] * 4):
        rows = [f"{value},{row % 5},{row % 2}" for row, value in enumerate(values)]
        columns = {name: values, "a": [row % 5 for row in COUNT], "y": [row % 2 for row in COUNT]}
        given = columns if load == "load_parquet" else "\n".join([f"{name},a,y", *rows])
        with pytest.raises(DataError) as refused:
            request.getfixturevalue(load)(given)
        assert str(refused.value).partition(f"column {name!r} ")[2] == BY_NAME


@pytest.mark.parametrize(
    "name", ["index", "Index", "id", "ID", "row", "row_number", "level_0", "No.", "S.No", "...1"]
)
def test_a_column_that_is_named_and_counts_like_an_index_is_none(name):
    shuffled = random.Random(0).sample(COUNT, len(COUNT))
    for values in (COUNT, shuffled):
        numbers = np.array(values)
        assert fault_of_index(name, numbers) == BY_COUNT.format(0, 11)
        assert fault_of_index(name, numbers + 1.0) == BY_COUNT.format(1, 12)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("id", [number + 2 for number in COUNT]),
        ("id", [number * 2 for number in COUNT]),
        ("id", [0, *COUNT[:-1]]),
        ("id", [number + 0.5 for number in COUNT]),
        ("id", None),
        ("id", [0, 1]),
        ("index", [1.0, np.nan, 3.0]),
        ("time", COUNT),
        ("day", COUNT),
        ("x", COUNT),
        ("level", COUNT),
        ("Unnamed", COUNT),
    ],
)
def test_another_name_or_other_values_are_an_input(name, values):
    assert fault_of_index(name, None if values is None else np.array(values)) is None


def test_a_target_may_be_called_anything(load_csv):
    rows = [f"{row % 3},{row}" for row in COUNT]
    assert load_csv("\n".join(["a,id", *rows]), target="id").task == "regression"
