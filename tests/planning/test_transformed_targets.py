"""Losses and output layers that do not fit a target which is scaled or logged."""

import pytest
from loading import Load

from regcli.data.references import Datasets
from regcli.errors import ConfigError
from regcli.planning.members import plan_sweep
from regcli.planning.run import make_runs

PLAIN = "dataset: {name: diabetes}\n"
SCALED = "dataset: {name: diabetes, target: {scale: standard}}\n"
POISSON = "training: {loss: Poisson}\n"
POSITIVE = "model: {layers: [Dense: {units: 1, activation: softplus}]}\n"


@pytest.mark.parametrize(
    "text",
    [
        SCALED,
        SCALED + "training: {loss: {name: huber, delta: 0.5}}\n",
        SCALED + "model: {layers: [Dense: {units: 1}]}\n",
        PLAIN + POISSON + POSITIVE,
    ],
)
def test_what_fits(load: Load, text: str) -> None:
    assert len(make_runs(plan_sweep(load(text)).members, Datasets())) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            SCALED + POISSON,
            "c.yaml:2:18: training.loss: must be one of MeanSquaredError, MeanAbsoluteError, "
            "Huber, LogCosh where dataset.target has log or scale, got Poisson",
        ),
        (
            SCALED + "sweep: {vary: {training.loss: [mse, msle]}}\n",
            "c.yaml:2:31: training.loss: must be one of MeanSquaredError, MeanAbsoluteError, "
            "Huber, LogCosh where dataset.target has log or scale, got msle",
        ),
        (
            SCALED + POSITIVE,
            "c.yaml:2:18: model.layers.0: the output layer must have no activation where "
            "dataset.target has log or scale, because such a target may be negative, got softplus",
        ),
    ],
)
def test_what_does_not_fit(load: Load, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        make_runs(plan_sweep(load(text)).members, Datasets())
    assert refused.value.problems == (message,)
