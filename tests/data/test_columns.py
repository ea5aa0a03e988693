"""What columns are read as: gaps, types that the config gives, dates."""

import datetime
import re
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from prepared import inputs_of

from regcli.config.column_keys import Ordinal
from regcli.config.dataset_section import Dataset
from regcli.data.features import Kind
from regcli.data.splits import split
from regcli.errors import DataError


def refusal(load, *given: Any, **options: Any) -> list[str]:
    """The messages without the file's folder."""
    with pytest.raises(DataError) as refused:
        load(*given, **options)
    return [re.sub(r"^.*/(?=data\.)", "", line) for line in refused.value.problems]


GAPS = {
    "age": [1.5, None, 3.0, 4.0, 5.0, 6.0],
    "plan": ["a", "NA", "b", "a", "b", None],
    "vip": [True, None, False, True, True, False],
    "y": [0, 1, 0, 1, 0, 1],
}
NAN = float("nan")


@pytest.fixture(params=["csv", "parquet"])
def load(request, load_csv, load_parquet):
    def as_csv(columns, /, **options):
        return load_csv(pl.DataFrame(columns).write_csv(), **options)

    return as_csv if request.param == "csv" else load_parquet


ONE_LEFT = (
    "class '1' has 1 row, which trains and is never scored; leave rare classes out, or give them "
    "one name"
)


class TestGaps:
    def test_they_are_kept_where_something_is_done_about_them(self, load):
        table = load(GAPS, missing="mean")
        expected = [[1.5, 0, 1], [NAN, NAN, NAN], [3, 1, 0], [4, 0, 1], [5, 1, 1], [6, NAN, 0]]
        np.testing.assert_array_equal(table.x, expected)
        assert table.kinds == {"plan": Kind("category", ("a", "b")), "vip": Kind("boolean")}
        assert table.notes == ()

    def test_all_of_them_are_told_at_once_with_what_can_be_done(self, load):
        some = "fill the gaps, leave the rows out, or set dataset.missing"
        one = "fill the gap, leave the row out, or set dataset.missing"
        name = "data.csv" if load.__name__ == "as_csv" else "data.parquet"
        assert refusal(load, GAPS) == [
            f"{name}: column 'age' must have a value in every row, row 2 of 6 has none; {one}",
            f"{name}: column 'plan' must have a value in every row, 2 of 6 rows have none, the "
            f"first of them row 2 with 'NA'; {some}",
            f"{name}: column 'vip' must have a value in every row, row 2 of 6 has none; {one}",
        ]

    def test_some_columns_may_have_them(self, load):
        missing = {"default": "median", "plan": "error"}
        (fault,) = refusal(load, GAPS, missing=missing)
        assert "column 'plan' must have a value in every row" in fault

    def test_rows_are_left_out_whole(self, load):
        columns = GAPS | {"site": ["u", "u", "v", "v", "w", "w"]}
        table = load(columns, missing="drop", groups="site")
        assert table.notes == ("2 of 6 rows left out for gaps in 'age', 'plan', 'vip'", ONE_LEFT)
        assert table.x.tolist() == [[1.5, 0, 1], [3, 1, 0], [4, 0, 1], [5, 1, 1]]
        assert table.y.tolist() == [0, 0, 1, 0]
        assert table.origin is not None
        assert table.origin.groups is not None
        assert table.origin.groups.tolist() == [0, 1, 1, 2]

    def test_rows_are_left_out_for_the_gaps_of_some_columns_alone(self, load):
        table = load(GAPS, missing={"default": "mean", "plan": "drop"})
        assert table.notes == ("2 of 6 rows left out for gaps in 'plan'", ONE_LEFT)
        assert len(table.x) == 4
        assert np.isnan(table.x).sum() == 0

    def test_a_class_that_no_row_is_left_of_is_none(self, load):
        columns = {"a": [1, 2, None, 4, 5], "y": ["u", "v", "w", "u", "v"]}
        table = load(columns, missing="drop")
        assert (table.classes, table.y.tolist()) == (("u", "v"), [0, 1, 0, 1])

    def test_rows_must_be_left(self, load):
        (fault,) = refusal(load, {"a": [1, None, 3], "b": [None, 2, 4], "y": [0, 1, 1]},
                           missing="drop")  # fmt: skip
        assert fault.endswith(": must have at least 2 rows without gaps for missing: drop, got 1")

    def test_a_table_with_gaps_is_another_one_than_without(self, load):
        whole = {"a": [1.0, 2, 3], "b": [True, False, True], "y": [0, 1, 0]}
        gaps = whole | {"b": [True, None, True]}
        prints = {load(columns, missing="mean").fingerprint for columns in (whole, gaps)}
        numbers = {load(c | {"b": [1, b, 1]}, missing="mean").fingerprint
                   for c, b in ((whole, 0), (gaps, None))}  # fmt: skip
        # A boolean and a number are the same without gaps, which are filled in other ways.
        assert len(prints) == len(numbers) == 2
        assert len(prints | numbers) == 3

    def test_infinity_is_no_gap(self, load):
        (fault,) = refusal(load, {"a": [1.5, float("inf"), 2], "y": [0, 1, 0]}, missing="mean")
        assert fault.endswith("must hold finite numbers of at most 3.4e38, row 2 of 3 has inf")


