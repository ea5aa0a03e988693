"""What may stand for each argument of a Keras part, and what Keras must never see."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from loading import Load, Problems

from regcli.config import catalogue
from regcli.config.argument_checks import check_layer, check_named
from regcli.config.argument_types import argument_type
from regcli.config.arguments import typed_arguments
from regcli.config.catalogue import Kind

KINDS: tuple[Kind, ...] = (
    "layers", "optimizers", "schedules", "losses", "constraints", "initializers", "regularizers",
)  # fmt: skip
PARTS = [(kind, name) for kind in KINDS for name in catalogue.names(kind)]


def lines(kind: Kind, name: str, given: dict[str, Any]) -> list[str]:
    """What is said of a part's arguments, wherever in a config it stands."""
    holders: dict[Kind, tuple[Kind, str, str]] = {
        "schedules": ("optimizers", "SGD", "learning_rate"),
        "constraints": ("layers", "Dense", "kernel_constraint"),
        "initializers": ("layers", "Dense", "kernel_initializer"),
        "regularizers": ("layers", "Dense", "activity_regularizer"),
    }
    if kind in holders:
        outer, holder, argument = holders[kind]
        needed = {"units": 1} if outer == "layers" else {}
        return lines(outer, holder, {argument: {name: given}} | needed)
    if kind == "layers":
        return [problem.message for problem in check_layer({name: given}, ())]
    return [problem.message for problem in check_named({"name": name} | given, kind, ())]


HOSTILE = st.fixed_dictionaries(
    {"class_name": st.sampled_from(["Lambda", "Custom", "function", "Dense"])},
    optional={
        "module": st.sampled_from(["builtins", "keras_hub", "keras.layers", None]),
        "config": st.sampled_from([{}, "exec", {"function": "x"}]),
        "registered_name": st.sampled_from(["x>y", None]),
    },
)


@given(HOSTILE, st.booleans(), st.sampled_from(PARTS))
def test_no_argument_takes_a_mapping_that_keras_would_deserialize(
    mapping: dict[str, Any], in_a_list: bool, part: tuple[Kind, str]
) -> None:
    kind, name = part
    for argument in catalogue.arguments(kind, name):
        if (kind, argument) in {("optimizers", "name"), ("losses", "name")}:
            continue  # the part's own name, which the schema checks
        refused = lines(kind, name, {argument: [mapping] if in_a_list else mapping})
        missing = [line for line in refused if "needs the argument" in line]
        assert len(refused) > len(missing), argument


@given(HOSTILE, st.sampled_from(PARTS))
def test_no_part_takes_keys_of_serialized_objects(
    mapping: dict[str, Any], part: tuple[Kind, str]
) -> None:
    kind, name = part
    refused = lines(kind, name, mapping)
    assert f"{name} has no argument 'class_name'" in " ".join(refused)


def defaults() -> Iterator[tuple[Kind, str, str, Any]]:
    for kind, name in PARTS:
        for argument, default in catalogue.defaults(kind, name).items():
            yield kind, name, argument, default


def test_every_argument_has_a_type_that_its_default_is_of() -> None:
    for kind, name in PARTS:
        for argument in catalogue.arguments(kind, name):
            argument_type(kind, name, argument)
    for kind, name, argument, default in defaults():
        if argument.endswith("_regularizer") or (kind, argument) == ("losses", "name"):
            continue
        refused = lines(kind, name, {argument: default})
        assert [line for line in refused if "needs the argument" not in line] == []
        assert repr(typed_arguments(kind, name, {argument: default})[argument]) == repr(
            float(default)
            if isinstance(default, int)
            and not isinstance(default, bool)
            and argument_type(kind, name, argument).form == "number"
            else [float(item) for item in default]
            if argument == "value_range"
            else default
        )


WHOLE = "must be a whole number"
WHOLES = "must be a whole number or a list of whole numbers"


