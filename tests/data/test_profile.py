"""What a table is said to hold: kinds of columns, gaps, twins, leaks, and the target."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from regcli.data.profile.cell_contents import read_contents
from regcli.data.profile.column_kinds import ColumnKind, ColumnProfile, column_profile
from regcli.data.profile.findings import Cause
from regcli.data.profile.single_predictors import halved, may_predict, score_of
from regcli.data.profile.table_profile import TableProfile, profile_table
from regcli.data.profile.target_names import likely_targets
from regcli.errors import DataError

RNG = np.random.default_rng(0)

ROWS = 60
PATH = Path("t.csv")
WORDS = ["red", "green", "blue"]


@pytest.fixture(autouse=True)
def _same_numbers_for_each_test() -> None:
    """No test's numbers depend on which others have run."""
    RNG.bit_generator.state = np.random.default_rng(0).bit_generator.state


def profiled(target: str = "y", **columns: Any) -> TableProfile:
    return profile_table(pl.DataFrame(columns), target, PATH)


def alone(values: list[Any], name: str = "x", is_target: bool = False) -> ColumnProfile:
    return column_profile(read_contents(pl.Series(name, values)), is_target=is_target)


def texts(values: Any) -> list[str]:
    return [str(value) for value in values]


KINDS: list[tuple[str, str, list[Any], ColumnKind, str]] = [
    ("numbers as text", "x", ["1", "2.5", " 3", "NA"], ColumnKind.NUMBER, ""),
    ("numbers", "x", [1.5, 2.5, None], ColumnKind.NUMBER, ""),
    ("0 and 1", "x", ["0", "1", "1"], ColumnKind.BOOLEAN, ""),
    ("true and false", "x", [True, False, None], ColumnKind.BOOLEAN, ""),
    ("yes and no", "x", ["Yes", "no", "no", "?"], ColumnKind.BOOLEAN, ""),
    ("words", "x", [*WORDS, *WORDS], ColumnKind.CATEGORY, ""),
    ("dates", "when", ["2024-01-31", "2024-02-01", ""], ColumnKind.DATE, ""),
    ("empty", "x", ["", "NA", "?"], ColumnKind.EMPTY, "has no value in any row"),
    ("one number", "x", ["3", "3", "3.0"], ColumnKind.CONSTANT, "is 3 in every row"),
    ("one word", "x", ["a", "a", ""], ColumnKind.CONSTANT, "is 'a' in every row that has a value"),
    (
        "row numbers",
        "id",
        texts(range(1, 41)),
        ColumnKind.ID,
        "has a name and values like row numbers",
    ),
    ("counted rows", "x", texts(range(40)), ColumnKind.ID, "counts the rows, from 0 to 39"),
    (
        "ids",
        "user_id",
        texts(range(9000, 9120, 3)),
        ColumnKind.ID,
        "is called an id, and no value repeats",
    ),
    (
        "keys",
        "x",
        [f"N{number}A" for number in range(40)],
        ColumnKind.ID,
        "names its rows: 40 different values in 40 rows",
    ),
    (
        "prose",
        "x",
        [f"a long note about row {number}" for number in range(40)],
        ColumnKind.TEXT,
        "is free text: 40 different values in 40 rows",
    ),
    (
        "rare prose",
        "x",
        ["not seen on that day"] * 3 + ["seen in the far north"] * 3 + [""] * 34,
        ColumnKind.TEXT,
        "is free text in 6 of 40 rows",
    ),
    ("codes", "x", ["007", "012", "007", "100"], ColumnKind.CATEGORY, ""),
    ("codes by name", "StoreID", ["1", "2", "7", "2"], ColumnKind.CATEGORY, ""),
    (
        "amounts",
        "x",
        ["$5", "$6", "$7", "$5"],
        ColumnKind.UNREADABLE,
        "is not read as it is: row 1 has '$5' (a currency sign)",
    ),
    (
        "infinite",
        "x",
        [1.0, float("inf"), 2.0],
        ColumnKind.UNREADABLE,
        "holds numbers beyond 3.4e38",
    ),
    (
        "lists",
        "x",
        [[1], [2]],
        ColumnKind.UNREADABLE,
        "holds List(Int64), which is no number and no text",
    ),
]


