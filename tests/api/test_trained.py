"""What calls train is what commands train, and gives it back as it is stored."""

import io
import json
import threading
import warnings
from contextlib import nullcontext, redirect_stderr
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from characterisation.command_line import Written
from characterisation.command_line import regcli as command
from listeners import Interrupting
from people import write_people
from report.written_pages import read, rows

import regcli
from regcli.results.records import RunState

QUICK = {"epochs": 2, "engine": "keras", "progress": False}
SMOKE = ("sweep", "smoke", "--l1", "0,0.01", "--seeds", "2", "--epochs", "2", "--engine", "keras")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="module")
def runs(folder: Path) -> Path:
    return folder / "runs"


@pytest.fixture(scope="module")
def sweep(runs: Path) -> regcli.Sweep:
    return regcli.sweep("smoke", l1=[0, 0.01], seeds=2, runs=runs, **QUICK)


@pytest.fixture(scope="module")
def written(sweep: regcli.Sweep, folder: Path) -> Written:
    """What the command of the same sweep writes."""
    return command(*SMOKE, folder=folder, env={"COLUMNS": "120"})


def test_the_command_finds_every_run_of_the_call(written: Written) -> None:
    assert "4 runs: 4 stored before, 0 to train" in written.err


def test_the_verdict_is_that_of_the_command(sweep: regcli.Sweep, written: Written) -> None:
    assert sweep.verdict is not None
    lines = [line.split() for line in str(sweep.verdict).splitlines()]
    assert lines[0][0] == "use"
    printed = [line.split() for line in written.out.splitlines()]
    assert all(line in printed for line in lines)


def test_the_verdict_in_numbers(sweep: regcli.Sweep, folder: Path) -> None:
    document = json.loads(command(*SMOKE, "--json", folder=folder).out)["verdict"]
    verdict = sweep.verdict
    assert verdict is not None
    assert verdict.difference is not None
    assert verdict.reference is not None
    (compared,) = document["comparisons"]
    assert [setting.name for setting in verdict.settings] == ["l1 0", "l1 0.01"]
    assert dict(verdict.use.values) == document["use"]["settings"]
    assert list(verdict.best.runs) == document["best"]["runs"]
    assert dict(verdict.reference.values) == document["reference"]["settings"]
    assert verdict.use.score == document["use"]["validation"]["mean"]
    assert verdict.use.test_score == document["use"]["test"]["mean"]
    assert (verdict.metric, verdict.ranked_by) == (document["score"], document["ranking"])
    assert verdict.margin == document["margin"]
    found = verdict.difference
    told = compared["difference"]
    assert (found.mean, found.low, found.high) == (told["mean"], told["low"], told["high"])
    assert (found.p_value, found.words) == (told["p_holm"], compared["finding"])
    assert (verdict.words, verdict.cannot_tell) == (found.words, found.words == "cannot tell")
    assert list(verdict.warnings) == [each["text"] for each in document["warnings"]]
    assert verdict.differences[verdict.settings.index(verdict.reference)] is None
    assert repr(verdict) == f"<Verdict: use {verdict.use.name}; {verdict.words}>"


def test_the_frame_is_the_csv(sweep: regcli.Sweep, folder: Path) -> None:
    text = command(*SMOKE, "--format", "csv", folder=folder).out
    frame = sweep.to_polars()
    kinds = {name: kind for name, kind in frame.schema.items() if kind != pl.Null}
    read = pl.read_csv(io.StringIO(text), schema_overrides=kinds)
    assert (read.columns, read.rows()) == (frame.columns, frame.rows())
    assert frame["id"].to_list() == [run.id for run in sweep.runs]


def test_losses_of_rows_have_the_rows_of_the_table(sweep: regcli.Sweep) -> None:
    frame = sweep.row_losses()
    assert frame.columns[:4] == ["id", "part", "row", "data_loss"]
    assert frame["id"].unique(maintain_order=True).to_list() == [run.id for run in sweep.runs]
    assert frame.group_by("id", "part").len()["len"].unique().to_list() == [30]
    for run in sweep.runs:
        for part in ("validation", "test"):
            own = frame.filter(id=run.id, part=part)
            assert own["data_loss"].mean() == pytest.approx(run.metrics[part]["data_loss"])
            assert own["accuracy"].mean() == pytest.approx(run.metrics[part]["accuracy"])
    # Rows by their numbers: what the model says of the table's own rows is right as often.
    from sklearn.datasets import load_iris

    x, y = load_iris(return_X_y=True)
    own = frame.filter(id=sweep.best.id, part="test")
    is_right = sweep.best.predict(x) == load_iris().target_names[y]
    assert own["accuracy"].to_list() == is_right[own["row"].to_numpy()].tolist()