@pytest.mark.parametrize(
    ("layer", "place", "message"),
    [
        ("Dense: {units: [3]}", "Dense.units", f"{WHOLE}, got a list"),
        ("Dense: {units: 2.5}", "Dense.units", f"{WHOLE}, got 2.5"),
        ("Dense: {units: -3}", "Dense.units", "must be at least 1, got -3"),
        ("Dense: {units: 0}", "Dense.units", "must be at least 1, got 0"),
        ("Dense: {units: 1e300}", "Dense.units", "must be at most 2,147,483,647, got 1e+300"),
        ("Dense: {units: .inf}", "Dense.units", "must be a finite number, got inf"),
        ("Dense: {units: ~}", "Dense.units", f"{WHOLE}, got nothing"),
        ("Dense: {units: {a: 1}}", "Dense.units", f"{WHOLE}, got a mapping"),
        ("Dense: {units: 3, use_bias: ~}", "Dense.use_bias", "must be true or false, got nothing"),
        ("Dense: {units: 3, use_bias: [true]}", "Dense.use_bias",
         "must be true or false, got a list"),
        ("Dense: {units: 3, activation: {class_name: x}}", "Dense.activation",
         "must be an activation's name, got a mapping"),
        ("Dense: {units: 3, kernel_constraint: {MaxNorm: {max_value: [2]}}}",
         "Dense.kernel_constraint.MaxNorm.max_value", "must be a number, got a list"),
        ("Dense: {units: 3, kernel_constraint: {MinMaxNorm: {rate: 2}}}",
         "Dense.kernel_constraint.MinMaxNorm.rate", "must be from 0 to 1, got 2"),
        ("Dense: {units: 3, kernel_constraint: [non_neg]}", "Dense.kernel_constraint",
         "must be one constraint with its arguments, got a list"),
        ("Dense: {units: 3, kernel_initializer: {RandomNormal: {stddev: -1}}}",
         "Dense.kernel_initializer.RandomNormal.stddev", "must be at least 0, got -1"),
        ("Dense: {units: 3, kernel_initializer: {RandomNormal: {seed: 1.5}}}",
         "Dense.kernel_initializer.RandomNormal.seed", f"{WHOLE}, got 1.5"),
        ("Dense: {units: 3, quantization_config: {a: 1}}", "Dense.quantization_config",
         "this Keras argument cannot be set in a config"),
        ("Embedding: {input_dim: 3, output_dim: 2, weights: [[1]]}", "Embedding.weights",
         "this Keras argument cannot be set in a config"),
        ("Conv2D: {filters: 3, kernel_size: [3, 0]}", "Conv2D.kernel_size.1",
         "must be at least 1, got 0"),
        ("Conv2D: {filters: 3, kernel_size: []}", "Conv2D.kernel_size",
         f"{WHOLES}, got an empty list"),
        ("Conv2D: {filters: 3, kernel_size: 3, padding: [same]}", "Conv2D.padding",
         "must be text, got a list"),
        ("Reshape: {target_shape: 3}", "Reshape.target_shape",
         "must be a list of whole numbers, got 3"),
        ("Cropping2D: {cropping: [[1, a], [0, 0]]}", "Cropping2D.cropping.0.1",
         f"{WHOLES}, got the text 'a'"),
        ("Dropout: {rate: -0.1}", "Dropout.rate", "must be from 0 to 1, got -0.1"),
        ("Dropout: {rate: [0.1]}", "Dropout.rate", "must be a number, got a list"),
        ("SpatialDropout1D: {rate: 0.1, dtype: {class_name: DTypePolicy}}",
         "SpatialDropout1D.dtype", "must be text, got a mapping"),
        ("LSTM: {units: 3, use_cudnn: 1}", "LSTM.use_cudnn",
         "must be auto, true or false, got 1"),
        ("BatchNormalization: {renorm_clipping: {rmx: 3}}", "BatchNormalization.renorm_clipping",
         "must be a mapping of rmax, rmin and dmax to numbers, got a mapping"),
        ("BatchNormalization: {renorm_clipping: {rmax: {a: 1}}}",
         "BatchNormalization.renorm_clipping.rmax", "must be a number, got a mapping"),
        ("TimeDistributed: {layer: {Dense: [3]}}", "TimeDistributed.layer.Dense",
         "arguments must be a mapping, got a list"),
        ("Bidirectional: {layer: {LSTM: {units: 3}}, backward_layer: {LSTM: {units: 3}}}",
         "Bidirectional.backward_layer", "this Keras argument cannot be set in a config"),
    ],
)  # fmt: skip
def test_slips_in_a_layer(layer: str, place: str, message: str, problems: Problems) -> None:
    (line,) = problems(f"dataset: {{name: digits}}\nmodel:\n  layers:\n    - {layer}\n")
    assert line.split(": ", 1)[1] == f"model.layers.0.{place}: {message}"
    assert line.startswith("c.yaml:4:")


