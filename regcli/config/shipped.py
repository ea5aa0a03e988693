"""The configs that come with regcli, found by name."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

DEFAULT = "quickstart"
"""The config that `sweep` runs where none is given."""


def shipped_folder() -> Traversable:
    """The folder of shipped configs: in the package from a wheel, next to it in a checkout."""
    packaged = files("regcli").joinpath("shipped_configs")
    return packaged if packaged.is_dir() else Path(str(files("regcli"))).parent / "configs"


def shipped_names() -> tuple[str, ...]:
    """Names of the shipped configs in alphabetical order."""
    found = (entry.name for entry in shipped_folder().iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


def shipped_path(name: str) -> Path:
    """The file of a shipped config. regcli is never run from inside an archive."""
    return Path(str(shipped_folder().joinpath(f"{name}.yaml")))


def starter_text() -> str:
    """The commented config that `regcli init` writes."""
    return files("regcli.config").joinpath("starter.yaml").read_text(encoding="utf-8")