class TestTypes:
    def test_a_column_of_digits_may_be_a_category(self, load_csv):
        table = load_csv("zip,y\n01,0\n1,1\n01,0\n2,1\n", types={"zip": "category"})
        assert inputs_of(table)[0] == ("zip=01", "zip=1", "zip=2")

    def test_numbers_of_a_typed_file_may_be_categories(self, load_parquet):
        table = load_parquet({"zip": [3, 5, 3], "y": [0, 1, 0]}, types={"zip": "category"})
        assert inputs_of(table) == (("zip=5",), [[0], [1], [0]])

    @pytest.mark.parametrize(
        ("values", "names"),
        [
            ([7, 8, None, 7], ("7", "8")),
            ([7.0, 8.0, None, 7.0], ("7", "8")),
            ([7.0, 8.0, NAN, 7.0], ("7", "8")),
            ([-0.0, 0.0, 1e300, 1.5], ("0", "1.5", "1e+300")),
            ([Decimal("7.00"), Decimal("8.50"), None, None], ("7", "8.5")),
        ],
    )
    def test_a_whole_number_is_one_category_whatever_its_type(self, load_parquet, values, names):
        columns = {"z": values, "y": [0, 1, 0, 1]}
        table = load_parquet(columns, types={"z": "category"}, missing="most_frequent")
        assert table.kinds["z"].values == names

    def test_floats_may_have_an_order(self, load_parquet):
        columns = {"z": [1.0, None, 3.0, 2.0], "y": [0, 1, 0, 1]}
        types = {"z": {"ordinal": [1.0, 2, "3"]}}
        table = load_parquet(columns, types=types, missing="most_frequent")
        np.testing.assert_array_equal(table.x, [[0], [NAN], [2], [1]])

    def test_a_category_may_look_like_anything(self, load):
        columns = {"a": ["$5", "2024-01-01", "5 kg"], "y": [0, 1, 0]}
        table = load(columns, types={"a": "category"})
        assert table.kinds["a"].values == ("$5", "2024-01-01", "5 kg")

    def test_orders_are_numbers_from_0(self, load):
        columns = {"size": ["M", "S", None, "L"], "y": [0, 1, 0, 1]}
        types = {"size": Ordinal(ordinal=("S", "M", "L"))}
        table = load(columns, types=types, missing="most_frequent")
        np.testing.assert_array_equal(table.x, [[1], [0], [NAN], [2]])

    @pytest.mark.parametrize(
        "words", [("yes", "no"), ("True", "false"), ("T", "F"), ("1", "0"), ("Y", "n")]
    )
    def test_booleans_are_one_input_of_their_name(self, load, words):
        columns = {"flag": [words[0], words[1], words[1]], "y": [0, 1, 0]}
        table = load(columns, types={"flag": "boolean"})
        assert (table.columns, table.x.tolist()) == (("flag",), [[1], [0], [0]])

    def test_text_of_numbers_may_be_numbers(self, load_parquet):
        table = load_parquet({"a": ["1.5", " 2", "3"], "y": [0, 1, 0]}, types={"a": "number"})
        assert (table.kinds, table.x.tolist()) == ({}, [[1.5], [2], [3]])

    @pytest.mark.parametrize(
        ("values", "asked", "fault"),
        [
            (
                ["S", "XL", "S", "XL"],
                Ordinal(ordinal=("S", "M")),
                "must hold the values of its order, 'S', 'M', 2 of 4 rows do not, the first of "
                "them row 2 with 'XL'",
            ),
            (
                ["yes", "no", "maybe", "no"],
                "boolean",
                "must hold yes and no, true and false, or 1 and 0, row 3 of 4 has 'maybe'",
            ),
            (
                ["1", "2", "x", "4"],
                "number",
                "must hold numbers as dataset.types says, row 3 of 4 has 'x'",
            ),
            (
                ["2024-01-01", "2024-01-02", "soon", "2024-01-04"],
                "date",
                "must hold dates of one form, such as 2024-01-31, row 3 of 4 has 'soon'",
            ),
            (
                ["01/02/2024", "03/04/2024", "05/06/2024", "05/06/2024"],
                "date",
                "must hold dates that can be read in one way, '01/02/2024' may be 2024-02-01 or "
                "2024-01-02; write dates like 2024-01-31",
            ),
        ],
    )
    def test_what_is_not_of_its_type_is_told(self, load, values, asked, fault):
        (said,) = refusal(load, {"a": values, "y": [0, 1, 0, 1]}, types={"a": asked})
        assert said.partition("column 'a' ")[2] == fault

    def test_too_many_categories_are_pooled_or_refused(self, load):
        columns = {"w": [f"w{row % 1001}" for row in range(2002)], "y": [0, 1] * 1001}
        assert len(load(columns, max_categories=9).kinds["w"].values) == 1001
        (said,) = refusal(load, columns, types={"w": "category"})
        assert said.partition("column 'w' ")[2] == (
            "must have at most 1000 categories, it has 1001; leave the column out with "
            "dataset.drop, or pool rare categories with dataset.max_categories"
        )

    @pytest.mark.parametrize(
        ("name", "options"),
        [
            ("w=b", {}),
            ("w=other", {"max_categories": 2}),
            ("w missing", {"missing": "indicator"}),
            ("day year", {"types": {"day": "date"}}),
        ],
    )
    def test_an_input_must_not_have_the_name_of_a_column(self, load, name, options):
        day = "2024-01-31" if options.get("types") else "u"
        columns = {"w": ["a", "b", "a", "b"], "day": [day, day, day, day], name: [1, 2, 3, 5]}
        columns["y"] = [0, 1, 0, 1]
        (said,) = refusal(load, columns, **options)
        assert said.endswith(f": column names must differ, {name!r} appears more than once")

    def test_only_the_columns_that_are_named_are_inputs(self, load):
        columns = {"a": [1, 2, 3], "note": ["$5", "x", None], "b": [4, 5, 7], "y": [0, 1, 0]}
        table = load(columns, columns=("b", "a"))
        assert table.columns == ("a", "b")

    @pytest.mark.parametrize(
        ("options", "key"),
        [
            ({"columns": ("a", "agee")}, "columns"),
            ({"types": {"agee": "number"}}, "types"),
            ({"missing": {"agee": "mean"}}, "missing"),
        ],
    )
    def test_columns_that_are_named_must_be_there(self, load, options, key):
        (said,) = refusal(load, {"a": [1, 2], "age": [3, 4], "y": [0, 1]}, **options)
        assert said.partition(": ")[2] == (
            f"must have the column 'agee' of dataset.{key}; did you mean 'age'?"
        )


