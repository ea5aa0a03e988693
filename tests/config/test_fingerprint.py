"""A run's id: the same for the same content, another for any other."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.config.document import parse_path
from regcli.config.fingerprint import content_hash, run_id
from regcli.config.load import load_config
from regcli.config.schema import Config

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


def identify(data: dict[str, Any], fingerprint: str = "data", version: int = 1) -> str:
    return run_id(Config.model_validate(data), fingerprint, version)


def test_an_id_is_twelve_hex_digits() -> None:
    assert set(identify(BASE)) <= set("0123456789abcdef")
    assert len(identify(BASE)) == 12


def test_an_id_stays_the_same_from_release_to_release() -> None:
    """Stored runs are found again by it: a new one here means that every run is trained anew."""
    assert content_hash({"b": [1, 0.5, None], "a": "ü"}) == "5f24bbea7ca7"
    assert identify(BASE) == "59f486923a27"


@pytest.mark.parametrize(
    "same",
    [
        reordered(BASE),
        changed("name", "second"),
        changed("dataset.file", "elsewhere/b.csv"),
        changed("dataset.target", "z"),
        changed("sweep", {"seeds": 5}),
        changed("training.epochs", 50),
        changed("model.layers.0", {"Dense": {"activation": "relu", "units": 4}}),
    ],
)
def test_the_same_content_has_the_same_id(same: dict[str, Any]) -> None:
    assert identify(same) == identify(BASE)


DIFFERENT = [
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
    changed("model.layers.0", {"Dense": {"units": 4, "activation": None}}),
    changed("model.layers.0", {"Dense": {"units": 4}}),
    changed("model.layers.0", {"Dense": {"units": 4, "activation": "relu", "l1": 0.1}}),
]


def test_other_content_has_another_id() -> None:
    ids = [identify(data) for data in (BASE, *DIFFERENT)]
    ids += [identify(BASE, fingerprint="other"), identify(BASE, version=2)]
    assert len(set(ids)) == len(ids)


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
        ids.add(run_id(load_config(str(path)).config, "data", 1))
    monkeypatch.chdir(tmp_path)
    ids.add(run_id(load_config("a.yaml").config, "data", 1))
    assert len(ids) == 1


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("ab\u00fc☃"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=8,
)


@given(PLAIN)
def test_the_order_of_keys_is_no_content(content: Any) -> None:
    assert content_hash(reordered(content)) == content_hash(content)


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
