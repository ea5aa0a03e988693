"""What texts choose among layers and their weights."""

import string
from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.config.layer_selection import LayerWeights, NothingChosenError, choose, choose_all

LAYERS = (
    LayerWeights("conv_1", ("conv_1",), ("Conv2D",), ("kernel", "bias")),
    LayerWeights("gamma", ("gamma",), ("BatchNormalization",), ("gamma", "beta")),
    LayerWeights("lstm", ("lstm",), ("LSTM",), ("kernel", "recurrent_kernel", "bias")),
    LayerWeights("sep", ("sep",), ("SeparableConv1D",), ("depthwise_kernel", "pointwise_kernel")),
    LayerWeights("flatten", ("flatten",), ("Flatten",), ()),
    LayerWeights("LSTM", ("LSTM",), ("Dense",), ("kernel", "bias"), is_output=True),
)
INNER = (
    LayerWeights("back/conv", ("back", "conv"), ("Conv2D", "Functional"), ("kernel", "bias")),
    LayerWeights("head/conv", ("head", "conv"), ("Conv2D", "Functional"), ("kernel",)),
)


def weights(text: str, layers: tuple[LayerWeights, ...] = LAYERS) -> list[str]:
    return [f"{own.layer.key}/{weight}" for own in choose(text, layers) for weight in own.weights]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("conv_1", ["conv_1/kernel"]),
        ("Conv2D", ["conv_1/kernel"]),
        ("Conv*", ["conv_1/kernel"]),
        ("con?_[0-9]", ["conv_1/kernel"]),
        ("LSTM", ["LSTM/kernel"]),  # a name comes before a kind
        ("sep", ["sep/depthwise_kernel", "sep/pointwise_kernel"]),
        ("sep/depth*", ["sep/depthwise_kernel"]),
        ("recurrent_kernel", ["lstm/recurrent_kernel"]),
        ("rec*", ["lstm/recurrent_kernel"]),
        ("beta", ["gamma/beta"]),
        ("*/gamma", ["gamma/gamma"]),
        ("lstm/*", ["lstm/kernel", "lstm/recurrent_kernel", "lstm/bias"]),
        ("hidden/bias", ["conv_1/bias", "lstm/bias"]),
        ("all/bias", ["conv_1/bias", "lstm/bias", "LSTM/bias"]),
        (
            "hidden",
            ["conv_1/kernel", "lstm/kernel", "sep/depthwise_kernel", "sep/pointwise_kernel"],
        ),
    ],
)
def test_texts(text: str, chosen: list[str]) -> None:
    assert weights(text) == chosen


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("back", ["back/conv/kernel"]),
        ("conv", ["back/conv/kernel", "head/conv/kernel"]),
        ("back/conv", ["back/conv/kernel"]),
        ("back/conv/bias", ["back/conv/bias"]),
        ("*/conv/kernel", ["back/conv/kernel", "head/conv/kernel"]),
        ("back/*", ["back/conv/kernel"]),
        ("Functional/bias", ["back/conv/bias"]),
    ],
)
def test_layers_inside_others(text: str, chosen: list[str]) -> None:
    assert weights(text, INNER) == chosen


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "zzz",
            "there is no layer, kind or weight 'zzz'; layers: conv_1, gamma, lstm, sep, flatten, "
            "LSTM; kinds: Conv2D, BatchNormalization, LSTM, SeparableConv1D, Flatten, Dense; "
            "weights: kernel, bias, gamma, beta, recurrent_kernel, depthwise_kernel, "
            "pointwise_kernel",
        ),
        ("conv_2", "there is no layer, kind or weight 'conv_2'; did you mean 'conv_1'?"),
        ("Conv3D", "there is no layer, kind or weight 'Conv3D'; did you mean 'Conv2D'?"),
        ("hiden", "there is no layer, kind or weight 'hiden'; did you mean 'hidden'?"),
        ("flaten/bias", "there is no layer or kind 'flaten'; did you mean 'flatten'?"),
        ("lstm/gamma", "'lstm' has no weight 'gamma'; known: kernel, recurrent_kernel, bias"),
        ("lstm/kernl", "'lstm' has no weight 'kernl'; did you mean 'kernel'?"),
        (
            "gamma",
            "must be a layer with a kernel, got 'gamma', which is BatchNormalization; write "
            "gamma/gamma for its gamma",
        ),
        ("flatten", "must be a layer with a kernel, got 'flatten', which is Flatten"),
        ("f*", "must be layers with a kernel, got 'f*', which matches only flatten"),
    ],
)
def test_texts_that_choose_nothing(text: str, message: str) -> None:
    with pytest.raises(NothingChosenError) as refused:
        choose(text, LAYERS)
    assert str(refused.value) == message


def test_a_pattern_that_matches_nothing_lists_what_there_is() -> None:
    with pytest.raises(NothingChosenError) as refused:
        choose("dense_*", INNER)
    assert str(refused.value) == (
        "'dense_*' matches no layer, kind or weight; layers: back, conv, head; kinds: Conv2D, "
        "Functional; weights: kernel, bias"
    )


NAMES = st.text(string.ascii_lowercase + "_", min_size=1, max_size=4).filter(
    lambda name: name not in {"all", "bias"}
)


@given(st.sets(NAMES, min_size=1, max_size=6), st.data())
def test_every_subset_of_layers_can_be_chosen(names: set[str], data: st.DataObject) -> None:
    layers = tuple(LayerWeights(n, (n,), ("Dense",), ("kernel", "bias")) for n in sorted(names))
    wanted = data.draw(st.sets(st.sampled_from(sorted(names))))
    texts = [data.draw(st.sampled_from([n, f"{n}/kernel", f"[{n[0]}]{n[1:]}"])) for n in wanted]
    exact = [own for text in texts for own in choose_all([text], layers)]
    assert {own.layer.key for own in exact} == wanted


@given(st.sets(NAMES, min_size=1, max_size=6), st.text("ab_*?[]!x", min_size=1, max_size=5))
def test_a_pattern_chooses_what_it_matches_and_else_is_an_error(names: set[str], text: str) -> None:
    layers = tuple(LayerWeights(n, (n,), ("Dense",), ("kernel", "bias")) for n in sorted(names))
    matching = {n for n in names if fnmatchcase(n, text)} if text not in names else {text}
    if matching:
        assert {own.layer.key for own in choose(text, layers)} == matching
    elif not any(fnmatchcase(other, text) for other in ("Dense", "kernel", "bias")):
        with pytest.raises(NothingChosenError):
            choose(text, layers)
