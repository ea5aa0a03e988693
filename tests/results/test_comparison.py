"""Runs side by side: only what differs."""

from typing import Any

from stored_examples import a_run

from regcli.results.comparison import Difference, differences
from regcli.results.records import DataSummary, RunRecord


def run_of(run_id: str, config: Any, **changes: Any) -> RunRecord:
    return a_run(run_id, config=config, **changes)


CONFIG = {
    "model": {"layers": [{"Dense": {"units": 8}}]},
    "regularization": {"l1": 0.0, "l2": 0.1, "layers": "all"},
    "sweep": {},
}


def test_a_run_does_not_differ_from_itself() -> None:
    assert differences([run_of("aaaa", CONFIG), run_of("bbbb", CONFIG)]) == ()
    assert differences([run_of("aaaa", CONFIG)]) == ()
    assert differences([]) == ()


def test_config_keys_come_first_then_data_state_and_results() -> None:
    other = {
        "model": {"layers": [{"Dense": {"units": 16}}, {"Dropout": {"rate": 0.1}}]},
        "regularization": {"l1": 0.0, "l2": 0.2, "layers": ["dense"]},
        "sweep": {},
    }
    data = DataSummary(
        source="x.csv", fingerprint="f00", task="binary", rows={}, input_shape=(3,), columns=()
    )
    scores = {"validation": {"data_loss": 0.3, "penalty": 0.2, "accuracy": float("nan")}}
    runs = [
        run_of("aaaa", CONFIG),
        run_of("bbbb", other, data=data, state="diverged", metrics=scores, epochs=7),
    ]
    assert differences(runs) == (
        Difference("model.layers.0.Dense.units", (8, 16), False),
        Difference("regularization.l2", (0.1, 0.2), False),
        Difference("regularization.layers", ("all", None), False),
        Difference("model.layers.1.Dropout.rate", (None, 0.1), False),
        Difference("regularization.layers.0", (None, "dense"), False),
        Difference("data", (None, "f00"), False),
        Difference("state", ("finished", "diverged"), True),
        Difference("validation.data_loss", (0.1, 0.3), True),
        Difference("validation.accuracy", (0.97, None), True),
        Difference("epochs", (50, 7), True),
    )


def test_numbers_that_neither_run_has_do_not_differ() -> None:
    nothing = {"validation": {"data_loss": float("nan")}}
    runs = [run_of(name, CONFIG, metrics=nothing, sparsity=None) for name in ("aaaa", "bbbb")]
    assert differences(runs) == ()


def test_three_runs() -> None:
    runs = [run_of(str(epochs) * 4, CONFIG, epochs=epochs) for epochs in (1, 1, 2)]
    assert differences(runs) == (Difference("epochs", (1, 1, 2), True),)
