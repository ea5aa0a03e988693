"""`regcli train`: one run."""

from typing import Annotated

import typer

from regcli.cli.options import (
    DEFAULT_RUNS,
    AllowCodeOption,
    ConfigArgument,
    DeviceOption,
    EngineOption,
    EpochsOption,
    FailIfOption,
    FormatOption,
    JsonOption,
    JunitOption,
    L1Option,
    L2Option,
    MethodOption,
    QuietOption,
    RunsOption,
    SetOption,
    choose_format,
    open_runs,
)
from regcli.cli.overrides import make_overrides
from regcli.report.formats import Format


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli train quickstart --epochs 5 --l1 0.001`")(train)


def train(
    context: typer.Context,
    config: ConfigArgument,
    l1: L1Option = None,
    l2: L2Option = None,
    epochs: EpochsOption = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="Seed for initialization and shuffling."),
    ] = None,
    method: MethodOption = None,
    assignments: SetOption = None,
    allow_code: AllowCodeOption = False,
    device: DeviceOption = "auto",
    engine: EngineOption = "auto",
    runs: RunsOption = DEFAULT_RUNS,
    form: FormatOption = Format.TABLE,
    json: JsonOption = False,
    fail_if: FailIfOption = None,
    junit: JunitOption = None,
    quiet: QuietOption = False,
) -> int:
    """Train one run with the strengths of a config, and show its results."""
    from regcli.cli.endings import record_to_show
    from regcli.cli.gate import open_gate
    from regcli.cli.judged import end
    from regcli.config.load import load_config
    from regcli.data.references import Datasets
    from regcli.data.sources import CACHE
    from regcli.report.progress import make_progress
    from regcli.report.sink import make_sink
    from regcli.report.sweep_results import single_view
    from regcli.results.records import RunState
    from regcli.workflows.grid_sweep import run_single
    from regcli.workflows.stopping_listener import StopsAtInterrupts
    from regcli.workflows.workspace import Workspace

    chosen = choose_format(form, json)
    gate = open_gate(fail_if, junit)
    sink = make_sink(quiet)
    named = {
        "regularization.l1": ("--l1", l1),
        "regularization.l2": ("--l2", l2),
        "regularization.method": ("--method", method),
        "training.epochs": ("--epochs", epochs),
        "training.seed": ("--seed", seed),
    }
    loaded = load_config(config, make_overrides(assignments, named), allow_code)
    gate = gate.with_config(loaded)
    with open_runs(runs, create=True) as store, make_progress(sink) as progress:
        tell = StopsAtInterrupts(gate.checking(progress), context.obj)
        data = Datasets(runs / CACHE)
        result = run_single(loaded, Workspace(store, tell, device, engine, data=data))
    record = record_to_show(sink, result)
    view = single_view(record)
    sink.show(view, chosen)
    gate, left_out = gate.without_validation(record)
    if left_out:
        sink.note(left_out)
    judged = gate.judge([record], None, is_interrupted=record.state is RunState.INTERRUPTED)
    return end(sink, judged, view, record.name)
