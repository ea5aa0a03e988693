"""`regcli shrink`: a run's model with its dead parts physically removed."""

from pathlib import Path
from typing import Annotated

import typer

from regcli.cli.options import (
    DEFAULT_RUNS,
    AllowCodeOption,
    DeviceOption,
    EngineOption,
    ForceOption,
    FormatOption,
    JsonOption,
    QuietOption,
    RunArgument,
    RunsOption,
    check_output,
    choose_format,
    from_home,
    named_run,
    open_runs,
)
from regcli.errors import ExitCode, UsageError
from regcli.report.formats import Format


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli shrink 3fa9c1 -o small.keras`")(shrink)


def shrink(
    context: typer.Context,
    run: RunArgument,
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The .keras file to write.", callback=from_home
        ),
    ],
    drop_inputs: Annotated[
        bool,
        typer.Option(
            "--drop-inputs",
            help="Remove inactive input columns; also write a file with the names of the others.",
        ),
    ] = False,
    refit: Annotated[
        bool,
        typer.Option(
            "--refit", help="Train it again first without l1, l2 and groups; zeros stay zero."
        ),
    ] = False,
    allow_code: AllowCodeOption = False,
    device: DeviceOption = "auto",
    engine: EngineOption = "auto",
    runs: RunsOption = DEFAULT_RUNS,
    force: ForceOption = False,
    form: FormatOption = Format.TABLE,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Write a run's model without its dead units, channels and inputs; its outputs stay the same.

    A unit is dead if its value is the same for every row, or if it has no connection to the
    output. The file is an ordinary Keras model, which loads without regcli.
    """
    from regcli.data.references import Datasets
    from regcli.data.sources import CACHE
    from regcli.exports.model_columns import columns_path
    from regcli.exports.model_files import shrink_model
    from regcli.report.progress import make_progress
    from regcli.report.shrink_view import shrinkage_view
    from regcli.report.sink import make_sink
    from regcli.workflows.refit import refit_stored
    from regcli.workflows.stopping_listener import StopsAtInterrupts
    from regcli.workflows.workspace import Workspace

    chosen = choose_format(form, json)
    if output.suffix != ".keras":
        raise UsageError(f"--output: must end in .keras, got '{output.name}'")
    written = [output, columns_path(output)] if drop_inputs else [output]
    for path in written:
        check_output(path, force)
    sink = make_sink(quiet)
    with open_runs(runs, create=False, allow_code=allow_code) as store:
        identity = named_run(run, store, sink).id
        if refit:
            with make_progress(sink) as progress:
                tell = StopsAtInterrupts(progress, context.obj)
                data = Datasets(runs / CACHE)
                workspace = Workspace(store, tell, device, engine, data=data)
                identity = refit_stored(identity, workspace).id
        shrinkage = shrink_model(store, identity, output, drop_inputs)
    sink.show(shrinkage_view(shrinkage, written), chosen)
    for path in written:
        sink.note(f"wrote {path}")
    return ExitCode.OK
