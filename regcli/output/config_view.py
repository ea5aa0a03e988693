"""A checked config in full, with the plan of its sweep."""

from collections.abc import Sequence
from typing import Any

from regcli.config.document import write_yaml
from regcli.config.plan import Plan
from regcli.config.schema import Config
from regcli.experiments import PlannedRun
from regcli.output.setting_values import value_text
from regcli.results.records import SCHEMA_VERSION


def config_text(config: Config, plan: Plan, runs: Sequence[PlannedRun]) -> str:
    """The resolved config as YAML that reads back the same, and the plan as comments after it."""
    text = write_yaml(config.resolved())
    lines = [f"# {line}" for line in _plan_lines(plan, runs)]
    return text + "\n".join(lines)


def _plan_lines(plan: Plan, runs: Sequence[PlannedRun]) -> list[str]:
    splits = runs[0].splits
    rows = ", ".join(f"{len(part):,} {name}" for name, part in splits.parts() if part is not None)
    shape = "×".join(map(str, splits.train.x.shape[1:]))
    lines = [f"data: {splits.table.source}, {splits.table.task}, {shape} inputs, {rows} rows"]
    for key, values in plan.axes.items():
        lines.append(f"varies {key}: {', '.join(map(value_text, values))}")
    count = len({run.id for run in runs})
    lines.append(f"plan: {count:,} {'run' if count == 1 else 'runs'}")
    return lines


def config_document(config: Config, plan: Plan, runs: Sequence[PlannedRun]) -> dict[str, Any]:
    """The resolved config and every run of its plan."""
    return {
        "schema_version": SCHEMA_VERSION,
        "config": config.resolved(),
        "axes": {key: list(values) for key, values in plan.axes.items()},
        "plan": [
            {"id": run.id, "settings": dict(run.member.settings)}
            for run in runs
            if not isinstance(config.sweep.l1, str)  # else the strengths are not known yet
        ],
    }
