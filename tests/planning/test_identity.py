"""A run's id: the same for the same content, another for any other."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planned import single_run

from regcli.config.document import parse_path, read_yaml
from regcli.config.early_stopping import EarlyStopping
from regcli.config.keras_parts import KerasPart
from regcli.config.load import load_config
from regcli.config.schema import Config, Training
from regcli.data import row_order
from regcli.data.row_form import RowForm
from regcli.planning import identity
from regcli.planning.identity import RunIds, content_hash, run_id

BASE: dict[str, Any] = {
    "name": "first",
    "dataset": {"file": "a.csv", "target": "y", "test": 0.1},
    "model": {"layers": [{"Dense": {"units": 4, "activation": "relu"}}]},
    "regularization": {"l1": 0.1, "l2": 0.2},
    "training": {"optimizer": {"name": "sgd", "learning_rate": 0.1}, "seed": 3},
    "sweep": {"l1": "0,1"},
}


def changed(path: str, value: object) -> dict[str, Any]:
    *above, last = parse_path(path)
    data = reordered(BASE, reverse=False)
    node: Any = data
    for key in above:
        node = node[key]
    node[last] = value
    return data


def reordered(node: Any, reverse: bool = True) -> Any:
    if isinstance(node, dict):
        items = [(key, reordered(value, reverse)) for key, value in node.items()]
        return dict(reversed(items) if reverse else items)
    return [reordered(item, reverse) for item in node] if isinstance(node, list) else node


def identify(data: dict[str, Any], fingerprint: str = "data") -> str:
    return run_id(Config.model_validate(data), fingerprint)


def test_an_id_is_twelve_hex_digits() -> None:
    assert set(identify(BASE)) <= set("0123456789abcdef")
    assert len(identify(BASE)) == 12


def test_an_id_stays_the_same_from_release_to_release() -> None:
    """Stored runs are found again by it: a new one here means that every run is trained anew."""
    assert content_hash({"b": [1, 0.5, None], "a": "ü"}) == "5f24bbea7ca7"
    assert identify(BASE) == "c7e6122cba21"


@pytest.mark.parametrize(
    "same",
    [
        reordered(BASE),
        changed("name", "second"),
        changed("dataset.file", "elsewhere/b.csv"),
        changed("dataset.target", "z"),
        changed("dataset.drop", ["unused"]),
        changed("dataset.columns", ["a", "b"]),
        changed("dataset.types", {"a": "category", "b": {"ordinal": [1, 2]}}),
        changed("dataset.missing", "error"),
        changed("dataset.missing", {}),
        changed("dataset.missing", {"default": "error"}),
        changed("dataset.missing", {"a": "error", "default": "error"}),
        changed("dataset.dates", ["year", "month", "weekday", "elapsed"]),
        changed("sweep", {"seeds": 5}),
        changed("training.epochs", 50),
        changed("model.layers.0", {"Dense": {"activation": "relu", "units": 4}}),
    ],
)
def test_the_same_content_has_the_same_id(same: dict[str, Any]) -> None:
    assert identify(same) == identify(BASE)


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ({"default": "mean"}, "mean"),
        ({"default": "mean", "a": "mean"}, "mean"),
        ({"a": "mean", "b": "error"}, {"a": "mean"}),
        ({"a": "mean", "default": "error"}, {"a": "mean"}),
        ({"default": "drop", "a": "mean", "b": "drop"}, {"default": "drop", "a": "mean"}),
        ({"e\u0301": "mean"}, {"\u00e9": "mean"}),
    ],
)
def test_rules_for_gaps_count_as_what_they_do(given: Any, canonical: Any) -> None:
    ids = [identify(changed("dataset.missing", value)) for value in (given, canonical)]
    assert ids[0] == ids[1]


DIFFERENT = [
    changed("dataset.dates", ["elapsed", "year", "month", "weekday"]),
    changed("dataset.missing", {"default": "mean", "a": "error"}),
    changed("dataset.missing", "mean"),
    changed("dataset.missing", {"a": "mean"}),
    changed("dataset.dates", ["year"]),
    changed("dataset.max_categories", 5),
    changed("dataset.scale", "robust"),
    changed("regularization.l1", 0.2),
    changed("regularization.l2", 0.1),
    changed("regularization.layers", "hidden"),
    changed("training.seed", 4),
    changed("training.epochs", 51),
    changed("training.optimizer", {"name": "sgd", "learning_rate": 0.2}),
    changed("training.early_stopping", {}),
    changed("training.loss", "mse"),
    changed("dataset.test", 0.2),
    changed("dataset.seed", 1),
    changed("dataset.scale", "none"),
    changed("dataset.groups", "site"),
    changed("dataset.time", "day"),
    changed("dataset.test", "t.csv"),
    changed("dataset.validation", "v.csv"),
    changed("dataset.fold", {"number": 0, "of": 2}),
    changed("dataset.fold", {"number": 1, "of": 2}),
    changed("dataset.fold", {"number": 0, "of": 2, "repeat": 1}),
    changed("model.layers.0", {"Dense": {"units": 4}}),
    changed("model.layers.0", {"Dense": {"units": 4, "activation": "tanh"}}),
    changed("model.layers.0", {"Dense": {"units": 4, "activation": "relu", "name": "first"}}),
    changed("model.layers.0", {"Dense": {"units": 4, "activation": "relu", "l1": 0.1}}),
]


def test_a_file_with_test_rows_may_move() -> None:
    assert identify(changed("dataset.test", "t.csv")) == identify(changed("dataset.test", "u.csv"))


def test_other_content_has_another_id() -> None:
    ids = [identify(data) for data in (BASE, *DIFFERENT)]
    ids += [identify(BASE, fingerprint="other")]
    assert len(set(ids)) == len(ids)


def test_the_identity_version_is_part_of_an_id(monkeypatch: pytest.MonkeyPatch) -> None:
    before = identify(BASE)
    monkeypatch.setattr(identity, "IDENTITY_VERSION", identity.IDENTITY_VERSION + 1)
    assert identify(BASE) != before


class WiderTraining(Training):
    """The section as a later release may have it."""

    patience_of_schedule: int = 3
    clipping: KerasPart | None = None


class WiderStopping(EarlyStopping):
    start_from_epoch: int = 0


class LaterTraining(Training):
    """The section as a release may have it that changes a default."""

    batch_size: int = 64


def with_training(data: dict[str, Any], kind: type[Training], **values: object) -> str:
    """The id of a config whose section is of another kind, with other values."""
    config = Config.model_validate(data)
    section = kind.model_construct(**dict(config.training) | values)
    return run_id(config.model_copy(update={"training": section}), "data")


def test_a_new_key_gives_no_run_another_id() -> None:
    assert with_training(BASE, WiderTraining) == identify(BASE)
    assert with_training(BASE, WiderTraining, patience_of_schedule=3) == identify(BASE)
    assert with_training(BASE, WiderTraining, patience_of_schedule=4) != identify(BASE)


def test_a_new_key_of_a_part_gives_no_run_another_id() -> None:
    data = changed("training.early_stopping", {"patience": 3})
    wider = [WiderStopping(patience=3), WiderStopping(patience=3, start_from_epoch=1)]
    same, other = (with_training(data, Training, early_stopping=part) for part in wider)
    assert same == identify(data) != other


def test_a_new_default_keeps_the_ids_of_what_was_stored_under_the_old_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(identity, "BORN_WITH", {"training.batch_size": 32})
    assert with_training(BASE, LaterTraining, batch_size=32) == identify(BASE)
    larger = with_training(BASE, LaterTraining, batch_size=64)
    assert larger == identify(changed("training.batch_size", 64)) != identify(BASE)


def test_minus_zero_is_no_other_strength() -> None:
    zeros = [changed("regularization.l1", zero) for zero in (0, 0.0, -0.0)]
    assert len({identify(data) for data in zeros}) == 1


def test_an_id_does_not_depend_on_where_the_config_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = set()
    for name in ("a.yaml", "deep/er/b.yaml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("dataset: {name: wine}\n")
        ids.add(run_id(load_config(str(path)).config, "data"))
    monkeypatch.chdir(tmp_path)
    ids.add(run_id(load_config("a.yaml").config, "data"))
    assert len(ids) == 1


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("ab\u00fc☃"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=8,
)


@given(PLAIN)
def test_the_order_of_keys_is_no_content(content: Any) -> None:
    assert content_hash(reordered(content)) == content_hash(content)


# One thing has one id, however it is written.


def training(text: str) -> dict[str, Any]:
    return {"training": read_yaml(text, "").data}


def layers(*texts: str) -> dict[str, Any]:
    return {"model": {"layers": [read_yaml(text, "").data for text in texts]}}


SAME = [
    [training(f"optimizer: {name}") for name in ("sgd", "SGD", "{name: Sgd}", "{name: sgd}")],
    [training(f"optimizer: {name}")
     for name in ("adam", "{}", "{name: ADAM, learning_rate: 1e-3}")],
    [training(f"loss: {loss}")
     for loss in ("mse", "MSE", "mean_squared_error", "MeanSquaredError", "{name: mse}",
                  "{name: mse, reduction: sum_over_batch_size}")],
    [training(f"optimizer: {{learning_rate: {rate}}}")
     for rate in ("1", "1.0", "1e0", "+1", "0x1")],
    [training(f"optimizer: {{name: sgd, momentum: {m}, learning_rate: 0.1}}")
     for m in ("0", "0.0", "-0.0", "0e5")]
    + [training("optimizer: {learning_rate: 0.1, name: SGD}")],
    [training(f"optimizer: {{learning_rate: {{{name}: {{initial_learning_rate: {rate}, "
              f"decay_steps: {steps}{rest}}}}}}}")
     for name in ("CosineDecay", "cosine_decay") for rate in ("1", "1.0") for steps in ("9", "9.0")
     for rest in ("", ", alpha: 0", ", warmup_target: null, warmup_steps: 0.0")],
    [training(text) for text in ("epochs: 7", "epochs: 7.0", "epochs: 0.7e1")],
    [training(text) for text in ("{}", "batch_size: 32", "batch_size: 32.0", "seed: 0.0")],
    [training(f"class_weight: {{a: {weight}}}") for weight in ("1", "1.0")],
    [{"regularization": each} for each in ({}, {"l1": 0}, {"l2": 0.0}, {"bias": {}},
     {"bias": {"l1": 0.0}})],
    [{"regularization": {"layers": each}} for each in (["dense"], ["dense", "dense"])],
    [layers(text) for text in (
        "Dense: {units: 4}", "Dense: {units: 4.0}", "Dense: {units: 4, activation: null}",
        "Dense: {units: 4, activation: linear}", "Dense: {units: 4, use_bias: true}",
        "Dense: {kernel_initializer: glorot_uniform, units: 4}",
        "Dense: {kernel_initializer: GlorotUniform, bias_initializer: zero, units: 4}",
        "Dense: {kernel_initializer: {GlorotUniform: {}}, units: 4}",
        "Dense: {kernel_initializer: {glorot_uniform: null}, units: 4}",
        "Dense: {kernel_initializer: {GlorotUniform: {seed: null}}, units: 4, trainable: true}",
    )],
    [layers(f"Dense: {{units: 4, kernel_constraint: {name}}}")
     for name in ("max_norm", "MaxNorm", "{MaxNorm: null}", "{max_norm: {max_value: 2, axis: 0}}",
                  "{MaxNorm: {max_value: 2.0}}")],
    [layers(f"Dense: {{units: 4, bias_regularizer: {name}}}")
     for name in ("l2", "L2", "{L2: {}}", "{L2: {l2: 0.01}}")],
    [layers(f"Dense: {{units: 4, activation: {name}}}") for name in ("silu", "swish")],
    [layers(f"LSTM: {{units: 4{rest}}}") for rest in (
        "", ", recurrent_initializer: orthogonal", ", recurrent_initializer: OrthogonalInitializer",
        ", activation: tanh, dropout: 0")],
    [layers(f"{name}: {{filters: 4, kernel_size: 3, strides: [1, 1.0]}}")
     for name in ("Conv2D", "Convolution2D")],
    [layers(text) for text in ("Flatten", "Flatten:", "Flatten: {}", "Flatten: {data_format: ~}")],
    [layers(f"TimeDistributed: {{layer: {inner}}}")
     for inner in ("Flatten", "{Flatten: null}", "{Flatten: {}}")],
    [layers(f"TimeDistributed: {{layer: {{Dense: {{units: {units}}}}}}}")
     for units in ("4", "4.0")],
    [layers(f"Embedding: {{input_dim: 9, output_dim: 2{rest}}}") for rest in (
        "", ", embeddings_initializer: uniform", ", embeddings_initializer: random_uniform")],
    [layers(f"Dropout: {{rate: {rate}}}") for rate in ("0", "0.0", "-0.0")],
]  # fmt: skip


@pytest.mark.parametrize("written", SAME)
def test_ways_to_write_one_thing_have_one_id(written: list[dict[str, Any]]) -> None:
    ids = {identify(base | {"dataset": {"name": "iris"}}) for base in written}
    assert len(ids) == 1


def test_other_things_have_other_ids() -> None:
    ids = [identify(written[0] | {"dataset": {"name": "iris"}}) for written in SAME]
    assert len(set(ids)) == len(ids) - 2  # three of them are the defaults


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # regcli takes other defaults than Keras: scores follow from the output layer, and a bias
        # regularizer, null too, stands instead of `regularization.bias`
        (training("loss: binary_crossentropy"),
         training("loss: {name: binary_crossentropy, from_logits: false}")),
        (layers("Dense: {units: 4}"), layers("Dense: {units: 4, bias_regularizer: null}")),
        (layers("Dense: {units: 4}"), layers("Dense: {units: 4, l1: 0}")),
        (layers("LSTM: {units: 4}"), layers("LSTM: {units: 4, activation: null}")),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_default(one: dict[str, Any], other: dict[str, Any]) -> None:
    ids = {identify(each | {"dataset": {"name": "iris"}}) for each in (one, other)}
    assert len(ids) == 2


RATES = st.one_of(st.floats(1e-6, 10), st.integers(0, 10))
OPTIMIZERS = st.fixed_dictionaries(
    {"name": st.sampled_from(["adam", "sgd", "rmsprop", "adamw"])},
    optional={"learning_rate": RATES, "weight_decay": RATES, "ema_momentum": st.floats(0, 1)},
)
SPELLINGS = {"adam": "Adam", "sgd": "SGD", "rmsprop": "RMSprop", "adamw": "AdamW"}


def spelt(number: Any) -> Any:
    """The same number in the other type, where there is one."""
    if isinstance(number, int):
        return float(number)
    return int(number) if float(number).is_integer() else number


@given(OPTIMIZERS, st.integers(1, 999))
def test_a_config_that_is_spelt_otherwise_has_the_same_id(
    optimizer: dict[str, Any], units: int
) -> None:
    other = {
        key: SPELLINGS[value] if key == "name" else spelt(value)
        for key, value in reversed(optimizer.items())
    }
    configs = [
        changed("training.optimizer", optimizer) | layers(f"Dense: {{units: {units}}}"),
        changed("training.optimizer", other) | layers(f"Dense: {{units: {units}.0}}"),
    ]
    one, same = (identify(data) for data in configs)
    assert one == same
    again = Config.model_validate(configs[0]).resolved()
    assert identify(again) == one


@given(OPTIMIZERS, OPTIMIZERS)
def test_optimizers_with_other_numbers_have_other_ids(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    ids = [identify(changed("training.optimizer", optimizer)) for optimizer in (one, other)]
    assert (ids[0] == ids[1]) == (filled(one) == filled(other))


def filled(optimizer: dict[str, Any]) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "learning_rate": 0.01 if optimizer["name"] == "sgd" else 0.001,
        "weight_decay": 0.004 if optimizer["name"] == "adamw" else None,
        "ema_momentum": 0.99,
    }
    return defaults | optimizer


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_ids_of_many_runs_are_those_of_each(seeds: list[int]) -> None:
    ids, base = RunIds(), Config.model_validate(BASE)
    for seed in seeds:
        training = base.training.model_copy(update={"seed": seed})
        config = base.model_copy(update={"training": training})
        assert ids.of(config, "data") == run_id(config, "data")


STRENGTHS = st.floats(min_value=0, max_value=1e6)


@given(st.lists(st.tuples(STRENGTHS, STRENGTHS, st.integers(0, 99)), min_size=2, max_size=5))
def test_ids_differ_just_where_settings_do(settings: list[tuple[float, float, int]]) -> None:
    ids = {}
    for l1, l2, seed in settings:
        data = reordered(BASE, reverse=False)
        data["regularization"] = {"l1": l1, "l2": l2}
        data["training"]["seed"] = seed
        ids[l1, l2, seed] = identify(data)
    assert len(set(ids.values())) == len(set(settings))


def test_groups_that_follow_columns_are_part_of_a_run_where_inputs_share_one() -> None:
    """Without groups of inputs, or where each input has a column to itself, an id stays."""
    strength = {"group_strength": 0.5}

    def ids(regularization: dict[str, Any]) -> tuple[str, str]:
        config = Config.model_validate(changed("regularization", regularization))
        return run_id(config, "data"), run_id(config, "data", form=RowForm(joins_inputs=True))

    for other in ({"l1": 0.1}, {"group": "units", **strength}):
        alone, joined = ids(other)
        assert alone == joined
    alone, joined = ids({"group": "inputs", **strength})
    assert alone != joined
    assert alone == "b320fd619142"


def test_an_order_in_windows_is_part_of_a_run() -> None:
    config = Config.model_validate(BASE)
    assert run_id(config, "data") != run_id(config, "data", form=RowForm(is_in_windows=True))


def test_what_is_trained_in_windows_is_known_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table_with_a_category(tmp_path, "uv")
    loaded = load_config(str(tmp_path / "c.yaml"))
    whole, _ = single_run(loaded)
    monkeypatch.setattr(row_order, "WINDOW_NUMBERS", 32)
    in_windows, _ = single_run(loaded)
    assert in_windows.data.form == RowForm(is_in_windows=True)
    assert in_windows.id != whole.id


def table_with_a_category(folder: Path, words: str) -> None:
    rows = [f"{number},{words[number % len(words)]},{number % 5}" for number in range(40)]
    (folder / "t.csv").write_text("\n".join(["a,b,y", *rows]) + "\n")
    (folder / "c.yaml").write_text(
        "dataset: {file: t.csv, target: y, task: regression}\nmodel: {layers: []}\n"
        "regularization: {group: inputs, group_strength: 0.1, method: proximal}\n"
    )


@pytest.mark.parametrize(("words", "joins"), [("uvw", True), ("uv", False)])
def test_a_run_and_those_that_start_from_it_know_whether_inputs_share_a_column(
    tmp_path: Path, words: str, joins: bool
) -> None:
    """A category of two values is one input."""
    table_with_a_category(tmp_path, words)
    run, splits = single_run(load_config(str(tmp_path / "c.yaml")))
    assert splits.columns_of_inputs == ((0, 1, 1, 1) if joins else None)
    data = splits.table.fingerprint
    assert run.id == run_id(run.config, data, form=RowForm(joins_inputs=joins))
    child = run.following(run.id, run.config, run.settings)
    assert child.id == run_id(run.config, data, run.id, form=RowForm(joins_inputs=joins))
    assert (child.id == run_id(run.config, data, run.id)) == (not joins)
