"""`regcli init`: what it says of a table, and the config that it writes."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from characterisation import command_line
from numpy.typing import NDArray

from regcli.config.load import load_config
from regcli.data.parts.row_parts import parts_of
from regcli.data.sources import load_table

from .in_process import parse, problem, regcli
from .processes import loaded_packages

SHOWN = ("init", "--data", "visits.csv", "--target", "better")
WROTE = "wrote regcli.yaml\nwrote regcli.schema.json\nnext: regcli sweep\n"


def visits(rows: int = 60) -> pl.DataFrame:
    """A table with one of each thing that a person should know."""
    rng = np.random.default_rng(0)
    number = np.arange(rows)
    age = rng.integers(20, 80, rows)
    better = np.where(rng.uniform(size=rows) < 0.5, "yes", "no")
    return pl.DataFrame(
        {
            "visit": number + 1,
            "patient": [f"p{row // 3}" for row in number],
            "day": [f"2024-{1 + row // 28:02}-{1 + row % 28:02}" for row in number],
            "age": ["NA" if row % 7 == 0 else str(value) for row, value in enumerate(age)],
            "size": rng.choice(["S", "M", "L"], rows),
            "ward": ["north"] * rows,
            "outcome": np.where(better == "yes", "1", "2"),
            "better": better,
        }
    )


def incomes(rows: int = 40) -> pl.DataFrame:
    """A table of numbers with a skewed target that has gaps."""
    rng = np.random.default_rng(1)
    income = np.exp(rng.normal(3, 1, rows)).round(2)
    known = [None if row in (4, 9) else value for row, value in enumerate(income)]
    return pl.DataFrame(
        {"years": rng.integers(0, 40, rows), "income": known, "zip_code": ["20095", "10115"] * 20}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    visits().write_csv(tmp_path / "visits.csv")
    incomes().write_csv(tmp_path / "incomes.csv")
    return tmp_path


TABLE = """\

 column    kind       values                     gaps   use
 ─────────────────────────────────────────────────────────────────────────────
 visit     id         1 to 60                       –   left out
 patient   category   p0, p1, p2, p3, … (20)        –   input
 day       date       2024-01-01 to 2024-03-04      –   input
 age       number     20 to 79                      9   input
 size      category   L, S, M                       –   input
 ward      constant   north                         –   left out
 outcome   number     1 to 2                        –   input; see the warning
 better    boolean    yes, no                       –   target, two classes

visits.csv: 60 rows, 8 columns

 target     'better': classification, because it holds text
 left out   'visit' counts the rows, from 1 to 60
 left out   'ward' is 'north' in every row
 gaps       in 1 column, written 'NA'; missing: indicator fills them
"""

NARROW = f"""{TABLE}\
 warning    column 'outcome' says the same as the target: each of its 2 values
            goes with one value of the target, and the other way round; if not
            known when you predict: drop: [outcome]
 hint       column 'patient' has 20 different values, each in 3.0 rows on
            average; if rows of one belong together: groups: patient
 hint       column 'day' orders the rows by time; if the past is to predict the
            future: time: day
 model      48 rows for 29 inputs, too few for a net: logistic regression, the
            output layer alone
"""

WIDE = f"""{TABLE}\
 warning    column 'outcome' says the same as the target: each of its 2 values goes with one \
value of the target, and
            the other way round; if not known when you predict: drop: [outcome]
 hint       column 'patient' has 20 different values, each in 3.0 rows on average; if rows of one \
belong together:
            groups: patient
 hint       column 'day' orders the rows by time; if the past is to predict the future: time: day
 model      48 rows for 29 inputs, too few for a net: logistic regression, the output layer alone
"""

CONFIG = """\
# yaml-language-server: $schema=./regcli.schema.json
# A first config for visits.csv, from what the table holds. Every line may be changed:
#   regcli validate regcli.yaml  check this file and show every default
#   regcli sweep                 train the grid below, and say which setting to use
name: visits

