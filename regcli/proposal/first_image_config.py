"""A commented config for a folder of images, from its profile."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from regcli.config.commented_yaml import Entry, commented_yaml
from regcli.proposal.dataset_choice import classes_text
from regcli.proposal.first_config import (
    METHODS,
    FirstConfig,
    head_lines,
    sweep_name,
    training_entries,
)
from regcli.proposal.model_choice import ModelChoice

if TYPE_CHECKING:
    from regcli.data.images.image_profile import ImageProfile

_FILTERS = (16, 32, 64)
_SMALLEST_POOLED = 8
"""Pixels along the shorter side from which a layer may halve both."""
_STEPS = 600
_BATCH = 32
_FEWEST_EPOCHS, _MOST_EPOCHS = 5, 40
_IMBALANCED = 0.8
"""Share of one class from which accuracy says little."""


def first_image_config(
    profile: "ImageProfile", file: str, asked: Mapping[str, Any] | None = None
) -> FirstConfig:
    """The config that is proposed for a folder of images.

    Args:
        profile: what the folder holds.
        file: the folder, relative to the config.
        asked: keys of the `dataset` section that a person has set, with their values.
    """
    model = choose_network(profile)
    entries = (
        Entry("name", sweep_name(file)),
        Entry("dataset", tuple(_dataset(profile, file, asked or {}))),
        Entry("model", (Entry("layers", [*model.layers], model.why),)),
        Entry("regularization", (Entry("method", model.method, METHODS[model.method]),)),
        Entry("training", training_entries(model)),
        Entry("sweep", tuple(_sweep(model))),
        *_scores(profile),
    )
    return FirstConfig(commented_yaml(head_lines(file, "the folder"), entries), model)


def choose_network(profile: "ImageProfile") -> ModelChoice:
    """A small convolutional network: layers of 16, 32 and 64 filters, with pooling between them."""
    side = min(profile.size)
    layers: list[Mapping[str, Any]] = []
    for filters in _FILTERS:
        convolution = {"filters": filters, "kernel_size": 3, "padding": "same"}
        layers.append({"Conv2D": {**convolution, "activation": "relu"}})
        if side < _SMALLEST_POOLED:
            break
        layers.append({"MaxPooling2D": {"pool_size": 2}})
        side //= 2
    layers.append({"Flatten": {}})
    epochs = -(-_STEPS * _BATCH // max(profile.images * 3 // 5, 1))
    epochs = min(max(epochs, _FEWEST_EPOCHS), _MOST_EPOCHS)
    height, width = profile.size
    why = f"{profile.images:,} images of {height}×{width} pixels: a small convolutional network"
    return ModelChoice(layers, why, "penalty", 0.001, epochs, _BATCH, "0,1e-4,1e-3", "0,1e-3", None)


def _dataset(profile: "ImageProfile", file: str, asked: Mapping[str, Any]) -> Iterator[Entry]:
    counts = f"{profile.images:,} images, {classes_text(profile.counts)}"
    yield Entry("file", file, counts)
    for key, value in asked.items():
        yield Entry(key, value)
    if "image_size" not in asked and profile.is_resized:
        yield Entry("image_size", [*profile.size], "height and width; all images are resized")
    if "channels" not in asked and profile.is_colourless:
        yield Entry("channels", "grey", "every pixel is grey, though it is stored in colour")
    if "test" not in asked:
        yield Entry("test", 0.2, "share of images that are looked at once, at the end")
    if "validation" not in asked:
        yield Entry("validation", 0.2, "share of images that rank the settings")
    if "scale" not in asked:
        yield Entry("scale", "pixels", "divided by 255")


def _sweep(model: ModelChoice) -> Iterator[Entry]:
    yield Entry("l1", model.l1, "every combination is trained")
    yield Entry("l2", model.l2)
    yield Entry("seeds", 3, "to be surer, at three times the time", is_suggestion=True)


def _scores(profile: "ImageProfile") -> Iterator[Entry]:
    share = max(profile.counts.values()) / profile.images
    if share < _IMBALANCED:
        comment = "what ranks the settings; the data loss by default"
        yield Entry("select_by", "validation.accuracy", comment, is_suggestion=True)
        return
    why = f"{share:.0%} of the images are of one class, so accuracy says little"
    yield Entry("metrics", ["balanced_accuracy", "accuracy", "log_loss"], why)
    yield Entry("select_by", "validation.balanced_accuracy", "what ranks the settings")
