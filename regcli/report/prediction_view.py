"""Predictions of the rows of a file, and how well they fit its target."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from regcli.one_line import printable
from regcli.report.contents import Column, Note, Report, Row, Table, View, data_table
from regcli.report.figures import LOSS, NOTHING, SHARE, Figure, figure
from regcli.report.result_columns import metric_label, metric_style
from regcli.results.file_scores import FileScore, FileScores
from regcli.results.records import SCHEMA_VERSION
from regcli.results.row_predictions import FILE, PREDICTION, RowPredictions

MOST_SHOWN = 20
"""Rows that a terminal shows."""


def predictions_view(predictions: RowPredictions) -> View:
    """Predictions row by row."""
    return View(
        report=partial(_predictions_report, predictions),
        rows=partial(_predictions_rows, predictions),
        document=partial(_predictions_document, predictions),
    )


def scores_view(predictions: RowPredictions, scores: FileScores) -> View:
    """Scores, with their intervals and those of the run's own rows."""
    return View(
        report=partial(_scores_report, predictions, scores),
        rows=partial(_scores_rows, scores),
        document=partial(_scores_document, predictions, scores),
    )


def _predictions_report(predictions: RowPredictions) -> Report:
    style = SHARE if predictions.classes else LOSS
    names = predictions.names
    columns = [
        Column(FILE, FILE, justify="left", is_head=True)
        if names
        else Column("row", "row", may_hide=False),
        *(
            Column(name, name, may_hide=False, priority=place, format=partial(_cell, style=style))
            for place, name in enumerate(predictions.columns, -1)
        ),
    ]
    shown = range(min(len(predictions), MOST_SHOWN))
    heads = [printable(name) for name in names] if names else [str(n + 1) for n in shown]
    rows = [Row([heads[number], *predictions.row(number)]) for number in shown]
    left = len(predictions) - len(shown)
    what = "images" if names else "rows"
    more = f"the first {len(shown)} of {len(predictions):,} {what}; -o FILE writes all"
    return Report((Table(columns, rows, [Note(more)] if left else []),), predictions.source)


def _cell(value: Any, style: Any) -> str | Figure:
    if value is None:
        return NOTHING
    return value if isinstance(value, str) else figure(value, style)


def _predictions_rows(predictions: RowPredictions) -> Table:
    rows = [*map(predictions.row, range(len(predictions)))]
    if not predictions.names:
        return data_table(predictions.columns, rows)
    named = [[name, *row] for name, row in zip(predictions.names, rows, strict=True)]
    return data_table((FILE, *predictions.columns), named)


def _predictions_document(predictions: RowPredictions) -> dict[str, Any]:
    return {**_head(predictions), "predictions": list(_entries(predictions))}


def _head(predictions: RowPredictions) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "run": predictions.run,
        "file": predictions.source,
        "classes": list(predictions.classes),
        "rows": len(predictions),
        "notes": list(predictions.notes),
    }


def _entries(predictions: RowPredictions) -> Iterator[dict[str, Any]]:
    for number in range(len(predictions)):
        predicted, *shares = predictions.row(number)
        entry: dict[str, Any] = {FILE: predictions.names[number]} if predictions.names else {}
        entry[PREDICTION] = predicted
        if shares:
            entry["probabilities"] = dict(zip(predictions.classes, shares, strict=True))
        yield entry


def _scores_report(predictions: RowPredictions, scores: FileScores) -> Report:
    columns = [
        Column("metric", "", justify="left", is_head=True),
        Column("value", predictions.source, may_hide=False),
        Column("interval", "95% interval", justify="left"),
        Column("of_run", f"run's {scores.part}"),
    ]
    rows = [
        Row(
            [
                metric_label(each.key),
                _number(each, each.value),
                _interval(each),
                _number(each, each.of_run),
            ]
        )
        for each in scores.scores
    ]
    rows_text = "1 row" if scores.rows == 1 else f"{scores.rows:,} rows"
    intervals = "Intervals cover the choice of rows; the model is fixed."
    notes = [Note(f"{rows_text} scored. {intervals}")]
    return Report((Table(columns, rows, notes),), predictions.source)


def _number(score: FileScore, value: float | None) -> Figure:
    return figure(value, metric_style(score.key))


def _interval(score: FileScore) -> str:
    if score.interval is None:
        return NOTHING
    return " to ".join(str(_number(score, end)) for end in score.interval)


def _scores_rows(scores: FileScores) -> Table:
    rows = [
        (each.key, each.value, *(each.interval or (None, None)), each.of_run)
        for each in scores.scores
    ]
    return data_table(["metric", "value", "low", "high", f"run_{scores.part}"], rows)


def _scores_document(predictions: RowPredictions, scores: FileScores) -> dict[str, Any]:
    entries = {
        each.key: {
            "value": each.value,
            "interval": None if each.interval is None else list(each.interval),
            "run": each.of_run,
        }
        for each in scores.scores
    }
    return {
        **_head(predictions),
        "scored_rows": scores.rows,
        "run_part": scores.part,
        "scores": entries,
    }