dataset:
  file: visits.csv                  # 60 rows, 8 columns
  target: better                    # 2 classes: yes 52%, no 48%
  # the class that is looked for: precision, recall and AUC are about it
  positive: 'yes'
  # columns that no model can learn from
  drop:
    - visit  # counts the rows, from 1 to 60
    - ward   # is 'north' in every row
  # drop: [visit, ward, outcome]    # 'outcome': not known when you predict? then leave out
  types: {day: date}                # what these columns are read as
  # if these are steps in this order: one input for each column
  # types: {day: date, size: {ordinal: [S, M, L]}}
  dates: [month, weekday, elapsed]  # what a date becomes; elapsed counts days
  # gaps become the mean, and an input says where they were, in 1 column
  missing: indicator
  test: 0.2                         # share of rows that are looked at once, at the end
  # groups: patient                 # if rows of one 'patient' belong together
  # time: day                       # if the past is to predict the future; it is then no input

model:
  # 48 rows for 29 inputs, too few for a net: logistic regression, the output layer alone
  layers: []

regularization:
  method: proximal  # l1 makes weights exactly 0

training:
  optimizer: {name: adam, learning_rate: 0.01}
  epochs: 200
  batch_size: 16
  seed: 0

sweep:
  l1: 0,auto:6  # 0, and 6 values from the largest useful one down
  l2: 0,0.001,0.01,0.1
  folds: 5      # cross-validation: each row validates once

# select_by: validation.accuracy  # what ranks the settings; the data loss by default
"""

INCOMES = """\

 column     kind       values         gaps   use
 ────────────────────────────────────────────────────────────────
 years      number     2 to 39           –   input
 income     number     1.33 to 167       2   target, regression
 zip_code   category   10115, 20095      –   input, as a category

incomes.csv: 40 rows, 3 columns

 target   'income': regression, because it has 38 different numbers that are not all whole
 target   'income' has no value in 2 of 40 rows, rows 5, 10; leave such rows out with missing: \
{income: drop}
 target   'income' is above 0 and skewed (2.8 without the test rows); learn its \
logarithm with log: true
 model    30 rows for 2 inputs, too few for a net: linear regression, the output layer alone
"""

INCOMES_CONFIG = """\
# yaml-language-server: $schema=./regcli.schema.json
# A first config for incomes.csv, from what the table holds. Every line may be changed:
#   regcli validate regcli.yaml  check this file and show every default
#   regcli sweep                 train the grid below, and say which setting to use
name: incomes

dataset:
  file: incomes.csv            # 40 rows, 3 columns
  target: {column: income, scale: standard, log: true}  # log: skewed (2.8 without the test rows)
  types: {zip_code: category}  # what these columns are read as
  missing: {income: drop}      # 2 rows have no target
  test: 0.2                    # share of rows that are looked at once, at the end

model:
  layers: []  # 30 rows for 2 inputs, too few for a net: linear regression, the output layer alone

regularization:
  method: proximal  # l1 makes weights exactly 0

training:
  optimizer: {name: adam, learning_rate: 0.01}
  epochs: 200
  batch_size: 16
  seed: 0

sweep:
  l1: 0,auto:6  # 0, and 6 values from the largest useful one down
  l2: 0,0.001,0.01,0.1
  folds: 5      # cross-validation: each row validates once

