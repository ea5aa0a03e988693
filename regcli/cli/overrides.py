"""What `--set`, `--vary` and the options of one key change in a config."""

from collections.abc import Mapping, Sequence

from regcli.errors import ConfigError, UsageError
from regcli.one_line import shortened

Override = tuple[tuple[str | int, ...], str, object]
"""A config key as a path, the option as it was typed, and the value."""

_LONGEST = 200
_MARKS = (",", ";", "|", "'", "#", "%", " ")
"""Values of one character that mean themselves, although they are no YAML without quotes."""


def make_overrides(
    assignments: Sequence[str] | None, named: Mapping[str, tuple[str, object]]
) -> list[Override]:
    """What `--set` and the named options change in the config; options left out change nothing.

    Args:
        assignments: the texts of `--set`.
        named: option name and value (None where it was not given) by dotted config key.

    Raises:
        UsageError: if an assignment has no `=`, no key, or a value that is not YAML.
    """
    overrides = [_parse_assignment(assignment) for assignment in assignments or ()]
    return overrides + [
        (tuple(key.split(".")), _cut(f"{option} {_typed(value)}"), value)
        for key, (option, value) in named.items()
        if value is not None
    ]


def _typed(value: object) -> str:
    """An option's value about as it was typed: -1 rather than -1.0, and quotes around no text."""
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value) or "''"


def _parse_assignment(assignment: str) -> Override:
    from regcli.config.document import parse_path, read_yaml

    key, equals, text = assignment.partition("=")
    option = _cut(f"--set {assignment}")
    if not equals or not all(key.split(".")):
        got = _cut(assignment)
        raise UsageError(f"--set: must be KEY=VALUE, like training.epochs=5, got '{got}'")
    _check_depth(key, option)
    if text in _MARKS:
        return parse_path(key), option, text
    try:
        document = read_yaml(text, "value")
    except ConfigError as error:
        raise UsageError(f"{option}: the value must be YAML ({error})") from None
    for place, problem in document.problems:
        raise UsageError(f"{option}: the value must be YAML ({place}: {problem.message})")
    return parse_path(key), option, document.data


def _check_depth(key: str, option: str) -> None:
    from regcli.config.document import MAX_DEPTH

    steps = key.count(".") + 1
    if steps > MAX_DEPTH:
        raise UsageError(f"{option}: a key must have at most {MAX_DEPTH} steps, got {steps:,}")


def _cut(option: str) -> str:
    """An option as messages name it, cut to a length that a terminal can hold."""
    return shortened(option, _LONGEST)


def parse_vary(assignments: Sequence[str] | None) -> list[Override]:
    """What `--vary` adds to the config's `sweep.vary`.

    Raises:
        UsageError: if one has no `=`, no key or no value, or a key is given twice.
    """
    varied: dict[str, str] = {}
    for assignment in assignments or ():
        key, equals, values = assignment.partition("=")
        if not equals or not all(key.split(".")) or not values:
            raise UsageError(f"--vary: must be KEY=VALUE,VALUE, got '{_cut(assignment)}'")
        _check_depth(key, _cut(f"--vary {assignment}"))
        if key in varied:
            raise UsageError(f"--vary: must not name a key twice, got '{key}' again")
        varied[key] = values
    return [
        (("sweep", "vary", key), _cut(f"--vary {key}={text}"), text) for key, text in varied.items()
    ]
