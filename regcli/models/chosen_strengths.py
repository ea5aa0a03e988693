"""From what a config selects to the strengths of each layer, whatever the model is made of."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from regcli.config.layer_selection import Chosen, LayerWeights, NothingChosenError, choose_all
from regcli.config.schema import BiasStrengths, Regularization
from regcli.config.selection_keys import StrengthGroup
from regcli.config.selection_rules import first_overlap, weights_chosen
from regcli.errors import ModelError
from regcli.models.kernel_penalties import FREE
from regcli.penalties.covered_weights import KERNELS
from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.penalty import LayerStrengths, Penalty, Strengths
from regcli.penalties.registry import NAMED

Path = tuple[str | int, ...]


def chosen_strengths(
    layers: Sequence[LayerWeights],
    regularization: Regularization,
    existing: Mapping[str, Collection[str]],
    own: Mapping[str, Mapping[str, float | None]],
) -> dict[str, LayerStrengths]:
    """The strengths of every layer by its key.

    Args:
        existing: weights of each layer that the model itself has a regularizer on.
        own: l1 and l2 that layers have themselves, which come before all others.

    Raises:
        ModelError: a selection chooses nothing, two groups choose the same weight, or a weight has
            a regularizer where `existing` is `error`.
    """
    choices = _Choices.of(layers, regularization)
    found, clashes = {}, []
    for layer in layers:
        strengths, reached = choices.strengths_of(layer)
        numbers = own.get(layer.key, {})
        if any(number is not None for number in numbers.values()):
            strengths, reached = strengths.having(**numbers), reached | set(layer.kernels)
        clash = [weight for weight in existing.get(layer.key, ()) if weight in reached]
        clashes += [f"{layer.key}/{weight}" for weight in clash]
        found[layer.key] = _beside(strengths, clash, choices.rule)
    if clashes and choices.rule == "error":
        raise ModelError(
            ("regularization", "existing"),
            f"the model has regularizers of its own on weights that strengths are for: "
            f"{', '.join(clashes)}; remove them, or write existing: add, replace or keep",
        )
    return found


def reached_weights(
    layers: Sequence[LayerWeights],
    weak: Mapping[str, LayerStrengths],
    strong: Mapping[str, LayerStrengths],
) -> frozenset[str]:
    """What differs between two strengths: keys of layers by whose kernels, and `key/weight`."""
    found: set[str] = set()
    for layer in layers:
        before, after = weak[layer.key], strong[layer.key]
        changed = {w for w in layer.weights if before.of(w) != after.of(w)}
        if layer.kernels and changed.issuperset(layer.kernels):
            found.add(layer.key)
            changed -= set(layer.kernels)
        found |= {f"{layer.key}/{weight}" for weight in changed}
    return frozenset(found)


def chosen_keys(selection: Sequence[str], layers: Sequence[LayerWeights]) -> frozenset[str]:
    """Keys of the layers of which a selection chooses a kernel."""
    found = choose_all(selection, layers)
    return frozenset(own.layer.key for own in found if not KERNELS.isdisjoint(own.weights))


def penalty_of(regularization: Regularization) -> Penalty:
    """The penalty of all weights but biases, groups of weights left aside."""
    return ELASTIC_NET if regularization.penalty is None else NAMED[regularization.penalty]


@dataclass(frozen=True)
class _Choices:
    """What a config's section chooses in a model.

    Attributes:
        whole: keys of the layers that the section's own strengths are for.
        named: weights that they are for, by key.
        grouped: the group of weights, by key and weight.
    """

    regularization: Regularization
    whole: frozenset[str]
    named: Mapping[str, Collection[str]]
    grouped: Mapping[str, Mapping[str, StrengthGroup]] = field(default_factory=dict)

    @classmethod
    def of(cls, layers: Sequence[LayerWeights], regularization: Regularization) -> "_Choices":
        chosen = _chosen(("regularization", "layers"), regularization.layers, layers)
        named: dict[str, set[str]] = {}
        for own in chosen:
            if own.weight is not None:
                named.setdefault(own.layer.key, set()).add(own.weight)
        whole = frozenset(own.layer.key for own in chosen if own.weight is None)
        return cls(regularization, whole, named, _grouped(layers, regularization.groups or ()))

    @property
    def rule(self) -> str:
        """What becomes of regularizers that the model itself has."""
        return self.regularization.existing or "add"

    def strengths_of(self, layer: LayerWeights) -> tuple[LayerStrengths, frozenset[str]]:
        """A layer's strengths, and the weights that they are for."""
        section, is_whole = self.regularization, layer.key in self.whole
        given = penalty_of(section).of(section)
        free = given.having(l1=0.0, l2=0.0)
        reached = set(layer.kernels) if is_whole else set()
        if is_whole and section.bias is not None:
            reached.add("bias")
        bias = ELASTIC_NET.of(section.bias or BiasStrengths()) if is_whole else FREE
        base = LayerStrengths(given if is_whole else free, bias)
        of_bias = ELASTIC_NET.strengths(l1=section.l1, l2=section.l2)
        named: dict[str, Strengths] = {
            weight: of_bias if weight == "bias" else given
            for weight in self.named.get(layer.key, ())
        }
        for weight, group in self.grouped.get(layer.key, {}).items():
            start = named.get(weight) or base.of(weight) or free
            named[weight] = start.having(l1=group.l1, l2=group.l2)
        reached.update(named)
        if len(layer.kernels) == 1 and layer.kernels[0] in named:
            base = replace(base, kernel=named.pop(layer.kernels[0]))
        return replace(base, named=named), frozenset(reached)


def _chosen(
    path: Path, selection: str | Sequence[str], layers: Sequence[LayerWeights]
) -> list[Chosen]:
    if isinstance(selection, str):
        return list(choose_all(selection, layers))
    found: list[Chosen] = []
    for position, text in enumerate(selection):
        try:
            found += choose_all([text], layers)
        except NothingChosenError as error:
            raise ModelError((*path, position), str(error)) from None
    return found


def _grouped(
    layers: Sequence[LayerWeights], groups: Sequence[StrengthGroup]
) -> Mapping[str, Mapping[str, StrengthGroup]]:
    weights: dict[Path, Mapping[str, None]] = {}
    found: dict[str, dict[str, StrengthGroup]] = {}
    for number, group in enumerate(groups):
        path: Path = ("regularization", "groups", number, "layers")
        chosen = _chosen(path, group.layers, layers)
        weights[path] = weights_chosen(group.layers, layers)
        for own in chosen:
            of_layer = found.setdefault(own.layer.key, {})
            of_layer |= dict.fromkeys(own.weights, group)
    if overlap := first_overlap(weights):
        raise ModelError(*overlap)
    return found


def _beside(strengths: LayerStrengths, clash: Collection[str], rule: str) -> LayerStrengths:
    """The strengths of a layer that has regularizers of its own on some of their weights."""
    if not clash or rule == "add":
        return strengths
    if rule != "keep":
        return replace(strengths, replaced=frozenset(clash))
    named = {weight: own for weight, own in strengths.named.items() if weight not in clash}
    free = strengths.kernel.having(l1=0.0, l2=0.0)
    named |= {weight: free for weight in clash if weight in KERNELS}
    bias = FREE if "bias" in clash else strengths.bias
    return replace(strengths, bias=bias, named=named, kept=frozenset(clash))