@pytest.mark.parametrize(
    ("name", "values", "kind", "why"), [case[1:] for case in KINDS], ids=[case[0] for case in KINDS]
)
def test_kinds(name: str, values: list[Any], kind: ColumnKind, why: str) -> None:
    found = alone(values, name)
    assert (found.kind, found.why) == (kind, why)


def test_gaps_are_counted_with_their_marks_and_first_rows() -> None:
    found = alone(["1", "NA", "", "2", "na", "?"]).gaps
    assert (found.count, found.rows) == (4, (2, 3, 5))
    assert dict(found.marks) == {"NA": 1, "na": 1, "?": 1}


def test_a_word_among_numbers_may_mean_a_gap() -> None:
    found = alone(["1.5", "unknown", "2.5", ""])
    assert (found.kind, found.words, found.gaps.count) == (ColumnKind.NUMBER, ("unknown",), 2)
    assert alone(["1.5", "abc", "2.5", "9"]).kind is ColumnKind.UNREADABLE


def test_a_word_that_is_a_value_elsewhere_is_no_gap() -> None:
    a = ["None" if row % 9 == 0 else f"{row}.5" for row in range(ROWS)]
    garage, x = ["none", "attached", "detached"] * 20, np.sin(np.arange(ROWS))
    of_input = profiled(a=a, garage=garage, x=x, y=np.cos(np.arange(ROWS) ** 2))
    assert {column.name: column.why for column in of_input.dropped} == {
        "a": "has 'None' among its numbers, which cannot mean a gap because it is a value of "
        "'garage'"
    }
    of_target = profiled(garage=garage, x=x, y=a)
    assert {column.name: column.why for column in of_target.dropped} == {
        "garage": "has the category 'none', which means a gap in the target 'y'"
    }


@pytest.mark.parametrize(
    ("values", "sentinel"),
    [
        ([-999.0, 1.0, 2.0, -999.0], -999.0),
        ([-999.0, 1.0, 2.0, 3.0], None),
        ([-1.0, 1.0, 2.0, -1.0], None),
        ([99.0, 1.0, 2.0, 99.0], 99.0),
    ],
)
def test_a_number_far_from_the_others_may_mean_a_gap(
    values: list[float], sentinel: float | None
) -> None:
    assert alone(values).sentinel == sentinel


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["L", "S", "M"], ("S", "M", "L")),
        (["25-34", "9-24", "35+"], ("9-24", "25-34", "35+")),
        (["2. HS", "1. None", "3. BA"], ("1. None", "2. HS", "3. BA")),
        (["red", "green", "blue"], ()),
        (["low", "high"], ()),
    ],
)
def test_steps_of_a_scale_are_known(values: list[str], order: tuple[str, ...]) -> None:
    assert alone(values * 2).order == order


def test_twins_are_found_by_line_and_by_name() -> None:
    height = RNG.normal(170, 9, ROWS).round(1)
    place = RNG.integers(0, 3, ROWS)
    found = profiled(
        height=height,
        inches=height / 2.54,
        copy=texts(height),
        place=[WORDS[number] for number in place],
        farbe=[["rot", "grün", "blau"][number] for number in place],
        place_no=place + 0.5,
        free=RNG.normal(size=ROWS),
        y=RNG.normal(size=ROWS),
    )
    assert {c.name: c.why for c in found.dropped} == {
        "inches": "is a linear function of 'height'",
        "copy": "says the same as 'height' in every row",
        "farbe": "says the same as 'place' in every row",
        "place_no": "says the same as 'place' in every row",
    }
    assert {c.kind for c in found.dropped} == {ColumnKind.DUPLICATE}


def test_numbers_in_another_order_are_no_twins() -> None:
    first = RNG.integers(0, 4, ROWS)
    found = profiled(one=first, other=np.array([3, 1, 0, 7])[first], y=RNG.normal(size=ROWS))
    assert found.dropped == ()


def leaks(task_rows: Any, **columns: Any) -> dict[tuple[str, ...], str]:
    found = profiled(y=task_rows, noise=RNG.normal(size=len(task_rows)), **columns).findings
    return {finding.columns: finding.fault for finding in found if finding.cause is Cause.LEAK}


