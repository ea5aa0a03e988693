"""The largest useful strength of one Dense layer, against conditions written out in NumPy."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from planned import OneSplit, run_of

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.errors import ModelError
from regcli.penalties.registry import NAMED
from regcli.penalties.sparse_groups import smallest_threshold
from regcli.training.devices import prepare_device
from regcli.training.executors import Materials
from regcli.training.largest import Largest, largest_strength

from .examples import Fit, a_config, binary_splits, class_splits

GRADIENTS = arrays(
    np.float64, st.tuples(st.integers(1, 4), st.integers(1, 6)), elements=st.floats(-5, 5)
)


def largest_of(config: Config, splits: Splits) -> Largest:
    materials = Materials(prepare_device("cpu"), OneSplit(splits))
    return largest_strength(run_of("a", config), materials)


def norm_after(gradients: Any, l1: float) -> float:
    """The largest ‖S(g, l1)‖ of a group."""
    return float(np.sqrt((np.maximum(np.abs(gradients) - l1, 0) ** 2).sum(1)).max())


@given(GRADIENTS, st.floats(0, 8))
def test_the_smallest_threshold_leaves_no_group_above_its_strength(
    gradients: Any, strength: float
) -> None:
    found = smallest_threshold(gradients, strength)
    assert norm_after(gradients, found) <= strength + 1e-7
    assert found == 0 or norm_after(gradients, found - 1e-6) > strength - 1e-7


def test_of_single_weights_it_is_the_largest_gradient() -> None:
    assert smallest_threshold(np.array([[0.3], [-0.7], [0.1]]), 0.0) == 0.7
    assert smallest_threshold(np.array([[3.0, 4.0]]), 5.0) == 0.0


def empty_gradient(splits: Splits) -> Any:
    """Xᵀ(p̄ − Y)/n of softmax with fitted biases, (inputs, classes)."""
    one_hot = np.eye(3)[splits.train.y]
    return splits.train.x.astype(float).T @ (one_hot.mean(0) - one_hot) / len(one_hot)


@pytest.mark.parametrize("share", [0.0, 0.4])
def test_groups_take_a_part_of_it(share: float) -> None:
    splits = class_splits()
    gradient = empty_gradient(splits)
    strength = share * float(np.linalg.norm(gradient, axis=1).max())
    groups = {"group": "inputs", "group_strength": strength} if share else {}
    found = largest_of(a_config(regularization=groups), splits)
    assert found.is_exact
    assert norm_after(gradient if share else gradient.reshape(-1, 1), found.strength) <= strength
    below = norm_after(gradient if share else gradient.reshape(-1, 1), 0.999 * found.strength)
    assert below > strength


@pytest.mark.parametrize("penalty", NAMED)
def test_every_penalty_of_single_weights_has_the_lasso_s(penalty: str) -> None:
    splits = class_splits()
    config = a_config(regularization={"penalty": penalty})
    found = largest_of(config, splits)
    assert found.is_exact
    top = float(np.abs(empty_gradient(splits)).max())
    assert found.strength == pytest.approx(top, rel=2e-5)


def test_a_group_strength_that_empties_the_model_leaves_nothing_to_seek() -> None:
    config = a_config(regularization={"group": "inputs", "group_strength": 9.0})
    with pytest.raises(ModelError) as refused:
        largest_of(config, class_splits())
    assert refused.value.path == ("regularization", "group_strength")
    assert refused.value.message == (
        "must be smaller: it sets all weights to zero even without l1; lower it, or give "
        "numbers for l1"
    )


@pytest.mark.slow
def test_a_loss_with_kinks_is_tried(reference_fit: Fit) -> None:
    """Hinge: at the fitted bias all rows of a class are on the kink."""
    splits = binary_splits(test=0)
    training = {"loss": "hinge", "epochs": 3}
    found = largest_of(a_config(training=training), splits)
    assert not found.is_exact
    regularization = {"l1": found.strength, "method": "proximal"}
    outcome = reference_fit(a_config(training=training, regularization=regularization), splits)
    assert outcome.sparsity is not None
    assert outcome.sparsity.nonzero == 0
