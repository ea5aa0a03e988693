"""The `dataset` section of a first config: which columns, and what becomes of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from regcli.config.column_keys import DEFAULT, MissingKind
from regcli.config.commented_yaml import Entry, Item
from regcli.data.columns.gaps import GAP_MARKS
from regcli.data.profile.column_kinds import ColumnKind
from regcli.data.profile.role_hints import group_hint, time_hint
from regcli.data.profile.table_profile import TableProfile
from regcli.data.wording import listed, quoted
from regcli.one_line import shortened

KEPT_CATEGORIES = 20
"""Categories of a column that have an input each; the others share one."""
DATE_PARTS = ("month", "weekday", "elapsed")
_MANY_GAPS = 0.05
"""Share of a column's rows from which it matters where the gaps are."""
_RULES = {
    "indicator": "gaps become the mean, and an input says where they were",
    "median": "gaps become the median: they are few",
}
_NAMED = 4
_LONGEST_NAME = 20


@dataclass(frozen=True)
class DatasetChoice:
    """What a first config says of the data.

    Attributes:
        file: as the config names it.
        dialect: keys that say how the file is written.
        asked: keys that a person has set, with their values; they are written as they are, in
            place of what would be proposed.
        test: share of the rows that are held out for testing.
    """

    profile: TableProfile
    file: str
    dialect: Mapping[str, str]
    asked: Mapping[str, Any]
    test: float

    def entries(self) -> tuple[Entry, ...]:
        """The keys of the section."""
        found = [entry for entry in self._entries() if entry.key not in self._replaced]
        first, *others = found
        return (first, *(Entry(key, self._asked_value(key)) for key in self._replaced), *others)

    def _asked_value(self, key: str) -> Any:
        """A value as it was set. A rule for gaps is one for inputs: no target is filled in."""
        value, target = self.asked[key], self.profile.target.column
        if key == "missing" and isinstance(value, str) and target.gaps.count:
            return {target.name: "drop", DEFAULT: value}
        return value

    @property
    def _replaced(self) -> Sequence[str]:
        """The keys that are written as they were set; columns to drop are among the profile's."""
        return [key for key in self.asked if key != "drop"]

    def _entries(self) -> Iterator[Entry]:
        profile = self.profile
        columns = len(profile.columns) + len(self.asked.get("drop", ()))
        yield Entry("file", self.file, f"{profile.rows:,} rows, {columns:,} columns")
        for key, value in self.dialect.items():
            yield Entry(key, value)
        yield from self._marks()
        yield from self._target()
        yield from self._columns()
        yield Entry("test", self.test, "share of rows that are looked at once, at the end")
        yield from self._rows_apart()

    def _marks(self) -> Iterator[Entry]:
        used = (*self.profile.inputs, self.profile.target.column)
        words = sorted({word for column in used for word in column.words})
        usual = sorted({m for c in used for m in c.gaps.marks if m.lower() in GAP_MARKS})
        if words:
            yield Entry("null_values", [*usual, *words], "cells that mean a gap, beside empty ones")
        sentinels = sorted({column.sentinel for column in used if column.sentinel is not None})
        if sentinels:
            # They take the place of the usual marks, so that those are named as well.
            marks = [*(usual or ["NA"]), *words, *(f"{value:g}" for value in sentinels)]
            yield Entry("null_values", marks, "if such numbers mean a gap", is_suggestion=True)

    def _target(self) -> Iterator[Entry]:
        target = self.profile.target
        name = target.column.name
        if target.task == "regression":
            value: dict[str, Any] = {"column": name, "scale": "standard"}
            comment = "it is learnt at mean 0 and deviation 1; errors are told in its own unit"
            if target.skewness is not None:
                value["log"] = True
                comment = f"log: skewed ({target.skewness:.1f} without the test rows)"
            yield Entry("target", value, comment)
        else:
            yield Entry("target", name, classes_text(target.counts))
        if target.asked is not None:
            yield Entry("task", target.asked)
        if (guess := target.guess) is not None and guess.is_doubtful:
            other = "regression" if guess.task == "classification" else "classification"
            comment = f"if {guess.other}; it is read as {guess.task}, because {guess.reason}"
            yield Entry("task", other, comment, is_suggestion=True)
        if target.positive is not None:
            comment = "the class that is looked for: precision, recall and AUC are about it"
            yield Entry("positive", target.positive, comment)

    def _columns(self) -> Iterator[Entry]:
        profile = self.profile
        if dropped := tuple(self._dropped()):
            yield Entry("drop", dropped, " and ".join(self._why_dropped()))
        if leaking := profile.leaking:
            names = [*(item.value for item in self._dropped()), *leaking]
            comment = f"{listed(leaking)}: not known when you predict? then leave out"
            yield Entry("drop", names, comment, is_suggestion=True)
        types = {column.name: column.type for column in profile.inputs if column.type}
        if types:
            yield Entry("types", types, "what these columns are read as")
        orders = {c.name: {"ordinal": [*c.order]} for c in profile.inputs if c.order}
        codes = {column.name: "category" for column in profile.inputs if column.may_be_code}
        if orders or codes:
            whys = ["steps in this order: one input for each column"] if orders else []
            whys += ["numbers that are codes: one input for each"] if codes else []
            comment = f"if these are {', or '.join(whys)}"
            yield Entry("types", {**types, **orders, **codes}, comment, is_suggestion=True)
        if any(column.kind is ColumnKind.DATE for column in profile.inputs):
            yield Entry("dates", [*DATE_PARTS], "what a date becomes; elapsed counts days")
        if any(
            c.kind is ColumnKind.CATEGORY and c.distinct > KEPT_CATEGORIES for c in profile.inputs
        ):
            comment = "the most frequent ones; the others of a column share one input"
            yield Entry("max_categories", KEPT_CATEGORIES, comment)
        yield from _missing(profile)

    def _dropped(self) -> Iterator[Item]:
        """The columns that are left out, with why, and with what would make them readable."""
        for name in self.asked.get("drop", ()):
            yield Item(name, "as you asked")
        for column in self.profile.useless:
            yield Item(column.name, column.why)
        for column in self.profile.unread:
            yield Item(column.name, f"{column.why}; {column.mend}")

    def _why_dropped(self) -> Iterator[str]:
        if self.asked.get("drop"):
            yield "columns that you left out"
        if self.profile.useless:
            yield "columns that no model can learn from"
        if self.profile.unread:
            yield "columns that are not read as they are (once one is, remove it here)"

    def _rows_apart(self) -> Iterator[Entry]:
        columns = [c for c in self.profile.columns if c.name != self.profile.target.column.name]
        if (owner := group_hint(columns)) is not None:
            also = "" if owner.kind.is_input else " (then take it out of drop)"
            comment = f"if rows of one {quoted(owner.name)} belong together{also}"
            yield Entry("groups", owner.name, comment, is_suggestion=True)
        if (date := time_hint(columns)) is not None:
            comment = "if the past is to predict the future; it is then no input"
            yield Entry("time", date.name, comment, is_suggestion=True)


