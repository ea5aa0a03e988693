"""`regcli plan`: what a sweep would take."""

from typing import Annotated

import typer

from regcli.cli.grid_options import (
    GridOptions,
    L1GridOption,
    L2GridOption,
    MethodsOption,
    SeedsOption,
    VaryOption,
)
from regcli.cli.options import (
    DEFAULT_RUNS,
    AllowCodeOption,
    DeviceOption,
    EngineOption,
    EpochsOption,
    FoldsOption,
    FormatOption,
    JsonOption,
    OptionalConfigArgument,
    QuietOption,
    RepeatsOption,
    RunsOption,
    SetOption,
    choose_format,
)
from regcli.errors import ExitCode, UsageError
from regcli.report.formats import Format

_MOST_WORKERS = 10_000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli plan smoke --seeds 10 --workers 4`")(plan)


def plan(
    config: OptionalConfigArgument = None,
    l1: L1GridOption = None,
    l2: L2GridOption = None,
    vary: VaryOption = None,
    seeds: SeedsOption = None,
    folds: FoldsOption = None,
    repeats: RepeatsOption = None,
    epochs: EpochsOption = None,
    method: MethodsOption = None,
    assignments: SetOption = None,
    measure: Annotated[
        bool,
        typer.Option(
            "--measure",
            help="Train a trial of each population for some seconds, to say how long all would "
            "take; nothing is stored.",
        ),
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            metavar="N",
            help="Also say how long it would take on N machines like this one.",
        ),
    ] = None,
    allow_code: AllowCodeOption = False,
    device: DeviceOption = "auto",
    engine: EngineOption = "auto",
    runs: RunsOption = DEFAULT_RUNS,
    form: FormatOption = Format.TABLE,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Show how much work a sweep is, and how long it would take.

    By the stored runs of the same populations, or by a trial with --measure. Trains nothing else.
    """
    from regcli.cli.plans import with_planned_numbers
    from regcli.data.references import Datasets
    from regcli.data.sources import CACHE
    from regcli.report.expectation_view import expectation_view
    from regcli.report.sink import make_sink
    from regcli.workflows.sweep_plan import expect_sweep, measure_sweep

    chosen = choose_format(form, json)
    if workers is not None and not 1 <= workers <= _MOST_WORKERS:
        raise UsageError(f"--workers: must be from 1 to {_MOST_WORKERS:,}, got {workers}")
    sink = make_sink(quiet)
    grid = GridOptions(l1, l2, vary, seeds, folds, repeats, epochs, method, assignments)
    loaded = grid.load(config, sink, allow_code)
    loaded = with_planned_numbers(loaded, runs, device, sink)
    data = Datasets(runs / CACHE)
    expected = expect_sweep(loaded, runs, data)
    if measure:
        expected = measure_sweep(expected, device, engine, data, sink.note)
    sink.show(expectation_view(expected, workers), chosen)
    if expected.seconds() is None:
        sink.note("next: the same with --measure, which trains a trial of each population")
    return ExitCode.OK
