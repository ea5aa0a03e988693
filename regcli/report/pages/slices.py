"""Lines through a grid: the settings that differ from the one to use in one strength alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from regcli.report.setting_names import short_names
from regcli.report.setting_values import value_text
from regcli.results.settings import SettingSummary
from regcli.results.verdict.judgement import strengths
from regcli.results.verdict.setting_roles import roles
from regcli.workflows.stored_evidence import Evidence

_KEPT = "._-"
"""Marks that stand in a plot's key as they are."""

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


def titles_of(evidence: Evidence) -> Mapping[str, str]:
    """Short names of all settings' keys."""
    return short_names(dict.fromkeys(key for each in evidence.settings for key in each.settings))


def chosen_title(evidence: Evidence) -> str:
    """What the setting that a page shows in detail is called."""
    return "The setting to use" if evidence.verdict is not None else "The first setting"


def plot_key(kind: str, name: str) -> str:
    """A plot's name in files and links; other names have other keys: `path-dense_1.l1`."""
    letters = (c if c in _KEPT or (c.isascii() and c.isalnum()) else f"~{ord(c):x}~" for c in name)
    return f"{kind}-{''.join(letters)}"


def named_points(evidence: Evidence, points: Sequence[Point]) -> list[tuple[float, str]]:
    """Where the best, the one to use and the reference stand; one text where they are the same."""
    verdict = evidence.verdict
    if verdict is None:
        return []
    found = ((value, roles(setting, verdict)) for value, setting in points)
    return sorted((value, names) for value, names in found if names)


def held_notes(evidence: Evidence, keys: Sequence[str]) -> list[str]:
    """What the settings of a line have in common besides its keys, where others differ in it."""
    titles = titles_of(evidence)
    others = [
        name
        for name in evidence.chosen.settings
        if name not in keys
        and len({repr(each.settings.get(name)) for each in evidence.settings}) > 1
    ]
    if not others:
        return []
    held = ", ".join(f"{titles[n]} {value_text(evidence.chosen.settings[n])}" for n in others)
    return [f"held at the setting to use: {held}"]
