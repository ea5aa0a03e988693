"""The command tree, and the one place that turns exceptions into text and an exit code."""

import sys
import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from regcli.cli import (
    compare,
    configs,
    doctor,
    explain,
    init,
    path,
    plan,
    plot_file,
    predict,
    report,
    runs,
    runs_export,
    runs_merge,
    shrink,
    sweep,
    train,
)
from regcli.cli.interrupts import say_interrupted
from regcli.cli.options import with_code_option, with_runs_option
from regcli.cli.usage_errors import usage_error_text
from regcli.errors import (
    ConfigError,
    DataError,
    DeviceError,
    EngineError,
    ExitCode,
    RegcliError,
    StoreFolderError,
)
from regcli.one_line import printable
from regcli.report.standard_streams import give_up, prepare_streams, say
from regcli.signals import Interrupts

app = typer.Typer(
    name="regcli",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Compare L1/L2 regularization settings of Keras models.

Start with: `regcli sweep --l1 0,0.01 --l2 0,0.01`
""",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from regcli.version import __version__

        sys.stdout.write(f"regcli {__version__}\n")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_print_version, is_eager=True),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks; can stand anywhere in a command.")
    ] = False,
) -> None:
    """Options of every command."""


train.register(app)
sweep.register(app)
plan.register(app)
path.register(app)
runs.register(app)
runs_export.register(runs.commands)
runs_merge.register(runs.commands)
compare.register(app)
report.register(app)
plot_file.register(app)
predict.register(app)
shrink.register(app)
explain.register(app)
init.register(app)
doctor.register(app)
configs.register(app)


def run(arguments: Sequence[str], interrupts: Interrupts | None = None) -> int:
    """Run one command line.

    Args:
        interrupts: handlers that are already installed; None installs them for this command.

    Returns:
        The exit code; every error has been written to stderr, one line for each problem.
    """
    if interrupts is None:
        with Interrupts().listening() as interrupts:
            return run(arguments, interrupts)
    prepare_streams()
    debug = "--debug" in arguments
    given = [argument for argument in arguments if argument != "--debug"]
    code: int | None
    try:
        command = typer.main.get_command(app)
        code = command.main(given, prog_name="regcli", standalone_mode=False, obj=interrupts)
        sys.stdout.flush()
        interrupts.answer()
    except BaseException as error:
        interrupts.answer()
        if debug and not isinstance(error, KeyboardInterrupt):
            traceback.print_exc()
        interrupted = interrupts.seen or isinstance(error, KeyboardInterrupt | typer.Abort)
        code = ExitCode.INTERRUPTED if interrupted else _explain(error)
    if interrupts.seen or code == ExitCode.INTERRUPTED:
        code = ExitCode.INTERRUPTED
        say_interrupted(arguments)
    return int(code or ExitCode.OK)


def _explain(error: BaseException) -> int:
    if isinstance(error, ConfigError):
        # A problem of a file begins with the file; one of an option is the command's.
        _say(*map(with_code_option, error.problems), are_placed=True)
        return error.exit_code
    if isinstance(error, DataError):
        _say(*error.problems)
        return error.exit_code
    if isinstance(error, RegcliError):
        _say(_with_option(error))
        return error.exit_code
    if isinstance(error, typer.TyperException):
        return _explain_usage(error)
    if _is_reader_gone(error):
        give_up(sys.stdout)  # the reader of the pipe has closed it
        return ExitCode.OK
    if isinstance(error, OSError):
        give_up(sys.stdout)
        name = f"{error.filename}: " if error.filename else ""
        _say(f"{name}{error.strerror or error}")
        return ExitCode.USAGE
    if isinstance(error, SystemExit):
        raise error
    message = " ".join(str(error).split())
    _say(f"internal error: {type(error).__name__}: {message}; --debug shows the traceback")
    return ExitCode.USAGE


def _with_option(error: RegcliError) -> str:
    """An error's text with the option that caused it, or that helps: the core knows no options."""
    if isinstance(error, DeviceError):
        return f"--device: {error}"
    if isinstance(error, EngineError):
        return f"--engine: {error}"
    sentence = with_code_option(str(error))
    return with_runs_option(sentence) if isinstance(error, StoreFolderError) else sentence


def _is_reader_gone(error: BaseException) -> bool:
    """Whether the reader of a pipe has closed it; Typer turns that into a SystemExit."""
    cause = error.__context__ if isinstance(error, SystemExit) else error
    return isinstance(cause, BrokenPipeError)


def _explain_usage(error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        return ExitCode.USAGE  # the help has been shown already
    command = context.command_path if context else "regcli"
    _say(f"{usage_error_text(error)}; see {command} --help")
    return ExitCode.USAGE


def _say(*problems: str, are_placed: bool = False) -> None:
    """Write problems to stderr, a line each; GitHub Actions is told of them once more.

    Args:
        are_placed: whether those that do not begin with an option begin with a file.
    """
    from regcli.report.github import annotations, is_on_github, this_environment

    for problem in problems:
        is_placed = are_placed and not problem.startswith("--")
        say(printable(problem) if is_placed else f"regcli: {printable(problem)}")
    if is_on_github(environment := this_environment()):
        for line in annotations(problems, environment):
            say(line)
