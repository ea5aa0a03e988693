"""`regcli init`: what it says of a table, and the config that it writes."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml
from characterisation import command_line

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


NARROW = """\

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
 warning    column 'outcome' says the same as the target: each of its 2 values
            goes with one value of the target, and the other way round; if not
            known when you predict: drop: [outcome]
 model      48 rows for 29 inputs, too few for a net: logistic regression, the
            output layer alone
"""

WIDE = """\

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
 warning    column 'outcome' says the same as the target: each of its 2 values goes with one \
value of the target, and
            the other way round; if not known when you predict: drop: [outcome]
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
 target   'income' is above 0 in every row and skewed (2.9); learn its logarithm with log: true
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
  target: {column: income, scale: standard, log: true}  # log: all are above 0 and skewed (2.9)
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
    }
    assert [finding["cause"] for finding in found["findings"]] == [
        *("no input", "gaps", "no input", "leak"),
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
