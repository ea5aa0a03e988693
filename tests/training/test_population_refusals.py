"""What cannot be trained as a population says why, and `fit` trains it unless it must not."""

from typing import Any

import pytest
from listeners import Notes
from planned import OneSplit, run_of

from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.errors import EngineError
from regcli.planning.batches import Batch
from regcli.stacked.layers import FOLDABLE, FORMS
from regcli.stacked.layout import Layout
from regcli.training.executor_choice import choose_executor, is_worth_compiling
from regcli.training.executors import Materials
from regcli.training.fit_executor import FitExecutor
from regcli.training.population.from_configs import why_not
from regcli.training.population_executor import PopulationExecutor
from regcli.training.reference import prepare_model

from .examples import a_config, binary_splits, class_splits

ROWS, STEPS, IMAGE = (4,), (6, 3), (6, 6, 2)
DENSE = {"units": 3}
LSTM = {"units": 2}
CONV = {"filters": 2, "kernel_size": 2}

LAYERS: dict[str, tuple[tuple[int, ...], Any, str]] = {
    "no form": (
        ROWS,
        {"SpectralNormalization": {"layer": {"Dense": DENSE}}},
        "the layer SpectralNormalization changes its own state in a call",
    ),
    "no form, in a wrapper": (
        STEPS,
        {"TimeDistributed": {"layer": {"SpectralNormalization": {"layer": {"Dense": DENSE}}}}},
        "SpectralNormalization is not supported in a population",
    ),
    "activity regularizer": (
        ROWS,
        {"Dense": {**DENSE, "activity_regularizer": "OrthogonalRegularizer"}},
        "Dense has an activity_regularizer that is not a sum over rows",
    ),
    "activity regularizer in wrappers": (
        (3, 6, 3),
        {
            "TimeDistributed": {
                "layer": {
                    "Bidirectional": {"layer": {"LSTM": {**LSTM, "activity_regularizer": "L2"}}}
                }
            }
        },
        "LSTM in TimeDistributed has an activity_regularizer",
    ),
    "seed": (ROWS, {"Dropout": {"rate": 0.5, "seed": 7}}, "Dropout has seed=7"),
    "seed in a wrapper": (
        STEPS,
        {"Bidirectional": {"layer": {"LSTM": {**LSTM, "dropout": 0.5, "seed": 7}}}},
        "LSTM has seed=7",
    ),
    "masked": (
        ROWS,
        {"Embedding": {"input_dim": 4, "output_dim": 2, "mask_zero": True}},
        "Embedding has mask_zero=True",
    ),
    "renormalization": (
        ROWS,
        {"BatchNormalization": {"renorm": True}},
        "BatchNormalization has renorm=True",
    ),
}
LOSSES: dict[str, tuple[Any, str | None]] = {
    "all rows together": ("dice", "the loss dice is not a mean over rows"),
    "each row by itself": ({"name": "dice", "axis": -1}, None),
    "all rows of an output": (
        {"name": "Tversky", "axis": 0},
        "the loss Tversky is not a mean over rows",
    ),
    "the rows' directions": (
        {"name": "cosine_similarity", "axis": 0},
        "the loss cosine_similarity is not a mean over rows",
    ),
    "a row's direction": ("cosine_similarity", None),
}
PROBABILITY = {"Dense": {"units": 1, "activation": "sigmoid"}}


def reason(config: Config, splits: Splits) -> str | None:
    return why_not(config, prepare_model(config, splits).model, splits.table)


@pytest.mark.parametrize("case", LAYERS)
def test_layers(case: str) -> None:
    shape, layer, message = LAYERS[case]
    last = "GlobalAveragePooling1D" if case == "masked" else "Flatten"
    layers = [layer] if len(shape) == 1 and case != "masked" else [layer, last]
    assert reason(a_config(layers), binary_splits(shape, 12)) == message


@pytest.mark.parametrize("case", LOSSES)
def test_losses(case: str) -> None:
    loss, message = LOSSES[case]
    assert reason(a_config([PROBABILITY], training={"loss": loss}), binary_splits()) == message


