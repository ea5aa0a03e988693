import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regcli.config.dataset_section import Dataset
from regcli.data.columns.likeness import Cell, Cells, fault_of_text
from regcli.data.features import Kind
from regcli.data.sources import load_table
from regcli.errors import DataError

CATEGORY = "if they are categories, say so with dataset.types"
CLASSES = "to predict the values as classes, set task: classification"


def fault(values, is_target=False):
    """What is wrong with a column of text, without gaps."""
    firsts = {value: index for index, value in reversed(list(enumerate(values)))}
    cells = [Cell(value, values.count(value), first) for value, first in sorted(firsts.items())]
    return fault_of_text(Cells(cells, len(values), is_target))


TRUE_CATEGORIES = {
    "sizes": ["S", "M", "L"],
    "sizes, some in numbers": ["S", "M", "38", "40"],
    "codes with and without letters": ["1", "2b"],
    "groups of ages": ["<18", "18-25", "26-35", "36+"],
    "two sides of a bound": ["<=50K", ">50K"],
    "intervals": ["(0, 10]", "(10, 20]", "(20, 30]"],
    "groups from 0": ["0", "1-10", "11-20", "21+"],
    "groups from 0, with words": ["0", "1 to 5", "6 to 10", "over 10"],
    "sizes of screens": ["1920x1080", "1280x1024", "800x600"],
    "dice": ["1d6", "2d6", "1d20"],
    "doors": ["3-door", "5-door"],
    "doors, spaced": ["2 doors", "4 doors"],
    "diagnoses": ["I10", "E11", "J45.0"],
    "product codes": [f"A{number}" for number in range(30)],
    "postcodes": ["SW1A 1AA", "N7 9AB", "E1 6AN"],
    "postcodes, some in digits": ["SW1A", "N7G", "12345"],
    "seats": [f"{row}{'ABCDEF'[row % 6]}" for row in range(30)],
    "classes in order": ["1st", "2nd", "3rd"],
    "measures of music": ["3/4", "4/4", "6/8"],
    "months": ["Jan", "Feb", "Mar"],
    "quarters": ["Q1", "Q2", "Q3", "Q4"],
    "positions": ["1B", "2B", "3B", "SS", "LF"],
    "none is a category": ["none", "attached", "built in"],
    "marks alone": ["-", "none"],
    "answers": ["yes", "no", "unknown"],
    "mostly words, one of them a date": ["red"] * 30 + ["2024-01-05"],
    "mostly words, one of them a number": ["red"] * 30 + ["1.5"],
}


@pytest.mark.parametrize("kind", TRUE_CATEGORIES)
def test_a_true_category_passes(load_csv, kind):
    values = TRUE_CATEGORIES[kind] * 3
    lines = [f'"{value}",{row % 2}' for row, value in enumerate(values)]
    table = load_csv("\n".join(["a,y", *lines]))
    assert table.kinds == {"a": Kind("category", tuple(sorted(set(values))))}
    assert fault(values, is_target=True) is None


DECORATED = "must hold plain numbers such as 1234.5, {} rows hold another form, the first of them"
ALONE = "write only the numbers, or leave the column out with dataset.drop"
MIXED = "must be all numbers or all text, {} rows hold no number, the first of them"
ELSE = "write a number in every row, or leave the other rows out"
TYPE = (
    "set its type to date or category in dataset.types, or leave the column out with dataset.drop"
)
DATED = "must hold numbers or categories, {} rows hold {}, the first of them"
TURN = (
    "convert them to numbers, such as days since a date, or leave the column out with dataset.drop"
)

REFUSED = [
    (
        ["$0.5", "$1.5"] * 3,
        f"{DECORATED.format('6 of 6')} row 1 with '$0.5' (a currency sign); {ALONE}",
    ),
    (["5", "(5)"] * 3, f"{DECORATED.format('3 of 6')} row 2 with '(5)' (brackets); {ALONE}"),
    (
        ["0.2", "0.4", "0.7", "<0.1"] * 2,
        f"{DECORATED.format('2 of 8')} row 4 with '<0.1' (a bound); {ALONE}",
    ),
    (
        ["0", "1", "2", "3+"] * 2,
        f"{DECORATED.format('2 of 8')} row 4 with '3+' (a bound); {ALONE}",
    ),
    (
        ["5 kg", "10 kg"] * 3,
        f"{DECORATED.format('6 of 6')} row 1 with '5 kg' (the unit 'kg'); {ALONE}",
    ),
    (
        [f"{number} apples" for number in range(6)],
        f"{DECORATED.format('6 of 6')} row 1 with '0 apples' (the unit 'apples'); {ALONE}",
    ),
    (
        ["free", "free", "$5"],
        f"{DECORATED.format('1 of 3')} row 3 with '$5' (a currency sign); {ALONE}",
    ),
    (
        [f"{110 + number}/80" for number in range(13)],
        f"{DECORATED.format('13 of 13')} row 1 with '110/80' (another notation than digits); "
        f"{ALONE}",
    ),
    (
        ["0.2", "0.7", "1-2", "<0.1"] * 2,
        f"{MIXED.format('4 of 8')} row 3 with '1-2'; {ELSE}",
    ),
    (["K", *map(str, range(1, 13))], f"{MIXED.format('1 of 13')} row 1 with 'K'; {ELSE}"),
    (["250.83", "401", "276", "V58"] * 2, f"{MIXED.format('2 of 8')} row 4 with 'V58'; {ELSE}"),
    (
        ["low", "low", "0.5", "low"],
        "must be all numbers or all text, 1 of 4 rows hold numbers, the first of them row 3 with "
        f"'0.5'; {ELSE}",
    ),
]


