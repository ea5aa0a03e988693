"""What stacked forms of layers share: the pass they are part of, and products by member."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import keras
import tensorflow as tf

from regcli.stacked.tensors import Tensor, Tensors

MAX_NARROW = 32
"""Most units of a layer whose kernel is kept transposed."""


@dataclass(frozen=True)
class Pass:
    """What a forward pass knows besides inputs and weights, and what it leaves behind.

    Attributes:
        share: each row's share of the batch's mean, (rows,) or (members, rows), 0 for rows that
            fill a batch up; None outside of training.
        keys: the random key of each member at this step, (members,) uint32.
        rates: dropout rates, (members, 1), by layer name.
        scope: names of the wrappers and models around a layer, which tell its random numbers apart.
        turn: which calls of a layer, and of the models around it, are not the first ones.
        lookups: the tokens (members, …) that an Embedding looked up and what it found,
            (members, …, n), in each of its calls, by the layer's `id`; filled in as layers are
            called.
        activities: what activity regularizers take of every row, (members, rows) each; layers add
            to it as they are called.
    """

    share: Tensor | None
    keys: Tensor
    rates: Mapping[str, Tensor]
    scope: str = ""
    turn: str = ""
    lookups: dict[int, list[tuple[Tensor, Tensor]]] = field(default_factory=dict)
    activities: Tensors = field(default_factory=list)

    def activity_by_row(self, outputs: Tensor) -> Tensor:
        """The sum of what activity regularizers took of every row, (members, rows).

        Args:
            outputs: (members, rows, …), for the shape.
        """
        return tf.add_n([tf.zeros(outputs.shape[:2]), *self.activities])

    @property
    def training(self) -> bool:
        """Whether layers behave as in training."""
        return self.share is not None


Form = Callable[[keras.Layer, Tensors, Tensors, Tensor, Pass], tuple[Tensor, Tensors]]
"""(layer, weights, statistics, inputs, pass) → outputs, new statistics.

The Keras layer is built and gives its arguments; weights and statistics are its variables in their
order, (members, *shape) each; inputs and outputs are (members, rows, …).
"""


def is_statistic(variable: keras.Variable) -> bool:
    """Whether a non-trainable variable is a member's own state, not a random generator's."""
    return "float" in str(variable.dtype)


def align(per_member: Tensor, x: Tensor) -> Tensor:
    """(members, k) with as many axes as `x` has, (members, 1, …, 1, k)."""
    return tf.reshape(per_member, [per_member.shape[0], *[1] * (len(x.shape) - 2), -1])


def product(x: Tensor, kernel: Tensor) -> Tensor:
    """(members, …, i) times (members, i, o) → (members, …, o)."""
    members, inputs = x.shape[0], x.shape[-1]
    multiplied = tf.matmul(tf.reshape(x, [members, -1, inputs]), kernel)
    return tf.reshape(multiplied, [*x.shape[:-1], kernel.shape[-1]])


def product_transposed(x: Tensor, kernel: Tensor) -> Tensor:
    """(members, …, i) times (members, o, i) → (members, …, o)."""
    members, inputs = x.shape[0], x.shape[-1]
    multiplied = tf.matmul(kernel, tf.reshape(x, [members, -1, inputs]), transpose_b=True)
    return tf.reshape(tf.transpose(multiplied, [0, 2, 1]), [*x.shape[:-1], kernel.shape[1]])


def is_narrow(layer: keras.Layer) -> bool:
    """Whether a layer's kernel is better kept transposed, as (units, inputs).

    With few units a product's rows are too short for a processor's vectors: those of 10 units took
    11.6 µs a step, and 7 µs transposed.
    """
    if not isinstance(layer, keras.layers.Dense):
        return False
    if layer.kernel_constraint is not None or layer.kernel_regularizer is not None:
        return False  # those look at the kernel as it is
    inputs, units = layer.kernel.shape
    return bool(units <= MAX_NARROW and units < inputs)


@tf.custom_gradient  # type: ignore[untyped-decorator]
def thin_product(
    patches: Tensor, kernel: Tensor
) -> tuple[Tensor, Callable[[Tensor], tuple[Tensor, Tensor]]]:
    """As `product`, for patches of few numbers: one multiplication of whole rows for each of them.

    Patches (members, …, width) times kernels (members, width, filters) → (members, …, filters).

    A matrix product over so few runs at a tenth of the processor's speed. Its gradient by the
    kernel, which sums over many rows, does not.
    """
    members, width, filters = kernel.shape
    numbers = (patches[..., place, tf.newaxis] for place in range(width))
    y = tf.add_n([x * align(kernel[:, place], patches) for place, x in enumerate(numbers)])

    def gradient(upstream: Tensor) -> tuple[Tensor, Tensor]:
        rows = tf.reshape(upstream, [members, -1, filters])
        by_patch = tf.reshape(tf.matmul(rows, kernel, transpose_b=True), patches.shape)
        flat = tf.reshape(patches, [members, -1, width])
        return by_patch, tf.matmul(flat, rows, transpose_a=True)

    return y, gradient


def finish(layer: keras.Layer, y: Tensor, bias: Sequence[Tensor]) -> Tensor:
    """What Dense layers and convolutions end with: a bias (members, outputs) if any, activation."""
    y = y + align(bias[0], y) if bias else y
    return y if layer.activation is None else layer.activation(y)
