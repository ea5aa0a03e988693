"""From a file and options to a checked config, with every problem reported at once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from regcli.config.arguments import is_number
from regcli.config.checks import check_names
from regcli.config.document import MAX_BYTES, Document, parse_path, read_scalar, read_yaml
from regcli.config.early_stopping import MONITORED
from regcli.config.home import from_home
from regcli.config.mappings import document_of
from regcli.config.own_models import with_own_models
from regcli.config.problems import Path, Place, Problem, bound_text, did_you_mean, dotted, shown
from regcli.config.schema import Config
from regcli.config.section import BROKEN_RULE
from regcli.config.shipped import shipped_names, shipped_path
from regcli.errors import ConfigError, ModelError, UsageError
from regcli.metrics.registry import MEANINGS, METRICS

MAX_PROBLEMS = 1_000
"""Most problems of names and arguments to look for: a suggestion takes a millisecond."""

_NAMED_BY: Mapping[Path, str] = {
    ("dataset", "target"): "column",
    ("training", "loss"): "name",
    ("training", "optimizer"): "name",
}
"""Keys whose mapping may be written as one text, and the key of the mapping that this is."""


_MONITORS = tuple(f"{part}.{key}" for part in ("validation", "train") for key in MONITORED)

NO_PLACES: Mapping[str, Place] = MappingProxyType({})


@dataclass(frozen=True)
class LoadedConfig:
    """A checked config together with the text it came from.

    Attributes:
        config: the checked values.
        document: the plain data with places, so that later errors can name the place.
        folder: the folder that relative paths in the config start from.
        allows_code: whether a person's own code that it names may be run.
    """

    config: Config
    document: Document = field(repr=False)
    folder: FilePath
    allows_code: bool = False

    @classmethod
    def of(cls, document: Document, folder: FilePath, allows_code: bool) -> "LoadedConfig":
        """The config that a document holds, with the code that it names.

        Raises:
            ConfigError: every problem of it.
        """
        config = check(document)
        try:
            config = with_own_models(config, folder, allows_code)
        except ModelError as error:
            place = document.place(error.path)
            raise ConfigError([f"{place}: {dotted(error.path)}: {error.message}"]) from None
        return cls(config, document, folder, allows_code)

    def with_values(
        self, values: Mapping[str, object], places: Mapping[str, Place] = NO_PLACES
    ) -> "LoadedConfig":
        """The config with dotted keys set to new values, checked again.

        Args:
            values: new values by dotted key.
            places: where each comes from, by the same keys; those left out stay where they are.

        Raises:
            ConfigError: if a key or value breaks a rule.
        """
        document = self.document_with(values, places)
        return LoadedConfig.of(document, self.folder, self.allows_code)

    def document_with(self, values: Mapping[str, object], places: Mapping[str, Place]) -> Document:
        """The text of `with_values`, which is not checked."""
        document = self.document
        for key, value in values.items():
            path = parse_path(key)
            document = with_key(document, path, value, places.get(key) or document.place(path))
        return document


def load_config(
    argument: str | Mapping[Any, Any],
    overrides: Sequence[tuple[Path, str, object]] = (),
    allows_code: bool = False,
) -> LoadedConfig:
    """Read, override and check a config.

    Args:
        argument: a path, the name of a shipped config, or the config itself. Of that, relative
            paths start from the current folder.
        overrides: (path of a key, option as typed, value) in order.
        allows_code: as `LoadedConfig` has it.

    Raises:
        ConfigError: every problem of file and overrides, each with its place.
        UsageError: if there is no such file or shipped config.
    """
    if isinstance(argument, str):
        path = find_config(argument)
        document, folder = read_yaml(_read_text(path, argument), argument), path.resolve().parent
        _require_mapping(document)
    else:
        document, folder = document_of(argument), FilePath.cwd()
    for path_of_key, option, value in overrides:
        document = with_key(document, path_of_key, value, Place(0, 0, option))
    return LoadedConfig.of(document, folder, allows_code)


def with_key(document: Document, path: Path, value: object, place: Place) -> Document:
    """Set one key; `optimizer: adam` makes room for `training.optimizer.learning_rate`."""
    part = path[:2]
    if len(path) > 2 and part in _NAMED_BY and isinstance(name := document.get(part), str):
        document = document.with_value(part, {_NAMED_BY[part]: name}, document.place(part))
    return document.with_value(path, value, place)


def find_config(argument: str) -> FilePath:
    """The file that a CONFIG argument means: a path, or a shipped config's name.

    Raises:
        UsageError: if it is neither.
    """
    path = from_home(FilePath(argument))
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except OSError as error:
        raise UsageError(f"{argument}: cannot be read: {error.strerror}") from None
    if is_there and not is_folder:
        return path
    if argument in shipped_names():
        return shipped_path(argument)
    if is_folder:
        raise UsageError(f"{argument or '.'}: a config must be a file, got a folder")
    known = ", ".join(shipped_names())
    suggestion = did_you_mean(argument, shipped_names())
    raise UsageError(
        f"{argument}: there is no such file and no shipped config of this name{suggestion} "
        f"(shipped: {known})"
    )


def _read_text(path: FilePath, name: str) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from None
    if len(content) > MAX_BYTES:
        message = f"a config must have at most {MAX_BYTES:,} bytes, this file has more"
        raise ConfigError([f"{name}:1:1: {message}"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - before.rfind(b"\n")
        message = f"must be UTF-8 text, got the byte 0x{error.object[error.start]:02x}"
        raise ConfigError([f"{name}:{line}:{column}: {message}"]) from None


def _require_mapping(document: Document) -> None:
    if not isinstance(document.data, dict):
        holds = "is empty" if document.data is None else f"holds {shown(document.data)}"
        rule = "a config must be a mapping with the key 'dataset'"
        raise ConfigError([f"{document.place(())}: {rule}; this file {holds}"])


def check(document: Document) -> Config:
    """Check a document against the schema and the names it may use.

    Raises:
        ConfigError: all problems, in the order of their places.
    """
    problems = list(islice(check_names(document.data), MAX_PROBLEMS))
    config: Config | None = None
    try:
        config = Config.model_validate(document.data)
    except ValidationError as error:
        problems += _schema_problems(error.errors(include_url=False), document)
    if problems or document.problems or config is None:
        raise ConfigError(_in_order(problems, document))
    return config


def _in_order(problems: Iterable[Problem], document: Document) -> list[str]:
    placed = [(_place(problem, document), problem) for problem in problems]
    placed += document.problems
    placed.sort(key=lambda pair: (pair[0].line == 0, pair[0].line, pair[0].column))
    return list(dict.fromkeys(_line(place, problem) for place, problem in placed))


def _place(problem: Problem, document: Document) -> Place:
    """The option that sets one of the keys that a rule joins, else the problem's own place."""
    joined = (document.option(path) for path in problem.about)
    own = document.place(problem.path, problem.at_key)
    return next((option for option in joined if option is not None), own)