@pytest.mark.parametrize(("values", "message"), REFUSED)
def test_quantities_and_mixtures_are_refused(values, message):
    assert fault(values) == f"{message}; {CATEGORY}"
    assert fault(values, is_target=True) == f"{message}; {CLASSES}"


@pytest.mark.parametrize(
    ("values", "held", "s"),
    [
        (
            ["0.5", "unknown", "1.5", "2", "unknown"],
            "2 of 5 rows have none, the first of them row 2 with 'unknown'",
            "s",
        ),
        (["1", "2", "-", "1"], "row 3 of 4 has '-'", ""),
    ],
)
def test_words_for_gaps_among_numbers_are_gaps(values, held, s):
    rule = f"must have a value in every row, {held}; fill the gap{s}"
    assert fault(values) == (
        f"{rule}, leave the row{s} out, or name such cells in dataset.null_values; {CATEGORY}"
    )
    assert fault(values, is_target=True) == f"{rule} or leave the row{s} out; {CLASSES}"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            ["01/25/2024", "01/26/2024"],
            f"{DATED.format('2 of 2', 'dates')} row 1 with '01/25/2024'",
        ),
        (
            ["never"] * 4 + ["Jan 5, 2024"],
            f"{DATED.format('1 of 5', 'dates')} row 5 with 'Jan 5, 2024'",
        ),
        (["5:30 PM", "6 pm"], f"{DATED.format('2 of 2', 'times of day')} row 1 with '5:30 PM'"),
        (
            ["1 days 02:00:00"] * 2,
            f"{DATED.format('2 of 2', 'durations')} row 1 with '1 days 02:00:00'",
        ),
    ],
)
def test_dates_are_refused(values, message):
    is_date = "hold dates" in message
    assert fault(values) == f"{message}; {TYPE if is_date else f'{TURN}; {CATEGORY}'}"
    assert fault(values, is_target=True) == f"{message}; {TURN}; {CLASSES}"


def test_a_column_that_is_too_long_to_look_at_counts_at_least():
    cells = Cells([Cell("$5", 3, 0)], 9, are_all=False)
    assert str(fault_of_text(cells)).startswith(f"{DECORATED.format('at least 3 of 9')} row 1")


