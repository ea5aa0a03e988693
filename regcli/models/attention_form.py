"""MultiHeadAttention without the heads that count for nothing.

For a token, a head puts out a mean of its values, which are sums of the features that come in; its
weights are made of queries and keys. A head is dead if no non-zero weight leads from what it puts
out to a living unit, or none from a feature that varies to its values: the mean of a constant is
that constant, which the output's bias takes over.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from regcli.models import shrinking
from regcli.models.form import Kept, Piece
from regcli.models.keras_private import GraphNode
from regcli.models.shrinking import Constants, Mask

_ROLES = ("query", "value", "key")


@dataclass(frozen=True)
class AttentionForm:
    """A call of MultiHeadAttention.

    Attributes:
        roles: what each input is: query, value or key.
    """

    layer: keras.layers.MultiHeadAttention
    roles: tuple[str, ...]

    @classmethod
    def of(cls, node: GraphNode) -> "AttentionForm":
        """That of a call for which `attention_misfit` is empty."""
        return cls(node.operation, _roles(node))

    def forward(self, known: Sequence[Constants]) -> Constants:
        """Units to which nothing comes but constants of heads: those and the bias."""
        reached = (self._led(known) != 0).any(axis=(0, 1))
        sums = self._constants(known).sum(axis=0) + (0.0 if self._bias is None else self._bias)
        return np.where(reached, np.nan, sums)

    def backward(self, known: Sequence[Constants], live: Mask) -> Sequence[Mask]:
        """Features that lead to a living head, as the head needs them."""
        heads = self._heads(known, live)
        return [np.any(self._leads(role)[:, heads], axis=(1, 2)) for role in self.roles]

    def fitted(self, kept: Kept) -> Kept:
        """Any features and any units."""
        return kept

    def smaller(self, known: Sequence[Constants], live: Mask, kept: Kept) -> Piece:
        """The layer of living heads."""
        alive = self._heads(known, live)
        heads = shrinking.at_least_one(alive)
        features = dict(zip(self.roles, kept.inputs, strict=True))
        features.setdefault("key", features["value"])
        weights: list[NDArray[Any]] = []
        for role in ("query", "key", "value"):
            dense = self._dense(role)
            weights.append(np.asarray(dense.kernel)[features[role]][:, heads])
            weights.extend([np.asarray(dense.bias)[heads]] if self.layer.use_bias else [])
        wanted = np.where(alive[:, None, None] & live, self._output, np.float32(0))
        weights.append(wanted[heads][..., kept.units])
        if self._bias is not None:
            added = self._constants(known)[~alive].sum(axis=0)
            weights.append(np.where(live, self._bias + added, 0.0)[kept.units])
        config = self.layer.get_config() | {"num_heads": int(heads.sum())}
        config["output_shape"] = (int(kept.units.sum()),)
        return Piece(type(self.layer).from_config(config), weights)

    def _dense(self, role: str) -> keras.layers.EinsumDense:
        return getattr(self.layer, f"{role}_dense")

    def _leads(self, role: str) -> Mask:
        """Whether weights lead from features to parts of heads, (features, heads, parts).

        Where a layer is given no key, the values are the keys too.
        """
        found = np.not_equal(self._dense(role).kernel, 0)
        if role == "value" and "key" not in self.roles:
            return np.concatenate([found, np.not_equal(self._dense("key").kernel, 0)], axis=2)
        return np.asarray(found)

    @property
    def _output(self) -> NDArray[np.float32]:
        """(heads, parts, units)."""
        return np.asarray(self.layer.output_dense.kernel)

    @property
    def _bias(self) -> NDArray[np.float32] | None:
        return np.asarray(self.layer.output_dense.bias) if self.layer.use_bias else None

    def _varies(self, known: Sequence[Constants]) -> Mask:
        """Parts of heads (heads, parts) to whose values anything varying comes."""
        values = np.isnan(known[self.roles.index("value")])
        kernel = np.asarray(self._dense("value").kernel)
        return np.asarray((kernel[values] != 0).any(axis=0))

    def _led(self, known: Sequence[Constants]) -> NDArray[np.float32]:
        """The output's kernel where it takes something that varies, (heads, parts, units)."""
        return np.where(self._varies(known)[..., None], self._output, np.float32(0))

    def _constants(self, known: Sequence[Constants]) -> NDArray[np.float64]:
        """What parts of heads that are constant add to each unit, (heads, units)."""
        given = known[self.roles.index("value")]
        values = np.where(np.isnan(given), 0.0, given)
        dense = self._dense("value")
        parts = np.einsum("d,dhv->hv", values, np.asarray(dense.kernel, np.float64))
        parts += np.asarray(dense.bias) if self.layer.use_bias else 0.0
        parts[self._varies(known)] = 0.0
        added: NDArray[np.float64] = np.einsum("hv,hvu->hu", parts, self._output.astype(np.float64))
        return added

    def _heads(self, known: Sequence[Constants], live: Mask) -> Mask:
        """Heads that live, (heads,); a constant needs a bias to take it over."""
        alive = np.any(self._led(known)[..., live] != 0, axis=(1, 2))
        if self._bias is None:
            alive = alive | np.any(self._constants(known)[:, live] != 0, axis=1)
        return np.asarray(alive)


def attention_misfit(node: GraphNode) -> str:
    """Why a call of MultiHeadAttention cannot be made smaller; empty where it can."""
    layer = node.operation
    if layer.get_config().get("use_gate"):
        return "has a gate; shrink supports attention without"
    if len(node.outputs) > 1 or layer.output_dense.kernel.ndim != 3:
        return "gives more than one row of features for a token; shrink supports one"
    if not _roles(node):
        return "is called with masks; shrink supports query, value and key"
    return ""


def _roles(node: GraphNode) -> tuple[str, ...]:
    """What each input of a call is; nothing where any is no query, value or key."""
    arguments, keywords = node.arguments({id(x): x for x in node.inputs})
    given = inspect.signature(node.operation.call).bind(*arguments, **keywords).arguments
    named = (*list(given)[: len(arguments)], *sorted(keywords))
    roles = tuple(name for name in named if isinstance(given[name], keras.KerasTensor))
    same = [id(given[role]) for role in roles] == [id(flow) for flow in node.inputs]
    return roles if same and set(roles) <= set(_ROLES) else ()