def test_leaks_of_a_regression() -> None:
    y = RNG.uniform(5, 15, 200)
    first = RNG.normal(size=200)
    missing = np.where(y > np.median(y), None, first.astype(object))
    found = leaks(
        y,
        same=y,
        log=np.log(y),
        near=y + RNG.normal(0, 0.02, 200),
        bent=(y - 4) ** 2 + RNG.normal(0, 0.01, 200),
        first=first,
        second=y - first,
        related=y + RNG.normal(0, 1, 200),
        square=(y - 10) ** 2,
    )
    assert found == {
        ("near",): "by itself predicts the target with R² 1.0000 on held-out rows",
        ("bent",): "by itself predicts the target with R² 1.0000 on held-out rows",
        ("same",): "equals the target in all 200 rows looked at",
        ("log",): "rises whenever the target rises, and stays where it stays: it is a function "
        "of it",
        ("first", "second"): "have the target as their sum in all 200 rows looked at",
    }
    steps = np.where(y > np.median(y), 5.0, 1.0) + 0.01 * RNG.normal(size=200)
    assert leaks(steps, gap=missing.tolist()).keys() == {("gap",)}


def test_leaks_of_classes() -> None:
    codes = RNG.integers(0, 3, 300)
    y = [WORDS[code] for code in codes]
    found = leaks(
        y,
        other=[f"class {code}" for code in codes],
        near=codes + RNG.uniform(0, 0.9, 300),
        half=codes + RNG.normal(0, 1, 300),
        place=[f"p{number}" for number in codes * 4 + RNG.integers(0, 4, 300)],
        gap=np.where(codes == 1, None, RNG.normal(size=300).astype(object)).tolist(),
    )
    assert found == {
        ("other",): "says the same as the target: each of its 3 values goes with one value of "
        "the target, and the other way round",
        ("near",): "by itself predicts the target with AUC 1.0000 on held-out rows",
        ("place",): "by itself predicts the target with AUC 1.0000 on held-out rows",
    }
    binary = [["no", "yes"][code] for code in np.minimum(codes, 1)]
    gaps = np.where(codes > 0, None, RNG.normal(size=300).astype(object)).tolist()
    assert leaks(binary, gap=gaps) == {
        ("gap",): "has gaps that follow the target: whether it has a value predicts the target "
        "with AUC 1.000 on held-out rows"
    }


def test_noise_leaks_nothing() -> None:
    columns = {f"c{number}": RNG.normal(size=40) for number in range(300)}
    assert leaks(RNG.integers(0, 2, 40), **columns) == {}


def test_the_score_of_a_column_is_that_of_held_out_rows() -> None:
    x = RNG.integers(0, 4, 400).astype(float)
    y = (RNG.uniform(size=400) < 0.2 + 0.2 * x).astype(float)
    outcomes = halved(y[:, None], is_regression=False)
    one, other = outcomes.halves
    expected = []
    for fitted, held_out in ((one, other), (other, one)):
        shares = np.array([y[fitted][x[fitted] == value].mean() for value in range(4)])
        expected.append(roc_auc_score(y[held_out], shares[x[held_out].astype(int)]))
    assert score_of(x, is_number=False, outcomes=outcomes) == pytest.approx(np.mean(expected))


def test_columns_are_screened_before_they_are_scored() -> None:
    y = RNG.normal(size=(500, 1))
    columns = np.column_stack([y[:, 0], -(y[:, 0] ** 3), RNG.normal(size=500), np.zeros(500)])
    related = may_predict(columns, halved(y, is_regression=True))
    assert related.tolist() == [True, True, False, False]


TARGETS: list[tuple[list[Any], str, bool]] = [
    ([1.5, 2.5, 7.25, 9.0] * 15, "regression", False),
    (list(range(60)), "regression", False),
    ([1, 2, 3] * 20, "multiclass", True),
    ([2, 4] * 30, "binary", True),
    ([0, 1] * 30, "binary", False),
    (["no", "yes"] * 30, "binary", False),
    (WORDS * 20, "multiclass", False),
]


@pytest.mark.parametrize(("values", "task", "is_doubtful"), TARGETS)
def test_the_task_is_guessed(values: list[Any], task: str, is_doubtful: bool) -> None:
    found = profiled(y=values, x=RNG.normal(size=60)).target
    assert found.guess is not None
    assert (found.task, found.guess.is_doubtful) == (task, is_doubtful)


def test_a_task_that_is_named_is_no_guess() -> None:
    frame = pl.DataFrame({"y": [1, 2, 3] * 20, "x": RNG.normal(size=60)})
    found = profile_table(frame, "y", PATH, task="regression").target
    assert (found.task, found.guess) == ("regression", None)


