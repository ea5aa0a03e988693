"""`regcli predict`: what a stored run says of the rows of a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from regcli.cli.options import (
    DEFAULT_RUNS,
    AllowCodeOption,
    ForceOption,
    JsonOption,
    QuietOption,
    RunArgument,
    RunsOption,
    check_output,
    from_home,
    named_run,
    open_runs,
)
from regcli.errors import ExitCode, UsageError
from regcli.report.formats import Format

if TYPE_CHECKING:
    from regcli.report.sink import Sink
    from regcli.results.row_predictions import RowPredictions


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli predict best new.csv -o predictions.csv`")(predict)


def predict(
    run: RunArgument,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help="A CSV, Parquet, Excel or NPZ file with the columns of training, an image, or a "
            "folder of images.",
            callback=from_home,
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the predictions to this file: .csv, .parquet, .npz or .json.",
            callback=from_home,
        ),
    ] = None,
    score: Annotated[
        bool,
        typer.Option(
            "--score", help="Show metrics with 95% intervals instead; DATA must have the target."
        ),
    ] = False,
    allow_code: AllowCodeOption = False,
    runs: RunsOption = DEFAULT_RUNS,
    force: ForceOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> int:
    """Predict the rows of a file with a stored run.

    Each row gets its class and the probability of each class, or its quantity in the target's own
    unit. A terminal shows the first rows; a pipe or a file gets all of them, in the order of DATA.
    Of a folder of images each row is a file; to be scored it needs a sub-folder for each class.
    """
    from regcli.exports.predict_rows import predict_file
    from regcli.report.prediction_files import write_predictions
    from regcli.report.prediction_view import scores_view
    from regcli.report.sink import make_sink

    _check_output(output, force)
    sink = make_sink(quiet)
    with open_runs(runs, create=False, allow_code=allow_code) as store:
        record = named_run(run, store, sink)
        predictions, scores = predict_file(store, record, data, scored=score)
    for note in predictions.notes:
        sink.note(note)
    if output is not None:
        write_predictions(predictions, output)
    if scores is not None:
        sink.show(scores_view(predictions, scores), Format.JSON if json else Format.TABLE)
    elif output is None or json:
        _show(predictions, sink, json)
    if output is not None:
        count = "1 prediction" if len(predictions) == 1 else f"{len(predictions):,} predictions"
        sink.note(f"wrote {count} to {output}")
    return ExitCode.OK


def _check_output(output: Path | None, force: bool) -> None:
    from regcli.report.prediction_files import FILES

    if output is None:
        return
    if output.suffix not in FILES:
        *others, last = FILES
        endings = f"{', '.join(others)} or {last}"
        raise UsageError(f"--output: must end in {endings}, got '{output.name}'")
    check_output(output, force)


def _show(predictions: "RowPredictions", sink: "Sink", json: bool) -> None:
    """A short table on a terminal, all rows as CSV elsewhere."""
    from regcli.report.prediction_files import as_csv
    from regcli.report.prediction_view import predictions_view

    if json or sink.out.is_terminal:
        sink.show(predictions_view(predictions), Format.JSON if json else Format.TABLE)
    else:
        sink.result(as_csv(predictions))
