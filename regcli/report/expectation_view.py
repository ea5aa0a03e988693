"""What a sweep would take: a row a population, and what it would be on several machines."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from regcli.planning.expected_time import Cost, Expectation
from regcli.planning.workload import Workload
from regcli.report.checkup_view import bytes_text
from regcli.report.contents import Column, Note, NoteKind, Report, Row, Table, View, data_table
from regcli.report.counts import count_runs
from regcli.report.figures import NOTHING, count_text, seconds_text
from regcli.results.model_words import words_of
from regcli.results.records import SCHEMA_VERSION

_LEFT_OUT_FIRST, _LEFT_OUT_NEXT = 2, 1
_KEYS = (
    *("population", "model", "members", "stored", "to_train", "epochs", "steps_per_epoch"),
    *("model_steps", "trainer", "start_seconds", "seconds_per_run", "seconds_per_model_step"),
    *("seconds", "source", "source_runs"),
)


def expectation_view(expected: Expectation, workers: int | None) -> View:
    """An expectation, for one machine and for so many equal ones."""
    return View(
        report=partial(_report, expected, workers),
        rows=partial(_rows, expected),
        document=partial(_document, expected, workers),
    )


def _report(expected: Expectation, workers: int | None) -> Report:
    columns = [
        Column("population", "population"),
        Column("model", "model", justify="left"),
        Column("members", "members", count_text),
        Column("stored", "stored", count_text, _LEFT_OUT_NEXT, may_hide=False),
        Column("to_train", "to train", count_text),
        Column("epochs", "epochs", count_text, _LEFT_OUT_NEXT),
        Column("steps_per_epoch", "steps\nan epoch", count_text, _LEFT_OUT_FIRST),
        Column("model_steps", "model-steps", count_text),
        Column("trainer", "trainer", _or_nothing, _LEFT_OUT_NEXT, justify="left", may_hide=False),
        Column("seconds", "time", _time, may_hide=False),
        Column("source", "known from", _or_nothing, justify="left", may_hide=False),
    ]
    rows = [
        Row([each[column.key] if column.key != "source" else _source(cost) for column in columns])
        for each, cost in zip(_populations(expected), expected.costs, strict=True)
    ]
    tables = [Table(columns, rows, list(_notes(expected)))]
    if workers is not None:
        tables.append(_on_workers(expected, workers))
    return Report(tables, "plan")


def _populations(expected: Expectation) -> list[dict[str, Any]]:
    """Values of `_KEYS` of each population."""
    seconds = expected.population_seconds()
    known = zip(expected.workloads, expected.costs, seconds, strict=True)
    return [
        dict(zip(_KEYS, _values(number, *each), strict=True))
        for number, each in enumerate(known, 1)
    ]


def _values(number: int, work: Workload, cost: Cost | None, seconds: float | None) -> Sequence[Any]:
    pending = len(work.pending)
    return (
        *(number, words_of(work.first.config.resolved()["model"], ())),
        *(work.members, work.members - pending, pending),
        *(work.epochs, work.steps, work.model_steps),
        *(cost and cost.engine, cost and cost.start, cost and cost.per_run),
        *(cost and cost.per_step, seconds, cost and cost.source, cost and cost.runs),
    )


def _or_nothing(value: str | None) -> str:
    return value or NOTHING


def _time(seconds: float | None) -> str:
    return NOTHING if seconds is None else seconds_text(seconds)


def _source(cost: Cost | None) -> str | None:
    if cost is None:
        return None
    where = "a trial of" if cost.source == "measured" else "stored:"
    return f"{where} {count_runs(cost.runs)}"


def _notes(expected: Expectation) -> Iterator[Note]:
    total = sum(each.members for each in expected.workloads)
    yield Note(
        f"{count_runs(total)}: {total - expected.pending:,} stored, {expected.pending:,} to train; "
        f"{expected.model_steps:,} model-steps",
        NoteKind.CONTEXT,
    )
    seconds = expected.seconds()
    if seconds is None:
        unknown = [
            str(number)
            for number, each in enumerate(expected.population_seconds(), 1)
            if each is None
        ]
        which = "population" if len(unknown) == 1 else "populations"
        yield Note(
            f"no stored run tells how long {which} {', '.join(unknown)} would take",
            NoteKind.WARNING,
        )
    elif expected.pending:
        yield Note(
            f"expected: {seconds_text(seconds)} on this machine, of them "
            f"{seconds_text(expected.process)} until training begins"
        )
    if expected.peak_memory is not None:
        yield Note(f"memory: {bytes_text(expected.peak_memory)} at most in the trial")
    if any(each.may_stop_early and each.pending for each in expected.workloads):
        yield Note("runs may stop early: epochs and model-steps are the most that they may take")


def _on_workers(expected: Expectation, workers: int) -> Table:
    columns = [
        Column("workers", "workers", count_text),
        Column("seconds", "time", _time, may_hide=False),
        Column(
            "times", "times as fast", lambda value: NOTHING if value is None else f"{value:.1f}"
        ),
    ]
    rows = [
        Row([each["workers"], each["seconds"], each["speedup"]])
        for each in _workers(expected, workers)
    ]
    note = Note(
        "each worker is a machine like this one with an equal part of the runs; it loads "
        "TensorFlow and compiles every population"
    )
    return Table(columns, rows, [note])


def _workers(expected: Expectation, workers: int) -> list[dict[str, Any]]:
    alone = expected.seconds()
    found = []
    for count in dict.fromkeys((1, workers)):
        seconds = expected.seconds(count)
        speedup = alone / seconds if alone and seconds else None
        found.append({"workers": count, "seconds": seconds, "speedup": speedup})
    return found


def _rows(expected: Expectation) -> Table:
    return data_table(_KEYS, [list(each.values()) for each in _populations(expected)])


def _document(expected: Expectation, workers: int | None) -> dict[str, Any]:
    total = sum(each.members for each in expected.workloads)
    return {
        "schema_version": SCHEMA_VERSION,
        "runs": total,
        "stored": total - expected.pending,
        "to_train": expected.pending,
        "model_steps": expected.model_steps,
        "process_seconds": expected.process,
        "seconds": expected.seconds(),
        "peak_memory_bytes": expected.peak_memory,
        "populations": _populations(expected),
        "workers": [] if workers is None else _workers(expected, workers),
    }
