"""One compiled program that goes from member to member.

A function of one member's tensors, traced once, is called in a loop inside of the program. So every
member has the arithmetic that it would have alone, to the last digit, and Python is left once for
all of them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf


class MemberLoop:
    """A function of one member, for as many members as it is given.

    Args:
        of_one: from one member's tensors, and those that all share, to a flat sequence of tensors.
        stacked: an example of the members' tensors, (members, …) each; of any count.
        shared: an example of those that all share.
    """

    def __init__(
        self, of_one: Callable[..., Any], stacked: Sequence[Any], shared: Sequence[Any] = ()
    ) -> None:
        own = [tf.TensorSpec(part.shape[1:], part.dtype) for part in stacked]
        common = [tf.TensorSpec(part.shape, part.dtype) for part in shared]
        traced = tf.function(of_one, autograph=False).get_concrete_function(*own, *common)
        outputs = [tf.TensorSpec(part.shape, part.dtype) for part in traced.outputs]

        def of_all(*tensors: Any) -> Any:
            given, rest = list(tensors[: len(own)]), tensors[len(own) :]
            return tf.map_fn(
                lambda member: list(tf.nest.flatten(traced(*member, *rest))),
                given,
                parallel_iterations=1,
                fn_output_signature=outputs,
            )

        every = [tf.TensorSpec([None, *part.shape], part.dtype) for part in own]
        program = tf.function(of_all, autograph=False)
        # Asking TensorFlow at every call which program it is takes longer than a small one runs.
        self._program = program.get_concrete_function(*every, *common)

    def __call__(self, stacked: Sequence[Any], shared: Sequence[Any] = ()) -> Sequence[Any]:
        """What the function gives of each member, (members, …) each, in the order it gives it.

        Args:
            stacked, shared: shaped like the examples, but for the count of members.
        """
        found: Sequence[Any] = self._program(*stacked, *shared)
        return found
