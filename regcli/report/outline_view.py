"""A model as text: a line a layer, with what it takes, gives and holds."""

from functools import partial
from typing import Any

from regcli.config.outline import Operation, Outline, Shape, with_depths
from regcli.report.contents import Column, Note, Report, Row, Table, View, data_table
from regcli.report.figures import count_text

_INDENT = "  "


def outline_view(outline: Outline, name: str) -> View:
    """A model's operations, from its inputs to its output."""
    return View(
        report=lambda: Report((outline_table(outline),), name),
        rows=partial(_rows, outline),
        document=partial(outline_document, outline),
    )


def outline_table(outline: Outline) -> Table:
    """A line an operation; what it takes only where that is not simply the one before it."""
    columns = [
        Column("layer", "layer", justify="left", is_head=True, wraps=True),
        Column("kind", "kind", justify="left"),
        Column("shape", "output", justify="left"),
        Column("parameters", "parameters", _count),
        Column("takes", "takes", justify="left", wraps=True),
        Column("regularized", "weights", justify="left", wraps=True),
    ]
    rows = [Row([name, "input", shape_text(shape), *[None] * 3]) for name, shape in outline.inputs]
    shows_takes = not outline.is_chain
    for depth, operation in with_depths(outline.operations):
        rows.append(_row(depth, operation, shows_takes))
    return Table(columns, rows, [Note(_summary(outline))])


def _row(depth: int, operation: Operation, shows_takes: bool) -> Row:
    weights = "; ".join(f"{own.weights} {own.strengths}" for own in operation.regularized)
    frozen = operation.parameters and not operation.trained and not operation.inside
    return Row(
        [
            f"{_INDENT * depth}{operation.name}",
            operation.kind,
            shape_text(operation.shape),
            # A model's are those of what is inside of it.
            None if operation.inside else operation.parameters or None,
            ", ".join(operation.takes) if shows_takes else None,
            "shares its weights"
            if operation.shares
            else weights or ("not trained" if frozen else None),
        ]
    )


def _summary(outline: Outline) -> str:
    kept = outline.parameters - outline.trained
    trained = f", {kept:,} of them not trained" if kept else ""
    text = f"{outline.parameters:,} parameters{trained}"
    if not outline.has_graph:
        return f"{text}; its class has a call of its own: what takes what is not known"
    ends = f"; outputs: {', '.join(outline.outputs)}" if len(outline.outputs) > 1 else ""
    return text + ends


def shape_text(shape: Shape) -> str:
    """`8×8×1`; a size that differs from row to row as `?`; empty where nothing is known."""
    return "×".join("?" if size is None else str(size) for size in shape)


def _count(value: float | None) -> str:
    return "" if value is None else count_text(value)


def _rows(outline: Outline) -> Table:
    rows = [
        [
            operation.name,
            depth,
            operation.kind,
            shape_text(operation.shape),
            operation.parameters,
            " ".join(operation.takes),
            "; ".join(f"{own.weights} {own.strengths}" for own in operation.regularized),
        ]
        for depth, operation in with_depths(outline.operations)
    ]
    keys = ["layer", "depth", "kind", "output", "parameters", "takes", "regularized"]
    return data_table(keys, rows)


def outline_document(outline: Outline) -> dict[str, Any]:
    """A model as JSON has it."""
    return {
        "inputs": [{"name": name, "shape": list(shape)} for name, shape in outline.inputs],
        "operations": list(map(_operation_document, outline.operations)),
        "outputs": list(outline.outputs),
        "has_graph": outline.has_graph,
        "parameters": outline.parameters,
        "trained": outline.trained,
    }


def _operation_document(operation: Operation) -> dict[str, Any]:
    return {
        "name": operation.name,
        "kind": operation.kind,
        "shape": list(operation.shape),
        "takes": list(operation.takes),
        "parameters": operation.parameters,
        "trained": operation.trained,
        "regularized": {own.weights: own.strengths for own in operation.regularized},
        "shares": operation.shares,
        "inside": list(map(_operation_document, operation.inside)),
    }
