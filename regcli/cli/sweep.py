"""`regcli sweep`: a grid of runs."""

from typing import TYPE_CHECKING, Annotated

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
    AggregateOption,
    AllowCodeOption,
    BaselineOption,
    ColumnsOption,
    DeviceOption,
    EngineOption,
    EpochsOption,
    FailIfOption,
    FoldsOption,
    FormatOption,
    FreshOption,
    JsonOption,
    JunitOption,
    OptionalConfigArgument,
    QuietOption,
    RepeatsOption,
    RunsOption,
    SetOption,
    ShowTestOption,
    SortOption,
    ToleranceOption,
    check_choice,
    choose_columns,
    choose_format,
    keys_of_sweep,
)
from regcli.errors import UsageError
from regcli.report.formats import Format

if TYPE_CHECKING:
    from regcli.planning.shards import Shard
    from regcli.report.column_choice import Choice
    from regcli.workflows.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli sweep smoke --l1 0,log:1e-4:1e-2:3 --seeds 2`")(sweep)


def sweep(
    context: typer.Context,
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
    allow_code: AllowCodeOption = False,
    device: DeviceOption = "auto",
    engine: EngineOption = "auto",
    runs: RunsOption = DEFAULT_RUNS,
    fresh: FreshOption = False,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            metavar="K/N",
            help="Train the K-th of N equal parts, for job arrays: --shard 3/8 --runs shard-3. "
            "Then merge the stores with 'regcli runs merge'.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show which runs are planned and which are stored; train nothing, except to find "
            "the values of auto.",
        ),
    ] = False,
    form: FormatOption = Format.TABLE,
    json: JsonOption = False,
    columns: ColumnsOption = None,
    sort: SortOption = None,
    aggregate: AggregateOption = False,
    show_test: ShowTestOption = False,
    fail_if: FailIfOption = None,
    baseline: BaselineOption = None,
    tolerance: ToleranceOption = None,
    junit: JunitOption = None,
    quiet: QuietOption = False,
) -> int:
    """Train a grid of settings and compare them.

    Stored runs are reused: running the same sweep again resumes it.
    """
    from regcli.cli.gate import open_gate
    from regcli.cli.judged_training import JudgedTraining, Trained
    from regcli.report.sink import make_sink
    from regcli.report.sweep_results import results_view
    from regcli.workflows.grid_sweep import run_sweep
    from regcli.workflows.largest_strength import with_numbers

    chosen = choose_format(form, json)
    choice = choose_columns(columns, sort, chosen, aggregate)
    part = _part(shard, fail_if, junit, baseline)
    gate = open_gate(fail_if, junit, baseline, tolerance)
    sink = make_sink(quiet)
    grid = GridOptions(l1, l2, vary, seeds, folds, repeats, epochs, method, assignments)
    loaded = grid.load(config, sink, allow_code)
    check_choice(choice, keys_of_sweep(loaded))
    if dry_run:
        from regcli.cli.plans import show_plan

        _refuse_beside_dry_run(fresh, choice)
        return show_plan(sink, chosen, loaded, runs, device, gate.with_config(loaded).demands)

    def train(workspace: "Workspace") -> Trained:
        result = run_sweep(with_numbers(loaded, workspace), workspace, part)
        about = result.records, result.sweep, result.reused, choice
        return Trained(
            result,
            lambda verdict: results_view(*about, verdict, show_test),
            is_whole=part is None,
        )

    training = JudgedTraining(sink, chosen, gate, runs, context.obj, device, engine, fresh)
    code = training.run(loaded, train)
    if part is not None:
        sink.note(
            f"this is part {part}: 'regcli runs merge' brings the stores of all parts together, "
            "and the same sweep without --shard then gives the verdict"
        )
    return code


def _part(shard: str | None, *asks: object) -> "Shard | None":
    """The part of the grid to train; None for all of it."""
    from regcli.planning.shards import Shard

    if shard is None:
        return None
    if any(asks):
        raise UsageError("--shard: must not be combined with --fail-if, --junit or --baseline")
    try:
        return Shard.parse(shard)
    except ValueError as error:
        raise UsageError(f"--shard: {error}") from None


def _refuse_beside_dry_run(fresh: bool, choice: "Choice") -> None:
    """Refuse options that say how to train, or what to show of results."""
    if fresh:
        raise UsageError("--fresh: must not be combined with --dry-run")
    if choice.columns is not None or choice.sort is not None or choice.aggregate:
        raise UsageError("--dry-run: must not be combined with --columns, --sort or --aggregate")
