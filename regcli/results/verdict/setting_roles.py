"""What a setting is in a verdict: the one to use, the best one, the reference."""

from collections.abc import Mapping

from regcli.results.settings import SettingSummary
from regcli.results.verdict.judgement import Verdict


def places_by_role(verdict: Verdict) -> Mapping[str, int]:
    """The positions of the settings that a verdict names; one may have several roles."""
    places = {"use": verdict.use, "best": verdict.best, "reference": verdict.reference}
    return {role: place for role, place in places.items() if place is not None}


def roles(setting: SettingSummary, verdict: Verdict | None) -> str:
    """What a setting is: `use, best`, `reference`; empty for others."""
    if verdict is None:
        return ""
    places = places_by_role(verdict)
    return ", ".join(role for role, n in places.items() if verdict.settings[n] is setting)
