"""A checked config in full, with the plan of its sweep."""

from collections.abc import Sequence
from typing import Any

from regcli.config.document import write_yaml
from regcli.config.graph_layers import Joint
from regcli.config.keras_parts import Layer
from regcli.config.schema import Config
from regcli.config.stack import Stack
from regcli.data.asked_metrics import metric_notes
from regcli.data.references import Datasets
from regcli.planning.axes import FOLD
from regcli.planning.members import Plan
from regcli.planning.run import Run, stack_of
from regcli.report.setting_values import digits_for, value_text
from regcli.results.records import SCHEMA_VERSION

_NAMED = 8
"""Models that are shown at most."""


def config_text(config: Config, plan: Plan, runs: Sequence[Run], data: Datasets) -> str:
    """The resolved config as YAML that reads back the same, and the plan as comments after it."""
    text = write_yaml(config.resolved())
    lines = [f"# {line}" for line in _plan_lines(plan, runs, data)]
    return text + "\n".join(lines)


def _plan_lines(plan: Plan, runs: Sequence[Run], data: Datasets) -> list[str]:
    splits = data.of(runs[0].data)
    rows = ", ".join(f"{len(part):,} {name}" for name, part in splits.parts() if part is not None)
    shape = "×".join(map(str, splits.train.x.shape[1:]))
    inputs = "1 input" if shape == "1" else f"{shape} inputs"
    lines = [f"data: {splits.table.source}, {splits.table.task}, {inputs}, {rows} rows"]
    guess = splits.table.guess
    if guess is not None and not guess.is_doubtful:  # which a note says
        lines.append(f"target: {guess.sentence}")
    notes = [*splits.notes, *metric_notes(runs[0].config, splits.table)]
    lines += [f"note: {note}" for note in notes]
    own = dict.fromkeys(map(_own_model_text, runs))
    lines += [f"model: {text}" for text in list(own)[:_NAMED] if text]
    stacks = _stacks(runs, data)
    lines += [f"model: {_stack_text(stack)}" for stack in stacks[:_NAMED]]
    if len(stacks) > _NAMED:
        lines.append(f"and {len(stacks) - _NAMED:,} more models")
    lines += [f"varies {key}: {_values_text(key, values)}" for key, values in plan.axes.items()]
    count = len({run.id for run in runs})
    lines.append(f"plan: {count:,} {'run' if count == 1 else 'runs'}")
    return lines


def _values_text(key: str, values: Sequence[Any]) -> str:
    if key == FOLD:
        repeats = len({fold.get("repeat", 0) for fold in values})
        anew = "" if repeats == 1 else f", dealt {repeats} times"
        return f"{len(values) // repeats} folds{anew}"
    digits = digits_for(values)
    return ", ".join(value_text(value, digits) for value in values)


def _stacks(runs: Sequence[Run], data: Datasets) -> list[Stack]:
    """The models of some runs, each once."""
    found: list[Stack] = []
    before = None
    for run in runs:
        model = run.config.model
        if not model.is_stack:
            continue
        if model != before and (stack := stack_of(run.config, data.of(run.data))) not in found:
            found.append(stack)
        before = model
    return found


def _own_model_text(run: Run) -> str:
    """`build of my_model.py (units 16, code 336cf55b1f4e)`; empty for a stack of layers."""
    model = run.config.model
    if model.keras is not None:
        return f"{model.keras} ({model.start or 'fresh'}, file {model.fingerprint})"
    if model.code is None:
        return ""
    words = [f"{name} {value_text(value)}" for name, value in (model.args or {}).items()]
    files = ", ".join(file.path for file in model.code.files if file.text)
    return f"{model.function} of {files} ({', '.join([*words, f'code {model.fingerprint}'])})"


def _stack_text(stack: Stack) -> str:
    """`dense (Dense 16 relu) → dropout (Dropout 0.1) → output (Dense 3, implied)`."""
    parts = zip(stack.names, stack.layers, stack.joints, stack.positions, strict=True)
    return " → ".join(
        f"{name} ({_layer_text(layer, joint)}{', implied' if position is None else ''})"
        for name, layer, joint, position in parts
    )


def _layer_text(layer: Layer, joint: Joint) -> str:
    """A layer's class with its size and activation, and what it takes where that is named."""
    given = layer.arguments
    shown = (given.get(key) for key in ("units", "filters", "rate", "activation", "of"))
    words = [layer.kind, *(value_text(value) for value in shown if value is not None)]
    return " ".join([*words, "from", " + ".join(joint.sources)] if joint.is_given else words)


def config_document(
    config: Config, plan: Plan, runs: Sequence[Run], data: Datasets
) -> dict[str, Any]:
    """The resolved config and every run of its plan."""
    return {
        "schema_version": SCHEMA_VERSION,
        "config": config.resolved(),
        "models": [
            [
                {"name": name, "layer": layer.model_dump(), "implied": position is None}
                for name, layer, position in zip(
                    stack.names, stack.layers, stack.positions, strict=True
                )
            ]
            for stack in _stacks(runs, data)
        ],
        "axes": {key: list(values) for key, values in plan.axes.items()},
        "plan": [
            {"id": run.id, "settings": dict(run.settings)}
            for run in runs
            if not isinstance(config.sweep.l1, str)  # else the strengths are not known yet
        ],
    }