def test_the_best_run_is_that_of_the_store(sweep: regcli.Sweep, runs: Path) -> None:
    stored = regcli.open(runs)
    assert stored.run("best").id == sweep.best.id
    assert stored.run("use").id == sweep.use.id
    assert stored.run(sweep.best.id[:6]).id == sweep.best.id


def test_the_model_predicts_what_the_run_does(sweep: regcli.Sweep) -> None:
    x = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 2.9, 5.6, 1.8]])
    outputs = np.asarray(sweep.best.model()(x))
    shares = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(sweep.best.predict_proba(x), shares, rtol=1e-5)
    names = np.array(sweep.best.classes)
    assert sweep.best.predict(x).tolist() == names[outputs.argmax(axis=1)].tolist()


def test_a_file_of_the_home_folder_is_predicted(
    sweep: regcli.Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    x = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 2.9, 5.6, 1.8]])
    columns = [f"{part} {side} (cm)" for part in ("sepal", "petal") for side in ("length", "width")]
    pl.DataFrame(x, columns).write_csv(tmp_path / "x.csv")
    assert sweep.best.predict("~/x.csv").tolist() == sweep.best.predict(x).tolist()


def test_the_history_is_what_keras_logs(sweep: regcli.Sweep) -> None:
    history = sweep.best.history()
    assert {"loss", "val_loss", "accuracy"} <= history.keys()
    assert {len(values) for values in history.values()} == {2}


def test_a_run_says_what_it_is(sweep: regcli.Sweep) -> None:
    run = sweep.runs[3]
    assert (run.name, run.state, run.message) == ("smoke", "finished", "")
    assert (run.settings["l1"], run.settings["seed"]) == (0.01, 1)
    assert repr(run) == f"<Run {run.id}: l1 0.01, l2 0, seed 1; finished>"
    assert repr(sweep) == f"<Sweep smoke: 4 runs; use {sweep.verdict and sweep.verdict.use.name}>"
    assert len(sweep) == 4


def test_a_notebook_shows_tables(sweep: regcli.Sweep) -> None:
    assert sweep.verdict is not None
    shown = [each._repr_html_() for each in (sweep, sweep.verdict, sweep.best)]
    whole, verdict, run = map(read, shown)
    assert next(whole.every("p")).text == "Sweep smoke: 4 runs"
    assert next(run.every("p")).text == f"Run {repr(sweep.best)[5:-1]}"
    (lines,) = verdict.every("table")
    first, settings = whole.every("table")
    assert rows(first) == rows(lines)
    told = [" ".join(row) for row in rows(lines)]
    printed = [" ".join(line.split()) for line in str(sweep.verdict).splitlines()]
    assert told == [line for line in printed if not line.startswith("warning ")]
    assert [row[1] for row in rows(settings)[1:]] == ["0", "0.01"]
    assert len(list(verdict.every("li"))) == len(sweep.verdict.warnings)


