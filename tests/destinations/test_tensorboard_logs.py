"""Runs as TensorBoard reads them: by its own reader, and as its HParams tab lists them."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from regcli.results.records import RunRecord
from regcli.store.store import open_store

from .conftest import Export

pytest.importorskip("tensorboard")


@pytest.fixture(autouse=True)
def without_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorBoard reads files by itself, as it does where TensorFlow is not installed."""
    monkeypatch.setitem(sys.modules, "tensorboard.compat.notf", ModuleType("notf"))


def read(folder: Path) -> Any:
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

    multiplexer = EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(folder))
    return multiplexer.Reload()


def scalars(logs: Any, run: str) -> dict[str, list[tuple[int, float]]]:
    """Points of each curve of the run whose folder ends with an id."""
    (name,) = [name for name in logs.Runs() if name.endswith(run)]
    found = logs.GetAccumulator(name)
    return {
        tag: [(event.step, event.tensor_proto.float_val[0]) for event in found.Tensors(tag)]
        for tag in found.Tags()["tensors"]
        if not tag.startswith("_hparams_")
    }


def hparams(logs: Any, folder: Path) -> tuple[Any, Any]:
    """The columns and rows of the HParams tab."""
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.context import RequestContext
    from tensorboard.plugins.base_plugin import TBContext
    from tensorboard.plugins.hparams import api_pb2, list_session_groups
    from tensorboard.plugins.hparams.backend_context import Context

    provider = MultiplexerDataProvider(logs, str(folder))
    context = Context(TBContext(data_provider=provider))
    asked = RequestContext()
    experiment = context.experiment_from_metadata(
        asked, "", True, context.hparams_metadata(asked, ""), []
    )
    request = api_pb2.ListSessionGroupsRequest(
        slice_size=100,
        include_metrics=True,
        allowed_statuses=[api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE],
        col_params=[api_pb2.ColParams(metric=info.name) for info in experiment.metric_infos],
    )
    rows = list_session_groups.Handler(asked, context, "", request).run().session_groups
    return experiment, rows


def files(folder: Path) -> dict[str, bytes]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_curves_results_and_settings_are_read_back(
    tmp_path: Path, export: Export, folds: Sequence[RunRecord]
) -> None:
    done = export("--to", "tensorboard", "-o", "logs")
    assert (done.code, done.out, done.err) == (0, "", "wrote 4 runs to logs\n")
    logs = read(tmp_path / "logs")
    assert {*logs.Runs()} == {
        ".",
        *(
            f"digits-mlp/l1={l1},l2=0.01,seed=0,fold={fold}_2 {number:012x}"
            for number, (l1, fold) in enumerate([("0", 1), ("0", 2), ("0.01", 1), ("0.01", 2)])
        ),
    }
    for run in folds:
        found = scalars(logs, run.id)
        assert found["epoch/val_loss"] == [
            (1, pytest.approx(0.4)),
            (2, pytest.approx(0.2)),
            (3, pytest.approx(0.2)),
        ]
        assert [step for step, _ in found["epoch/loss"]] == [1, 2, 3]
        assert found["epoch/loss"][2][1] != found["epoch/loss"][2][1]  # NaN
        assert found["validation/accuracy"] == [(3, pytest.approx(0.97))]
        assert found["sparsity/nonzero"] == [(3, 480)]
    experiment, rows = hparams(logs, tmp_path / "logs")
    assert [info.name for info in experiment.hparam_infos] == ["fold", "l1", "l2", "seed"]
    assert [*experiment.hparam_infos[0].domain_discrete] == ["1/2", "2/2"]
    l1 = experiment.hparam_infos[1].domain_interval
    assert (l1.min_value, l1.max_value) == (0.0, 0.01)
    shown = {info.name.tag for info in experiment.metric_infos}
    assert {"validation/accuracy", "sparsity/exact"} <= shown
    assert not any(name.startswith(("epoch/", "after_zeroing/")) for name in shown)
    settings = sorted(
        (row.hparams["l1"].number_value, row.hparams["fold"].string_value) for row in rows
    )
    assert settings == [(0.0, "1/2"), (0.0, "2/2"), (0.01, "1/2"), (0.01, "2/2")]
    for row in rows:
        values = {value.name.tag: value.value for value in row.metric_values}
        assert values["validation/accuracy"] == pytest.approx(0.97)


