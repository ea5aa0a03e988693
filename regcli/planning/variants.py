"""Variants of a sweep: methods side by side, each with keys and grids of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from regcli.config.document import Document, parse_path
from regcli.config.load import LoadedConfig, with_key
from regcli.config.problems import Path
from regcli.config.schema import Sweep
from regcli.errors import ConfigError
from regcli.planning.axes import RANGES, SHORT_NAMES

_NAME = "name"
_GRIDS = ("l1", "l2")
_SECTIONS = frozenset({"dataset", "model", "regularization", "training"})


def variants_of(loaded: LoadedConfig) -> Iterator[tuple[str, LoadedConfig]]:
    """Each variant's name, and the config whose sweep is that variant's grid alone.

    A variant's own key takes the place of the same key of the grid that all share.

    Raises:
        ConfigError: a key or value breaks a rule.
    """
    for number, variant in enumerate(loaded.config.sweep.variants or ()):
        document = _alone(loaded.document, loaded.config.sweep, number)
        yield str(variant[_NAME]), LoadedConfig.of(document, loaded.folder, loaded.allows_code)


def _alone(document: Document, sweep: Sweep, number: int) -> Document:
    """The text of a config with one variant's keys: single values are set, others are its grid."""
    here = ("sweep", "variants", number)
    _refuse_shared(document, here, (sweep.variants or ())[number])
    variant = (sweep.variants or ())[number]
    own = {key: value for key, value in variant.items() if key != _NAME}
    taken = {_full(key) for key in own}
    shared = {key: value for key, value in sweep.vary.items() if _full(key) not in taken}
    places = {key: document.place(("sweep", "vary", key)) for key in shared}
    found = document.with_value(("sweep", "variants"), None, document.place(here))
    found = found.with_value(("sweep", "vary"), {}, document.place(here))
    for key, value in shared.items():
        found = found.with_value(("sweep", "vary", key), value, places[key])
    for key, value in own.items():
        place = document.place((*here, key))
        if key in _GRIDS:
            found = found.with_value(("sweep", key), value, place)
        elif _is_grid(value) or parse_path(_full(key))[0] not in _SECTIONS:
            found = found.with_value(("sweep", "vary", key), value, place)
        else:
            found = with_key(found, parse_path(_full(key)), value, place)
    return found


def _refuse_shared(document: Document, here: Path, variant: Mapping[str, Any]) -> None:
    """Refuse keys of the sweep itself: all variants have the same seeds and folds."""
    for key in Sweep.model_fields.keys() & variant.keys() - {*_GRIDS}:
        place = document.place((*here, key), at_key=True)
        raise ConfigError([f"{place}: {key}: must stand under sweep, for all variants alike"])


def _is_grid(value: object) -> bool:
    """Whether a variant's value is several: a list, or text with commas or a range in it."""
    if isinstance(value, str):
        return "," in value or value.startswith(RANGES)
    return isinstance(value, list | tuple)


def varied_keys(loaded: LoadedConfig) -> tuple[str, ...]:
    """The dotted keys that any variant sets, without those that every member's settings have."""
    found = [_full(key) for variant in loaded.config.sweep.variants or () for key in variant]
    short = {_NAME, *SHORT_NAMES.values()}
    return tuple(key for key in dict.fromkeys(found) if key not in short)


def _full(key: str) -> str:
    return SHORT_NAMES.get(key, key)