def _line(place: Place, problem: Problem) -> str:
    key = f"{dotted(problem.path)}: " if problem.path else ""
    return f"{place}: {key}{problem.message}"


def _schema_problems(errors: list[ErrorDetails], document: Document) -> list[Problem]:
    problems: dict[Path, Problem] = {}
    for error in errors:
        path = _path_in(document.data, error["loc"])
        problems.setdefault(path, _problem(error, path))
    return list(problems.values())


def _path_in(data: Any, location: Sequence[str | int]) -> Path:
    """Pydantic's location without the parts it adds for unions and models.

    A layer's model has the strengths next to `kind`, the file has them under the layer's name.
    """
    path: list[str | int] = []
    for step in location:
        if _is_in(data, step):
            data = data[step]
        elif isinstance(data, dict) and len(data) == 1 and step in {"l1", "l2"}:
            ((kind, given),) = data.items()
            path.append(kind)
            data = given[step]
        elif step != location[-1] or not isinstance(data, dict):
            continue
        path.append(step)
    return tuple(path)


def _is_in(data: Any, step: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(step, int) and step < len(data)
    return isinstance(data, dict) and step in data


def _problem(error: ErrorDetails, path: Path) -> Problem:
    kind, context, value = error["type"], error.get("ctx", {}), error.get("input")
    if kind == "extra_forbidden":
        advice = _REMOVED.get(path) or did_you_mean(path[-1], _keys_beside(path))
        return Problem(path, f"unknown key{advice}", at_key=True)
    if kind == "missing":
        return Problem(path[:-1], f"needs the key '{path[-1]}'" if path else "is missing a key")
    if kind == BROKEN_RULE:
        about = tuple((*path, key) for key in context["keys"])
        return Problem(path, context["message"], about=about)
    if kind == "value_error":
        return Problem(path, str(context["error"]))
    near = did_you_mean(value, _quoted(context["expected"])) if kind == "literal_error" else ""
    if kind == "string_pattern_mismatch":
        near = _watched_instead(value) or did_you_mean(value, _MONITORS)
    if kind in {"float_type", "int_type"} and isinstance(value, str):
        near = "; remove the quotes" if is_number(read_scalar(value)) else ""
    return Problem(path, f"{_rule(kind, context)}, got {shown(value)}{near}")


def _watched_instead(monitor: object) -> str:
    """What to watch in place of a metric that is measured only once training has ended."""
    name = str(monitor).rpartition(".")[-1]
    metric = MEANINGS.get(name, name)
    if metric not in METRICS or metric in MONITORED:
        return ""
    same = ", which is the same with the default loss" if metric == "log_loss" else ""
    return f"; {metric} is measured after training alone: write validation.data_loss{same}"


_REMOVED: Mapping[Path, str] = {
    ("training", key): "; remove it: paths and refits set their initial weights automatically"
    for key in ("start_from", "keep_zeros")
}
"""Keys of earlier versions, with the advice what to do instead."""


def _quoted(text: str) -> list[str]:
    return re.findall(r"'([^']+)'", text)


def _rule(kind: str, context: Mapping[str, Any]) -> str:
    rules = {
        "finite_number": "must be a finite number",
        "float_type": "must be a number",
        "int_type": "must be a whole number",
        "int_from_float": "must be a whole number",
        "bool_type": "must be true or false",
        "string_type": "must be text",
        "model_type": "must be a mapping",
        "dict_type": "must be a mapping",
        "tuple_type": "must be a list",
        "string_too_short": "must not be empty",
        "string_pattern_mismatch": "must be train or validation, a dot, and one of "
        + ", ".join(MONITORED),
    }
    bounds = {
        "greater_than_equal": ("at least", "ge"),
        "less_than_equal": ("at most", "le"),
        "greater_than": ("above", "gt"),
        "less_than": ("below", "lt"),
    }
    if kind in bounds:
        words, key = bounds[kind]
        return f"must be {words} {bound_text(context[key])}"
    if kind == "string_too_long":
        return f"must have at most {context['max_length']} characters"
    if kind == "literal_error":
        return f"must be {context['expected']}"
    return rules.get(kind, f"must be a valid value ({kind.replace('_', ' ')})")


def _keys_beside(path: Path) -> list[str]:
    """The keys that the schema has in the section of an unknown key."""
    model: Any = Config
    for step in path[:-1]:
        found = model.model_fields.get(step) if hasattr(model, "model_fields") else None
        if found is None:
            return []
        model = _section_in(found.annotation)
    return list(getattr(model, "model_fields", {}))


def _section_in(annotation: Any) -> Any:
    """The section among the forms that a key's value may have; None where there is none."""
    if hasattr(annotation, "model_fields"):
        return annotation
    forms = map(_section_in, getattr(annotation, "__args__", ()))
    return next((form for form in forms if form is not None), None)
