"""What is traced and compiled once for all programs of a population, one of which each thread has.

Tracing takes Python's lock, and XLA compiles for seconds: for small members that is most of the
time. The programs of a population differ in nothing but the variables that they read and change.
"""

import copy
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import keras

T = TypeVar("T")


class SharedTraces:
    """What the first of several programs of one form has made, for the others too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[str, Any] = {}

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gave when the name was first asked for."""
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            found: T = self._made[name]
            return found

    def with_variables(
        self, name: str, trace: Callable[[], Any], variables: Sequence[Any]
    ) -> Callable[..., Any]:
        """A traced function of a program, on its own variables.

        Args:
            trace: traces the program's own.
            variables: all that it may read or change, in an order that programs have in common;
                one that reads or changes others is traced for each program.
        """
        handles = [_handle(variable) for variable in variables]
        first, theirs = self.once(name, lambda: (trace(), handles))
        if theirs is handles:
            return first  # type: ignore[no-any-return]
        own = _on_others(first, dict(zip(map(id, theirs), handles, strict=True)))
        return trace() if own is None else own  # type: ignore[no-any-return]


def _handle(variable: Any) -> Any:
    """TensorFlow's name of a variable, which is Keras's or its own."""
    return (variable.value if isinstance(variable, keras.Variable) else variable).handle


def _on_others(traced: Any, instead: dict[int, Any]) -> Any:
    """A traced function with other variables, by what they take the place of; None if one lacks.

    The copy has the name of the first in TensorFlow, and so what XLA has compiled of it.
    """
    captured = list(traced.captured_inputs)
    if any(each.dtype.name == "resource" and id(each) not in instead for each in captured):
        return None
    other = copy.copy(traced)
    other.set_external_captures([instead.get(id(each), each) for each in captured])
    return other
