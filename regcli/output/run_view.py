"""One run in full: settings, scores of each part, zeros of each layer."""

from collections.abc import Iterator

from rich.table import Table

from regcli.output.columns import plain_table
from regcli.output.counts import count_epochs
from regcli.output.numbers import (
    NOTHING,
    count_text,
    loss_text,
    percent_text,
    seconds_text,
    share_text,
    strength_text,
)
from regcli.output.results_table import rows_text
from regcli.results.records import RunRecord, Sparsity

_SHARES = frozenset({"accuracy", "r2"})


def run_tables(record: RunRecord) -> Iterator[Table]:
    """The tables that show a run."""
    yield _head(record)
    if any(record.metrics.values()):
        yield _scores(record)
    if record.sparsity is not None:
        yield _zeros(record.sparsity)


def _head(record: RunRecord) -> Table:
    table = plain_table(header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("run", record.id)
    table.add_row("name", record.name)
    table.add_row("state", f"{record.state.value}{', ' if record.message else ''}{record.message}")
    for name, value in record.settings.items():
        if value is not None:
            table.add_row(name, strength_text(value))
    table.add_row("trained", f"{count_epochs(record.epochs)} in {seconds_text(record.seconds)}")
    table.add_row("engine", record.engine)
    if record.data is not None:
        table.add_row("data", f"{rows_text(record.data)} ({record.data.fingerprint})")
    table.add_row("versions", ", ".join(f"{k} {v}" for k, v in record.environment.items()))
    table.add_row("ended", record.created)
    return table


def _scores(record: RunRecord) -> Table:
    parts = {part: scores for part, scores in record.metrics.items() if scores}
    table = plain_table()
    table.add_column("")
    for part in parts:
        table.add_column(part, justify="right")
    for name in next(iter(parts.values())):
        shown = share_text if name in _SHARES else loss_text
        table.add_row(name, *(shown(scores.get(name)) for scores in parts.values()))
    return table


def _zeros(sparsity: Sparsity) -> Table:
    table = plain_table(footer=True)
    table.caption = f"exact = 0.0, near = magnitude below {sparsity.threshold:g}"
    if sparsity.active_inputs is not None:
        table.caption += f"; active inputs: {sparsity.active_inputs:,}"
    table.add_column("kernel", "all", overflow="fold")
    table.add_column("shape", "")
    table.add_column("exact zeros", percent_text(sparsity.exact), justify="right", no_wrap=True)
    table.add_column("near zeros", percent_text(sparsity.near), justify="right", no_wrap=True)
    table.add_column("live units", "", justify="right", no_wrap=True)
    for layer in sparsity.layers:
        live = sparsity.live_units.get(layer.name)
        table.add_row(
            layer.name,
            "×".join(map(str, layer.shape)),
            percent_text(layer.exact),
            percent_text(layer.near),
            NOTHING if live is None else count_text(live),
        )
    return table
