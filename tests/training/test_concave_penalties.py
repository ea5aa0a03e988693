"""Training under penalties that are not convex, by both trainers and to a stationary point."""

from itertools import cycle

import numpy as np
import pytest

from regcli.penalties.registry import NAMED

from .examples import Fit, a_config, binary_splits, class_splits, rows, splits_of
from .populations import assert_same_training, train_by_fit, train_together

CONCAVE = [name for name, penalty in NAMED.items() if not penalty.is_convex]
HIDDEN = {"Dense": {"units": 5, "activation": "relu"}}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("penalty", "method"), list(zip(CONCAVE, cycle(["penalty", "proximal"]), strict=False))
)
def test_members_that_differ_in_shape_are_what_fit_makes_of_each(penalty: str, method: str) -> None:
    """A layer outside the selection has the same penalty by an l1 of its own; biases have l1."""
    layers = [{"Dense": {"units": 5, "activation": "relu", "l1": 0.03}}, {"Dense": {"units": 3}}]
    given = [(0.02, 2.5, 0.0), (0.1, 6.0, 0.01), (0.1, None, 0.0)]
    configs = [
        a_config(
            layers,
            regularization={
                "penalty": penalty,
                "l1": l1,
                "l2": l2,
                "gamma": gamma,
                "method": method,
                "layers": ["dense_1"],
                "bias": {"l1": 0.01},
            },
            training={"optimizer": {"name": "adam", "learning_rate": 0.02}, "polish": 0},
        )
        for l1, gamma, l2 in given
    ]
    splits = class_splits()
    together = train_together(configs, splits)
    for ours, config in zip(together, configs, strict=True):
        assert_same_training(ours, train_by_fit(config, splits), rtol=2e-5, atol=2e-5)
    assert len({outcome.weights["dense_1/kernel"].tobytes() for outcome in together}) == 3


@pytest.mark.parametrize("penalty", CONCAVE)
def test_one_layer_ends_at_a_stationary_point_and_says_what_that_is(penalty: str, fit: Fit) -> None:
    x = rows((8,), 160)
    weights = np.array([2.0, -1.5, 1.0, 0, 0, 0, 0, 0])
    splits = splits_of(x, x @ weights + 0.3 * rows((), 160, seed=1))
    own = {"penalty": penalty, "l1": 0.3, "method": "proximal"}
    outcome = fit(a_config(regularization=own), splits)
    (kernel,) = (w for name, w in outcome.weights.items() if name.endswith("kernel"))
    np.testing.assert_array_equal(kernel[:, 0] != 0, weights != 0)
    np.testing.assert_allclose(kernel[:3, 0], weights[:3], atol=0.1)  # large ones are not shrunk
    found = outcome.optimality
    assert found is not None
    assert (found.settled, found.gap) == (True, None)
    assert found.residual < 1e-5
    assert found.reason == (
        "the penalty is not convex: a stationary point, not certified as the global optimum"
    )


@pytest.mark.parametrize("penalty", CONCAVE)
def test_a_smooth_net_is_polished_to_a_stationary_point_too(
    penalty: str, reference_fit: Fit
) -> None:
    own = {"penalty": penalty, "l1": 0.02, "l2": 0.01, "method": "proximal"}
    training = {"epochs": 20, "polish": 1000, "optimizer": {"name": "adam", "learning_rate": 0.02}}
    smooth = {"Dense": {"units": 5, "activation": "tanh"}}
    config = a_config([smooth], regularization=own, training=training)
    outcome = reference_fit(config, binary_splits(count=80))
    assert outcome.optimality is not None
    assert (outcome.optimality.settled, outcome.optimality.reason) == (True, "")
    assert outcome.optimality.residual < 1e-6
    assert outcome.sparsity is not None
    assert 0 < outcome.sparsity.exact < 1


@pytest.mark.parametrize("penalty", CONCAVE)
def test_a_penalty_that_levels_off_far_out_is_the_elastic_net(
    penalty: str, reference_fit: Fit
) -> None:
    plain = {"l1": 0.05, "l2": 0.01, "method": "proximal"}
    far, near = (
        reference_fit(
            a_config([HIDDEN], regularization=given, training={"polish": 30}),
            binary_splits(count=80),
        )
        for given in ({**plain, "penalty": penalty, "gamma": 1e7}, plain)
    )
    for name, values in near.weights.items():
        np.testing.assert_allclose(far.weights[name], values, atol=2e-4, err_msg=name)


@pytest.mark.parametrize("penalty", CONCAVE)
def test_separable_rows_are_said_to_need_l2(penalty: str, reference_fit: Fit) -> None:
    x = np.linspace(-1, 1, 40)[:, None] * [[1.0]]
    splits = splits_of(x, (x[:, 0] > 0).astype(int), classes=2, seed=1)
    own = {"penalty": penalty, "l1": 0.001, "method": "proximal"}
    fast = {"optimizer": {"name": "sgd", "learning_rate": 50.0}, "epochs": 30}
    found = reference_fit(a_config(regularization=own, training=fast), splits).optimality
    assert found is not None
    assert (found.settled, found.reason) == (
        False,
        "the training classes can be separated, and the penalty is constant for large weights, "
        "so the "
        "objective has no "
        "minimum; add l2",
    )
