"""`regcli plot`: one picture of stored runs as a file."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from regcli.cli.options import (
    DEFAULT_RUNS,
    ForceOption,
    RunsOption,
    SweepsArgument,
    blaming,
    check_output,
    from_home,
    open_runs,
)
from regcli.errors import ExitCode, UsageError
from regcli.report.plot_names import ALONG, KindName, Role

if TYPE_CHECKING:
    from regcli.report.plots.plot import Plot
    from regcli.report.sink import Sink
    from regcli.report.writers.by_matplotlib.picture_size import PictureSize
    from regcli.workflows.stored_evidence import Evidence


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="plot", epilog="Example: `regcli plot learning -o learning.png`")(plot)


def plot(
    kind: Annotated[
        KindName,
        typer.Argument(
            metavar="KIND",
            help="score: score and loss against a strength; map: two strengths; pareto: score "
            "beside size; path: weights of columns along a strength; learning: loss by epoch; "
            "confusion, reliability, roc or residuals: predictions of the setting to use; "
            "coefficients: of its linear model; sparsity: zeros of each layer.",
        ),
    ],
    names: SweepsArgument = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The file to write: .png, .svg or .pdf. Default: KIND.png.",
            callback=from_home,
            show_default=False,
        ),
    ] = None,
    size: Annotated[
        str,
        typer.Option(
            "--size",
            metavar="SIZE",
            help="slide (16:9), column (of a paper, 3.4 inches wide), or width and height in "
            "inches, such as 6x4. One narrower than 5 inches has no title and no notes: they "
            "are shown here, for its caption.",
        ),
    ] = "slide",
    along: Annotated[
        str | None,
        typer.Option(
            "--along",
            metavar="KEY",
            help="Strength of score, path and sparsity, where several vary. Default: the first.",
            show_default=False,
        ),
    ] = None,
    setting: Annotated[
        Role | None,
        typer.Option(
            "--setting",
            metavar="ROLE",
            help="Setting of learning: use, best or reference. Default: use.",
            show_default=False,
        ),
    ] = None,
    runs: RunsOption = DEFAULT_RUNS,
    force: ForceOption = False,
) -> int:
    """Draw one picture of a sweep, for slides, papers and other pages.

    It is made from the store alone. The same store gives the same file.
    """
    from regcli.report.sink import make_sink
    from regcli.report.writers.by_matplotlib.matplotlib_package import require_matplotlib
    from regcli.report.writers.by_matplotlib.picture_size import read_size
    from regcli.workflows.stored_evidence import find_evidence

    if along is not None and kind not in ALONG:
        raise UsageError(
            f"--along: must be left out with {kind}; it goes with score, path and sparsity"
        )
    if setting is not None and kind != "learning":
        raise UsageError(f"--setting: must be left out with {kind}; it goes with learning")
    written = output or Path(f"{kind}.png")
    _check_output(written, force)
    with blaming("--size"):
        inches = read_size(size)
    require_matplotlib()
    with open_runs(runs, create=False) as store:
        evidence = find_evidence(names or [], store, path_first=kind == "path")
        drawn = _found(kind, evidence, along, setting)
    sink = make_sink()
    _write(drawn, inches, written, sink)
    if not inches.has_title:
        caption = "; ".join([drawn.title, *drawn.notes]).replace("\u00a0", " ")
        sink.note(f"for the caption: {caption}")
    sink.note(f"wrote {written}")
    return ExitCode.OK


def _check_output(output: Path, force: bool) -> None:
    from regcli.report.writers.by_matplotlib.picture_endings import ENDINGS

    if output.suffix not in ENDINGS:
        *others, last = ENDINGS
        endings = f"{', '.join(others)} or {last}"
        raise UsageError(f"--output: must end in {endings}, got '{output.name}'")
    check_output(output, force)


def _found(kind: KindName, evidence: "Evidence", along: str | None, setting: Role | None) -> "Plot":
    from regcli.report.plot_kinds import along_strength, of_setting, plots_of

    plots = plots_of(kind, evidence)
    if kind == "learning":
        with blaming("--setting"):
            return of_setting(plots, setting or "use", evidence)
    with blaming("--along"):
        return along_strength(plots, along)


def _write(plot: "Plot", size: "PictureSize", path: Path, sink: "Sink") -> None:
    """Draw a plot and write it; a note says which of its letters it cannot show."""
    # matplotlib tells of its caches where it first starts.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    from regcli.report.writers.by_matplotlib.figure_files import figure_bytes
    from regcli.report.writers.by_matplotlib.lacking_letters import lacking_letters
    from regcli.report.writers.by_matplotlib.panel_figure import drawn_figure
    from regcli.whole_files import replacing

    figure = drawn_figure(plot, size)
    content = figure_bytes(figure, path.suffix, plot)
    with replacing(path) as unfinished:
        unfinished.write_bytes(content)
    lacking = "" if path.suffix == ".svg" else lacking_letters(figure)
    if lacking:
        sink.note(
            f"no typeface of matplotlib has the letters {lacking}: they are shown as boxes; "
            "an .svg file keeps them as text"
        )