select_by: validation.mae  # what ranks the settings: large values count no more
"""


def test_a_table_that_comes_with_regcli_is_copied_beside_its_config(tmp_path: Path) -> None:
    done = regcli("init", "new", "--data", "penguins.csv", "--target", "species", cwd=tmp_path)
    assert done.stderr.splitlines()[0] == ("wrote new/penguins.csv, a table that comes with regcli")
    config = (tmp_path / "new" / "regcli.yaml").read_text()
    assert "file: penguins.csv  # 344 rows, 8 columns" in config
    # Gaps are filled with the median, which takes no inputs of their own.
    assert "# 275 rows for 9 inputs, too few for a net" in config
    own = tmp_path / "penguins.csv"
    own.write_text("species,mass\n" + "a,1\nb,2\n" * 20)
    regcli("init", "own", "--data", "penguins.csv", "--target", "species", cwd=tmp_path)
    assert not (tmp_path / "own" / "penguins.csv").exists()
    assert "file: ../penguins.csv  # 40 rows" in (tmp_path / "own" / "regcli.yaml").read_text()


def test_what_it_says_of_a_table(folder: Path) -> None:
    done = command_line.regcli(*SHOWN, folder=folder, columns=80)
    assert (done.code, done.err) == (0, WROTE)
    assert done.out == NARROW
    assert (folder / "regcli.yaml").read_text() == CONFIG
    wide = command_line.regcli(*SHOWN, "--force", folder=folder, columns=140)
    assert wide.out == WIDE
    piped = command_line.regcli(*SHOWN, "--force", folder=folder)
    assert piped.out == WIDE


def test_what_it_writes_is_a_config(folder: Path) -> None:
    regcli(*SHOWN, cwd=folder)
    done = regcli("validate", "regcli.yaml", cwd=folder)
    assert [line for line in done.stdout.splitlines() if line.startswith("#")] == [
        "# data: visits.csv, binary, 27 inputs, 38 train, 10 validation, 12 test rows",
        "# target: classification, because it holds text",
        "# note: column 'outcome' says the same as the target: each of its 2 values goes with "
        "one value of the target, and the other way round; if not known when you predict: drop: "
        "[outcome]",
        "# model: output (Dense 1, implied)",
        "# varies regularization.l1: 0,auto:6",
        "# varies regularization.l2: 0, 0.001, 0.01, 0.1",
        "# varies dataset.fold: 5 folds",
        "# plan: 140 runs",
    ]


def test_a_skewed_quantity_is_learnt_as_its_logarithm(folder: Path) -> None:
    done = regcli("init", "--data", "incomes.csv", "--target", "income", cwd=folder)
    assert (done.returncode, done.stderr) == (0, WROTE)
    assert done.stdout == INCOMES
    assert (folder / "regcli.yaml").read_text() == INCOMES_CONFIG


def test_what_it_decides_it_decides_without_the_test_rows(tmp_path: Path) -> None:
    y = np.random.default_rng(0).uniform(1, 2, 200)
    config = tmp_path / "regcli.yaml"

    def proposed() -> tuple[dict[str, Any], NDArray[np.int64]]:
        """The config that is proposed for the target, and the test rows that it makes."""
        pl.DataFrame({"x": np.arange(200) % 7 * 1.5, "y": y}).write_csv(tmp_path / "t.csv")
        regcli(
            *("init", "--data", "t.csv", "--target", "y", "--force"),
            *("--set", "dataset.seed=3", "--set", "dataset.test=0.3"),
            cwd=tmp_path,
        )
        dataset = load_config(str(config)).config.dataset
        made: dict[str, Any] = yaml.safe_load(config.read_text())
        return made, parts_of(load_table(dataset, tmp_path), dataset).test

    made, test = proposed()
    assert len(test) == 60
    plain = y.copy()
    y[test[:6]] = 100.0  # a skew that nobody has seen before the end
    made, _ = proposed()
    assert made["dataset"]["target"] == {"column": "y", "scale": "standard"}
    assert made["select_by"] == "validation.rmse"
    y = plain
    y[np.setdiff1d(np.arange(200), test)[:6]] = 100.0
    made, _ = proposed()
    assert made["dataset"]["target"] == {"column": "y", "scale": "standard", "log": True}
    assert made["select_by"] == "validation.mae"


def test_the_document(folder: Path) -> None:
    found = parse(regcli(*SHOWN, "--json", cwd=folder).stdout)
    assert (found["file"], found["rows"]) == ("visits.csv", 60)
    assert found["target"] == {
        "column": "better",
        "task": "binary",
        "reason": "it holds text",
        "classes": {"yes": 31, "no": 29},
        "positive": "yes",
        "skewness": None,
    }
    age = found["columns"][3]
    assert age == {
        "name": "age",
        "kind": "number",
        "distinct": 36,
        "missing": {"count": 9, "first_rows": [1, 8, 15], "marks": {"NA": 9}},
        "use": "input",
        "why": None,
        "mend": None,
    }
    assert [finding["cause"] for finding in found["findings"]] == [
        *("no input", "gaps", "no input", "leak", "rows", "rows"),
    ]


def test_nothing_is_written_over_unless_asked(folder: Path) -> None:
    (folder / "regcli.yaml").write_text("name: mine\n")
    refused = "regcli: regcli.yaml exists already and is not overwritten; remove it, use another "
    assert problem(*SHOWN, cwd=folder) == f"{refused}folder, or give --force"
    assert (folder / "regcli.yaml").read_text() == "name: mine\n"
    assert regcli(*SHOWN, "--force", cwd=folder).returncode == 0
    assert (folder / "regcli.yaml").read_text() == CONFIG


def test_a_table_is_named_from_the_folder_of_the_config(folder: Path) -> None:
    done = regcli(*SHOWN, "new place", cwd=folder)
    assert done.stderr.splitlines()[-1] == "next: cd 'new place' && regcli sweep"
    made = yaml.safe_load((folder / "new place" / "regcli.yaml").read_text())
    assert made["dataset"]["file"] == "../visits.csv"


REFUSED = {
    ("--data", "visits.csv"): "--target: name the column to predict, perhaps 'outcome', 'better'; "
    "visits.csv has 'visit', 'patient', 'day', 'age', 'size', 'ward', 'outcome', 'better'",
    ("--data", "visits.csv", "--target", "Beter"): "visits.csv: must have the target "
    "column 'Beter'; did you mean 'better'?",
    ("--data", "visits.csv", "--target", "ward"): "visits.csv: column 'ward' must have at least 2 "
    "different values to be predicted, all have 'north'",
    ("--data", "visit.csv", "--target", "ward"): "visit.csv: there is no such file; did you mean "
    "'visits.csv'?",
    ("--target", "ward"): "--target: requires --data, the table that it is about",
    ("--json",): "--json: requires --data, the table that it is about",
}


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_what_it_refuses(arguments: tuple[str, ...], folder: Path) -> None:
    assert problem("init", *arguments, cwd=folder) == f"regcli: {REFUSED[arguments]}"
    assert not (folder / "regcli.yaml").exists()


def test_it_is_light(folder: Path) -> None:
    heavy = {"tensorflow", "keras", "sklearn", "scipy", "pandas"}
    assert loaded_packages(*SHOWN, cwd=folder) & heavy == set()


def test_how_a_file_is_written_is_found_and_pinned(folder: Path) -> None:
    rows = "".join(f"{row};{row},5;{'ab'[row % 2]}\n" for row in range(7, 37))
    (folder / "de.csv").write_text(f"n;Größe;y\n{rows}", encoding="cp1252")
    done = regcli("init", "--data", "de.csv", "--target", "y", cwd=folder)
    assert "de.csv: separated by semicolons, decimal comma, cp1252 as in 'Größe'" in done.stdout
    made = yaml.safe_load((folder / "regcli.yaml").read_text())["dataset"]
    assert {key: made[key] for key in ("separator", "decimal", "encoding")} == {
        "separator": ";",
        "decimal": ",",
        "encoding": "cp1252",
    }
    assert regcli("validate", "regcli.yaml", cwd=folder).returncode == 0


def test_a_first_column_without_a_name_is_left_out(folder: Path) -> None:
    rows = "".join(f"car {row},{row * 7 % 30},{'ab'[row % 2]}\n" for row in range(40))
    (folder / "cars.csv").write_text(f",power,y\n{rows}")
    done = regcli("init", "--data", "cars.csv", "--target", "y", cwd=folder)
    assert " left out   '' has no name, as an index has\n" in done.stdout
    assert yaml.safe_load((folder / "regcli.yaml").read_text())["dataset"]["drop"] == [""]
    assert regcli("validate", "regcli.yaml", cwd=folder).returncode == 0


def test_several_files_are_one_table(folder: Path) -> None:
    visits(30).write_csv(folder / "part-1.csv")
    visits(30).write_csv(folder / "part-2.csv")
    done = regcli("init", "--data", "part-*.csv", "--target", "better", cwd=folder)
    assert "part-*.csv: 60 rows, 8 columns" in done.stdout
    assert regcli("validate", "regcli.yaml", cwd=folder).returncode == 0


def test_arrays_have_no_columns(folder: Path) -> None:
    np.savez(folder / "a.npz", x=np.zeros((4, 2)), y=np.arange(4))
    assert problem("init", "--data", "a.npz", "--target", "y", cwd=folder) == (
        "regcli: a.npz: must be a table with column names, such as CSV, got arrays"
    )


def unread(rows: int = 40) -> str:
    """A file of columns that hold numbers in forms that are not read without a key."""
    lines = []
    for row in range(rows):
        price = f"{278_479 + 1_003 * (row * 7 % 40):,}"
        rooms = "n.v." if row % 7 == 0 else row * 3 % 11
        share, cost, size = row * 11 % 37, 1.5 + row * 13 % 40, round((row * 0.618) % 1, 3)
        lines.append(f'"{price}",{share}%,${cost:.2f},{rooms},{size},{"ab"[row % 3 > 0]}\n')
    return "price,share,cost,rooms,size,kind\n" + "".join(lines)


UNREAD = ("init", "--data", "homes.csv", "--force", "--target")
UNREAD_SHOWN = """\

 column   kind         values                                       use
 ────────────────────────────────────────────────────────────────────────────────────────────
 price    unreadable   278,479, 285,500, 292,521, 299,542, … (40)   left out; see the warning
 share    unreadable   0%, 11%, 22%, 33%, … (37)                    left out; see the warning
 cost     unreadable   $1.50, $14.50, $27.50, $40.50, … (40)        left out; see the warning
 rooms    unreadable   n.v., 1, 3, 4, … (12)                        left out; see the warning
 size     number       0 to 0.978                                   input
 kind     category     b, a                                         target, two classes