DAYS = [datetime.date(2024, 2, 29), datetime.date(2023, 12, 31), datetime.date(2024, 3, 1)]
PARTS = ("year", "month", "weekday", "elapsed")
AS_INPUTS = [[2024, 2, 4, 60], [2023, 12, 7, 0], [2024, 3, 5, 61]]


class TestDates:
    def prepared(self, table, **options):
        config = Dataset(file="t.csv", target="y", test=0, validation=0, scale="none", **options)
        splits = split(table, config)
        return splits.columns, splits.train.x.tolist()

    def test_they_become_the_parts_that_are_asked_for(self, load):
        table = load({"when": DAYS, "y": [0, 1, 0]}, dates=PARTS)
        names = ("when year", "when month", "when weekday", "when elapsed")
        assert self.prepared(table, dates=PARTS) == (names, AS_INPUTS)
        some = self.prepared(table, dates=("elapsed", "month"))
        assert some == (("when elapsed", "when month"), [[row[3], row[1]] for row in AS_INPUTS])

    @pytest.mark.parametrize(
        "form",
        ["%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m-%d-%Y", "%d %B %Y", "%b %d, %Y", "%Y-%m-%d",
         "%d.%m.%Y %H:%M"],
    )  # fmt: skip
    def test_text_is_read_by_the_one_form_that_all_have(self, load, form):
        written = [f"{day:{form}}" for day in DAYS]
        table = load({"when": written, "y": [0, 1, 0]}, types={"when": "date"})
        assert self.prepared(table)[1] == AS_INPUTS

    def test_times_are_fractions_of_days_by_the_clock_on_the_wall(self, load_parquet):
        moments = pl.Series([datetime.datetime(2024, 1, 31, 18), datetime.datetime(2024, 2, 1, 6)])
        table = load_parquet(
            {"at": moments.dt.replace_time_zone("America/New_York"), "y": [0, 1]}, dates=PARTS
        )
        assert self.prepared(table, dates=PARTS)[1] == [[2024, 1, 3, 0], [2024, 2, 4, 0.5]]

    def test_gaps_are_filled_before_parts_are_taken(self, load):
        table = load({"when": [*DAYS, None], "y": [0, 1, 0, 1]}, dates=PARTS, missing="median")
        inputs = self.prepared(table, dates=PARTS, missing="median")[1]
        assert inputs == [*AS_INPUTS, AS_INPUTS[0]]
