import datetime
import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepared import inputs_of

from regcli.config.dataset_section import Dataset
from regcli.data.features import Kind
from regcli.data.sources import load_table
from regcli.errors import DataError

FILL = "fill the gap, leave the row out, or set dataset.missing"
FILL_ALL = "fill the gaps, leave the rows out, or set dataset.missing"
CATEGORIES = "if they are categories, say so with dataset.types"


def refusal(load, *given, **options) -> str:
    """The message without the file's folder; one line, as every message must be."""
    with pytest.raises(DataError) as refused:
        load(*given, **options)
    message = str(refused.value)
    assert "\n" not in message
    return re.sub(r"^.*/(?=data\.)", "", message)


class TestColumns:
    def test_numbers_and_booleans_stay_and_text_becomes_one_column_a_value(self, load_csv):
        table = load_csv("n,b,t,y\n1,true,red,0\n2.5,false,blue,1\n-3,true,tan,0\n0,true,tan,1\n")
        assert table.columns == ("n", "b", "t")
        assert inputs_of(table) == (
            ("n", "b", "t=blue", "t=red", "t=tan"),
            [[1, 1, 0, 1, 0], [2.5, 0, 1, 0, 0], [-3, 1, 0, 0, 1], [0, 1, 0, 0, 1]],
        )

    def test_two_values_are_one_column_that_is_1_for_the_second(self, load_csv):
        table = load_csv("t,y\nred,0\nblue,1\nred,0\n")
        assert inputs_of(table) == (("t=red",), [[1], [0], [1]])

    def test_parquet_has_the_same_meaning_as_csv(self, load_csv, load_parquet):
        columns = {"n": [1, 2, 3], "b": [True, False, True], "t": ["b", "a", "b"], "y": [0, 1, 0]}
        by_parquet = load_parquet(columns)
        by_csv = load_csv(pl.DataFrame(columns).write_csv())
        np.testing.assert_array_equal(by_parquet.x, by_csv.x)
        assert by_parquet.fingerprint == by_csv.fingerprint

    def test_every_kind_of_number_and_category_of_parquet_is_read(self, load_parquet):
        numbers = [pl.Int8, pl.UInt64, pl.Int128, pl.Float32, pl.Float64, pl.Decimal(10, 2)]
        columns = {str(kind): pl.Series([1, 2, 3], dtype=kind) for kind in numbers}
        categories = {
            "c": pl.Series(["u", "v", "u"], dtype=pl.Categorical),
            "e": pl.Series(["v", "u", "v"], dtype=pl.Enum(["v", "u"])),
        }
        table = load_parquet(columns | categories | {"y": [0, 1, 1]})
        names, rows = inputs_of(table)
        assert names[-2:] == ("c=v", "e=v")
        assert rows == [[1] * 6 + [0, 1], [2] * 6 + [1, 0], [3] * 6 + [0, 1]]

    def test_a_parquet_text_of_digits_stays_text(self, load_parquet):
        table = load_parquet({"code": ["01", "02", "01"], "y": [0, 1, 1]})
        assert table.kinds == {"code": Kind("category", ("01", "02"))}

    def test_the_target_may_stand_anywhere_and_is_no_input(self, load_csv):
        table = load_csv("a,y,b\n1,0,5\n2,1,6\n")
        assert table.columns == ("a", "b")
        assert table.x.tolist() == [[1, 5], [2, 6]]

    def test_large_numbers_keep_their_differences(self, load_csv):
        table = load_csv("time,y\n1700000001,0\n1700000002,1\n")
        assert np.diff(table.x[:, 0]) == [1]

    @given(
        st.lists(
            st.tuples(st.floats(-1e38, 1e38), st.integers(-(2**53), 2**53), st.booleans()),
            min_size=2,
            max_size=20,
        )
    )
    def test_csv_brings_back_the_very_numbers(self, tmp_path_factory, rows):
        folder = tmp_path_factory.mktemp("csv")
        floats, integers, flags = zip(*rows, strict=True)
        y = [index % 2 for index in range(len(rows))]
        frame = pl.DataFrame({"f": floats, "i": integers, "b": flags, "y": y})
        frame.write_csv(folder / "t.csv")
        table = load_table(Dataset(file="t.csv", target="y"), folder)
        expected = np.column_stack(
            [np.array(part, np.float64) for part in (floats, integers, flags)]
        )
        np.testing.assert_array_equal(table.x, expected)


