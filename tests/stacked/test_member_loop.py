"""One program over many members: each has the bits that it has alone, in whatever company."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from regcli.stacked.member_loop import MemberLoop

MEMBERS = 7
CHANCE = np.random.default_rng(0)
KERNELS = CHANCE.standard_normal((MEMBERS, 37, 19)).astype(np.float32)
SCALES = CHANCE.standard_normal((MEMBERS,))
ROWS = CHANCE.standard_normal((53, 37)).astype(np.float32)


def of_one(kernel: Any, scale: Any, rows: Any) -> tuple[Any, Any, Any]:
    outputs = tf.nn.softmax(tf.matmul(rows, kernel))
    size = scale * tf.reduce_sum(tf.square(tf.cast(kernel, tf.float64)))
    return outputs, size, tf.argmax(outputs, -1)


@pytest.fixture(scope="module")
def loop() -> MemberLoop:
    return MemberLoop(of_one, [tf.constant(KERNELS), tf.constant(SCALES)], [tf.constant(ROWS)])


@pytest.mark.parametrize("chosen", [[0], [3, 1], [*range(MEMBERS)], []])
def test_a_member_has_the_bits_that_it_has_alone(loop: MemberLoop, chosen: list[int]) -> None:
    given = [tf.constant(KERNELS[chosen]), tf.constant(SCALES[chosen])]
    found = [part.numpy() for part in loop(given, [tf.constant(ROWS)])]
    assert [part.shape for part in found] == [
        (len(chosen), 53, 19),
        (len(chosen),),
        (len(chosen), 53),
    ]
    assert [part.dtype for part in found] == [np.float32, np.float64, np.int64]
    alone = tf.function(of_one)
    for place, member in enumerate(chosen):
        own = alone(tf.constant(KERNELS[member]), tf.constant(SCALES[member]), tf.constant(ROWS))
        for part, expected in zip(found, own, strict=True):
            assert part[place].tobytes() == expected.numpy().tobytes()
