"""The JSON of an architecture, parsed under bounds."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NoReturn, TypeAlias

from regcli.keras_files.refused import BUILD_INSTEAD, SAVE_AGAIN, Refused

Json: TypeAlias = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

_MOST_LEVELS = 100
_MOST_VALUES = 1_000_000
_LONGEST_TEXT = 10_000
_LARGEST_NUMBER = 2**64
"""Seeds may be this large. What sizes may add up to is checked on the built model."""


def parse_config(data: bytes) -> Json:
    """The value that config.json holds.

    Raises:
        Refused: it is no JSON, or breaks a bound.
    """
    try:
        value: Json = json.loads(data.decode("utf-8"), object_pairs_hook=_object)
    except Refused:
        raise
    except RecursionError:
        _refuse_levels()
    except ValueError as error:
        raise Refused(f"config.json: must be JSON in UTF-8 ({error}); {SAVE_AGAIN}") from error
    _check_bounds(value)
    return value


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise Refused(
            f"config.json: must not have a key twice in one object; {twice!r} is; {SAVE_AGAIN}"
        )
    return made


def _check_bounds(value: Json) -> None:
    """Level by level, so that no depth of the JSON is one of this program."""
    level, count = [value], 0
    for _ in range(_MOST_LEVELS):
        count += len(level)
        if count > _MOST_VALUES:
            raise Refused(
                f"config.json: must have at most {_MOST_VALUES:,} values; it has more; "
                f"{BUILD_INSTEAD}"
            )
        inside: list[Json] = []
        for item in level:
            if isinstance(item, dict):
                inside += item
                inside += item.values()
            elif isinstance(item, list):
                inside += item
            else:
                _check_plain(item)
        if not inside:
            return
        level = inside
    _refuse_levels()


def _refuse_levels() -> NoReturn:
    raise Refused(
        f"config.json: must have at most {_MOST_LEVELS} levels; it has more; {BUILD_INSTEAD}"
    )


def _check_plain(item: str | float | None) -> None:
    if isinstance(item, int) and abs(item) > _LARGEST_NUMBER:
        raise Refused(
            f"config.json: integers must be between −2⁶⁴ and 2⁶⁴; one is beyond; {SAVE_AGAIN}"
        )
    if isinstance(item, str):
        if len(item) > _LONGEST_TEXT:
            raise Refused(
                f"config.json: texts must have at most {_LONGEST_TEXT:,} characters; one has "
                f"{len(item):,}; {BUILD_INSTEAD}"
            )
        if not _is_unicode(item):
            raise Refused(
                f"config.json: texts must be valid Unicode; {item[:40]!r} is not; {SAVE_AGAIN}"
            )
        if item.lstrip().startswith(("{", "[")) and "class_name" in item:
            raise Refused(
                f"config.json: objects inside texts are refused; {item[:40]!r} is one; {SAVE_AGAIN}"
            )


def _is_unicode(text: str) -> bool:
    """Whether it can be written: JSON can name halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
