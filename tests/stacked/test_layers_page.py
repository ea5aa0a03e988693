"""The page on populations names every layer once, with what a population does with it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from regcli.config import catalogue
from regcli.stacked import refusals
from regcli.stacked.by_member import by_member
from regcli.stacked.graph_calls import ATTENTION, MERGING
from regcli.stacked.layers import FOLDABLE, FORMS
from regcli.stacked.refusals import why_not_model

TEXT = (Path(__file__).parents[2] / "docs" / "population.md").read_text(encoding="utf-8")
RANGE = {"value_range": (0, 1)}
IMAGE: dict[str, dict[str, Any]] = {
    "AugMix": RANGE,
    "AutoContrast": RANGE,
    "ContrastLimitedAdaptiveHistogramEqualization": RANGE,
    "RandAugment": RANGE,
    "RandomBrightness": {"factor": 0.1, **RANGE},
    "RandomColorDegeneration": {"factor": 0.1, **RANGE},
    "RandomColorJitter": {"brightness_factor": 0.1, **RANGE},
    "RandomContrast": {"factor": 0.1, **RANGE},
    "RandomCrop": {"height": 7, "width": 7},
    "RandomElasticTransform": {"factor": 0.5},
    "RandomErasing": {"factor": 0.1, **RANGE},
    "RandomFlip": {},
    "RandomGaussianBlur": {"factor": 0.1, **RANGE},
    "RandomGrayscale": {"factor": 0.1},
    "RandomHue": {"factor": 0.1, **RANGE},
    "RandomInvert": {"factor": 0.1, **RANGE},
    "RandomPerspective": {"factor": 0.5, "scale": 0.1},
    "RandomPosterization": {"factor": 4, **RANGE},
    "RandomRotation": {"factor": 0.1},
    "RandomSaturation": {"factor": 0.1, **RANGE},
    "RandomSharpness": {"factor": 0.1, **RANGE},
    "RandomShear": {"x_factor": 0.1},
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
    "RandomZoom": {"height_factor": 0.1},
    "Solarization": RANGE,
    "AdaptiveMaxPooling2D": {"output_size": 2},
}
OTHERS: dict[str, tuple[tuple[int, ...], dict[str, Any]]] = {
    "AdaptiveMaxPooling1D": ((6, 2), {"output_size": 2}),
    "AdaptiveMaxPooling3D": ((4, 4, 4, 1), {"output_size": 2}),
    "Masking": ((3, 2), {}),
    "MelSpectrogram": ((128,), {"fft_length": 64, "sequence_stride": 32, "num_mel_bins": 8}),
    "SpectralNormalization": ((4,), {"layer": keras.layers.Dense(3)}),
    "STFTSpectrogram": ((128, 1), {"frame_length": 64, "frame_step": 64, "fft_length": 64}),
}
SLOW = {"ContrastLimitedAdaptiveHistogramEqualization", "MelSpectrogram"}


def rows() -> Mapping[str, list[str]]:
    """What a population does, with the layers that it does it with."""
    table = TEXT.partition("| layers | in a population |")[2].partition("\n\n")[0]
    cells = [line.strip("| ").split(" | ") for line in table.splitlines() if line.count("|") == 3]
    return {what: names.split(", ") for names, what in cells if "---" not in names}


def classes(start: str) -> set[type]:
    (names,) = (names for what, names in rows().items() if what == start)
    return {getattr(keras.layers, name) for name in names}


def of_layer(name: str) -> keras.Model:
    shape, arguments = OTHERS.get(name) or ((8, 8, 3), IMAGE[name])
    layer = getattr(keras.layers, name)(**arguments)
    return keras.Sequential([keras.Input(shape), layer])


def test_every_layer_has_one_place() -> None:
    named = [getattr(keras.layers, name) for names in rows().values() for name in names]
    assert len(named) == len(set(named))
    layers = set(catalogue.names("layers")) - catalogue.GRAPH_ENTRIES.keys()
    catalogued = {getattr(keras.layers, name) for name in layers}
    assert set(named) == catalogued | MERGING | ATTENTION


def test_layers_with_forms() -> None:
    called = {kind for kind, form in FORMS.items() if form is by_member}
    assert classes("a form of their own, for all members at once") == set(FORMS) - called
    assert classes("Keras's own call, vectorized over the members") == called | ATTENTION
    assert classes("Keras's own call, on the rows of all members") == FOLDABLE | MERGING


TRIED = rows()["Keras's own call, after a trial batch"]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in TRIED]
)
def test_layers_that_pass_a_trial(name: str) -> None:
    assert why_not_model(of_layer(name)) is None


REFUSED = {
    name: reason.removeprefix("`fit`: it ").removeprefix("`fit`: ")
    for reason, names in rows().items()
    if reason.startswith("`fit`")
    for name in names
}


@pytest.mark.parametrize("name", REFUSED)
def test_layers_that_are_left_to_fit(name: str) -> None:
    told = why_not_model(of_layer(name))
    if name == "STFTSpectrogram":
        found = (
            "fails on a trial batch: Input \"filter\" of op 'Conv2D' expected to be loop invariant"
        )
    else:
        found = REFUSED[name].removesuffix(" from Keras's generator")
    assert told == f"the layer {name} {found}"


def test_equalization_has_no_effect_in_keras_either() -> None:
    x = np.random.default_rng(0).random((2, 8, 8, 3)).astype(np.float32)
    layer = keras.layers.Equalization(**RANGE)
    model = keras.Sequential([keras.Input((8, 8, 3)), layer, keras.layers.Flatten()])
    assert np.abs(np.asarray(layer(x)) - x).max() > 0.01
    assert np.array_equal(np.asarray(model(x)), x.reshape(2, -1))


def test_every_argument_that_is_refused_is_named() -> None:
    table = TEXT.partition("| argument | reason |")[2].partition("## Your own layers")[0]
    named = set(re.findall(r"`(\w+)", table))
    assert refusals.PLAIN.keys() | {"dropout", "activity_regularizer", "dtype"} <= named