class TestCsv:
    def test_spaces_after_commas_and_around_text_mean_nothing(self, load_csv):
        table = load_csv("a, b, t, y\n1, 2, u, no\n3, 4, v , yes\n5, 6, u, no\n")
        assert table.columns == ("a", "b", "t")
        assert table.kinds == {"t": Kind("category", ("u", "v"))}
        assert table.x.tolist() == [[1, 2, 0], [3, 4, 1], [5, 6, 0]]
        assert table.classes == ("no", "yes")

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("\ufeffa,y\n1,0\n2,1\n", id="byte-order mark"),
            pytest.param("a,y\r\n1,0\r\n2,1\r\n", id="Windows lines"),
            pytest.param("a,y\r1,0\r2,1\r", id="lines of old Macs"),
            pytest.param("a,y\r1,0\r2,1\r\r\r", id="empty lines of old Macs at the end"),
            pytest.param('"a","y"\r"1",0\r2,"1"', id="quoted lines of old Macs"),
            pytest.param("a,y\n1,0\r\n2,1\r\n", id="Windows lines but for the first"),
            pytest.param("a,y\n1,0\n2,1", id="no last line end"),
            pytest.param("a,y\n1,0\n2,1\n\n\n", id="empty lines at the end"),
            pytest.param('"a","y"\n"1","0"\n"2","1"\n', id="all quoted"),
        ],
    )
    def test_is_read_however_it_was_written(self, load_csv, text):
        table = load_csv(text)
        assert (table.columns, table.x.tolist()) == (("a",), [[1], [2]])

    def test_cells_that_are_no_numbers_are_seen_however_late(self, load_csv):
        rows = "1,0\n2,1\n" * 1000
        assert load_csv(f"a,y\n{rows} 3 ,0\n").x[-1] == 3
        assert refusal(load_csv, f"a,y\n{rows},0\n") == (
            "data.csv: column 'a' must have a value in every row, row 2001 of 2001 has none; "
            + FILL
        )
        assert refusal(load_csv, f"a,y\n{rows}x,0\n1,1\n").startswith(
            "data.csv: column 'a' must be all numbers or all text, 1 of 2002 rows hold no "
            "number, the first of them row 2001 with 'x'; "
        )

    def test_rows_are_counted_by_rows_and_not_by_lines(self, load_csv):
        text = 'a,t,y\n1,"u\nu",0\n2,"v\n\nv",1\n3,"u\nu",0\nNA,"u\nu",1\n'
        assert refusal(load_csv, text).endswith(f"row 4 of 4 has 'NA'; {FILL}")

    @pytest.mark.parametrize("truths", [("true", "false"), ("True", "False"), ("TRUE", "FALSE")])
    def test_true_and_false_are_booleans_in_any_case(self, load_csv, truths):
        table = load_csv(f"a,y\n{truths[0]},{truths[1]}\n{truths[1]},{truths[0]}\n")
        assert (table.columns, table.x.tolist()) == (("a",), [[1], [0]])
        assert table.classes == ("False", "True")

    def test_whole_labels_keep_all_their_digits(self, load_csv):
        labels = [2**53 + 1, 2**53 + 2]
        table = load_csv(f"a,y\n1,{labels[0]}\n2,{labels[1]}\n")
        assert table.classes == tuple(map(str, labels))

    def test_a_type_that_shows_late_is_seen(self, load_csv):
        table = load_csv("a,y\n" + "1,0\n" * 2000 + "1.5,1\n")
        assert table.x[-1] == 1.5

    def test_a_column_of_codes_with_and_without_letters_is_text(self, load_csv):
        table = load_csv("a,y\n1,0\n2b,1\n1,0\n2b,1\n")
        assert table.kinds == {"a": Kind("category", ("1", "2b"))}

    def test_marks_of_gaps_without_any_number_are_text(self, load_csv):
        table = load_csv("a,y\n-,0\nnone,1\n-,0\n")
        assert table.kinds == {"a": Kind("category", ("-", "none"))}

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            (
                "\n\na,y\n1,0\n",
                "data.csv: must begin with a line of column names, its first line is empty",
            ),
            (
                b"\x89PNG\r\n\x1a\n\xff\xfe",
                "data.csv: cannot be read as CSV: it is not UTF-8 text; save it as UTF-8, or name "
                "its encoding in dataset.encoding",
            ),
            (
                b"a,y\n" + b"1,0\n" * 9000 + b"\x81,1\n",
                "data.csv: cannot be read as CSV: it is not UTF-8 text; save it as UTF-8, or name "
                "its encoding in dataset.encoding",
            ),
            (
                "a,y\n1,0\n".encode("utf-16-le"),
                "data.csv: cannot be read as CSV: it is not UTF-8 text, it holds NUL bytes like "
                "UTF-16 and binary files; save it as UTF-8, or name its encoding in "
                "dataset.encoding",
            ),
            ("y\n1\n1,0\n", "data.csv: every row must have 1 cell like the header, row 2 has 2"),
            (
                "a,y\n1,0\n1,2,3\n",
                "data.csv: every row must have 2 cells like the header, row 2 has 3",
            ),
            (
                "a,y\n1,0\n2,1\r3,0\r4,1\n",
                "data.csv: cannot be read as CSV: its line endings differ; end every line with "
                "a line feed",
            ),
            (
                'a,5" pipe,y\n1,2,0\n3,4,1\n',
                "data.csv: cannot be read as CSV: a quotation mark is not closed; write a mark "
                "inside a cell twice, and put the cell in quotation marks",
            ),
            (
                ",a,y\n0,1,0\n1,2,1\n",
                "data.csv: every column must have a name, column 1 has none; if it is an index "
                "that pandas wrote, write the file with index=False, or leave it out with "
                "dataset.drop: ['']",
            ),
            (
                "a,a,y\n1,2,0\n3,4,1\n",
                "data.csv: column names must differ, 'a' appears more than once",
            ),
            (
                "a,y,y\n1,2,0\n3,4,1\n",
                "data.csv: column names must differ, 'y' appears more than once",
            ),
            ("a,y\n", "data.csv: must have at least 2 rows, got 0"),
            ("a,y\n1,0\n", "data.csv: must have at least 2 rows, got 1"),
            (
                ",a,,y\n0,1,2,0\n1,2,3,1\n",
                "data.csv: every column must have a name, columns 1, 3 have none; if it is an "
                "index that pandas wrote, write the file with index=False",
            ),
            (
                "a,y\n1,0\n,1\n2,1\n",
                f"data.csv: column 'a' must have a value in every row, row 2 of 3 has none; {FILL}",
            ),
            (
                "a,y\n 1,0\n,1\n 2,1\n",
                f"data.csv: column 'a' must have a value in every row, row 2 of 3 has none; {FILL}",
            ),
            (
                "a,y\n 1,0\n 3,1\n 2,1\n-,0\n",
                "data.csv: column 'a' must have a value in every row, row 4 of 4 has '-'; fill the "
                "gap, leave the row out, or name such cells in dataset.null_values; " + CATEGORIES,
            ),
            (
                "a,y\n1,0\nNA,1\n?,1\n",
                "data.csv: column 'a' must have a value in every row, 2 of 3 rows have none, the "
                f"first of them row 2 with 'NA'; {FILL_ALL}",
            ),
            (
                "a,y\n" + "1,0\n" * 18 + "2,1\n1o,1\n",
                "data.csv: column 'a' must be all numbers or all text, 1 of 20 rows hold no "
                "number, the first of them row 20 with '1o'; write a number in every row, or "
                f"leave the other rows out; {CATEGORIES}",
            ),
            (
                "day,y\n2024-01-01,0\n2024-01-02,1\n",
                "data.csv: column 'day' must hold numbers or categories, 2 of 2 rows hold dates, "
                "the first of them row 1 with '2024-01-01'; set its type to date or category in "
                "dataset.types, or leave the column out with dataset.drop",
            ),
        ],
    )
    def test_a_fault_is_one_line_that_says_where(self, load_csv, text, message):
        assert refusal(load_csv, text) == message

    def test_an_unclosed_quote_is_one_line(self, load_csv):
        for text in ('a,y\n1,0\n"2,1\n3,0\n', "a,y\n1,0\n" * 2000 + '"2,u\n3,v\n', 'a,"y\n1,0\n'):
            assert refusal(load_csv, text) == (
                "data.csv: cannot be read as CSV: a quotation mark is not closed; write a mark "
                "inside a cell twice, and put the cell in quotation marks"
            )


