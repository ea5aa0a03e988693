"""Which members may be trained together."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planned import OneSplit, run_of

from regcli.config import catalogue
from regcli.config.schema import Config
from regcli.data.references import Datasets
from regcli.planning.batches import make_batches
from regcli.planning.graph import RunGraph
from regcli.planning.populations import (
    MEMBER_SCALARS,
    member_scalars,
    population_key,
)

BASE: dict[str, Any] = {
    "dataset": {"name": "iris"},
    "model": {
        "layers": [
            {"Dense": {"units": 8, "activation": "relu", "l1": 0.1}},
            {"Dropout": {"rate": 0.2}},
            {"Dense": {"units": 3}},
        ]
    },
    "regularization": {"l1": 0.0, "l2": 0.01},
    "training": {
        "optimizer": {"name": "adam", "learning_rate": 0.01, "beta_1": 0.9, "amsgrad": False},
        "epochs": 5,
    },
}
TOGETHER: list[tuple[str, Any]] = [
    ("name", "another"),
    ("regularization.l1", 0.5),
    ("regularization.l2", 0.0),
    ("model.layers.0.Dense.l1", 0.0),
    ("model.layers.2.Dense.l2", 0.3),
    ("model.layers.1.Dropout.rate", 0.7),
    ("training.seed", 9),
    ("dataset.seed", 1),
    ("training.optimizer.learning_rate", 1),
    ("training.optimizer.beta_1", 0.5),
    ("sweep.seeds", 3),
]
APART: list[tuple[str, Any]] = [
    ("dataset.name", "wine"),
    ("dataset.scale", "minmax"),
    ("dataset.noise_features", 2),
    ("model.layers.0.Dense.units", 9),
    ("model.layers.0.Dense.activation", "tanh"),
    ("model.layers.2.Dense.name", "last"),
    ("regularization.layers", "hidden"),
    ("regularization.penalty", "mcp"),
    ("training.optimizer.name", "nadam"),
    ("training.optimizer.amsgrad", True),
    ("training.optimizer.beta_2", 0.9),
    ("training.optimizer.clipnorm", 1.0),
    (
        "training.optimizer.learning_rate",
        {"ExponentialDecay": {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.9}},
    ),
    ("training.loss", "mse"),
    ("training.epochs", 6),
    ("training.batch_size", 16),
    ("training.early_stopping", {"patience": 3}),
]
IRIS = OneSplit(Datasets().split(Config.model_validate(BASE).dataset, Path()))


def config(*changes: tuple[str, Any]) -> Config:
    document = _copied(BASE)
    for key, value in changes:
        place, *parents = reversed(key.split("."))
        inner = document
        for parent in reversed(parents):
            inner = inner[int(parent)] if isinstance(inner, list) else inner.setdefault(parent, {})
        inner[place] = value
    return Config.model_validate(document)


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("change", TOGETHER, ids=lambda change: change[0])
def test_what_members_may_differ_in(change: tuple[str, Any]) -> None:
    assert config(change) != config()
    assert population_key(config(change)) == population_key(config())


@pytest.mark.parametrize("change", APART, ids=lambda change: change[0])
def test_what_makes_another_population(change: tuple[str, Any]) -> None:
    assert population_key(config(change)) != population_key(config())


def test_a_scalar_that_is_left_out_is_no_member_s_own() -> None:
    """Keras's default is not spelled out here, so that such members train apart."""
    plain = config(("training.optimizer", "adam"))
    assert member_scalars(plain) == ()
    assert member_scalars(config()) == ("learning_rate", "beta_1")
    assert population_key(plain) != population_key(config())


@pytest.mark.parametrize("name", MEMBER_SCALARS)
def test_scalars_are_arguments_that_the_optimizer_has(name: str) -> None:
    scalars = MEMBER_SCALARS[name]
    assert set(scalars) <= set(catalogue.arguments("optimizers", name))
    optimizer = {"name": name.lower(), **dict.fromkeys(scalars, 0.5)}
    assert member_scalars(config(("training.optimizer", optimizer))) == scalars
    schedule = {"PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 5}}
    decaying = {**optimizer, "learning_rate": schedule}
    assert member_scalars(config(("training.optimizer", decaying))) == scalars[1:]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([8, 16]),
            st.sampled_from(["relu", "tanh"]),
            st.sampled_from([0.0, 0.1]),
            st.integers(0, 3),
        ),
        max_size=12,
    )
)
def test_groups_hold_each_member_once_in_the_order_of_the_grid(
    settings: list[tuple[int, str, float, int]],
) -> None:
    members = [
        config(
            ("model.layers.0.Dense.units", units),
            ("model.layers.0.Dense.activation", activation),
            ("regularization.l1", l1),
            ("training.seed", seed),
        )
        for units, activation, l1, seed in settings
    ]
    graph = RunGraph.of(run_of(str(place), config) for place, config in enumerate(members))
    batches = make_batches(graph, graph.runs.keys(), IRIS)
    groups = [[int(run.id) for run in batch.runs] for batch in batches]
    assert sorted(place for group in groups for place in group) == list(range(len(members)))
    assert all(group == sorted(group) for group in groups)
    assert [group[0] for group in groups] == sorted(group[0] for group in groups)
    assert [batch.members for batch in batches] == list(map(len, groups))
    shapes = [{settings[place][:2] for place in group} for group in groups]
    assert all(len(shape) == 1 for shape in shapes)
    assert len({next(iter(shape)) for shape in shapes}) == len(groups)