RATE = "optimizer.learning_rate"


@pytest.mark.parametrize(
    ("training", "place", "message"),
    [
        ("loss: {name: mse, reduction: [mean]}", "loss.reduction", "must be text, got a list"),
        ("loss: {name: mse, dtype: {class_name: x}}", "loss.dtype", "must be text, got a mapping"),
        ("loss: {name: huber, delta: -1}", "loss.delta", "must be at least 0, got -1"),
        ("optimizer: {name: muon, exclude_layers: [{a: {b: c}}]}", "optimizer.exclude_layers.0",
         "must be text, got a mapping"),
        ("optimizer: {name: muon, exclude_layers: dense}", "optimizer.exclude_layers",
         "must be a list of texts, got the text 'dense'"),
        ("optimizer: {name: sgd, momentum: 2}", "optimizer.momentum",
         "must be from 0 to 1, got 2"),
        ("optimizer: {name: sgd, nesterov: 1}", "optimizer.nesterov",
         "must be true or false, got 1"),
        ("optimizer: {learning_rate: -1}", RATE, "must be at least 0, got -1"),
        ("optimizer: {learning_rate: true}", RATE,
         "must be a number or a learning-rate schedule, got true"),
        ("optimizer: {learning_rate: CosineDecay}", RATE,
         "must be a number or a learning-rate schedule, got the text 'CosineDecay'"),
        ("optimizer: {learning_rate: {class_name: CosineDecay, config: {}}}", RATE,
         "must be one learning-rate schedule with its arguments, got the keys class_name, config"),
        *(
            (f"optimizer: {{learning_rate: {{{schedule}: {{initial_learning_rate: 0.1, "
             f"{steps}: {value}{rest}}}}}}}", f"{RATE}.{schedule}.{steps}", message)
            for schedule, steps, rest in (
                ("CosineDecay", "decay_steps", ""),
                ("ExponentialDecay", "decay_steps", ", decay_rate: 0.5"),
                ("PolynomialDecay", "decay_steps", ""),
                ("CosineDecayRestarts", "first_decay_steps", ""),
            )
            for value, message in (
                ("0", "must be at least 1, got 0"),
                ("-5", "must be at least 1, got -5"),
                ("[9]", "must be a whole number, got a list"),
                ("2.5", "must be a whole number, got 2.5"),
                ("many", "must be a whole number, got the text 'many'"),
            )
        ),
        ("optimizer: {learning_rate: {PiecewiseConstantDecay: {boundaries: [3, 6], "
         "values: [1, 2]}}}", f"{RATE}.PiecewiseConstantDecay.values",
         "must have 3 values, one more than boundaries; got 2"),
        ("optimizer: {learning_rate: {PiecewiseConstantDecay: {boundaries: [6, 3], "
         "values: [1, 2, 3]}}}", f"{RATE}.PiecewiseConstantDecay.boundaries",
         "must be in increasing order, got [6, 3]"),
        ("optimizer: {learning_rate: {PiecewiseConstantDecay: {boundaries: 3, "
         "values: [1, 2]}}}", f"{RATE}.PiecewiseConstantDecay.boundaries",
         "must be a list of whole numbers, got 3"),
        ("class_weight: 5", "class_weight",
         "must be balanced, or a mapping of classes to weights, got 5"),
        ("class_weight: balancd", "class_weight",
         "must be balanced, or a mapping of classes to weights, got the text 'balancd'; "
         "did you mean 'balanced'?"),
        ("class_weight: {a: -1}", "class_weight.a", "must be at least 0, got -1"),
        ("class_weight: {a: {b: 1}}", "class_weight.a", "must be a number, got a mapping"),
    ],
)  # fmt: skip
def test_slips_in_training(training: str, place: str, message: str, problems: Problems) -> None:
    (line,) = problems(f"dataset: {{name: digits}}\ntraining:\n  {training}\n")
    assert line.split(": ", 1)[1] == f"training.{place}: {message}"
    assert line.startswith("c.yaml:3:")