homes.csv: 40 rows, 6 columns

 target    'kind': classification, because it holds text
 warning   column 'price' is not read as it is: row 1 has '278,479' (a comma inside); \
dataset.thousands: ',' would read
           it as 278479, dataset.decimal: ',' as 278.479
 warning   column 'share' is not read as it is: row 1 has '0%' (a percent sign); write only the \
numbers
 warning   column 'cost' is not read as it is: row 1 has '$1.50' (a currency sign); write only \
the numbers
 warning   column 'rooms' is not read as it is: row 1 has 'n.v.' (no number); if it means a gap, \
add 'n.v.' to
           dataset.null_values
 model     32 rows for 1 input, too few for a net: logistic regression, the output layer alone
"""
UNREAD_CONFIG = """\
  file: homes.csv  # 40 rows, 6 columns
  target: kind     # 2 classes: b 65%, a 35%
  # columns that are not read as they are (once one is, remove it here)
  drop:
    - price  # is not read as it is: row 1 has '278,479' (a comma inside); dataset.thousands: ',' \
would read it as 278479, dataset.decimal: ',' as 278.479
    - share  # is not read as it is: row 1 has '0%' (a percent sign); write only the numbers
    - cost   # is not read as it is: row 1 has '$1.50' (a currency sign); write only the numbers
    - rooms  # is not read as it is: row 1 has 'n.v.' (no number); if it means a gap, add 'n.v.' \
