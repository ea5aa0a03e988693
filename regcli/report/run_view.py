"""One run in full: settings, scores of each part, zeros of each layer, inputs that are used."""

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table

from regcli.report.columns import plain_table
from regcli.report.counts import count_epochs
from regcli.report.numbers import (
    count_text,
    loss_text,
    percent_text,
    seconds_text,
    share_text,
)
from regcli.report.results_table import rows_text
from regcli.report.setting_values import value_text
from regcli.results.records import (
    AfterZeroing,
    DataSummary,
    Optimality,
    RunRecord,
    Scores,
    Sparsity,
)

_SHARES = frozenset({"accuracy", "r2"})
_NAMED = 40
"""Columns that are named at most; the JSON names the others."""


def run_tables(record: RunRecord) -> Iterator[Table]:
    """The tables that show a run."""
    yield _head(record)
    if any(record.metrics.values()):
        yield _scores(record)
    if record.sparsity is not None:
        yield _zeros(record.sparsity)
    if record.sparsity is not None and record.sparsity.active_inputs is not None and record.data:
        noise = record.config.get("dataset", {}).get("noise_features", 0)
        yield _inputs(record.sparsity, record.sparsity.after_zeroing, record.data, noise)


def _head(record: RunRecord) -> Table:
    table = plain_table(header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("run", record.id)
    table.add_row("name", record.name)
    table.add_row("state", f"{record.state.value}{', ' if record.message else ''}{record.message}")
    for name, text in _settings(record).items():
        table.add_row(name, text)
    table.add_row("trained", f"{count_epochs(record.epochs)} in {seconds_text(record.seconds)}")
    if record.optimality is not None:
        table.add_row("optimum", _optimum(record.optimality))
    table.add_row("engine", record.engine)
    if record.data is not None:
        table.add_row("data", f"{rows_text(record.data)} ({record.data.fingerprint})")
    table.add_row("versions", ", ".join(f"{k} {v}" for k, v in record.environment.items()))
    table.add_row("ended", record.created)
    return table


def _settings(record: RunRecord) -> dict[str, str]:
    """What the run was trained with: its settings, and what its config adds to l1 and l2."""
    config = {
        section: record.config.get(section) or {} for section in ("regularization", "training")
    }
    regularization, training = config["regularization"], config["training"]
    given = {
        **record.settings,
        **{
            f"regularization.{key}": value
            for key, value in regularization.items()
            if key in {"group", "group_strength"}
        },
        **{
            f"regularization.bias.{key}": value
            for key, value in (regularization.get("bias") or {}).items()
        },
        "refit of" if record.refit_of else "training.start_from": training.get("start_from"),
        "training.keep_zeros": training.get("keep_zeros"),
    }
    return {name: value_text(value) for name, value in given.items() if value is not None}


def _optimum(optimality: Optimality) -> str:
    converged = "converged" if optimality.settled else "not converged"
    if optimality.gap is None:
        distance = (
            f"the residual {optimality.residual:.3g} is {optimality.relative:.2g} of its scale"
        )
    else:
        distance = f"duality gap {optimality.gap:.2g} of the objective"
    reason = f"; {optimality.reason}" if optimality.reason else ""
    steps = count_text(optimality.polish_steps)
    return f"{converged} after {steps} polish steps: {distance}{reason}"


def _scores(record: RunRecord) -> Table:
    parts = {part: scores for part, scores in record.metrics.items() if scores}
    table = plain_table()
    table.add_column("")
    for part in parts:
        table.add_column(part, justify="right")
    _add_scores(table, parts)
    after = record.sparsity and record.sparsity.after_zeroing
    if record.sparsity is not None and after:
        table.add_section()
        _add_scores(table, {part: after.metrics.get(part, {}) for part in parts}, ", near zeroed")
        table.caption = f"near zeroed: with weights below {record.sparsity.threshold:g} set to 0"
    return table


def _add_scores(table: Table, parts: Mapping[str, Scores], ending: str = "") -> None:
    for name in next(iter(parts.values())):
        shown = share_text if name in _SHARES else loss_text
        table.add_row(f"{name}{ending}", *(shown(scores.get(name)) for scores in parts.values()))


def _zeros(sparsity: Sparsity) -> Table:
    live_after = sparsity.after_zeroing.live_units if sparsity.after_zeroing else {}
    table = plain_table(footer=True)
    table.caption = (
        f"exact = 0.0, near = magnitude below {sparsity.threshold:g}; gzip: bytes as float32"
    )
    table.add_column("kernel", "all", overflow="fold")
    table.add_column("shape", "", no_wrap=True)
    totals = {
        "exact\nzeros": percent_text(sparsity.exact),
        "near\nzeros": percent_text(sparsity.near),
        "non-zero\nweights": count_text(sparsity.nonzero),
        "gzip\nsize": count_text(sparsity.gzip_bytes),
        "live\nunits": "",
        "live units\nnear zeroed": "",
    }
    for header, total in totals.items():
        table.add_column(header, total, justify="right", no_wrap=True)
    for layer in sparsity.layers:
        table.add_row(
            layer.name,
            "×".join(map(str, layer.shape)),
            percent_text(layer.exact),
            percent_text(layer.near),
            count_text(layer.nonzero),
            count_text(layer.gzip_bytes),
            count_text(sparsity.live_units.get(layer.name)),
            count_text(live_after.get(layer.name)),
        )
    return table


def _inputs(sparsity: Sparsity, after: AfterZeroing | None, data: DataSummary, noise: int) -> Table:
    """Which columns are still used, as trained and with near zeros zeroed."""
    found: list[Sparsity | AfterZeroing] = [sparsity, *([after] if after else [])]
    table = plain_table()
    table.add_column("", no_wrap=True)
    for header in ("as trained", "near zeroed")[: len(found)]:
        table.add_column(header)
    count = len(data.columns)
    table.add_row("active inputs", *(_active_text(parts, count, noise) for parts in found))
    names = [columns_text(parts.active_columns, data.columns) for parts in found]
    if any(names):
        table.add_row("", *names)
    if data.true_columns is not None:
        truth = [
            ("precision", [parts.precision for parts in found]),
            ("recall", [parts.recall for parts in found]),
            ("F1", [parts.f1 for parts in found]),
        ]
        for name, shares in truth:
            table.add_row(name, *map(share_text, shares))
        table.caption = f"true columns: {', '.join(map(column_text, data.true_columns))}"
    return table


def _active_text(parts: Sparsity | AfterZeroing, columns: int, noise: int) -> str:
    """`12 of 40, 3 of 10 noise columns`."""
    text = f"{parts.active_inputs:,} of {columns:,}"
    if parts.active_noise is None:
        return text
    return f"{text}, {parts.active_noise:,} of {noise:,} noise columns"


def columns_text(active: Sequence[str] | None, columns: Sequence[str]) -> str:
    """The active columns, or those that are left out where they are fewer; nothing for all."""
    if active is None or len(active) == len(columns):
        return ""
    if not active:
        return "none"
    kept = set(active)
    missing = [name for name in columns if name not in kept]
    few, before = (active, "") if len(active) <= len(missing) else (missing, "all but ")
    more = f" and {len(few) - _NAMED:,} more" if len(few) > _NAMED else ""
    return f"{before}{', '.join(map(column_text, few[:_NAMED]))}{more}"


def column_text(name: str) -> str:
    """A column's name as it stands in a list: in quotes where a comma would look like the next."""
    return f'"{name}"' if "," in name else name
