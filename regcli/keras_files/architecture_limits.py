"""How large an architecture may be before Keras builds it: layers, calls, and loops.

How many weights it has is checked while it is built, without memory for them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from regcli.keras_files.refused import BUILD_INSTEAD, Refused
from regcli.one_line import shortened

_MOST_CALLS = 20_000
_LONGEST_LOOP = 10_000
_LOOPS = frozenset({"Split", "ArraySplit", "Hsplit", "Vsplit", "Dsplit", "Unstack"})
"""Operations that make as many tensors as a number says."""
_NO_SIZES = ("seed", "keras_history")

Place = tuple[str, ...]
"""Where something stands: layers by their names, then keys."""


def said(place: Place) -> str:
    """The place as a message begins: `layer 'a' > kernel_initializer: `."""
    return f"{' > '.join(shortened(key, 80) for key in place)}: " if place else ""


class Extent:
    """What adds up in a walk through an architecture."""

    def __init__(self) -> None:
        self._calls = 0
        self._times = 1
        self._largest = 0
        self._loop: Place | None = None

    @contextmanager
    def called(self, times: int, place: Place) -> Iterator[None]:
        """A layer that is called so often, and so all that is in it: a model in a model multiplies.

        Raises:
            Refused: there are too many calls.
        """
        outside = self._times
        self._times *= max(1, times)
        self._calls += self._times
        if self._calls > _MOST_CALLS:
            raise Refused(
                f"config.json: {said(place)}a model must have at most {_MOST_CALLS:,} calls of "
                f"layers, counting models inside it each time; this one has more; "
                f"{BUILD_INSTEAD}"
            )
        yield
        self._times = outside

    def see(self, value: str | float | None, place: Place) -> None:
        """Take a plain value into account."""
        if value is True and place[-1:] == ("unroll",):
            self._loop = place
        elif isinstance(value, int) and not set(place[-1:]) & set(_NO_SIZES):
            self._largest = max(self._largest, abs(value))

    def see_class(self, name: str, place: Place) -> None:
        """Take a class into account."""
        if name in _LOOPS:
            self._loop = place

    def check_loops(self) -> None:
        """Refuse what Keras would do one by one very often.

        Raises:
            Refused: with the place of the loop.
        """
        if self._loop is not None and self._largest > _LONGEST_LOOP:
            raise Refused(
                f"config.json: {said(self._loop)}sizes must be at most {_LONGEST_LOOP:,} in a "
                f"model with steps that are unrolled or split; one is {self._largest:,}; "
                f"{BUILD_INSTEAD}"
            )