class TestFiles:
    @pytest.mark.parametrize("load", ["load_csv", "load_parquet"])
    def test_every_such_column_is_named_at_once(self, request, load):
        columns = {
            "ok": [1, 2, 3, 4],
            "price": ["$1,000", "$5", "$6", "$7"],
            "share": ["5 %", "6 %", "7 %", "NA"],
            "when": ["Jan 1, 2024", "Jan 2, 2024", "Jan 3, 2024", "Jan 4, 2024"],
            "kind": ["u", "v", "u", "N/A"],
            "Unnamed: 0": [7, 8, 9, 10],
            "y": [0, 1, 0, 1],
        }
        content = columns if load == "load_parquet" else pl.DataFrame(columns).write_csv()
        with pytest.raises(DataError) as refused:
            request.getfixturevalue(load)(content)
        told = [line.partition(": column ")[2] for line in str(refused.value).splitlines()]
        gap = (
            "must have a value in every row, row 4 of 4 has {}; fill the gap, leave the row out, "
            "or set dataset.missing"
        )
        assert told == [
            f"'price' {DECORATED.format('4 of 4')} row 1 with '$1,000' (a currency sign); {ALONE}; "
            f"{CATEGORY}",
            f"'share' {gap.format(repr('NA'))}",
            f"'share' {DECORATED.format('3 of 4')} row 1 with '5 %' (a percent sign); {ALONE}; "
            f"{CATEGORY}",
            f"'when' {DATED.format('4 of 4', 'dates')} row 1 with 'Jan 1, 2024'; {TYPE}",
            f"'kind' {gap.format(repr('N/A'))}",
            "'Unnamed: 0' must hold data, it has a name that pandas gives to an index or to an "
            "unnamed column; write the file with index=False, leave the "
            "column out with dataset.drop, or rename it",
        ]

    @pytest.mark.parametrize(
        "mark", ["NA", "na", "N/A", "#N/A", "nan", "NULL", "?", "\\N", "<NA>", " ", "#DIV/0!"]
    )
    def test_marks_of_gaps_are_the_same_in_numbers_and_text(self, load_csv, mark):
        for value in ("red", "5"):
            for held, target in (("a", "b"), ("b", "a")):
                rows = [f"{value},1", f"{mark},2", f"{value},3"]
                with pytest.raises(DataError) as refused:
                    load_csv("\n".join([f"{held},{target}", *rows]), target="a")
                rule = f"column {held!r} must have a value in every row, row 2 of 3 has "
                shown = str(refused.value).partition(rule)[2].partition(";")[0]
                assert shown == repr(mark) or (shown == "none" and mark in ("nan", " "))

    def test_labels_with_a_rare_letter_are_classes_where_the_task_says_so(self, load_csv):
        rows = [f"{row},{'x' if row % 24 == 0 else row % 10}" for row in range(240)]
        text = "\n".join(["a,y", *rows])
        table = load_csv(text, task="classification")
        assert (table.task, table.classes) == ("multiclass", (*"0123456789", "x"))
        with pytest.raises(DataError) as refused:
            load_csv(text)
        assert str(refused.value).partition("'y' ")[2] == (
            f"{MIXED.format('10 of 240')} row 1 with 'x'; {ELSE}; {CLASSES}"
        )

    @pytest.mark.parametrize("values", [["5 kg", "6 kg"], ["1.5", "<1"], ["1/2/2024", "2/2/2024"]])
    def test_a_target_of_classification_may_look_like_anything(self, load_csv, values):
        lines = [f"{row},{values[row % 2]}" for row in range(8)]
        table = load_csv("\n".join(["a,y", *lines]), task="classification")
        assert table.classes == tuple(sorted(values))

    def test_a_gap_is_no_class_whatever_the_task(self, load_csv):
        with pytest.raises(DataError, match="row 3 of 4 has 'NA'"):
            load_csv("a,y\n1,u\n2,v\n3,NA\n4,u\n", task="classification")

    def test_text_of_numbers_in_parquet_is_a_category_only_where_there_are_few(self, load_parquet):
        few = {"a": ["1", "2", "1", "2"], "y": [0, 1, 0, 1]}
        assert load_parquet(few).kinds == {"a": Kind("category", ("1", "2"))}
        with pytest.raises(DataError) as refused:
            load_parquet({"a": ["0.5", "1.5", "0.5", "2"], "y": [0, 1, 0, 1]})
        assert str(refused.value).partition("'a' ")[2] == (
            "must hold numbers as numbers, 4 of 4 rows hold them as text, the first of them row 1 "
            f"with '0.5'; convert the column; {CATEGORY}"
        )

    def test_a_declared_category_may_look_like_anything_but_a_gap(self, load_parquet):
        kind = pl.Categorical
        columns = {"a": pl.Series(["$5", "$6", "$5"], dtype=kind), "y": [0, 1, 1]}
        assert load_parquet(columns).kinds == {"a": Kind("category", ("$5", "$6"))}
        with pytest.raises(DataError, match="row 2 of 3 has 'NA'"):
            load_parquet({"a": pl.Series(["$5", "NA", "$5"], dtype=kind), "y": [0, 1, 1]})


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.floats(-1e30, 1e30), min_size=4, max_size=12),
    st.sampled_from(["${}", "{} kg", "{}%", "({})", "{} €", "\u2212{}", "<{}", "{}*"]),
    st.data(),
)
def test_one_decorated_number_among_plain_ones_is_refused_and_plain_ones_are_read(
    tmp_path_factory, numbers, decoration, data
):
    folder = tmp_path_factory.mktemp("csv")
    row = data.draw(st.integers(0, len(numbers) - 1))
    cells = list(map(repr, numbers))

    def load():
        lines = [f"{cell},{number % 2}" for number, cell in enumerate(cells)]
        (folder / "t.csv").write_text("\n".join(["a,y", *lines]), encoding="utf-8")
        return load_table(Dataset(file="t.csv", target="y"), folder)

    np.testing.assert_array_equal(load().x[:, 0], numbers)
    cells[row] = decoration.format(abs(numbers[row]))
    with pytest.raises(DataError, match=f"the first of them row {row + 1} with "):
        load()


@settings(deadline=None)
@given(
    st.lists(
        st.text(st.characters(categories=["Lu", "Ll"], codec="ascii"), min_size=1, max_size=8),
        min_size=2,
        max_size=10,
        unique=True,
    ).filter(lambda words: not {word.lower() for word in words} & {"na", "nan", "null", "nat"})
)
def test_any_words_are_categories(words):
    assert fault([word for word in words for _ in range(2)]) is None
