"""Without epochs one Dense layer is solved: to scikit-learn's optima, and nothing else is."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from listeners import Notes
from planned import OneSplit, run_of

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.errors import ModelError
from regcli.planning.batches import Batch
from regcli.planning.events import Event, RunsEnded
from regcli.planning.run import Run
from regcli.results.outcomes import Outcome
from regcli.training.executor_choice import RefusedRunError, choose_executor
from regcli.training.executors import Materials

from .examples import a_config, class_splits
from .test_proximal_optima import KNOWN, a_model, all_rows, largest_strength


def batch_of(*runs: Run) -> Batch:
    return Batch("key", runs, len(runs), at_once=len(runs), data=(runs[0].data,))


def solve(splits: Splits, configs: dict[str, Config], engine: Any = "auto") -> Notes:
    """Solve configs by the executor that is chosen for them."""
    batch = batch_of(*(run_of(name, config) for name, config in configs.items()))
    notes = Notes()
    materials = Materials("/CPU:0", OneSplit(splits))
    choose_executor(batch, engine, materials).run(batch, notes)
    return notes


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes"])
def test_the_optima_are_those_of_scikit_learn(name: str) -> None:
    splits = all_rows(name)
    largest = largest_strength(splits)
    configs = {
        repr(case): a_model(name, case[0] * largest, case[1], epochs=0) for case in KNOWN[name]
    }
    notes = solve(splits, configs)
    assert notes.epochs == 0
    assert notes.populations == [len(configs)]
    for case, (objective, data_loss, nonzero) in KNOWN[name].items():
        found = notes.outcomes[repr(case)]
        assert found.metrics["train"]["objective"] == pytest.approx(objective, rel=1e-6)
        assert found.metrics["train"]["data_loss"] == pytest.approx(data_loss, rel=1e-5)
        assert found.sparsity is not None
        assert found.sparsity.nonzero == nonzero
        assert (found.epochs, found.history) == (0, {})
        assert found.optimality is not None
        assert found.optimality.settled


def test_the_engine_is_called_solver_whatever_is_asked_for() -> None:
    splits, told = all_rows("breast_cancer"), []

    def listen(event: Event) -> None:
        if isinstance(event, RunsEnded):
            told.append(event.engine)

    for engine in ("auto", "keras", "population"):
        batch = batch_of(run_of("a", a_model("breast_cancer", 0.1, 0.0, epochs=0)))
        choose_executor(batch, engine, Materials("/CPU:0", OneSplit(splits))).run(batch, listen)
    assert told == ["solver"] * 3


def test_the_seed_and_what_is_solved_before_change_nothing() -> None:
    splits = all_rows("breast_cancer")

    def solved(*seeds: int) -> Outcome:
        configs = {
            str(seed): a_model("breast_cancer", 0.01 * (1 + seed % 2), 0.0, epochs=0, seed=seed)
            for seed in seeds
        }
        return solve(splits, configs).outcomes[str(seeds[-1])]

    alone, after = solved(2), solved(3, 4)
    assert alone.metrics == after.metrics
    for name, values in alone.weights.items():
        np.testing.assert_array_equal(values, after.weights[name])


REFUSED = (
    "must be at least 1 for this model, got 0: without epochs only one Dense layer under a convex "
    "loss is solved, without dropout, early stopping or polish: 0"
)


@pytest.mark.parametrize(
    ("layers", "training"),
    [
        ([{"Dense": {"units": 4, "activation": "relu"}}], {}),
        ([{"Dropout": {"rate": 0.5}}], {}),
        ([], {"early_stopping": {"monitor": "train.data_loss"}}),
        ([], {"polish": 0}),
    ],
)
def test_what_is_not_solved_is_refused(layers: list[Any], training: dict[str, Any]) -> None:
    config = a_config(
        layers, regularization={"method": "proximal"}, training={"epochs": 0, **training}
    )
    batch = batch_of(run_of("a", config))
    with pytest.raises(RefusedRunError) as caught:
        choose_executor(batch, "auto", Materials("/CPU:0", OneSplit(class_splits())))
    error = caught.value.error
    assert isinstance(error, ModelError)
    assert (error.path, error.message) == (("training", "epochs"), REFUSED)


def test_an_interrupt_keeps_what_is_solved() -> None:
    splits = all_rows("breast_cancer")

    class Interrupting(OneSplit):
        """Presses Ctrl-C when the second run's rows are asked for."""

        def of(self, reference: Any) -> Splits:
            if reference.fingerprint == "second":
                raise KeyboardInterrupt
            return super().of(reference)

    config = a_model("breast_cancer", 0.1, 0.0, epochs=0)
    first, second = run_of("a", config), run_of("b", config)
    second = replace(second, data=replace(second.data, fingerprint="second"))
    batch, notes = batch_of(first, second), Notes()
    executor = choose_executor(batch, "auto", Materials("/CPU:0", Interrupting(splits)))
    with pytest.raises(KeyboardInterrupt):
        executor.run(batch, notes)
    assert notes.outcomes.keys() == {"a"}


def test_a_run_that_fails_does_not_stop_the_others() -> None:
    splits = all_rows("breast_cancer")

    def parent_is_gone(identity: str) -> Any:
        raise KeyError(f"no weights of {identity}")

    config = a_model("breast_cancer", 0.1, 0.0, epochs=0)
    batch = batch_of(run_of("a", config, parent="gone"), run_of("b", config))
    notes = Notes()
    materials = Materials("/CPU:0", OneSplit(splits), parent_is_gone)
    choose_executor(batch, "auto", materials).run(batch, notes)
    assert {key: each.state.value for key, each in notes.outcomes.items()} == {
        "a": "failed",
        "b": "finished",
    }