def test_a_target_has_its_traps() -> None:
    y = ["no"] * 94 + ["yes"] * 4 + ["", "NA"]
    found = profiled(y=y, x=RNG.normal(size=100))
    assert (found.target.positive, found.target.is_imbalanced) == ("yes", True)
    assert [finding.sentence for finding in found.findings] == [
        "column 'y' has no value ('NA') in 2 of 100 rows, rows 99, 100; leave such rows out "
        "with missing: {y: drop}",
        "column 'y' is 'no' in 95.9% of the rows and 'yes' in 4.1%: accuracy says little; rank by "
        "roc_auc or balanced_accuracy",
        "column 'y' has classes of fewer than 5 rows: 'yes', the rarest of them has 4 rows; "
        "collect more of them, or join them with another class",
    ]
    skewed = profiled(y=np.exp(RNG.normal(size=400)), x=RNG.normal(size=400))
    assert skewed.target.skewness is not None
    assert skewed.target.skewness > 2
    assert profiled(y=RNG.normal(5, 1, 60), x=RNG.normal(size=60)).target.skewness is None


REFUSED = {
    "y must hold plain numbers such as 1234.5, 4 of 4 rows hold another form, the first of them "
    "row 1 with '$5' (a currency sign); write only the numbers, or leave the column out with "
    "dataset.drop; to predict the values as classes, set task: classification": {
        "y": ["$5", "$6", "$7", "$5"]
    },
    "y must have at least 2 different values to be predicted, all have 1": {"y": [1.0, 1.0]},
    "y must have at least 2 different values to be predicted, has no value": {"y": ["", "NA"]},
    "y must hold numbers or classes to be predicted, it holds dates": {
        "y": ["2024-01-01", "2024-02-01"]
    },
    "y must have 2 rows of each class on average, it has 40 different values in 60 rows; name "
    "another target, or give rare values one name": {
        "y": [f"word {number % 40}" for number in range(60)]
    },
    "y must have at most 1000 classes, it has 1200 different values; name another target, or give "
    "rare values one name": {"y": [f"word {number}" for number in range(1200)]},
}


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("a, b", "leave such rows out with missing: {'a, b': drop}"),
        (
            "default",
            "leave such rows out with missing: {default: drop} and a rule for each input with gaps",
        ),
    ],
)
def test_advice_can_be_written_as_it_is(name: str, advice: str) -> None:
    columns = {name: ["", *["no", "yes", "yes"] * 20], "c: d": [7] * 61, "x": np.arange(61) % 9}
    found = profile_table(pl.DataFrame(columns), name, PATH).findings
    assert [finding.advice for finding in found] == [advice, "drop: ['c: d']"]


@pytest.mark.parametrize("message", REFUSED)
def test_what_cannot_be_predicted_is_refused(message: str) -> None:
    columns = REFUSED[message]
    with pytest.raises(DataError) as caught:
        profiled(x=RNG.normal(size=len(columns["y"])), **columns)
    assert str(caught.value) == f"t.csv: column 'y'{message.removeprefix('y')}"


def test_a_table_without_inputs_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        profiled(y=[1.5, 2.5, 3.5], a=["", "", ""], b=[7, 7, 7])
    assert str(caught.value) == (
        "t.csv: must have a column to learn from besides the target 'y': 'a' has no value in any "
        "row, 'b' is 7 in every row"
    )
    with pytest.raises(DataError) as caught:
        profiled(y=[1.5, 2.5, 3.5])
    assert str(caught.value) == "t.csv: must have a column besides the target 'y' to learn from"


