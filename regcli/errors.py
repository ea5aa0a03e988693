"""The exception tree and the exit codes.

Every error that a person can cause or see is a `RegcliError`. Errors do not name options of the
command line: `regcli.cli` adds them, and is the only place that turns an error into an exit code.
"""

from collections.abc import Iterable
from enum import IntEnum

from regcli.one_line import printable


class ExitCode(IntEnum):
    """The exit codes of the process."""

    OK = 0
    RUN_FAILED = 1
    """A run failed or diverged, a check failed, results are worse than the baseline, or a checkup
    found something broken."""
    USAGE = 2
    """Bad usage, config or data, an unusable store, or an internal error."""
    INTERRUPTED = 130


class RegcliError(Exception):
    """Root of every error that regcli raises; its text is one line for a person."""

    exit_code = ExitCode.USAGE

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class UsageError(RegcliError):
    """A request that cannot be carried out."""


class ConfigError(RegcliError):
    """One or more problems of a config, each a line that begins with its place."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(map(printable, problems))
        Exception.__init__(self, "\n".join(self.problems))


class DataError(RegcliError):
    """Data that cannot be read or trained on; names the file and the column where there is one.

    Columns that cannot be trained on are named all at once.

    Attributes:
        problems: one or more lines; each begins with the file where there is one.
    """

    def __init__(self, *problems: str) -> None:
        self.problems = tuple(map(printable, problems))
        Exception.__init__(self, "\n".join(self.problems))


class StoreError(RegcliError):
    """A store of runs that cannot be opened, read or written."""


class StoreFolderError(StoreError):
    """A folder that cannot be used as a store; the text ends with the advice to use another one."""


class DeviceError(RegcliError):
    """A requested device that is not available."""


class EngineError(RegcliError):
    """A requested engine that cannot train a model; says what it does not support."""


class ModelError(RegcliError):
    """A model, loss or optimizer that Keras refuses to build.

    Attributes:
        path: where in the config the refused part stands, such as `("model", "layers", 0)`.
    """

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        self.path = path
        self.message = printable(message)
        super().__init__(f"{'.'.join(map(str, path))}: {message}")


class KerasFileError(RegcliError):
    """A `.keras` file that is refused; says the file, the place in it, the rule and what to do."""


class ExportError(RegcliError):
    """A model whose file would not give the run's results; nothing was written."""


class ShrinkError(RegcliError):
    """A model that cannot be made smaller without changing what it computes; names the layer."""