class TestTables:
    """Faults that CSV and Parquet share."""

    @pytest.fixture(params=["csv", "parquet"])
    def load(self, request, load_csv, load_parquet):
        def as_csv(columns, **options):
            return load_csv(pl.DataFrame(columns).write_csv(), **options)

        return as_csv if request.param == "csv" else load_parquet

    @pytest.mark.parametrize(
        ("columns", "message"),
        [
            (
                {"a": [1, 2], "lable": [0, 1]},
                "must have the target column 'label'; did you mean 'lable'?",
            ),
            (
                {"a": [1, 2], "b\n": [0, 1]},
                "must have the target column 'label'; it has 'a', 'b'",
            ),
            (
                {f"c{i}": [1, 2] for i in range(9)},
                "must have the target column 'label'; it has 'c0', 'c1', 'c2', 'c3', 'c4', 'c5', "
                "'c6', 'c7', …",
            ),
            ({"label": [0, 1]}, "must have a column besides the target 'label' to learn from"),
            (
                {"age": [1.5, None, None], "label": [0, 1, 0]},
                "column 'age' must have a value in every row, 2 of 3 rows have none, the first of "
                f"them row 2; {FILL_ALL}",
            ),
            (
                {"age": [1.5, 2.0, float("nan")], "label": [0, 1, 0]},
                f"column 'age' must have a value in every row, row 3 of 3 has none; {FILL}",
            ),
            (
                {"age": [None, True, False], "label": [0, 1, 0]},
                f"column 'age' must have a value in every row, row 1 of 3 has none; {FILL}",
            ),
            (
                {"sex": ["f", "m", None, "f"], "label": [0, 1, 0, 1]},
                f"column 'sex' must have a value in every row, row 3 of 4 has none; {FILL}",
            ),
            (
                {"sex": ["f", "", "f", "f"], "label": [0, 1, 0, 1]},
                f"column 'sex' must have a value in every row, row 2 of 4 has none; {FILL}",
            ),
            (
                {"sex": ["f", "  ", "f", "f"], "label": [0, 1, 0, 1]},
                f"column 'sex' must have a value in every row, row 2 of 4 has none; {FILL}",
            ),
            (
                {"age": [1, 2, 3], "label": [0, None, 1]},
                "column 'label' must have a value in every row, row 2 of 3 has none; fill the gap "
                "or leave the row out, or set dataset.missing: {label: drop}",
            ),
            (
                {"age": [1, 2, 3], "label": ["u", "v", None]},
                "column 'label' must have a value in every row, row 3 of 3 has none; fill the gap "
                "or leave the row out, or set dataset.missing: {label: drop}",
            ),
            (
                {"age": [None, None], "label": [0, 1]},
                "column 'age' must have a value in every row, 2 of 2 rows have none, the first of "
                f"them row 1; {FILL_ALL}",
            ),
            (
                {"age": [1, 2], "label": [1.5, float("inf")]},
                "column 'label' must hold finite numbers of at most 3.4e38, row 2 of 2 has inf",
            ),
            (
                {"age": [1.0, float("-inf")], "label": [0, 1]},
                "column 'age' must hold finite numbers of at most 3.4e38, row 2 of 2 has -inf",
            ),
            (
                {"age": [1.0, 2e39], "label": [0, 1]},
                "column 'age' must hold finite numbers of at most 3.4e38, row 2 of 2 has 2e+39",
            ),
            (
                {"id": ["a", "b", "c"], "label": [0, 1, 0]},
                "column 'id' must be a category with at most 1000 repeated values, it is text "
                "with 3 "
                "different values in 3 rows; leave the column out with dataset.drop",
            ),
            (
                {"word": [f"w{i % 1001}" for i in range(2002)], "label": [0, 1] * 1001},
                "column 'word' must be a category with at most 1000 repeated values, it is text "
                "with 1001 different values in 2002 rows; leave the column out with dataset.drop, "
                "or pool rare categories with dataset.max_categories",
            ),
            (
                {"t": ["u", "v", "u"], "t=u": [1, 2, 3], "label": [0, 1, 0]},
                "column names must differ, 't=u' appears more than once",
            ),
            ({"age": [1], "label": [0]}, "must have at least 2 rows, got 1"),
        ],
    )
    def test_a_fault_is_one_line_that_names_the_column(self, load, columns, message):
        said = refusal(load, columns, target="label")
        said = said.replace(r"'b\n'", "'b'")  # CSV trims names, Parquet keeps them
        assert said.partition(": ")[2] == message

    def test_a_thousand_categories_are_not_too_many(self, load):
        words = [f"w{i % 1000}" for i in range(2000)]
        table = load({"word": words, "y": [0, 1] * 1000})
        names, rows = inputs_of(table)
        assert np.shape(rows) == (2000, 1000)
        np.testing.assert_array_equal(np.sum(rows, axis=1), 1)
        assert [names[i].removeprefix("word=") for i in np.argmax(rows, axis=1)] == words


