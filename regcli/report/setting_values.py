"""Values of settings as text: parts of Keras as they would be called, and `none` for null."""

from collections.abc import Iterable, Mapping
from typing import Any

from regcli.one_line import printable
from regcli.report.figures import LEAST_DIGITS, MOST_DIGITS, setting_number

_SHORT = 18
"""Characters that a short text has at most, where that still tells the values apart."""
_LEFT_OUT = "…"


def value_text(value: object, digits: int = LEAST_DIGITS) -> str:
    """One value: `0.01`, `none`, `relu`, `OrthogonalRegularizer(factor=0.1)`, `[8, 4]`.

    Args:
        digits: what `digits_for` gives for the values that are shown together.
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return setting_number(value, digits)
    if isinstance(value, Mapping):
        name, arguments = _part(value)
        given = [f"{key}={value_text(item, digits)}" for key, item in arguments.items()]
        return _called(name, given)
    if isinstance(value, list | tuple):
        return f"[{', '.join(value_text(item, digits) for item in value)}]"
    return printable(str(value))


def digits_for(values: Iterable[object]) -> int:
    """The least digits of numbers with which different values have different texts."""
    different = _different(values)
    return next(
        (
            digits
            for digits in range(LEAST_DIGITS, MOST_DIGITS)
            if len({value_text(value, digits) for value in different}) == len(different)
        ),
        MOST_DIGITS,
    )


def _different(values: Iterable[object]) -> list[object]:
    """Each value once; a whole number is the same with and without its point."""
    return list({value_text(value, MOST_DIGITS): value for value in values}.values())


def short_texts(values: Iterable[object]) -> Mapping[str, str]:
    """A shorter text for each value's full text, such that different values stay different.

    Arguments that are the same for every value of one name are left out. No number is cut.
    """
    different = _different(values)
    digits = digits_for(different)
    whole = {value_text(value, digits): value for value in different}
    numbers = {text for text, value in whole.items() if isinstance(value, int | float)}
    short = {text: _without_same(value, different, digits) for text, value in whole.items()}
    ends, middles = (
        {text: part if text in numbers else cut(part) for text, part in short.items()}
        for cut in _CUTS
    )
    for texts in (ends, middles, short):
        if len(set(texts.values())) == len(whole):
            return texts
    return {text: text for text in whole}


def _part(value: Mapping[Any, Any]) -> tuple[str, Mapping[Any, Any]]:
    """Name and arguments of `{name: sgd, momentum: 0.9}` or `{Dense: {units: 8}}`."""
    if isinstance(value.get("name"), str):
        return value["name"], {key: item for key, item in value.items() if key != "name"}
    if len(value) == 1:
        ((name, arguments),) = value.items()
        if arguments is None or isinstance(arguments, Mapping):
            return str(name), arguments or {}
    return "", value


def _called(name: str, arguments: list[str]) -> str:
    return f"{name}({', '.join(arguments)})" if arguments or not name else name


def _without_same(value: object, values: list[object], digits: int) -> str:
    if not isinstance(value, Mapping):
        return value_text(value, digits)
    name, arguments = _part(value)
    parts = [_part(other) for other in values if isinstance(other, Mapping)]
    others = [given for other, given in parts if other == name and given != arguments]
    kept = [
        f"{key}={value_text(item, digits)}"
        for key, item in arguments.items()
        if any(other.get(key, _LEFT_OUT) != item for other in others)
    ]
    if name and not kept:
        return name
    return _called(name, kept if len(kept) == len(arguments) else [_LEFT_OUT, *kept])


def _cut_end(text: str) -> str:
    return text if len(text) <= _SHORT else f"{text[: _SHORT - 1]}{_LEFT_OUT}"


def _cut_middle(text: str) -> str:
    half = _SHORT // 2
    return text if len(text) <= _SHORT else f"{text[: half - 1]}{_LEFT_OUT}{text[-half:]}"


_CUTS = (_cut_end, _cut_middle)
