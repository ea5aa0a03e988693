"""What configs may name is what the installed Keras has."""

import json
from importlib.resources import files

import pytest

from regcli.config import catalogue

KINDS = (
    "layers", "optimizers", "schedules", "losses", "constraints", "initializers", "regularizers",
)  # fmt: skip


@pytest.mark.slow
def test_the_inventory_is_that_of_the_installed_keras() -> None:
    from regcli.models.inventory import describe_keras

    text = files("regcli.config").joinpath("keras_names.json").read_text(encoding="utf-8")
    assert json.loads(text) == describe_keras()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_part_that_needs_no_arguments_can_be_made(kind: catalogue.Kind) -> None:
    import keras

    module = keras.optimizers.schedules if kind == "schedules" else getattr(keras, kind)
    refused = []
    for name in catalogue.names(kind):
        if "required" in catalogue.arguments(kind, name).values():
            continue
        try:
            getattr(module, name)()
        except ValueError:
            refused.append(name)
    # num_tokens may be left out for one of its modes alone
    assert refused == (["CategoryEncoding"] if kind == "layers" else [])


@pytest.mark.slow
def test_a_weight_decay_whose_default_is_a_number_is_above_0() -> None:
    """The rule about the polish relies on it: the inventory has types of defaults alone."""
    import keras

    decays = [
        (name, argument)
        for name in catalogue.names("optimizers")
        for argument, default in catalogue.arguments("optimizers", name).items()
        if argument.endswith("weight_decay") and default == "number"
    ]
    assert decays == [("AdamW", "weight_decay")] + [
        ("Muon", argument) for argument in ("adam_weight_decay", "weight_decay")
    ]
    assert all(getattr(getattr(keras.optimizers, name)(), key) > 0 for name, key in decays)


@pytest.mark.slow
def test_every_schedule_can_be_made() -> None:
    import keras

    values = {"boundaries": [5], "values": [0.1, 0.01]}
    for name in catalogue.names("schedules"):
        known = catalogue.arguments("schedules", name)
        required = [argument for argument, default in known.items() if default == "required"]
        given = {argument: values.get(argument, 1.0) for argument in required}
        schedule = getattr(keras.optimizers.schedules, name)(**given)
        assert float(schedule(0)) > 0


@pytest.mark.slow
def test_every_activation_is_one() -> None:
    import keras

    for name in catalogue.activations():
        assert callable(keras.activations.get(name))


@pytest.mark.parametrize(
    ("kind", "name", "canonical"),
    [
        ("layers", "Dense", "Dense"),
        ("layers", "dense", None),
        ("layers", "Lambda", None),
        ("optimizers", "adam", "Adam"),
        ("optimizers", "ADAM", "Adam"),
        ("optimizers", "rmsprop", "RMSprop"),
        ("losses", "mse", "MeanSquaredError"),
        ("losses", "MAE", "MeanAbsoluteError"),
        ("losses", "sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"),
        ("losses", "crossentropy", None),
        ("initializers", "he_normal", "HeNormal"),
        ("constraints", "max_norm", "MaxNorm"),
        ("regularizers", "l1_l2", "L1L2"),
        ("schedules", "cosine_decay", "CosineDecay"),
    ],
)
def test_names_as_keras_writes_them(kind: catalogue.Kind, name: str, canonical: str | None) -> None:
    assert catalogue.canonical_name(kind, name) == canonical