DAYS = [f"2024-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 29)][:ROWS]


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        (
            "when",
            DAYS,
            "column 'when' orders the rows by time; if the past is to predict the future: "
            "time: when",
        ),
        (
            "when",
            DAYS[::-1],
            "column 'when' orders the rows by time; if the past is to predict the future: "
            "time: when",
        ),
        ("when", [*DAYS[30:], *DAYS[:30]], ""),
        ("when", [day for day in DAYS[:14] for _ in range(4)], ""),
        (
            "patient id",
            texts(np.arange(len(DAYS)) // 4),
            "column 'patient id' has 14 different values, each in 4.0 rows on average; if rows of "
            "one belong together: groups: patient id",
        ),
        ("dose", texts(np.arange(len(DAYS)) // 4), ""),
    ],
)
def test_rows_that_may_depend_on_each_other(name: str, values: list[str], told: str) -> None:
    x = RNG.standard_normal(len(DAYS))
    profile = profiled(x=x, **{name: values}, y=x + RNG.standard_normal(len(DAYS)))
    found = [finding.sentence for finding in profile.findings if finding.cause is Cause.ROWS]
    assert found == ([told] if told else [])


def test_likely_targets() -> None:
    assert likely_targets(["a", "Salary", "b", "Class"]) == ["Class", "Salary"]
    assert likely_targets(["a", "b"]) == ["b"]


def test_a_table_that_is_loaded_is_warned_of(load_csv: Any) -> None:
    rows = [
        f"{row},7,{row * 0.5},{row % 3},{'ab'[row % 2]},{(row * 7) % 40 + (row % 2) / 10}"
        for row in range(40)
    ]
    head = "minutes,one,half_minutes,thirds,side,other"
    target = "\n".join(f"{row},{['no', 'yes'][number % 2]}" for number, row in enumerate(rows))
    table = load_csv(f"{head},y\n{target}\n")
    assert table.notes == (
        "column 'one' is 7 in every row; drop: [one]",
        "column 'half_minutes' is a linear function of 'minutes'; drop: [half_minutes]",
        "column 'side' says the same as the target: each of its 2 values goes with one value "
        "of the target, and the other way round; if not known when you predict: drop: [side]",
    )


def test_what_few_rows_show_has_to_be_so_in_more(load_csv: Any) -> None:
    rng, rows = np.random.default_rng(0), 12_000
    x, y = rng.normal(size=rows).round(4), rng.integers(0, 2, rows)
    columns = {
        "x": x,
        "double": 2 * x,
        "nearly": np.where(np.arange(rows) % 1500 == 7, 0.5, 3 * x),
        "z": rng.normal(size=rows).round(4),
        "y": y,
    }
    table = load_csv(pl.DataFrame(columns).write_csv())
    assert table.notes == ("column 'double' is a linear function of 'x'; drop: [double]",)


def test_a_plain_table_is_not_warned_of(load_csv: Any) -> None:
    rows = "\n".join(
        f"{x:.3f},{word},{y}"
        for x, word, y in zip(RNG.normal(size=60), WORDS * 20, ["a", "b"] * 30, strict=True)
    )
    assert load_csv(f"x,word,y\n{rows}\n").notes == ()


MENDS = [
    ("1,234", False, "dataset.thousands: ',' would read it as 1234, dataset.decimal: ',' as 1.234"),
    ("1,234", True, "write numbers as numbers"),
    ("1_234", False, "dataset.thousands: '_' would read it as 1234"),
    ("1 234", False, "dataset.thousands: ' ' would read it as 1234"),
    ("5%", True, "write only the numbers"),
    ("n.v.", False, "if it means a gap, add 'n.v.' to dataset.null_values"),
]


@pytest.mark.parametrize(("cell", "typed", "mend"), MENDS)
def test_what_makes_a_column_readable(cell: str, typed: bool, mend: str) -> None:
    others = ["1.5", "2.5", "9", "9"] if cell == "n.v." else [cell] * 4
    column = column_profile(
        read_contents(pl.Series("x", [cell, *others, "7.5"]), typed=typed), is_target=False
    )
    assert (column.kind, column.mend) == (ColumnKind.UNREADABLE, mend)


def test_twins_of_many_rows_are_those_of_all_rows() -> None:
    """They are sought by some rows; one row of the others tells two columns apart."""
    x, word = RNG.normal(size=5_000), RNG.choice(WORDS, 5_000)
    late = [None] * 4_000 + [1.0, 2.0] * 500
    other, nearly = np.char.upper(word), np.char.upper(word)
    nearly[1] = "RED" if word[1] != "red" else "BLUE"
    moved = 3 * x + 1
    moved[1] += 1
    found = profiled(
        y=RNG.normal(size=5_000),
        x=x,
        line=3 * x + 1,
        moved=moved,
        word=word,
        other=other,
        nearly=nearly,
        late=late,
        again=late,
    )
    whys = {column.name: column.why for column in found.columns if column.why}
    assert whys == {
        "line": "is a linear function of 'x'",
        "other": "says the same as 'word' in every row",
        "again": "says the same as 'late' in every row",
    }
