"""Lines through a grid: the settings that differ from one of them in one strength alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from regcli.report.setting_names import short_names
from regcli.report.setting_values import value_text
from regcli.results.settings import SettingSummary
from regcli.results.verdict.judgement import Verdict, strengths
from regcli.results.verdict.setting_roles import roles

Point = tuple[float, SettingSummary]
"""A strength and the setting that has it."""


def varied_strengths(settings: Sequence[SettingSummary]) -> list[str]:
    """The keys of strengths that differ among settings."""
    found: dict[str, set[float]] = {}
    for setting in settings:
        for key, value in strengths(setting.settings).items():
            found.setdefault(key, set()).add(value)
    return [key for key, values in found.items() if len(values) > 1]


def slice_through(
    chosen: SettingSummary, key: str, settings: Sequence[SettingSummary]
) -> list[Point]:
    """The settings that differ from a chosen one in one strength alone, in its order."""
    others = _others(chosen.settings, key)
    along = [
        (strengths(setting.settings)[key], setting)
        for setting in settings
        if key in strengths(setting.settings) and _others(setting.settings, key) == others
    ]
    return sorted(along, key=lambda point: point[0])


def _others(settings: Mapping[str, Any], key: str) -> str:
    return repr({name: value for name, value in settings.items() if name != key})


def named_values(points: Sequence[Point], verdict: Verdict) -> list[tuple[float, str]]:
    """Where the best, the one to use and the reference stand; one text where they are the same."""
    found = ((value, roles(setting, verdict)) for value, setting in points)
    return sorted((value, names) for value, names in found if names)


def setting_titles(settings: Sequence[SettingSummary]) -> Mapping[str, str]:
    """Short names of all settings' keys."""
    return short_names(dict.fromkeys(key for each in settings for key in each.settings))


def held_texts(
    chosen: SettingSummary, settings: Sequence[SettingSummary], keys: Sequence[str]
) -> list[str]:
    """What the settings of a line have in common besides its keys, where others differ in it."""
    titles = setting_titles(settings)
    others = [
        name
        for name in chosen.settings
        if name not in keys and len({repr(each.settings.get(name)) for each in settings}) > 1
    ]
    if not others:
        return []
    held = ", ".join(f"{titles[name]} {value_text(chosen.settings[name])}" for name in others)
    return [f"held at the setting to use: {held}"]
