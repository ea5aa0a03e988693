"""A model in a few words, for a column of a table: `64-128-10`, or the kinds of its layers."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from regcli.results.records import RunRecord

_LONGEST = 6
"""Layers that are named: of deeper models the first ones and the last."""
_PASSING = frozenset({"Activation", "BatchNormalization", "Dropout", "GaussianNoise"})
"""Layers that do not change what a chain of widths says."""


def model_words(record: RunRecord) -> str | None:
    """The model of a run; None where nothing is known of it."""
    shapes = [layer.shape for layer in record.sparsity.layers] if record.sparsity else []
    return words_of(record.config.get("model"), shapes)


def words_of(model: object, shapes: Sequence[Sequence[int]]) -> str | None:
    """A model in words: its widths where it is a chain of Dense layers, else its layers' kinds.

    A model that the config names is called as there.

    Args:
        model: that section of a resolved config.
        shapes: of the kernels, from input to output; empty where nothing was trained.
    """
    if isinstance(model, Mapping) and (own := model.get("python") or model.get("keras")):
        return str(own)
    given = model.get("layers") if isinstance(model, Mapping) else None
    layers = given if isinstance(given, list | tuple) else ()
    kinds = list(map(_kind, layers))
    if all(kind in {"Dense", *_PASSING} for kind in kinds) and _is_chain(shapes):
        return _joined([str(shapes[0][0]), *(str(shape[1]) for shape in shapes)])
    named = [layer for layer, kind in zip(layers, kinds, strict=True) if kind not in _PASSING]
    return _joined(list(map(_word, named)) or kinds)


def _word(layer: Any) -> str:
    """`128` for a Dense layer of so many units, `Conv2D(16)` or `Flatten` for others."""
    kind = _kind(layer)
    given = layer.get(kind) if isinstance(layer, Mapping) else None
    arguments = given if isinstance(given, Mapping) else {}
    size = arguments.get("units", arguments.get("filters"))
    if size is None:
        return kind
    return str(size) if kind == "Dense" else f"{kind}({size})"


def _kind(layer: Any) -> str:
    return next(iter(layer), "") if isinstance(layer, Mapping) else str(layer)


def _is_chain(shapes: Sequence[Sequence[int]]) -> bool:
    is_dense = bool(shapes) and all(len(shape) == 2 for shape in shapes)
    return is_dense and all(left[1] == right[0] for left, right in pairwise(shapes))


def _joined(parts: Sequence[str]) -> str | None:
    if len(parts) > _LONGEST:
        parts = [*parts[: _LONGEST - 1], "…", parts[-1]]
    return "-".join(parts) or None
