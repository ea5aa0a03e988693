"""A first config can be used as it is: it validates, and its rows can be dealt to every fold."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from regcli.config.load import load_config
from regcli.data.profile.table_profile import profile_table
from regcli.data.references import Datasets
from regcli.data.sources import load_raw
from regcli.planning.members import plan_sweep
from regcli.planning.run import make_runs
from regcli.proposal.first_config import first_config

NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"], exclude_characters="="),
    min_size=1,
    max_size=8,
).map(lambda name: f"c{name}")
RNG = np.random.Generator


def _choice(rng: RNG, values: list[Any], rows: int) -> list[Any]:
    return [values[number] for number in rng.integers(0, len(values), rows)]


COLUMNS = {
    "numbers": lambda rng, rows: rng.normal(size=rows).tolist(),
    "whole": lambda rng, rows: rng.integers(-5, 50, rows).tolist(),
    "huge": lambda rng, rows: (rng.normal(size=rows) * 1e30).tolist(),
    "booleans": lambda rng, rows: _choice(rng, [True, False], rows),
    "yes": lambda rng, rows: _choice(rng, ["Yes", "No"], rows),
    "words": lambda rng, rows: _choice(rng, ["red", "grün", "a: b", "#", "'q'"], rows),
    "many": lambda rng, rows: _choice(rng, [f"word{n}" for n in range(40)], rows),
    "steps": lambda rng, rows: _choice(rng, ["1-4", "5-9", "10+"], rows),
    "dates": lambda rng, rows: [f"2024-{1 + m:02}-11" for m in rng.integers(0, 12, rows)],
    "other dates": lambda rng, rows: [f"{1 + d:02}/02/2024" for d in rng.integers(0, 28, rows)],
    "ids": lambda rng, rows: [f"k{n}" for n in range(rows)],
    "counts": lambda rng, rows: list(range(rows)),
    "codes": lambda rng, rows: [f"00{n}" for n in rng.integers(0, 6, rows)],
    "prose": lambda rng, rows: [f"{w} we saw it {n}" for n, w in enumerate(["so"] * rows)],
    "amounts": lambda rng, rows: [f"${n}" for n in rng.integers(0, 90, rows)],
    "one": lambda rng, rows: ["same"] * rows,
    "nothing": lambda rng, rows: [None] * rows,
}
TARGETS = {
    "quantity": lambda rng, rows: np.exp(rng.normal(size=rows) * 2).tolist(),
    "count": lambda rng, rows: rng.integers(0, 90, rows).tolist(),
    "two": lambda rng, rows: _choice(rng, ["no", "yes"], rows),
    "three": lambda rng, rows: _choice(rng, [1, 2, 3], rows),
    "rare": lambda rng, rows: ["common"] * (rows - rows // 10) + ["rare"] * (rows // 10),
    "truth": lambda rng, rows: _choice(rng, [True, False, False], rows),
}


def frame(seed: int, rows: int, kinds: dict[str, str], gaps: set[str], target: str) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    for name, kind in kinds.items():
        values = COLUMNS[kind](rng, rows)
        if name in gaps:
            missing = rng.uniform(size=rows) < 0.2
            values = [None if gap else value for gap, value in zip(missing, values, strict=True)]
        columns[name] = values
    columns["base"] = rng.normal(size=rows).tolist()
    y = TARGETS[target](rng, rows)
    columns["y"] = [None, *y[1:]] if "y" in gaps else y
    return pl.DataFrame(columns, strict=False)


def runs_of(config: Path) -> Sequence[Any]:
    """The runs of every fold, but not of every strength: those do not touch the data."""
    one = [(("sweep", key), f"--{key} 0", 0) for key in ("l1", "l2")]
    return make_runs(plan_sweep(load_config(str(config), one)).members, Datasets())


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 999),
    rows=st.integers(40, 90),
    kinds=st.dictionaries(NAMES, st.sampled_from([*COLUMNS]), max_size=6),
    gaps=st.sets(st.integers(0, 7)),
    target=st.sampled_from([*TARGETS]),
    is_parquet=st.booleans(),
)
def test_a_first_config_can_be_trained(
    seed: int, rows: int, kinds: dict[str, str], gaps: set[int], target: str, is_parquet: bool
) -> None:
    names = [*kinds, "y"]
    with_gaps = {name for number, name in enumerate(names) if number in gaps}
    made = frame(seed, rows, kinds, with_gaps, target)
    with TemporaryDirectory() as folder:
        path = Path(folder) / ("t.parquet" if is_parquet else "t.csv")
        made.write_parquet(path) if is_parquet else made.write_csv(path)
        raw = load_raw(path.name, Path(folder), "y")
        profile = profile_table(raw.frame, "y", path, typed=raw.typed)
        config = Path(folder) / "regcli.yaml"
        config.write_text(first_config(profile, path.name, raw.dialect).text, encoding="utf-8")
        assert len(runs_of(config)) in (3, *range(2, 6))


def proposed(columns: dict[str, Any], folder: Path, target: str = "y") -> dict[str, Any]:
    """The `dataset` section for a table, which is also read with it."""
    path = folder / "t.csv"
    pl.DataFrame(columns).write_csv(path)
    raw = load_raw(path.name, folder, target)
    profile = profile_table(raw.frame, target, path, typed=raw.typed)
    text = first_config(profile, path.name, raw.dialect).text
    (folder / "regcli.yaml").write_text(text)
    assert runs_of(folder / "regcli.yaml")
    (folder / "suggested.yaml").write_text(text.replace("# null_values", "null_values"))
    made: dict[str, Any] = yaml.safe_load(text)["dataset"]
    return made


def numbers(rows: int = 60) -> list[str]:
    return [f"{value:.3f}" for value in np.random.default_rng(7).normal(size=rows)]


def with_gaps(mark: str) -> list[str]:
    return [mark if row % 9 == 0 else value for row, value in enumerate(numbers())]


GARAGES = ["none", "attached", "detached"] * 20
BETTER = ["no", "yes", "yes"] * 20


def test_a_word_is_a_gap_in_every_column_or_in_none(tmp_path: Path) -> None:
    plain = {"x": numbers(), "y": BETTER}
    only = proposed({"a": with_gaps("none"), **plain}, tmp_path)
    assert (only["null_values"], only.get("drop")) == (["none"], None)
    beside = proposed({"a": with_gaps("None"), "garage": GARAGES, **plain}, tmp_path)
    assert (beside.get("null_values"), beside["drop"]) == (None, ["a"])
    classes = proposed({"a": with_gaps("none"), "x": numbers(), "y": GARAGES}, tmp_path)
    assert (classes.get("null_values"), classes["drop"]) == (None, ["a"])


def test_a_word_that_means_a_gap_in_the_target_is_no_category(tmp_path: Path) -> None:
    made = proposed({"garage": GARAGES, "x": numbers(), "y": with_gaps("none")}, tmp_path)
    assert (made["null_values"], made["drop"]) == (["none"], ["garage"])
    assert made["missing"] == {"y": "drop"}


def test_a_number_that_may_mean_a_gap_is_named_beside_the_marks_that_are_there(
    tmp_path: Path,
) -> None:
    words = ["?" if row % 9 == 0 else "red" if row % 2 else "blue" for row in range(60)]
    made = proposed({"a": with_gaps("-999"), "word": words, "y": BETTER}, tmp_path)
    assert "null_values" not in made
    suggested = load_config(str(tmp_path / "suggested.yaml")).config.dataset
    assert suggested.null_values == ("?", "-999")


@pytest.mark.parametrize("has_gaps", [True, False])
def test_a_target_called_default_has_a_rule_of_its_own(tmp_path: Path, has_gaps: bool) -> None:
    a = with_gaps("NA") if has_gaps else numbers()
    target = {"default": ["", *BETTER[1:]]}
    made = proposed({"a": a, "x": numbers(), **target}, tmp_path, "default")
    rules = {"default": "drop", "a": "indicator"} if has_gaps else {"default": "drop"}
    assert made["missing"] == rules