def test_a_report_is_the_page_of_the_command(
    sweep: regcli.Sweep, folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "r.html"
    page.write_text("an earlier one")
    assert sweep.report(page) == page
    command("report", sweep.id, "-o", str(tmp_path / "c.html"), folder=folder)
    assert page.read_text("utf-8") == (tmp_path / "c.html").read_text("utf-8")
    with pytest.raises(OSError, match="nowhere"):
        sweep.report(tmp_path / "nowhere" / "r.html")


def test_the_same_call_resumes(sweep: regcli.Sweep, runs: Path) -> None:
    again = regcli.sweep("smoke", l1="0,0.01", seeds=2, runs=str(runs), **QUICK)
    assert (again.id, again.reused, sweep.reused) == (sweep.id, 4, 0)


def test_a_config_of_a_run_trains_it_again(sweep: regcli.Sweep, runs: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        again = regcli.train(sweep.best.config, runs=runs, engine="keras", progress=False)
    assert again.id == sweep.best.id
    assert again.record.created == sweep.best.record.created


def test_stored_sweeps_have_their_verdicts(sweep: regcli.Sweep, runs: Path) -> None:
    stored = regcli.open(runs)
    (found,) = [each for each in stored.sweeps() if each.id == sweep.id]
    assert str(found.verdict) == str(sweep.verdict)
    assert stored.sweep("smoke").id == stored.sweep(sweep.id[:6]).id == sweep.id
    assert found.to_polars().equals(sweep.to_polars())
    with pytest.raises(regcli.UsageError) as caught:
        stored.sweep("smoky")
    assert str(caught.value) == f"there is no sweep 'smoky' in {runs}; did you mean 'smoke'?"


def test_runs_are_found_by_conditions(sweep: regcli.Sweep, runs: Path) -> None:
    stored = regcli.open(runs)
    found = stored.runs(where=["l1 > 0", "seed == 1"], name="smoke", state="finished")
    assert [run.id for run in found] == [sweep.runs[3].id]
    assert len(stored.runs(last=2)) == 2
    assert len(stored.runs("l1 == 0")) == 2
    with pytest.raises(regcli.UsageError, match=r"^where: there is no result or setting 'l_1'; "):
        stored.runs("l_1 > 0")
    with pytest.raises(regcli.UsageError, match=r"^state: must be finished, diverged, failed, "):
        stored.runs(state="done")  # type: ignore[arg-type]


def test_a_folder_without_runs(tmp_path: Path) -> None:
    with pytest.raises(regcli.RegcliError, match=r"^There are no runs in "):
        regcli.open(tmp_path / "none")


@pytest.fixture(scope="module")
def people(folder: Path) -> pl.DataFrame:
    def drawn(rng: np.random.Generator) -> list[object]:
        return [rng.integers(2), f"{rng.lognormal(10, 1):.2f}"]

    write_people(folder / "people.csv", "label,income", drawn)
    frame = pl.read_csv(folder / "people.csv", try_parse_dates=True, null_values=["", "?"])
    return frame.with_columns(pl.col("city").cast(pl.Categorical))


RULES = {
    "missing": {"default": "indicator", "size": "most_frequent", "city": "drop"},
    "types": {"size": {"ordinal": ["S", "M", "L"]}},
    "dates": ["month", "weekday"],
}


@pytest.fixture(scope="module")
def own(people: pl.DataFrame, runs: Path) -> regcli.Sweep:
    """A sweep on a frame with columns of all kinds."""
    config = {"name": "people", "dataset": RULES}
    return regcli.sweep(config, data=people, target="label", l1=[0, 0.1], runs=runs, **QUICK)


def test_a_frame_is_predicted_and_exported_as_any_file(
    own: regcli.Sweep, people: pl.DataFrame, folder: Path
) -> None:
    (folder / "new.csv").write_text(people.drop("label").write_csv())
    done = command("predict", own.best.id, "new.csv", folder=folder)
    printed = pl.read_csv(io.StringIO(done.out))
    predicted = own.best.predict(people)
    assert [None if each is None else int(each) for each in predicted] == (
        printed["prediction"].to_list()
    )
    assert [place for place, each in enumerate(predicted) if each is None] == (
        people.with_row_index().filter(pl.col("city").is_null())["index"].to_list()
    )
    np.testing.assert_array_equal(own.best.predict(folder / "new.csv"), predicted)
    shares = own.best.predict_proba(people)
    np.testing.assert_allclose(
        shares, printed.select("p(0)", "p(1)").to_numpy().astype(float), rtol=1e-6
    )


def test_a_verdict_on_a_mapping_names_no_file(own: regcli.Sweep) -> None:
    assert own.verdict is not None
    assert "regcli train" not in str(own.verdict)


def test_notes_on_the_data_are_kept(own: regcli.Sweep) -> None:
    assert any("city" in note for note in own.notes)


def test_missing_columns_are_named(own: regcli.Sweep, people: pl.DataFrame) -> None:
    with pytest.raises(regcli.DataError) as caught:
        own.best.predict(people.drop("age"))
    assert str(caught.value) == "data: must have the columns of training, it lacks 'age'"


def test_whole_numbers_are_predicted_as_such(runs: Path) -> None:
    x, y = np.eye(20, 3), np.arange(20) % 3
    config = {"name": "arrays", "dataset": {"scale": "none"}}
    run = regcli.train(config, data=(x, y), runs=runs, **QUICK)
    assert run.predict(x).dtype == np.int64
    assert run.predict_proba(x).shape == (20, 3)
    assert run.row_losses().filter(part="test").height == 4


def test_the_setting_to_use_is_trained_again_on_all_rows(runs: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 3))
    found = regcli.sweep({}, data=(x, x[:, 0] > 0), l1=[0, 0.1], folds=2, runs=runs, **QUICK)
    run = found.retrain(progress=False)
    assert found.verdict is not None
    assert run.settings["l1"] == found.verdict.use.values["l1"]
    assert run.record.data is not None
    assert run.record.data.rows == {"train": 40, "validation": 0, "test": 10}
    assert regcli.open(runs).run(run.id).state == "finished"
    assert run.predict(x).dtype == bool
    with pytest.raises(regcli.UsageError, match=r": only the call that gave a grid its verdict "):
        regcli.open(runs).sweep(found.id).retrain()


def test_quantities_are_predicted_in_their_unit(people: pl.DataFrame, runs: Path) -> None:
    data = people.select("age", "income").drop_nulls()
    target = {"column": "income", "log": True, "scale": "standard"}
    run = regcli.train({"dataset": {"target": target}}, data=data, runs=runs, **QUICK)
    predicted = run.predict(data)
    assert predicted.dtype == np.float64
    assert 1e3 < float(np.median(predicted)) < 1e6
    assert run.classes == ()
    with pytest.raises(regcli.UsageError, match=r": its outputs are not probabilities of classes$"):
        run.predict_proba(data)


@pytest.fixture(scope="module")
def path(runs: Path) -> regcli.Sweep:
    given = {"name": "line", "dataset": {"name": "iris"}, "training": {"polish": 0}}
    values = {"values": [0.001, 0.1], "refit": True}
    return regcli.path(given, runs=runs, **values, **QUICK)


def test_a_path_has_its_points_and_what_was_refitted(path: regcli.Sweep, runs: Path) -> None:
    assert path.along == "l1"
    assert [run.settings["l1"] for run in path.runs] == [0.001, 0.1]
    assert [run.record.refit_of for run in path.refitted] == [run.id for run in path.runs]
    stored = regcli.open(runs).sweep(path.id)
    assert stored.along == "l1"
    assert str(stored.verdict) == str(path.verdict)


def test_groups_of_a_path_need_no_other_strength(runs: Path) -> None:
    given = {"dataset": {"name": "iris"}, "regularization": {"group": "inputs"}}
    values = {"along": "group_strength", "values": [0.001, 0.1]}
    found = regcli.path({**given, "training": {"polish": 0}}, runs=runs, **values, **QUICK)
    assert found.along == "group_strength"
    assert len(found) == 2


def test_an_interrupt_keeps_what_has_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listening = nullcontext(Interrupting(epochs=3))
    with monkeypatch.context() as patch:
        patch.setattr("regcli.api.training_session.call_progress", lambda _: listening)
        with pytest.raises(KeyboardInterrupt) as caught:
            regcli.sweep("smoke", l1=[0, 0.01], seeds=2, runs=tmp_path, **QUICK)
    assert str(caught.value) == "1 run completed and stored, 3 remaining; the same call resumes"
    (kept,) = regcli.open(tmp_path).runs(state="finished")
    assert (kept.name, kept.settings["l1"], kept.settings["seed"]) == ("smoke", 0, 0)
    assert regcli.sweep("smoke", l1=[0, 0.01], seeds=2, runs=tmp_path, **QUICK).reused == 1


def test_a_call_in_another_thread_trains(sweep: regcli.Sweep, runs: Path) -> None:
    found: list[regcli.Sweep] = []

    def call() -> None:
        found.append(regcli.sweep("smoke", l1=[0, 0.01], seeds=2, runs=runs, **QUICK))

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert found[0].id == sweep.id


def test_a_call_is_quiet_off_a_terminal_unless_asked(sweep: regcli.Sweep, runs: Path) -> None:
    for progress, shown in (
        (None, ""),
        (False, ""),
        (True, "4 runs: 4 stored before, 0 to train\n"),
    ):
        with redirect_stderr(io.StringIO()) as written:
            regcli.sweep(
                "smoke", l1=[0, 0.01], seeds=2, runs=runs, **{**QUICK, "progress": progress}
            )
        assert written.getvalue() == shown


def test_runs_that_failed_rank_nothing(runs: Path) -> None:
    config = {"name": "wild", "dataset": {"name": "diabetes"}}
    given = {"training.optimizer": {"name": "sgd", "learning_rate": 1e30}}
    found = regcli.sweep(config, l1=[0, 0.1], set=given, runs=runs, **QUICK)
    assert {run.state for run in found.runs} == {RunState.DIVERGED.value}
    assert found.verdict is None
    assert found.runs[0].message
    with pytest.raises(regcli.UsageError, match=r": has no best setting; take one of its runs$"):
        found.best  # noqa: B018
