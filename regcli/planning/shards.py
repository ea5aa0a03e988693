"""A part of a grid's runs, for one of several machines that share no store."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from regcli.planning.graph import N

MOST_SHARDS = 10_000
_FORM = re.compile(r"(\d{1,6})/(\d{1,6})")


@dataclass(frozen=True)
class Shard:
    """One of equal parts: `3/8`.

    Attributes:
        number: which one, from 1.
        count: how many there are.
    """

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """The shard that is written `3/8`.

        Raises:
            ValueError: the rule, then the text.
        """
        found = _FORM.fullmatch(text)
        number, count = map(int, found.groups()) if found else (0, 0)
        if not 1 <= number <= count <= MOST_SHARDS:
            rule = f"must be a part of at most {MOST_SHARDS:,} parts, like 3/8"
            raise ValueError(f"{rule}; got '{text}'")
        return cls(number, count)

    def of(self, runs: Sequence[N]) -> tuple[N, ...]:
        """Its runs: every `count`-th of those that need not wait, and what starts from them.

        Neighbours in a grid take about equally long, so they are dealt out one by one.

        Args:
            runs: parents before their children.
        """
        known, own, roots = set[str](), set[str](), 0
        for run in runs:
            if run.id in known:
                continue
            known.add(run.id)
            if run.parent in known:
                takes = run.parent in own
            else:
                takes = roots % self.count == self.number - 1
                roots += 1
            if takes:
                own.add(run.id)
        return tuple(run for run in runs if run.id in own)

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"
