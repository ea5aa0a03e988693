"""Arrays and frames of a program are kept in files that regcli reads as they were."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from people import write_people

import regcli
from regcli.api.asked_config import Asked
from regcli.api.own_data import kept_file
from regcli.api.own_rows import as_file
from regcli.data.dataset import Table
from regcli.data.sources import load_table

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1, 0, 1, 0, 1])


def table(tmp_path: Path, data: Any, target: str | None = None, **dataset: Any) -> Table:
    """The table that runs on some data are trained on."""
    loaded = Asked({"dataset": dataset}, tmp_path / "runs", data, target, None).load()
    return load_table(loaded.config.dataset, loaded.folder)


def test_arrays_are_what_they_were(tmp_path: Path) -> None:
    for x in (X, X.astype(np.float32), X.astype(np.int16), X > 3, X.reshape(6, 2, 1)):
        found = table(tmp_path, (x, Y))
        np.testing.assert_array_equal(found.x, x)
        np.testing.assert_array_equal(found.y, Y)
        assert found.classes == ("0", "1")


def test_lists_and_targets_of_text_are_arrays(tmp_path: Path) -> None:
    labels = np.array(["no", "yes"] * 3, object)
    found = table(tmp_path, (X.tolist(), labels))
    assert (found.classes, found.y.tolist()) == (("no", "yes"), Y.tolist())


def test_the_same_arrays_are_kept_once(tmp_path: Path) -> None:
    first, target = kept_file((X, Y), None, tmp_path)
    written = first.stat().st_mtime_ns
    assert (first.parent, target) == (tmp_path / "data", None)
    assert kept_file((X.copy(), Y), None, tmp_path)[0] == first
    assert first.stat().st_mtime_ns == written
    others = [(X + 1, Y), (X, 1 - Y), (X.astype(np.float32), Y), (X.reshape(6, 1, 2), Y)]
    assert len({kept_file(other, None, tmp_path)[0] for other in others} - {first}) == 4


def test_a_frame_is_what_the_same_file_is(tmp_path: Path) -> None:
    write_people(tmp_path / "people.csv", "kind", lambda rng: [["a", "b"][rng.integers(2)]])
    rules = {
        "missing": "most_frequent",
        "types": {"size": {"ordinal": ["S", "M", "L"]}},
        "dates": ["month", "weekday"],
    }
    frame = pl.read_csv(tmp_path / "people.csv", try_parse_dates=True, null_values=["", "?"])
    frame = frame.with_columns(pl.col("city").cast(pl.Categorical))
    assert frame["joined"].dtype == pl.Date
    assert frame["vip"].dtype == pl.Boolean
    own = table(tmp_path, frame, "kind", **rules)
    files = table(tmp_path, str(tmp_path / "people.csv"), "kind", **rules)
    assert own.fingerprint == files.fingerprint
    assert own.kinds == files.kinds


def test_a_lazy_frame_is_collected(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": Y})
    assert table(tmp_path, frame.lazy(), "y").columns == ("a", "b")


def test_a_target_may_stand_beside_a_frame(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1]})
    for y in (Y, Y.tolist(), pl.Series("label", Y)):
        found = table(tmp_path, (frame, y))
        assert (found.columns, found.y.tolist()) == (("a", "b"), Y.tolist())
    with pytest.raises(regcli.DataError, match=r"^data: must have as many targets as rows, got 5 "):
        table(tmp_path, (frame, Y[1:]))
    with pytest.raises(regcli.UsageError, match=r"^data: the frame has a column 'a' already; "):
        table(tmp_path, (frame, pl.Series("a", Y)))


def test_what_is_done_to_the_target_stays(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": X[:, 0], "price": X[:, 1] + 1})
    config = {"dataset": {"name": "iris", "target": {"log": True}}}
    asked = Asked(config, tmp_path, frame, "price", None)
    dataset = asked.load().config.dataset
    assert dataset.name is None
    assert (dataset.target_column, dataset.target_settings.log) == ("price", True)


def test_a_frame_needs_a_target(tmp_path: Path) -> None:
    with pytest.raises(regcli.ConfigError) as caught:
        table(tmp_path, pl.DataFrame({"a": X[:, 0], "y": Y}))
    (line,) = caught.value.problems
    assert line.startswith("data: dataset: file requires target, the column to predict; got file ")


REFUSED = {
    "data: must be arrays (x, y), a frame of polars or pandas, or a path, got an object of the "
    "type ndarray": X,
    "data: array x must hold numbers in rows of one length": ([[1, 2], [3]], [0, 1]),
    "data: array x must hold numbers, got <U1": (np.array([["a"], ["b"]]), Y[:2]),
    "data: array y must hold numbers, truths or text of one kind, got datetime64[D]": (
        X[:1],
        np.array(["2024-01-01"], "datetime64[D]"),
    ),
    "data: array y must hold numbers, truths or text of one kind, got numbers and text and "
    "truths": (X[:3], ["a", 1, True]),
    "data: array y must hold numbers, truths or text of one kind, got numbers and truths": (
        X[:2],
        np.array([0, True], object),
    ),
    "data: array x has masked values, which int64 cannot hold as gaps; convert it to float, or "
    "fill them": (np.ma.array([[1], [2]], mask=[[True], [False]]), Y[:2]),
    "data: array y has masked values, which int64 cannot hold as gaps; convert it to float, or "
    "fill them": (X, np.ma.masked_equal(Y, 1)),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_no_data_is_refused(message: str, tmp_path: Path) -> None:
    with pytest.raises(regcli.RegcliError) as caught:
        kept_file(REFUSED[message], None, tmp_path)
    assert str(caught.value) == message
    assert not (tmp_path / "data").exists()


def test_masked_numbers_are_gaps(tmp_path: Path) -> None:
    masked = np.ma.masked_equal(X, 3)
    found = np.load(kept_file((masked, np.ma.array(Y)), None, tmp_path)[0])
    np.testing.assert_array_equal(found["x"], np.where(X == 3, np.nan, X))
    np.testing.assert_array_equal(found["y"], Y)
    with as_file(masked) as path:
        assert np.isnan(np.load(path)["x"]).tolist() == (X == 3).tolist()
    with pytest.raises(
        regcli.DataError, match="must have a value in every row, row 2 of 6 has none"
    ):
        table(tmp_path, (masked, Y))


def test_arrays_take_no_name_of_a_target(tmp_path: Path) -> None:
    with pytest.raises(regcli.UsageError, match=r"^target: must be left out for arrays, of which "):
        kept_file((X, Y), "y", tmp_path)


def test_errors_about_rows_to_predict_name_no_file_that_is_gone() -> None:
    def read() -> None:
        with as_file(pl.DataFrame({"day": [dt.date(2024, 1, 1)]})) as path:
            raise regcli.DataError(f"{path}: column 'day' must hold numbers")

    with pytest.raises(regcli.DataError, match=r"^data: column 'day' must hold numbers$"):
        read()


def test_errors_of_own_data_name_no_file(tmp_path: Path) -> None:
    config = {"model": {"layers": []}, "dataset": {"name": "iris"}}
    asked = {"data": (X, Y[1:]), "l1": [0, 1], "runs": tmp_path}
    with pytest.raises(regcli.DataError) as caught:
        regcli.sweep(config, **asked)
    assert str(caught.value) == (
        f"data: x and y must have the same number of rows, got {len(X)} and {len(Y) - 1}"
    )