def test_exporting_again_changes_no_file(
    tmp_path: Path, export: Export, folds: Sequence[RunRecord]
) -> None:
    export("--to", "tensorboard", "-o", "logs", *(run.id for run in folds[:3]))
    before = files(tmp_path / "logs")
    again = export("--to", "tensorboard", "-o", "logs", folds[0].id)
    assert again.err == "wrote 0 runs to logs; 1 was there before\n"
    assert files(tmp_path / "logs") == before
    more = export("--to", "tensorboard", "-o", "logs")
    assert more.err == "wrote 1 run to logs; 3 were there before\n"
    assert len(scalars(read(tmp_path / "logs"), folds[0].id)["epoch/val_loss"]) == 3


@pytest.mark.usefixtures("folds")
def test_a_run_that_was_trained_again_replaces_its_points(
    tmp_path: Path, export: Export, folds: Sequence[RunRecord]
) -> None:
    export("--to", "tensorboard", "-o", "logs")
    changes = {
        "history": {"loss": (0.9,)},
        "settings": {"l1": 7.0},
        "created": "2026-02-01T00:00:00+00:00",
    }

    with open_store(tmp_path / "runs") as store:
        store.add_many([(folds[0].model_copy(update=changes), {})], replace=True)
    export("--to", "tensorboard", "-o", "logs")
    logs = read(tmp_path / "logs")
    assert len(logs.Runs()) == 5
    assert scalars(logs, folds[0].id)["epoch/loss"] == [(1, pytest.approx(0.9))]
    experiment, _ = hparams(logs, tmp_path / "logs")
    (l1,) = [info for info in experiment.hparam_infos if info.name == "l1"]
    assert l1.domain_interval.max_value == 7.0


@pytest.mark.usefixtures("hostile")
def test_names_values_and_states_that_no_tool_expects(tmp_path: Path, export: Export) -> None:
    done = export("--to", "tensorboard", "-o", "logs")
    assert (done.code, done.err) == (0, "wrote 2 runs to logs\n")
    written = [path.relative_to(tmp_path / "logs") for path in (tmp_path / "logs").rglob("*/*/*")]
    assert {path.parts[0] for path in written} == {"=2+5 __31m.._..___"}
    assert all(path.name.isprintable() and len(path.name.encode()) < 256 for path in written)
    logs = read(tmp_path / "logs")
    assert [step for step, _ in scalars(logs, "ffffffffff01")[r"epoch/loss\x07"]] == [1, 2]
    experiment, rows = hparams(logs, tmp_path / "logs")
    assert {info.name for info in experiment.hparam_infos} == {
        *("is", "l1", r"model.layers.<b>\n", r"model.layers.<b>\r"),
    }
    assert {row.sessions[0].status for row in rows} == {2}  # failure


def test_damage_of_the_overview_is_mended(tmp_path: Path, export: Export, folds: object) -> None:
    export("--to", "tensorboard", "-o", "logs")
    overview = tmp_path / "logs" / "events.out.tfevents.0.regcli"
    whole = overview.read_bytes()
    overview.write_bytes(whole[:-20])
    export("--to", "tensorboard", "-o", "logs")
    assert overview.read_bytes() == whole


def test_tensorflow_is_not_loaded(tmp_path: Path, folds: object) -> None:
    from cli.processes import loaded_packages

    found = loaded_packages("runs", "export", "--to", "tensorboard", "-o", "logs", cwd=tmp_path)
    assert "tensorboard" in found
    assert {"tensorflow", "keras"} & found == set()
