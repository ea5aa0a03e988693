"""A destination of stored runs, and what is sent to it.

Nothing heavy is imported here: the help of `runs export` reads this module.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from regcli.report.column_choice import Choice
    from regcli.results.records import RunRecord
    from regcli.store.store import Store

TABLE = frozenset({"columns", "sort", "aggregate"})
"""What can be asked of a table."""


@dataclass(frozen=True)
class Shipment:
    """Stored runs on their way out.

    Attributes:
        to: the name of the destination.
        records: of the runs.
        choice: the columns and order of a table.
        output: the file or the folder; None for a table that is shown, and where there is a URI.
        uri: of a tracking store.
        probabilities: whether a model's outputs become probabilities.
        models: whether models go along.
        show: what puts a whole text on stdout.
        tell: what tells a person a sentence.
    """

    to: str
    store: "Store"
    records: "Sequence[RunRecord]"
    choice: "Choice"
    output: Path | None
    uri: str
    probabilities: bool
    models: bool
    show: Callable[[str], None]
    tell: Callable[[str], None]

    @property
    def path(self) -> Path:
        """The file or the folder, where there has to be one."""
        assert self.output is not None
        return self.output


@dataclass(frozen=True)
class Sent:
    """What came of a shipment.

    Attributes:
        what: has been written, in words: `8 runs`.
        before: how many other runs were there before, and were left as they are.
    """

    what: str
    before: int = 0


Send = Callable[[Shipment], Sent]
"""Sends runs."""


@dataclass(frozen=True)
class Destination:
    """Where runs can go.

    Attributes:
        name: what a person calls it.
        module: of this room; has the function `send`, loaded at its first use.
        ending: of its files; empty where it is a folder or a tracking store.
        holds: what a file holds that is of one run; empty where it holds many.
        beside: the ending of a file that is written next to it; empty for none.
        takes: what can be asked of it, by names of `Shipment` and `Choice`.
        is_text: whether it can be shown instead of being written to a file.
    """

    name: str
    module: str
    ending: str = ""
    holds: str = ""
    beside: str = ""
    takes: frozenset[str] = frozenset()
    is_text: bool = False

    @property
    def send(self) -> Send:
        """The function that sends runs there."""
        return cast("Send", import_module(f"regcli.destinations.{self.module}").send)

    def files(self, output: Path) -> list[Path]:
        """The files that are written for an output."""
        return [output, output.with_suffix(self.beside)] if self.beside else [output]


def count_words(runs: int) -> str:
    """`1 run`, `8 runs`."""
    return "1 run" if runs == 1 else f"{runs:,} runs"