@pytest.mark.parametrize(
    "training",
    [
        "optimizer: {name: adadelta, learning_rate: 1}",
        "optimizer: {name: sgd, learning_rate: 1, momentum: 0, weight_decay: 0}",
        "optimizer: {name: adam, clipnorm: ~, ema_overwrite_frequency: 5.0}",
        "optimizer: {learning_rate: {CosineDecay: {initial_learning_rate: 0, decay_steps: 5.0, "
        "warmup_target: 1, warmup_steps: 0}}}",
        "optimizer: {learning_rate: {PiecewiseConstantDecay: {boundaries: [3, 6], "
        "values: [1, 0.1, 0]}}}",
        "optimizer: {name: muon, exclude_layers: [dense, out]}",
        "class_weight: {}",
    ],
)
def test_numbers_in_either_form(training: str, load: Load) -> None:
    optimizer = load(
        f"dataset: {{name: digits}}\ntraining:\n  {training}\n"
    ).config.training.optimizer
    for argument in ("learning_rate", "momentum", "weight_decay"):
        assert isinstance(optimizer.arguments.get(argument, 0.0), float | dict)


def test_a_merge_key_is_explained(problems: Problems) -> None:
    text = "dataset: {name: digits}\nmodel: {layers: [{Dense: {<<: *x, units: 4}}]}\n"
    assert problems(text) == [
        "c.yaml:2:27: merge keys (<<) are not part of YAML 1.2: write the keys out; "
        "an alias alone (*name) works"
    ]
    assert "has no argument '<<'" in problems(text.replace("<<: *x", "'<<': 1"))[0]


@pytest.mark.parametrize(
    ("regularization", "training", "option", "line"),
    [
        # the option is not at fault: the file is
        ("{group_strength: 0.1}", "{}", ("sweep.l1", "--l1 0,1", "0,1"),
         "c.yaml:2:17: regularization: group_strength requires group: inputs or group: units; "
         "got 0.1 without group"),
        ("{group: inputs}", "{}", ("regularization.l1", "--l1 1", 1),
         "c.yaml:2:17: regularization: group requires group_strength; got group: inputs without "
         "group_strength"),
        # the option is at fault
        ("{l1: 0}", "{}", ("regularization.group_strength", "--set it", 0.1),
         "--set it: regularization: group_strength requires group: inputs or group: units; got "
         "0.1 without group"),
        ("{l1: 0}", "{}", ("dataset.file", "--set it", "x.csv"),
         "--set it: dataset: needs either name (a shipped data set) or file, got both"),
        ("{l1: 0}", "{}", ("dataset.test", "--set it", 0.9),
         "--set it: dataset: test + validation must be below 1 to leave rows to train on, "
         "got 0.9 + 0.2"),
        ("{l1: 0}", "{early_stopping: {monitor: validation.r2}}",
         ("dataset.validation", "--set it", 0),
         "--set it: training.early_stopping.monitor: requires validation rows; got 'validation.r2' "
         "with dataset.validation: 0"),
        ("{l1: 0}", "{polish: 5, optimizer: adamw}",
         ("regularization.method", "--method proximal", "proximal"),
         "--method proximal: training.polish: must be 0 or left out with the default "
         "weight_decay of AdamW, which polish steps would undo; got 5"),
    ],
)  # fmt: skip
def test_the_option_that_is_at_fault_is_named(
    regularization: str, training: str, option: tuple[str, str, Any], line: str, problems: Problems
) -> None:
    key, typed, value = option
    text = f"dataset: {{name: digits}}\nregularization: {regularization}\ntraining: {training}\n"
    assert problems(text, [(tuple(key.split(".")), typed, value)]) == [line]


def test_names_that_differ_in_unicode_form_alone(problems: Problems) -> None:
    text = (
        'dataset: {name: digits}\nmodel: {layers: [{Dense: {units: 3, name: "größe"}}]}\n'
        'regularization: {layers: ["gro\u0308ße"]}\n'
    )
    assert problems(text) == [
        "c.yaml:2:43: model.layers.0.Dense.name: must be 1 to 100 letters (a to z), digits, '_', "
        "'-' or '.', got the text 'größe'",
        "c.yaml:3:27: regularization.layers.0: there is no layer, kind or weight "
        "'gro\u0308ße'; 'größe' has "
        "another Unicode form: copy that name",
    ]
    twice = text.replace("}}]}", '}}, {Dense: {units: 3, name: "gro\u0308ße"}}]}')
    assert any(
        problem.endswith("layer names must differ, got 'gro\u0308ße' again")
        for problem in problems(twice)
    )
