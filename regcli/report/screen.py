"""The console of a process: whether pictures are drawn on it, and readers that leave."""

import errno
import os
from typing import Any, NoReturn

from rich.console import Console


class Screen(Console):
    """A console that leaves it to the sink what happens where a reader has left.

    Attributes:
        draws: whether tables have pictures below them and bars beside their numbers: where a person
            looks at it, and did not ask for quiet.
    """

    def __init__(self, *, draws: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.draws = draws

    def on_broken_pipe(self) -> NoReturn:
        """Raise it again: rich would end the process, and give up stdout for stderr."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def draws_on(console: Console) -> bool:
    """Whether pictures are drawn on a console."""
    return isinstance(console, Screen) and console.draws
