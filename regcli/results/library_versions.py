"""The libraries that a run's numbers depend on, and whether those of a stored run are others."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import version

from regcli.results.records import RunRecord

LIBRARIES = ("tensorflow", "keras", "numpy")


@cache
def installed_versions() -> Mapping[str, str]:
    """The versions that a run is trained with here, by the name of the library."""
    return {package: version(package) for package in LIBRARIES}


def with_other_versions(records: Sequence[RunRecord]) -> list[RunRecord]:
    """Those of some runs that say they were trained with other versions."""
    return [record for record in records if _others(record)]


def other_versions(records: Sequence[RunRecord]) -> list[tuple[str, str]]:
    """Each library and version that some runs were trained with and that is not installed."""
    return list(dict.fromkeys(pair for record in records for pair in _others(record)))


def _others(record: RunRecord) -> list[tuple[str, str]]:
    installed = installed_versions()
    found = ((name, record.environment.get(name)) for name in LIBRARIES)
    return [(name, own) for name, own in found if own is not None and own != installed[name]]
