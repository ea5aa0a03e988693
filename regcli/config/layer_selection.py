"""What the texts of `regularization.layers` choose: layers by name, pattern or kind, and weights.

A text is `LAYERS`, `WEIGHT` or `LAYERS/WEIGHT`. Its first meaning that something in the model has
is the one that counts: a layer's name; the words `all` and `hidden`; a kind; a weight.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from regcli.config.problems import did_you_mean
from regcli.penalties.covered_weights import KERNELS

ALL, HIDDEN = "all", "hidden"
WORDS = (ALL, HIDDEN)
_OTHERS = ("recurrent_kernel", "bias", "embeddings", "gamma", "beta", "alpha", "scale")
"""Names of weights that are no kernels in Keras's layers."""
_LISTED = 24
"""Most names to list of each sort."""


@dataclass(frozen=True)
class LayerWeights:
    """A layer that strengths can reach.

    Attributes:
        key: what its strengths are kept under.
        names: its own, after those of the layers and models that hold it.
        kinds: its class, and those of what holds it.
        weights: their names, such as `kernel`.
        is_output: whether `hidden` leaves it out.
    """

    key: str
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    weights: tuple[str, ...]
    is_output: bool = False

    @property
    def kernels(self) -> tuple[str, ...]:
        """Those of its weights that are chosen with the layer."""
        return tuple(weight for weight in self.weights if weight in KERNELS)


@dataclass(frozen=True)
class Chosen:
    """A layer, and one of its weights; None for its kernels."""

    layer: LayerWeights
    weight: str | None = None

    @property
    def weights(self) -> tuple[str, ...]:
        """The weights that are chosen, by name."""
        return self.layer.kernels if self.weight is None else (self.weight,)


class NothingChosenError(Exception):
    """A text that chooses nothing; says what there is."""


def choose(text: str, layers: Sequence[LayerWeights]) -> tuple[Chosen, ...]:
    """What a text chooses.

    Raises:
        NothingChosenError: it chooses nothing, or layers without a kernel only.
    """
    whole = _layers_called(text, layers)
    if whole:
        found = [Chosen(layer) for layer in whole if layer.kernels]
        if not found:
            raise NothingChosenError(_without_kernels(text, whole))
        return tuple(found)
    head, slash, weight = text.rpartition("/")
    owners = _layers_called(head, layers) if slash else layers
    named = [
        Chosen(layer, own) for layer in owners for own in layer.weights if fnmatchcase(own, weight)
    ]
    if not named:
        raise NothingChosenError(_nothing(text, layers, owners if slash else ()))
    return tuple(named)


def choose_all(selection: str | Sequence[str], layers: Sequence[LayerWeights]) -> Iterator[Chosen]:
    """What a whole selection chooses: `all`, `hidden`, or a list of texts.

    Raises:
        NothingChosenError: a text of a list chooses nothing. The words may do so.
    """
    if isinstance(selection, str):
        yield from (Chosen(layer) for layer in _of_word(selection, layers) if layer.kernels)
        return
    for text in selection:
        yield from choose(text, layers)


def _of_word(word: str, layers: Sequence[LayerWeights]) -> list[LayerWeights]:
    return [layer for layer in layers if word == ALL or not layer.is_output]


def _layers_called(text: str, layers: Sequence[LayerWeights]) -> list[LayerWeights]:
    """The layers that a text is the name or the word for, a pattern of names, or a kind."""
    if found := [layer for layer in layers if text in (*layer.names, "/".join(layer.names))]:
        return found
    if text in WORDS:
        return _of_word(text, layers)
    meanings: tuple[Callable[[LayerWeights], Iterable[str]], ...] = (
        lambda layer: ("/".join(layer.names),) if "/" in text else layer.names,
        lambda layer: layer.kinds,
    )
    for texts_of in meanings:
        found = [v for v in layers if any(fnmatchcase(own, text) for own in texts_of(v))]
        if found:
            return found
    return []


def _without_kernels(text: str, layers: Sequence[LayerWeights]) -> str:
    first = layers[0]
    named = f"{first.names[-1]}/{first.weights[0]}" if first.weights else ""
    more = f"; write {named} for its {first.weights[0]}" if named else ""
    if len(layers) == 1 and text == first.names[-1]:
        return f"must be a layer with a kernel, got '{text}', which is {first.kinds[0]}{more}"
    names = _listed(layer.names[-1] for layer in layers)
    return f"must be layers with a kernel, got '{text}', which matches only {names}{more}"


def _nothing(text: str, layers: Sequence[LayerWeights], owners: Sequence[LayerWeights]) -> str:
    """Why a text chooses nothing.

    Args:
        owners: the layers that the part before a slash chooses.
    """
    if owners:
        head, _, weight = text.rpartition("/")
        weights = dict.fromkeys(own for layer in owners for own in layer.weights)
        near = did_you_mean(weight, weights)
        known = near or f"; known: {_listed(weights) or 'none'}"
        return f"'{head}' has no weight '{weight}'{known}"
    sorts = {
        "layers": dict.fromkeys(name for layer in layers for name in layer.names),
        "kinds": dict.fromkeys(kind for layer in layers for kind in layer.kinds),
        "weights": dict.fromkeys(own for layer in layers for own in layer.weights),
    }
    head, slash, _ = text.rpartition("/")
    looked_for = head if slash else text
    names = [name for own in reversed(sorts.values()) for name in own]  # of two alike the last
    near = did_you_mean(looked_for, [*names, *WORDS])
    if is_pattern(looked_for):
        what, near = f"'{looked_for}' matches no layer, kind or weight", ""
    else:
        what = f"there is no layer{' or kind' if slash else ', kind or weight'} '{looked_for}'"
    return what + (near or "".join(f"; {sort}: {_listed(own)}" for sort, own in sorts.items()))


def names_weights(text: str) -> bool:
    """Whether a text that is no layer's name or kind names single weights.

    Without a slash it may do so too, under the names that Keras's layers give to weights.
    """
    return "/" in text or any(fnmatchcase(weight, text) for weight in _OTHERS)


def is_pattern(text: str) -> bool:
    """Whether a text has a character that stands for others: `*`, `?` or `[`."""
    return any(character in text for character in "*?[")


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    more = f" and {len(known) - _LISTED:,} more" if len(known) > _LISTED else ""
    return ", ".join(known[:_LISTED]) + more
