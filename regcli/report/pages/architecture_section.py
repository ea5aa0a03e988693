"""The model of the setting to use: its layers as a drawing, or where it comes from."""

from collections.abc import Iterator, Mapping
from math import prod

from regcli.config.model_section import Model
from regcli.config.stack import complete_stack
from regcli.errors import ModelError, StoreError
from regcli.report.contents import Column, Row, Table
from regcli.report.figures import count_text
from regcli.report.outline_view import shape_text
from regcli.report.pages.page import Block, Section, Sheet, Text
from regcli.report.pages.slices import chosen_title
from regcli.report.plots.boxes import Boxes
from regcli.report.plots.model_boxes import model_boxes
from regcli.results.records import DataSummary, RunRecord
from regcli.store.stored_configs import config_of
from regcli.workflows.stored_evidence import Evidence


def architecture_section(evidence: Evidence) -> Section:
    """A drawing of a config's layers; of other models what they are, and their kernels."""
    return Section("model", "Model", tuple(_blocks(evidence)))


def _blocks(evidence: Evidence) -> Iterator[Block]:
    run = evidence.chosen.records[0]
    try:
        model = config_of(run).model
    except StoreError:
        # Of another version: the page shows all the rest.
        return
    if not model.is_stack:
        yield Text([_origin(model)])
        if run.sparsity is not None and run.sparsity.layers:
            yield Sheet("Its kernels", _kernel_table(run))
    elif run.data is not None:
        yield from _drawing(evidence, run, model, run.data)


def _origin(model: Model) -> str:
    if model.python is not None:
        file, _, function = model.python.rpartition(":")
        return f"The model that the function {function} of {file} returns."
    start = "the file's weights" if model.start == "weights" else "fresh weights"
    return f"The model of the file {model.keras}, started from {start}."


def _kernel_table(run: RunRecord) -> Table:
    columns = [
        Column("kernel", "kernel", justify="left", is_head=True, wraps=True),
        Column("shape", "shape", justify="left"),
        Column("weights", "weights", count_text),
    ]
    layers = run.sparsity.layers if run.sparsity is not None else ()
    sizes = _kernel_sizes(run)
    return Table(
        columns, [Row([own.name, shape_text(own.shape), sizes[own.name]]) for own in layers]
    )


def _drawing(
    evidence: Evidence, run: RunRecord, model: Model, data: DataSummary
) -> Iterator[Boxes]:
    outputs = len(data.classes) if data.task == "multiclass" else 1
    try:
        stack = complete_stack(model, data.task, outputs, len(data.input_shape))
    except ModelError:
        # The rules of the output layer were others when it was trained.
        return
    weights = evidence.weights(run)
    sizes = _kernel_sizes(run) if weights is None else {n: own.size for n, own in weights.items()}
    parameters = {
        name: sum(size for key, size in sizes.items() if key == name or key.startswith(f"{name}/"))
        for name in stack.names
    }
    notes = []
    if model.preset is not None:
        notes.append(f"the layers that the preset {model.preset} stands for")
    if sizes:
        notes.append(f"{sum(parameters.values()):,} parameters in all")
    if sizes and weights is None:
        notes.append("kernels alone are counted: no weights are stored")
    title = f"Layers of {chosen_title(evidence).lower()}"
    yield model_boxes("model", title, stack, data.input_shape, parameters, notes)


def _kernel_sizes(run: RunRecord) -> Mapping[str, int]:
    layers = run.sparsity.layers if run.sparsity is not None else ()
    return {own.name: prod(own.shape) for own in layers}
