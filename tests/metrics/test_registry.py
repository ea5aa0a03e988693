"""What holds for every metric there is."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from regcli.metrics.all_scores import score
from regcli.metrics.metric import Kind, Metric
from regcli.metrics.predictions import Predictions, Scale
from regcli.metrics.registry import (
    MEANINGS,
    METRICS,
    default_metrics,
    kind_of,
    metrics_of,
)

from .examples import Array, binary, quantities, score_one, several

KINDS: tuple[Kind, ...] = ("classification", "regression")


def test_names_are_told_apart() -> None:
    assert [metric.key for metric in METRICS.values()] == list(METRICS)
    assert len({metric.label for metric in METRICS.values()}) == len(METRICS)
    assert not METRICS.keys() & MEANINGS.keys()
    assert len(MEANINGS) == sum(len(metric.other_names) for metric in METRICS.values())
    for metric in METRICS.values():
        assert metric.meaning.endswith(".")
        assert len(metric.short) <= len(metric.label)


def test_what_is_shown_unless_asked() -> None:
    assert [metric.key for metric in default_metrics("classification")] == ["accuracy"]
    assert [metric.key for metric in default_metrics("regression")] == ["r2", "mae"]
    assert not any(m.is_default and m.is_diagnostic for m in METRICS.values())
    assert [kind_of(task) for task in ("binary", "multiclass", "regression")] == [
        "classification",
        "classification",
        "regression",
    ]


def test_the_room_is_read_without_heavy_packages() -> None:
    script = "import json, sys, regcli.metrics.registry; print(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert not {"numpy", "tensorflow", "keras"} & set(json.loads(done.stdout))


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.key)
def test_the_better_predictions_have_the_better_value(metric: Metric) -> None:
    if metric.kind == "regression":
        right = quantities(1)
        exact = right.truth[np.newaxis, :, np.newaxis]
        better, worse = exact + 0.1, exact - 10 * exact
        given = [Predictions(right.truth, out, Scale.VALUES) for out in (better, worse)]
    else:
        truth = several(1).truth
        logits = 9.0 * np.eye(4)[truth][np.newaxis]
        given = [Predictions(truth, out, Scale.LOGITS) for out in (logits, -logits)]
    good, bad = (score_one(metric.kind, metric.key, one) for one in given)
    assert (good > bad) is metric.higher_is_better
    assert good != bad


DRAWN = st.tuples(
    st.sampled_from([1, 2, 3, 11]),
    st.integers(1, 40),
    st.integers(1, 9),
    st.integers(0, 99),
    st.sampled_from(list(Scale)),
)


@drawn(DRAWN)
def test_scores_do_not_depend_on_who_is_scored_beside(
    drawn: tuple[int, int, int, int, Scale],
) -> None:
    """Bit for bit, whatever outputs there are: ties, infinities and NaN among them."""
    outputs, rows, members, seed, scale = drawn
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(members, rows, outputs)).round(rng.integers(1, 4))
    values[rng.random(values.shape) < 0.01] = rng.choice([np.nan, np.inf, -np.inf, 0])
    values = values.astype(np.float32)
    truth = rng.integers(0, max(2, outputs), rows).astype(np.int32)
    quantity = rng.normal(size=rows).astype(np.float32)
    of_kinds: dict[Kind, Array] = {"classification": truth, "regression": quantity}
    for kind, y in of_kinds.items():
        together = score(kind, Predictions(y, values, scale))
        for member in range(members):
            alone = score(kind, Predictions(y, values[member : member + 1], scale))
            assert list(alone) == list(together)
            for key, value in alone.items():
                assert value.tobytes() == together[key][member : member + 1].tobytes(), key


def test_members_that_are_scored_in_several_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    many = np.random.default_rng(0).normal(size=(7, 80, 4)).astype(np.float32)
    given = Predictions(several(0).truth, many, Scale.LOGITS)
    whole = score("classification", given)
    monkeypatch.setattr("regcli.metrics.all_scores.MOST_NUMBERS", 700)
    monkeypatch.setattr("regcli.metrics.predictions.MOST_NUMBERS", 300)
    for key, values in score("classification", given).items():
        assert values.tobytes() == whole[key].tobytes()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("given", [binary(1), several(1), quantities(1)])
def test_outputs_that_are_not_finite(given: Predictions, value: float) -> None:
    """Only decisions are left: a row without one is wrong."""
    outputs = given.outputs.copy()
    outputs[0, 3, 0] = value
    broken = Predictions(given.truth, outputs, given.scale)
    kind: Kind = "regression" if given.scale is Scale.VALUES else "classification"
    of_decisions = {"accuracy", "balanced_accuracy", "precision", "recall", "f1"}
    for key, (found,) in score(kind, broken).items():
        assert bool(np.isfinite(found)) is (key in of_decisions), key


def test_what_needs_probabilities_is_left_out_without_them() -> None:
    needed = {m.key for m in metrics_of("classification") if m.needs_probabilities}
    assert needed == {"log_loss", "brier", "ece"}
    for scale in Scale:
        found = score("classification", binary(1, scale=scale))
        assert needed.isdisjoint(found) is (scale in {Scale.MARGINS, Scale.VALUES})
        assert set(found) >= {m.key for m in metrics_of("classification")} - needed


@pytest.mark.parametrize("seed", range(3))
def test_the_other_class_as_the_positive_one(seed: int) -> None:
    """Only what is about the class itself changes."""
    of = {p: score("classification", binary(seed, positive=p)) for p in (0, 1)}
    changed = {key for key in of[0] if of[0][key] != of[1][key]}
    assert changed == {"precision", "recall", "f1", "average_precision"}
