"""`regcli path`: a regularization path with warm starts."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from regcli.cli.options import (
    DEFAULT_RUNS,
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
    blaming,
    check_choice,
    choose_columns,
    choose_format,
    config_or_default,
    keys_of_sweep,
)
from regcli.cli.overrides import Override, make_overrides
from regcli.errors import UsageError
from regcli.report.formats import Format

if TYPE_CHECKING:
    from regcli.workflows.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli path logistic --along l1 --points 8`")(path)


def path(
    context: typer.Context,
    config: OptionalConfigArgument = None,
    along: Annotated[
        Literal["l1", "l2", "group_strength"],
        typer.Option(
            "--along",
            metavar="STRENGTH",
            help="Strength to vary along the path: l1, l2 or group_strength.",
        ),
    ] = "l1",
    points: Annotated[
        int, typer.Option("--points", metavar="N", min=2, help="Number of path points.")
    ] = 50,
    values: Annotated[
        str | None,
        typer.Option("--values", metavar="GRID", help="Strengths along the path: log:1e-4:1e-1:20"),
    ] = None,
    l2: Annotated[
        str | None,
        typer.Option("--l2", metavar="GRID", help="Values of l2, with one path each: 0,0.01"),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option("--seeds", metavar="N", help="Number of seeds, with one path each."),
    ] = None,
    folds: FoldsOption = None,
    repeats: RepeatsOption = None,
    max_nonzero: Annotated[
        int,
        typer.Option(
            "--max-nonzero", metavar="N", min=0, help="Stop at N or fewer non-zero weights."
        ),
    ] = 0,
    max_inputs: Annotated[
        int | None,
        typer.Option("--max-inputs", metavar="N", min=0, help="Stop at N or fewer active inputs."),
    ] = None,
    refit: Annotated[
        bool,
        typer.Option(
            "--refit",
            help="Train each point again without l1, l2 and groups; zeros stay zero.",
        ),
    ] = False,
    epochs: EpochsOption = None,
    assignments: SetOption = None,
    allow_code: AllowCodeOption = False,
    device: DeviceOption = "auto",
    engine: EngineOption = "auto",
    runs: RunsOption = DEFAULT_RUNS,
    fresh: FreshOption = False,
    form: FormatOption = Format.TABLE,
    json: JsonOption = False,
    columns: ColumnsOption = None,
    sort: SortOption = None,
    show_test: ShowTestOption = False,
    fail_if: FailIfOption = None,
    baseline: BaselineOption = None,
    tolerance: ToleranceOption = None,
    junit: JunitOption = None,
    quiet: QuietOption = False,
) -> int:
    """Train a regularization path from dense to sparse; each point starts from the last one.

    The path uses the proximal method; a config with method: penalty is an error.

    It ends when all weights that the strength applies to are zero. Running the same path again
    resumes it. If the path now ends earlier, stored points after its end are kept but not shown.
    """
    from regcli.cli.gate import open_gate
    from regcli.cli.judged_training import JudgedTraining, Trained
    from regcli.config.load import load_config
    from regcli.report.path_points import path_view
    from regcli.report.sink import make_sink
    from regcli.workflows.strength_path import PathPlan, needed_strengths, run_path

    chosen, sink = choose_format(form, json), make_sink(quiet)
    choice = choose_columns(columns, sort, chosen)
    gate = open_gate(fail_if, junit, baseline, tolerance)
    if l2 is not None and along == "l2":
        raise UsageError(
            f"--l2: must not be combined with --along l2, got {l2}; use --values for the values "
            "of l2"
        )
    named = {
        "sweep.l2": ("--l2", l2),
        "sweep.seeds": ("--seeds", seeds),
        "sweep.folds": ("--folds", folds),
        "sweep.repeats": ("--repeats", repeats),
        "training.epochs": ("--epochs", epochs),
    }
    grid = _strengths(along, values)
    needed: list[Override] = [
        (tuple(key.split(".")), f"--values {values}", strength)
        for key, strength in needed_strengths(along, grid).items()
    ]
    overrides = needed + make_overrides(assignments, named)
    loaded = load_config(config_or_default(config, sink), overrides, allow_code)
    check_choice(choice, keys_of_sweep(loaded))
    plan = PathPlan(along, grid, points, max_nonzero, max_inputs, refit)

    def train(workspace: "Workspace") -> Trained:
        result = run_path(loaded, plan, workspace)
        refitted = result.ended if result.ended is not result.points else None
        return Trained(
            result.points,
            lambda verdict: path_view(result, choice, verdict, show_test),
            along,
            refitted,
        )

    training = JudgedTraining(sink, chosen, gate, runs, context.obj, device, engine, fresh)
    return training.run(loaded, train)


def _strengths(along: str, values: str | None) -> tuple[float, ...] | None:
    """The strengths that `--values` gives; None where they follow from the data.

    Raises:
        UsageError: they are malformed, or left out where nothing gives them.
    """
    from regcli.workflows.strength_path import parse_values

    if values is not None:
        with blaming("--values"):
            return parse_values(values)
    if along != "l1":
        raise UsageError(
            f"--along: {along} requires --values; only l1 has a largest useful strength to start "
            "from"
        )
    return None