to dataset.null_values
  test: 0.2        # share of rows that are looked at once, at the end
"""
READ_SHOWN = """\

 column   kind         values                                  gaps   use
 ──────────────────────────────────────────────────────────────────────────────────────────────
 price    number       278,479 to 317,596                         –   target, regression
 cost     unreadable   $1.50, $14.50, $27.50, $40.50, … (40)      –   left out; see the warning
 rooms    number       0 to 10                                    6   input
 size     number       0 to 0.978                                 –   input
 kind     category     b, a                                       –   input

homes.csv: 40 rows, 5 columns
left out as you asked: 'share'

 target    'price': regression, because it has 40 different whole numbers
 gaps      in 1 column, written 'n.v.'; missing is as you asked
 warning   column 'cost' is not read as it is: row 1 has '$1.50' (a currency sign); write only \
the numbers
 model     32 rows for 3 inputs, too few for a net: linear regression, the output layer alone
"""
READ_CONFIG = """\
  file: homes.csv  # 40 rows, 6 columns
  thousands: ','
  null_values: [n.v.]
  missing: median
  # it is learnt at mean 0 and deviation 1; errors are told in its own unit
  target: {column: price, scale: standard}
  # columns that you left out and columns that are not read as they are (once one is, remove it
  # here)
  drop:
    - share  # as you asked
    - cost   # is not read as it is: row 1 has '$1.50' (a currency sign); write only the numbers
  test: 0.2        # share of rows that are looked at once, at the end
