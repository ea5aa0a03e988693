"""What is wrong with a table, all of it at once: the column, the fault, and what to write."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from regcli.config.document import inline_text
from regcli.data.profile.column_kinds import ColumnKind, ColumnProfile
from regcli.data.profile.leaks import Leak
from regcli.data.profile.role_hints import group_hint, is_series, time_hint
from regcli.data.profile.target_guess import TargetProfile
from regcli.data.target.target_gaps import dropping_key
from regcli.data.wording import listed, quoted

_FEW_ROWS = 5
"""Rows of a class below which a split can hardly show it in each part."""


class Cause(Enum):
    """What a finding is about."""

    USELESS = "no input"
    UNREAD = "not read"
    LEAK = "leak"
    GAPS = "gaps"
    SENTINEL = "mark"
    TARGET = "target"
    CODES = "codes"
    SPELLINGS = "spellings"
    ROWS = "rows"


@dataclass(frozen=True)
class TableFinding:
    """Something about a table that a person should know before training.

    Attributes:
        columns: the columns that it is about.
        fault: what is so, as a predicate after the columns' names.
        advice: the key to write in the config, or what else to do.
    """

    cause: Cause
    columns: tuple[str, ...]
    fault: str
    advice: str

    @property
    def sentence(self) -> str:
        """The finding on one line."""
        noun = "column" if len(self.columns) == 1 else "columns"
        return f"{noun} {listed(self.columns)} {self.fault}; {self.advice}"


def findings_of(
    columns: Sequence[ColumnProfile], target: TargetProfile, leaks: Sequence[Leak]
) -> tuple[TableFinding, ...]:
    """Every finding, in the order of the columns."""
    found = [finding for column in columns for finding in _of_column(column)]
    of_rows = _of_rows(columns)
    return (*_of_target(target), *found, *map(_of_leak, leaks), *_of_codes(columns), *of_rows)


def _of_rows(columns: Sequence[ColumnProfile]) -> Iterator[TableFinding]:
    """Columns by which rows may depend on each other, so that dealing them at random flatters."""
    if (owner := group_hint(columns)) is not None:
        rows = len(owner.values) / owner.distinct
        yield TableFinding(
            Cause.ROWS,
            (owner.name,),
            f"has {owner.distinct:,} different values, each in {rows:.1f} rows on average",
            f"if rows of one belong together: groups: {inline_text(owner.name)}",
        )
    if (date := time_hint(columns)) is not None and is_series(date):
        yield TableFinding(
            Cause.ROWS,
            (date.name,),
            "orders the rows by time",
            f"if the past is to predict the future: time: {inline_text(date.name)}",
        )


def _of_codes(columns: Sequence[ColumnProfile]) -> Iterator[TableFinding]:
    """One finding for all columns whose numbers may be codes."""
    named = tuple(column.name for column in columns if column.may_be_code and column.kind.is_input)
    if named:
        hold = "hold" if len(named) > 1 else "holds"
        types = inline_text(dict.fromkeys(named, "category"))
        yield TableFinding(
            Cause.CODES,
            named,
            f"{hold} few different whole numbers, read as amounts",
            f"if they are codes: types: {types}",
        )


def _of_spellings(column: ColumnProfile) -> Iterator[TableFinding]:
    if column.spellings:
        yield TableFinding(
            Cause.SPELLINGS,
            (column.name,),
            f"has values that differ in upper and lower case alone: {listed(column.spellings)}",
            f"they are {column.distinct:,} different values; write each in one way",
        )


def _of_column(column: ColumnProfile) -> Iterator[TableFinding]:
    named = (column.name,)
    if column.kind is ColumnKind.UNREADABLE and column.mend:
        yield TableFinding(Cause.UNREAD, named, column.why, column.mend)
        return
    if not column.kind.is_input:
        yield TableFinding(Cause.USELESS, named, column.why, dropping_text(named))
        return
    if column.sentinel is not None:
        count = int((column.values == column.sentinel).sum())
        mark = f"{column.sentinel:g}"
        yield TableFinding(
            Cause.SENTINEL,
            named,
            f"has {mark} in {count:,} rows, far from its other numbers",
            f"if {mark} means a gap, add it to null_values",
        )
    yield from _of_spellings(column)
    if column.gaps.count:
        yield TableFinding(Cause.GAPS, named, gaps_text(column), "missing: chooses what fills them")


def gaps_text(column: ColumnProfile) -> str:
    """How many gaps a column has, how they are marked, and where they begin, as a predicate."""
    gaps = column.gaps
    rows = ", ".join(map(str, gaps.rows)) + (", …" if gaps.count > len(gaps.rows) else "")
    marks = f" ({', '.join(map(quoted, list(gaps.marks)[:4]))})" if gaps.marks else ""
    where = "row" if gaps.count == 1 else "rows"
    return f"has no value{marks} in {gaps.count:,} of {len(column.values):,} rows, {where} {rows}"


def _of_leak(leak: Leak) -> TableFinding:
    advice = f"if not known when you predict: {dropping_text(leak.columns)}"
    return TableFinding(Cause.LEAK, leak.columns, leak.evidence, advice)


def dropping_text(columns: Sequence[str]) -> str:
    """The key that leaves columns out."""
    return f"drop: {inline_text([*columns])}"


def _of_target(target: TargetProfile) -> Iterator[TableFinding]:
    named = (target.column.name,)
    if target.column.gaps.count:
        advice = f"leave such rows out with {dropping_key(target.column.name)}"
        yield TableFinding(Cause.TARGET, named, gaps_text(target.column), advice)
    if target.is_imbalanced:
        (most, many), *_, (least, few) = target.counts.items()
        rows = sum(target.counts.values())
        yield TableFinding(
            Cause.TARGET,
            named,
            f"is {quoted(most)} in {many / rows:.1%} of the rows and {quoted(least)} in "
            f"{few / rows:.1%}: accuracy says little",
            "rank by roc_auc or balanced_accuracy",
        )
    yield from _of_spellings(target.column)
    rare = [name for name, count in target.counts.items() if count < _FEW_ROWS]
    if rare:
        fewest = min(target.counts.values())
        rows_text = "1 row" if fewest == 1 else f"{fewest} rows"
        yield TableFinding(
            Cause.TARGET,
            named,
            f"has classes of fewer than {_FEW_ROWS} rows: {listed(rare)}, the rarest of them has "
            f"{rows_text}",
            "collect more of them, or join them with another class",
        )
    if target.skewness is not None:
        yield TableFinding(
            Cause.TARGET,
            named,
            f"is above 0 and skewed ({target.skewness:.1f} without the test rows)",
            "learn its logarithm with log: true",
        )
