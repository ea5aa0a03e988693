"""What sections of a page call settings, and how they name plots and points of lines."""

from collections.abc import Mapping, Sequence

from regcli.report.strength_slices import Point, held_texts, named_values, setting_titles
from regcli.workflows.stored_evidence import Evidence

_KEPT = "._-"
"""Marks that stand in a plot's key as they are."""


def titles_of(evidence: Evidence) -> Mapping[str, str]:
    """Short names of all settings' keys."""
    return setting_titles(evidence.settings)


def chosen_title(evidence: Evidence) -> str:
    """What the setting that a page shows in detail is called."""
    return "The setting to use" if evidence.verdict is not None else "The first setting"


def plot_key(kind: str, name: str) -> str:
    """A plot's name in files and links; other names have other keys: `path-dense_1.l1`."""
    letters = (c if c in _KEPT or (c.isascii() and c.isalnum()) else f"~{ord(c):x}~" for c in name)
    return f"{kind}-{''.join(letters)}"


def named_points(evidence: Evidence, points: Sequence[Point]) -> list[tuple[float, str]]:
    """The settings that the verdict names, among some points; none without a verdict."""
    return [] if evidence.verdict is None else named_values(points, evidence.verdict)


def held_notes(evidence: Evidence, keys: Sequence[str]) -> list[str]:
    """What the settings of a line have in common besides its keys, where others differ in it."""
    return held_texts(evidence.chosen, evidence.settings, keys)
