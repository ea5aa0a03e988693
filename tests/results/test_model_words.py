"""A model in a few words."""

from typing import Any

import pytest

from regcli.results.model_words import words_of

CONVOLUTION = [
    {"Reshape": {"target_shape": [8, 8, 1]}},
    {"Conv2D": {"filters": 16, "kernel_size": 3}},
    {"Dropout": {"rate": 0.1}},
    {"Flatten": {}},
]


@pytest.mark.parametrize(
    ("layers", "shapes", "words"),
    [
        ([{"Dense": {"units": 128}}, {"Dropout": {"rate": 0.1}}], [(64, 128), (128, 10)],
         "64-128-10"),
        ([], [(30, 1)], "30-1"),
        ([], [], None),
        ([{"Dense": {"units": 128}}, {"Dense": {"units": 10}}], [], "128-10"),
        (CONVOLUTION, [(3, 3, 1, 16), (256, 10)], "Reshape-Conv2D(16)-Flatten"),
        ([{"Dropout": None}], [], "Dropout"),
        ([{"Dense": {"units": n}} for n in range(1, 10)], [], "1-2-3-4-5-…-9"),
        (None, [], None),
        ("odd", [(2, 3)], "2-3"),
    ],
)  # fmt: skip
def test_words(layers: Any, shapes: list[tuple[int, ...]], words: str | None) -> None:
    assert words_of({"layers": layers}, shapes) == words
    assert words_of(layers, []) is None or isinstance(layers, dict)