"""


def test_columns_that_are_not_read_are_no_useless_ones(tmp_path: Path) -> None:
    (tmp_path / "homes.csv").write_text(unread())
    done = regcli(*UNREAD, "kind", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, WROTE)
    assert done.stdout == UNREAD_SHOWN
    assert dataset_of(tmp_path) == UNREAD_CONFIG
    assert regcli("validate", "regcli.yaml", cwd=tmp_path).returncode == 0


def test_keys_that_are_set_read_the_table_and_are_written(tmp_path: Path) -> None:
    (tmp_path / "homes.csv").write_text(unread())
    set_ = [
        *("--set", "dataset.thousands=,", "--set", "dataset.null_values=[n.v.]"),
        *("--set", "dataset.drop=[share]", "--set", "dataset.missing=median"),
    ]
    done = regcli(*UNREAD, "price", *set_, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, WROTE)
    assert done.stdout == READ_SHOWN
    assert dataset_of(tmp_path) == READ_CONFIG
    assert regcli("validate", "regcli.yaml", cwd=tmp_path).returncode == 0


def dataset_of(folder: Path) -> str:
    """The lines of the section `dataset` of the config that was written."""
    text = (folder / "regcli.yaml").read_text()
    return text.partition("dataset:\n")[2].partition("\n\n")[0] + "\n"


NO_CLASS = "write only the numbers; to predict the values as classes, give --task classification"
NOT_READ = "homes.csv: column 'price' must hold plain numbers such as 1234.5, 40 of 40 rows hold"
UNREAD_REFUSED = {
    ("price",): f"{NOT_READ} another form, the first of them row 1 with '278,479' (a comma "
    "inside); for a CSV file give --set dataset.thousands=, if that is 278479, --set "
    f"dataset.decimal=, if it is 278.479; else {NO_CLASS}",
    ("price", "--set", "dataset.thousand=,"): "--set dataset.thousand=,: dataset.thousand: unknown "
    "key; did you mean 'thousands'?",
    ("price", "--set", "dataset.thousands=;"): "--set dataset.thousands=;: dataset.thousands: must "
    "be ',', '.', \"'\", ' ' or '_', got the text ';'",
    ("price", "--set", "training.epochs=5"): "--set training.epochs=5: init takes keys of the "
    "section dataset, got training.epochs; write others into the config that init makes",
    ("price", "--set", "dataset.target=size"): "--set dataset.target=size: give --target instead",
    ("price", "--set", "dataset.types.size=category"): "--set dataset.types.size=category: init "
    "takes no keys about single columns but drop; write types into the config that init makes",
    ("price", "--set", "dataset.fold=1"): "--set dataset.fold=1: the config that init makes sets "
    "the folds in sweep.folds",
}


@pytest.mark.parametrize("arguments", UNREAD_REFUSED, ids=" ".join)
def test_an_unread_target_names_the_option(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "homes.csv").write_text(unread())
    assert problem(*UNREAD, *arguments, cwd=tmp_path) == f"regcli: {UNREAD_REFUSED[arguments]}"


def test_points_beside_semicolons_name_the_option(tmp_path: Path) -> None:
    rows = "".join(f"1.{row}00;{'ab'[row % 2]}\n" for row in range(1, 10))
    (tmp_path / "points.csv").write_text(f"n;y\n{rows}")
    asked = ("init", "--data", "points.csv", "--target", "y")
    assert problem(*asked, cwd=tmp_path) == (
        "regcli: points.csv: column 'n' must hold numbers that can be read in one way, row 1 of 9 "
        "has '1.100'; give --set dataset.decimal=. if that is 1.1, --set dataset.thousands=. if it "
        "is 1100"
    )
    assert regcli(*asked, "--set", "dataset.decimal=.", cwd=tmp_path).returncode == 0
    assert "  decimal: .\n" in (tmp_path / "regcli.yaml").read_text()
    assert regcli("validate", "regcli.yaml", cwd=tmp_path).returncode == 0


def test_codes_and_spellings_are_hinted_at(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = 80
    columns = {
        "weight": rng.normal(3000, 500, rows),
        "origin": rng.integers(1, 4, rows),
        "doors": rng.choice([2, 4], rows),  # two numbers are one input either way
        "year": rng.integers(1970, 1975, rows),  # too large for codes
        "half": rng.choice([0.5, 1, 1.5, 2], rows),
        "cylinders": rng.choice([3, 4, 5, 6, 8], rows),
        "smoker": rng.choice(["yes", "No", "no"], rows),
        "mpg": rng.normal(20, 3, rows),
    }
    pl.DataFrame(columns).write_csv(tmp_path / "cars.csv")
    init = ("init", "--data", "cars.csv", "--target", "mpg")
    shown = " ".join(regcli(*init, cwd=tmp_path).stdout.split())
    assert (
        "warning column 'smoker' has values that differ in upper and lower case alone: 'No', 'no'; "
        "they are 3 different values; write each in one way hint columns 'origin', 'cylinders' "
        "hold few different whole numbers, read as amounts; if they are codes: types: {origin: "
        "category, cylinders: category} model 64 rows"
    ) in shown
    config = tmp_path / "regcli.yaml"
    line = "  # types: {origin: category, cylinders: category}\n"
    text = config.read_text()
    assert text.count(line) == 1
    config.write_text(text.replace(line, line.replace("# ", "")))
    checked = regcli("validate", "regcli.yaml", cwd=tmp_path).stdout
    assert "# data: cars.csv, regression, 15 inputs" in checked  # 4 + 3 + 5 + 3


def test_a_target_that_is_spelt_in_two_ways(tmp_path: Path) -> None:
    kinds = ["Yes", "yes", "no"] * 20
    pl.DataFrame({"x": np.arange(60) % 7 / 3, "y": kinds}).write_csv(tmp_path / "t.csv")
    init = ("init", "--data", "t.csv", "--target", "y")
    shown = " ".join(regcli(*init, cwd=tmp_path).stdout.split())
    assert (
        "column 'y' has values that differ in upper and lower case alone: 'Yes', 'yes'; they are "
        "3 different values; write each in one way"
    ) in shown
