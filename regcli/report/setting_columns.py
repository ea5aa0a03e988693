"""Columns of settings: those that differ, with as many digits as tell their values apart."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from regcli.report.contents import Column, Note, NoteKind
from regcli.report.setting_names import short_names
from regcli.report.setting_values import digits_for, short_texts, value_text
from regcli.results.settings import VARIANT


def setting_column(key: str, title: str, values: Iterable[Any]) -> Column:
    """A column of one setting.

    Args:
        values: all that it has in the table.
    """
    values = list(values)
    digits = digits_for(values)
    are_numbers = all(isinstance(value, int | float) for value in values)  # which are never cut

    @cache
    def short() -> Mapping[str, str]:
        return short_texts(values)

    def text(value: Any) -> str:
        return value_text(value, digits)

    return Column(
        key,
        title,
        text,
        short_label=title.replace("_", "\n"),
        short_format=None if are_numbers else lambda value: short()[text(value)],
    )


def joined_column(settings: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> Column:
    """One column for several settings, `l1 0.01, activation relu`, in as many lines as it takes."""
    titles = short_names(keys)
    digits = {key: digits_for(each.get(key) for each in settings) for key in keys}

    def text(values: Mapping[str, Any]) -> str:
        # A key and its value are separated by a space that does not break lines.
        return ", ".join(
            f"{titles[key]}\u00a0{value_text(values.get(key), digits[key])}" for key in keys
        )

    return Column("setting", "setting", text, justify="left", wraps=True)


def naming(settings: Sequence[Mapping[str, Any]]) -> Callable[[Mapping[str, Any]], str]:
    """Gives the text of one of some settings: its values that differ; empty where none does.

    A variant has its name, and of the values those that differ among its settings.
    """
    variants = {each[VARIANT] for each in settings if VARIANT in each}
    if not variants:
        return _joined(settings)
    own = {name: [each for each in settings if each.get(VARIANT) == name] for name in variants}
    texts = {name: _joined(alike) for name, alike in own.items()}

    def text(values: Mapping[str, Any]) -> str:
        name = values[VARIANT]
        return ", ".join(filter(None, [str(name), texts[name](values)]))

    return text


def _joined(settings: Sequence[Mapping[str, Any]]) -> Callable[[Mapping[str, Any]], str]:
    columns, _ = split_settings(settings)
    column = joined_column(settings, [each.key for each in columns])
    return lambda values: str(column.format(values))


def split_settings(
    settings: Sequence[Mapping[str, Any]],
) -> tuple[list[Column], dict[str, Any]]:
    """Columns of the settings that differ, and the others with the one value that they have."""
    names = list(dict.fromkeys(key for each in settings for key in each))
    titles = short_names(names)
    columns, same = [], {}
    for name in names:
        values = [each.get(name) for each in settings]
        if len({repr(value) for value in values}) > 1:
            columns.append(setting_column(name, titles[name], values))
        else:
            same[name] = values[0]
    return columns, same


def constants_notes(same: Mapping[str, Any], titles: Mapping[str, str]) -> list[Note]:
    """The settings that all rows have in one line, such as `l2 0, method penalty`."""
    texts = [f"{titles[name]} {value_text(value)}" for name, value in same.items()]
    return [Note(", ".join(texts), NoteKind.CONTEXT)] if texts else []
