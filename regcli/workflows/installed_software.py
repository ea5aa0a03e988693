"""What is installed: the packages that regcli needs, and those of its extras."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

from regcli.results.trouble import Grade, Trouble

SHOWN = ("tensorflow", "keras", "numpy", "polars")
"""Packages whose versions matter most, in the order in which they are shown."""

_OWN = "regcli"
_FOR_DEVELOPERS = frozenset({"test", "bench"})
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(\[(?P<extras>[^]]*)\])?\s*(?P<limits>[^;]*)")
_EXTRA = re.compile(r"""extra\s*==\s*['"](?P<extra>[\w.-]+)['"]""")
_LIMIT = re.compile(r"(>=|<)\s*([\d.]+)")


@dataclass(frozen=True)
class Software:
    """Packages of this environment.

    Attributes:
        versions: of the packages that regcli needs, by name; None where one is missing.
        extras: whether all packages of each optional part are there, by its name.
        troubles: packages that are missing, or of a version that regcli is not made for.
    """

    versions: Mapping[str, str | None]
    extras: Mapping[str, bool]
    troubles: tuple[Trouble, ...]


def installed_software() -> Software:
    """What is installed here, without importing any of it."""
    needed, optional = _requirements(_OWN)
    names = [*SHOWN, *(_name(line) for line in needed)]
    versions = {name: _version(name) for name in dict.fromkeys(names)}
    extras = {
        extra: all(map(_is_installed, lines))
        for extra, lines in optional.items()
        if extra not in _FOR_DEVELOPERS
    }
    return Software(versions, extras, tuple(_troubles(needed)))


def _requirements(package: str) -> tuple[list[str], dict[str, list[str]]]:
    """What a package needs, and what each of its extras does; nothing where it is not installed.

    A requirement of some systems alone is left out.
    """
    try:
        lines = requires(package) or []
    except PackageNotFoundError:
        return [], {}
    needed: list[str] = []
    optional: dict[str, list[str]] = {}
    for line in lines:
        requirement, _, marker = line.partition(";")
        found = _EXTRA.fullmatch(marker.strip())
        if found:
            optional.setdefault(found["extra"], []).append(requirement)
        elif not marker.strip():
            needed.append(requirement)
    return needed, optional


def _name(requirement: str) -> str:
    found = _REQUIREMENT.match(requirement)
    return found["name"].lower() if found else requirement


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _is_installed(requirement: str) -> bool:
    """Whether a package is there, with what the extras need that a requirement names of it."""
    found = _REQUIREMENT.match(requirement)
    if found is None or _version(found["name"]) is None:
        return False
    extras = [extra.strip() for extra in (found["extras"] or "").split(",") if extra.strip()]
    _, optional = _requirements(found["name"])
    return all(_is_installed(line) for extra in extras for line in optional.get(extra, []))


def _troubles(needed: list[str]) -> Iterator[Trouble]:
    for line in needed:
        found = _REQUIREMENT.match(line)
        if found is None:
            continue
        name, limits = found["name"], found["limits"].strip()
        own = _version(name)
        if own is None:
            yield Trouble(
                Grade.BROKEN,
                f"{name} is not installed; install it with pip install '{name}{limits}'",
            )
        elif not _is_within(own, limits):
            yield Trouble(
                Grade.BROKEN,
                f"{name} must have a version {limits}, it has {own}; install another with pip "
                f"install '{name}{limits}'",
            )


def _is_within(own: str, limits: str) -> bool:
    number = _numbers(own)
    return all(
        number >= _numbers(limit) if kind == ">=" else number < _numbers(limit)
        for kind, limit in _LIMIT.findall(limits)
    )


def _numbers(text: str) -> tuple[int, ...]:
    """`2.21.0rc1` as (2, 21, 0)."""
    found = re.match(r"\d+(\.\d+)*", text)
    return tuple(map(int, found.group().split("."))) if found else ()
