"""What a build demands of results: a condition that must not be met, and of what it speaks.

`validation.accuracy<0.9` speaks of every run, `best:…` and `use:…` of the settings that the verdict
names, `l1=0.01,l2=0:…` of one setting by its values.
"""

import math
import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from regcli.config.document import read_yaml
from regcli.config.problems import did_you_mean, shown, unknown
from regcli.config.result_keys import GAP, KEYS
from regcli.errors import ConfigError, UsageError

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_FORM = re.compile(r"\s*([a-z_.0-9]+)\s*(<=|>=|==|!=|<|>)\s*(\S+)\s*")
_LEAST_DIGITS, _MOST_DIGITS = 4, 17


@dataclass(frozen=True)
class Condition:
    """A comparison that a number can meet. Its text is the condition without spaces."""

    key: str
    comparison: str
    bound: float

    def __str__(self) -> str:
        return f"{self.key}{self.comparison}{_plain(self.bound)}"

    def is_met_by(self, value: float | None) -> bool:
        """Whether a number meets it; one that is not there meets every condition."""
        return value is None or _OPERATORS[self.comparison](value, self.bound)

    def number_text(self, value: float) -> str:
        """A number with at least four digits, and as many as keep it on its side of the bound."""
        digits = range(_LEAST_DIGITS, _MOST_DIGITS)
        texts = (f"{value:.{count}g}" for count in digits)
        return next((text for text in texts if self._is_beside(float(text), value)), _plain(value))

    def _is_beside(self, shown_value: float, value: float) -> bool:
        sides = [(each > self.bound) - (each < self.bound) for each in (shown_value, value)]
        return sides[0] == sides[1]


class Subject(StrEnum):
    """Of what a check speaks."""

    EVERY_RUN = "every run"
    BEST = "best"
    USE = "use"
    SETTING = "setting"


@dataclass(frozen=True)
class Check:
    """A condition that counts as a failure where its subject meets it.

    Attributes:
        values: of a setting that is named by them, each under its key as it was written.
        text: as it was written.
    """

    subject: Subject
    condition: Condition
    text: str
    values: tuple[tuple[str, Any], ...] = ()

    @property
    def is_of_verdict(self) -> bool:
        """Whether the verdict says which setting it speaks of."""
        return self.subject in {Subject.BEST, Subject.USE}

    @property
    def needs_validation(self) -> bool:
        """Whether its number is one of validation rows."""
        key = self.condition.key.removeprefix("after_zeroing.")
        return key == GAP or key.startswith("validation.")

    def names(self, settings: Mapping[str, Any]) -> bool:
        """Whether a setting has the values that the check names it by."""
        found = ((_keys(key, settings), value) for key, value in self.values)
        return all(len(keys) == 1 and _same(settings[keys[0]], value) for keys, value in found)

    def refuse_unknown_keys(self, known: Collection[str]) -> None:
        """Refuse keys that no setting has, and names that several keys end in.

        Raises:
            UsageError: there is one.
        """
        for key, _ in self.values:
            found = _keys(key, known)
            if not found:
                raise UsageError(unknown("setting", key, known))
            if len(found) > 1:
                raise UsageError(f"'{key}' may be {' or '.join(found)}; write one of them")


def parse_check(text: str) -> Check:
    """Read `[SUBJECT:]KEY OPERATOR NUMBER`.

    Raises:
        UsageError: for another form, an unknown key, or a bound that is not a finite number.
    """
    subject, colon, condition = text.rpartition(":")
    if not colon:
        return Check(Subject.EVERY_RUN, parse_condition(text), text.strip())
    subject, read = subject.strip(), parse_condition(condition)
    if subject in {Subject.BEST, Subject.USE}:
        return Check(Subject(subject), read, text.strip())
    return Check(Subject.SETTING, read, text.strip(), tuple(_values(subject)))


def parse_condition(text: str) -> Condition:
    """Read `KEY OPERATOR NUMBER`.

    Raises:
        UsageError: for another form, an unknown key, or a bound that is not a finite number.
    """
    matched = _FORM.fullmatch(text)
    if matched is None:
        raise UsageError(
            "must be a key, one of < <= > >= == !=, and a number, "
            f"like 'validation.accuracy<0.9', got '{text}'"
        )
    key, comparison, number = matched.groups()
    if key not in KEYS and key != GAP:
        head, dot, _ = key.rpartition(".")
        beside = [other for other in KEYS if dot and other.rpartition(".")[0] == head]
        message = unknown("result", key, beside or (*KEYS, GAP))
        known = "" if ";" in message else "; use a key of a result, like validation.accuracy"
        raise UsageError(message + known)
    try:
        bound = float(number)
    except ValueError:
        bound = math.nan
    if not math.isfinite(bound):
        raise UsageError(f"must compare {key} with a finite number, got '{number}'")
    return Condition(key, comparison, bound)


def _plain(number: float) -> str:
    """All digits."""
    return repr(number).removesuffix(".0")


def _values(subject: str) -> list[tuple[str, Any]]:
    """The keys and values of `l1=0.01,training.optimizer={name: sgd}`."""
    found: dict[str, Any] = {}
    for part in _split(subject):
        key, equals, text = part.partition("=")
        key = key.strip()
        if not equals or not key:
            near = did_you_mean(subject, (Subject.BEST, Subject.USE))
            rule = "must speak of best, use, or a setting by its values, like l1=0.01,l2=0"
            raise UsageError(f"{rule}; got '{subject}'{near}")
        if key in found:
            raise UsageError(f"must not name a key twice, got '{key}' again")
        found[key] = _value(text)
    return list(found.items())


def _split(text: str) -> list[str]:
    """The parts between commas that are in no brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "[{(") - (character in "]})")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _value(text: str) -> Any:
    try:
        return read_yaml(f"[{text}]", "value").data[0] if text.strip() else None
    except (ConfigError, IndexError):
        raise UsageError(f"must name a setting by values of YAML, got '{text}'") from None


def _keys(named: str, known: Collection[str]) -> list[str]:
    """The keys that a name may mean: the same, or those of which either is the other's end."""
    if named in known:
        return [named]
    return [key for key in known if key.endswith(f".{named}") or named.endswith(f".{key}")]


def _same(value: Any, named: Any) -> bool:
    """Whether two values are the same: 1 and 1.0, but not 1 and true."""
    return value == named and isinstance(value, bool) == isinstance(named, bool)


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _text(value: object) -> object:
    if isinstance(value, dict) and len(value) == 1:
        rule = "must be text; remove the space after the colon, or put quotes around it"
        raise ValueError(f"{rule}, got {shown(value)}")
    return value


def _checked(text: str) -> str:
    try:
        parse_check(text)
    except UsageError as error:
        raise ValueError(str(error)) from None
    return text


CheckTexts = Annotated[
    tuple[Annotated[str, AfterValidator(_checked), BeforeValidator(_text)], ...],
    Field(strict=False),
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string", "title": "conditions"}},
                {"type": "string"},
            ]
        }
    ),
]
"""Checks as a config has them."""