class TestParquet:
    @pytest.mark.parametrize(
        ("values", "kind"),
        [
            ([[1], [2]], "lists"),
            (pl.Series([[1, 2], [3, 4]], dtype=pl.Array(pl.Int64, 2)), "lists"),
            ([{"a": 1}, {"a": 2}], "nested columns"),
            ([b"x", b"y"], "bytes"),
            ([datetime.time(1), datetime.time(2)], "times of day"),
            ([datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)], "dates"),
            ([datetime.datetime(2024, 1, 1, 12)] * 2, "dates with times"),
            ([datetime.timedelta(1), datetime.timedelta(2)], "durations"),
        ],
    )
    def test_what_is_neither_number_nor_text_is_refused(self, load_parquet, values, kind):
        rule = "must hold numbers or text"
        convert = "convert it to numbers, or leave the column out with dataset.drop"
        dated = "use them with dataset.dates, or leave the column out with dataset.drop"
        for name, other in (("c", "y"), ("y", "c")):
            columns = {name: values, other: [0, 1]}
            advice = dated if kind.startswith("dates") and name == "c" else convert
            fault = f"{rule}, it holds {kind}; {advice}"
            assert refusal(load_parquet, columns) == f"data.parquet: column {name!r} {fault}"

    def test_all_columns_that_cannot_be_read_are_named_at_once(self, load_parquet):
        with pytest.raises(DataError) as refused:
            load_parquet(
                {
                    "a": [[1], [2], [3]],
                    "__index_level_0__": [0, 1, 2],
                    "b": [1.0, None, None],
                    "c": ["$5", "NA", "$6"],
                    "d": ["u", "u", "v"],
                    "y": pl.Series([None, None, None], dtype=pl.Null),
                }
            )
        lines = str(refused.value).splitlines()
        places = [line.split("data.parquet: ", 1)[1] for line in lines]
        assert [place.split(" must ")[0] for place in places] == [
            "column 'a'",
            "column '__index_level_0__'",
            "column 'b'",
            "column 'c'",
            "column 'c'",
            "column 'y'",
        ]
        assert places[3] == (
            "column 'c' must have a value in every row, row 2 of 3 has 'NA'; " + FILL
        )

    def test_of_very_many_faults_the_last_are_counted(self, load_parquet):
        with pytest.raises(DataError) as refused:
            load_parquet({**{f"c{i}": [[1], [2]] for i in range(50)}, "y": [0, 1]})
        *lines, last = str(refused.value).splitlines()
        assert len(lines) == 40
        assert last.endswith("data.parquet: and 10 more problems")

    def test_what_is_no_parquet_is_refused(self, tmp_path):
        (tmp_path / "data.parquet").write_text("a,y\n1,0\n2,1\n")
        config = Dataset(file="data.parquet", target="y")
        message = refusal(load_table, config, tmp_path)
        assert message.startswith("data.parquet: cannot be read as Parquet: parquet: ")

    def test_damage_is_one_line_and_nothing_else_on_stderr(self, tmp_path, capfd):
        path = tmp_path / "data.parquet"
        rows = {"a": [float(i) for i in range(200)], "t": ["u", "v"] * 100, "y": [0, 1] * 100}
        pl.DataFrame(rows).write_parquet(path, compression="uncompressed")
        content = path.read_bytes()
        rng = np.random.default_rng(1)
        panics = 0
        for _ in range(400):
            damaged = bytearray(content)
            damaged[rng.integers(4, len(content))] = rng.integers(256)
            path.write_bytes(damaged)
            said = self.said_of(tmp_path)
            assert all(line.isprintable() for line in said.splitlines())
            panics += "the file is damaged" in said
        assert panics > 0
        assert capfd.readouterr() == ("", "")

    def said_of(self, folder):
        """The message about a file, if there is one."""
        try:
            load_table(Dataset(file="data.parquet", target="y"), folder)
        except DataError as error:
            return str(error)
        return ""

    def test_a_truncated_file_is_refused(self, tmp_path):
        path = tmp_path / "data.parquet"
        pl.DataFrame({"a": range(100), "y": [0, 1] * 50}).write_parquet(path)
        path.write_bytes(path.read_bytes()[:-20])
        message = refusal(load_table, Dataset(file="data.parquet", target="y"), tmp_path)
        assert message.startswith("data.parquet: cannot be read as Parquet: ")

    def test_a_table_without_columns_is_refused(self, load_parquet):
        assert refusal(load_parquet, {}) == (
            "data.parquet: must have the target column 'y'; it has none"
        )


@pytest.mark.parametrize("role", ["groups", "time", "weights"])
@pytest.mark.parametrize("gap", [None, float("nan")])
def test_a_column_with_a_role_has_no_gaps(role, gap, load_parquet, tmp_path):
    columns = {"a": [1.5, 2, 4], "r": [1.0, gap, 2.0], "y": [0, 1, 0]}
    with pytest.raises(DataError) as refused:
        load_parquet(columns, null_values=["x"], **{role: "r"})
    assert str(refused.value) == (
        f"{tmp_path}/data.parquet: column 'r' must have a value in every row, row 2 of 3 has none; "
        "fill the gap or leave the row out"
    )
