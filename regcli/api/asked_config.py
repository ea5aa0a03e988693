"""From the arguments of a call to a checked config."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any

from regcli.config.document import parse_path
from regcli.config.home import from_home
from regcli.config.load import LoadedConfig, load_config
from regcli.config.mappings import plain_value
from regcli.config.problems import Path
from regcli.errors import UsageError
from regcli.one_line import shortened

_LONGEST = 200


class Asked:
    """What a call asks of a config; what it leaves out, as None, stays as the config has it.

    Attributes:
        folder: of the store.
        own_data: the file that the call's own arrays or frame were written to, in that folder.
    """

    def __init__(
        self,
        config: object,
        runs: str | os.PathLike[str],
        data: object,
        target: str | None,
        assignments: Mapping[str, Any] | None,
    ) -> None:
        self.folder = from_home(FilePath(runs))
        self.own_data: FilePath | None = None
        self._config = _config(config)
        self._overrides: list[tuple[Path, str, object]] = []
        self._take_data(data, target)
        for key, value in _mapping("set", assignments).items():
            self._add(parse_path(key), f"set={{{key!r}: {value!r}}}", value)

    def take(self, section: str, **named: object) -> None:
        """Take arguments that are named as the keys of a section that they set."""
        for key, value in named.items():
            if value is not None:
                self._add((section, key), f"{key}={value!r}", value)

    def take_keys(self, argument: str, values: Mapping[str, object]) -> None:
        """Take keys by their dotted names, which an argument needs."""
        for key, value in values.items():
            self._add(parse_path(key), argument, value)

    def take_varied(self, vary: Mapping[str, Any] | None) -> None:
        """Take the values of `vary`."""
        for key, values in _mapping("vary", vary).items():
            self._add(("sweep", "vary", key), f"vary={{{key!r}: {values!r}}}", values)

    def take_method(self, method: str | Sequence[str] | None) -> None:
        """Take one method, or several as values to vary."""
        if method is None:
            return
        key: Path = ("regularization", "method")
        if not isinstance(method, str) or "," in method:
            key = ("sweep", "vary", ".".join(map(str, key)))
        self._add(key, f"method={method!r}", method)

    def path_values(self, along: str, values: object) -> tuple[float, ...] | None:
        """The strengths of a path; None where they follow from the data.

        Raises:
            UsageError: they are malformed, or left out where nothing gives them.
        """
        from regcli.config.grid import GridError
        from regcli.config.strength_grids import parse_strengths
        from regcli.workflows.strength_path import parse_values

        if values is None:
            if along != "l1":
                raise UsageError(
                    f"along: {along} requires values; only l1 has a largest useful strength to "
                    "start from"
                )
            return None
        try:
            if isinstance(values, str):
                return parse_values(values)
            return parse_strengths(plain_value(values, "values"))
        except (GridError, UsageError) as error:
            raise UsageError(f"values: {error}") from None

    def load(self) -> LoadedConfig:
        """The checked config.

        Raises:
            ConfigError: every problem of it, each with its place.
            UsageError: there is no such file or shipped config.
        """
        return load_config(self._config, self._overrides, allows_code=True)

    def _take_data(self, data: object, target: str | None) -> None:
        if data is not None:
            from regcli.api.own_data import kept_file

            file, own_target = kept_file(data, target, self.folder)
            if not isinstance(data, str | os.PathLike):
                self.own_data = file
            self._add(("dataset", "name"), "data", None)
            self._add(("dataset", "file"), "data", str(file))
            target = own_target
        if target is not None:
            self._add(("dataset", "target", "column"), f"target={target!r}", target)

    def _add(self, path: Path, argument: str, value: object) -> None:
        argument = shortened(argument, _LONGEST)
        self._overrides.append((path, argument, plain_value(value, argument)))


def _config(given: object) -> str | Mapping[Any, Any]:
    if isinstance(given, str | os.PathLike):
        return str(os.fspath(given))
    if isinstance(given, Mapping):
        return given
    raise UsageError(
        "config: must be a path, the name of a shipped config, or a mapping, got an object of the "
        f"type {type(given).__name__}"
    )


def _mapping(argument: str, given: object) -> Mapping[str, Any]:
    """An argument that is a mapping of dotted keys, or None.

    Raises:
        UsageError: it is something else.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(
        isinstance(key, str) and all(key.split(".")) for key in given
    ):
        example = "{'training.batch_size': 64}"
        raise UsageError(f"{argument}: must be a mapping of dotted keys, like {example}")
    return given