@pytest.mark.parametrize(
    ("optimizer", "refused"),
    [
        ({"name": "adadelta"}, "Adadelta"),
        ({"name": "rmsprop", "momentum": 0.9}, "RMSprop"),
        ({"name": "rmsprop", "centered": True}, "RMSprop"),
        ({"name": "rmsprop"}, None),
        ({"name": "adam", "clipnorm": 1.0}, None),
    ],
)
def test_tokens_whose_slices_cannot_be_counted(
    optimizer: dict[str, Any], refused: str | None
) -> None:
    training = {"optimizer": optimizer}
    layers = [{"Embedding": {"input_dim": 9, "output_dim": 2}}, "Flatten"]
    message = f"{refused} computes an Embedding's gradient in slices whose number XLA cannot know"
    assert reason(a_config(layers, training=training), binary_splits()) == (
        message if refused else None
    )
    assert reason(a_config([PROBABILITY], training=training), binary_splits()) is None


@pytest.mark.parametrize("strengths", [{}, {"l1": 0.1}, {"l1": 0.1, "l2": 0.1}])
def test_strengths_are_no_reason(strengths: dict[str, float]) -> None:
    layers: list[Any] = [
        {"Conv2D": {**CONV, **strengths}},
        {"MaxPooling2D": {"pool_size": 2}},
        "Flatten",
        {"Dense": {**DENSE, **strengths}},
    ]
    config = a_config(layers, regularization=strengths)
    assert reason(config, binary_splits(IMAGE, 12)) is None


def test_a_layer_is_stacked_in_one_way() -> None:
    assert FOLDABLE.isdisjoint(FORMS)


def batch_of(config: Config, members: int = 1) -> Batch:
    runs = tuple(run_of(str(number), config) for number in range(members))
    return Batch("key", runs, members, at_once=members, data=(runs[0].data,))


def choose(config: Config, asked: Any, splits: Splits, members: int = 1) -> Any:
    return choose_executor(batch_of(config, members), asked, Materials("/CPU:0", OneSplit(splits)))


def test_a_population_that_is_asked_for_and_cannot_be() -> None:
    config = a_config(
        [{"SpectralNormalization": {"layer": {"Dense": {"units": 8}}}}], training={"epochs": 5000}
    )
    splits = class_splits()
    with pytest.raises(EngineError) as refused:
        choose(config, "population", splits)
    assert str(refused.value) == (
        "population cannot train this model: the layer SpectralNormalization changes its own "
        "state in a call; use auto or keras"
    )
    taken = choose(config, "auto", splits)
    assert isinstance(taken, FitExecutor)
    assert taken.reason == "the layer SpectralNormalization changes its own state in a call"
    assert choose(config, "keras", splits).reason == ""


def test_a_short_run_is_not_worth_compiling_and_many_or_long_ones_are() -> None:
    splits = class_splits()
    short, long = (a_config([], training={"epochs": epochs}) for epochs in (2, 5000))
    count = len(splits.train)
    assert not is_worth_compiling(run_of("a", short), count, batch_of(short, 1))
    assert is_worth_compiling(run_of("a", short), count, batch_of(short, 50))
    assert is_worth_compiling(run_of("a", long), count, batch_of(long, 1))
    taken = choose(short, "auto", splits)
    assert isinstance(taken, FitExecutor)
    assert taken.reason == ""
    for config, asked, members in (
        (short, "population", 1),
        (short, "auto", 50),
        (long, "auto", 1),
    ):
        assert isinstance(choose(config, asked, splits, members), PopulationExecutor)


@pytest.mark.parametrize(
    ("kinds", "text"),
    [
        ((), []),
        (
            ("Gain",),
            [
                "Gain has no stacked form: called member by member, with the numbers that Keras "
                "gave on a trial batch"
            ],
        ),
        (
            ("Gain", "Block"),
            [
                "Gain, Block have no stacked form: called member by member, with the numbers that "
                "Keras gave on a trial batch"
            ],
        ),
    ],
)
def test_a_person_s_layers_are_told_of(kinds: tuple[str, ...], text: list[str]) -> None:
    config, notes = a_config([], training={"epochs": 1}), Notes()
    materials = Materials("/CPU:0", OneSplit(class_splits()))
    PopulationExecutor(materials, Layout(2, 1), kinds).run(batch_of(config, 2), notes)
    assert notes.texts == text
    assert list(notes.outcomes) == ["0", "1"]