def classes_text(counts: Mapping[str, int]) -> str:
    """`3 classes: a 50%, b 30%, c 20%`, from the rows of each."""
    rows = sum(counts.values())
    shares = [(shortened(name, _LONGEST_NAME), count / rows) for name, count in counts.items()]
    named = [f"{name} {share:.0%}" for name, share in shares[:_NAMED]]
    more = f" and {len(counts) - _NAMED} more" if len(counts) > _NAMED else ""
    return f"{len(counts)} classes: {', '.join(named)}{more}"


def _missing(profile: TableProfile) -> Iterator[Entry]:
    target, rule = profile.target.column, missing_rule(profile)
    rules = {target.name: "drop"} if target.gaps.count else {}
    if rules and target.name == DEFAULT and rule is not None:
        # Its rule is that of all columns that have no rule of their own.
        rules |= {column.name: rule for column in profile.inputs if column.gaps.count}
    texts = [f"{target.gaps.count:,} rows have no target"] if target.gaps.count else []
    if rule is not None:
        texts.append(f"{_RULES[rule]}, in {counted_inputs(profile)}")
    if rule is not None and not rules:
        yield Entry("missing", rule, texts[0])
    elif rules:
        default = {} if rule is None or target.name == DEFAULT else {DEFAULT: rule}
        yield Entry("missing", {**rules, **default}, "; ".join(texts))


def missing_rule(profile: TableProfile) -> MissingKind | None:
    """What is done about gaps in inputs, judged by the rows that are not held out for testing.

    It is None where no row has any.
    """
    with_gaps = [column for column in profile.inputs if column.gaps.count]
    if not with_gaps:
        return None
    seen = pl.Series(profile.seen)
    most = max(column.values.filter(seen).null_count() for column in with_gaps)
    return "indicator" if most >= _MANY_GAPS * np.count_nonzero(profile.seen) else "median"


def counted_inputs(profile: TableProfile) -> str:
    """How many columns that are inputs have gaps, in words."""
    count = sum(column.gaps.count > 0 for column in profile.inputs)
    return "1 column" if count == 1 else f"{count:,} columns"
