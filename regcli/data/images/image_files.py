"""Which images a folder has, and the class of each: that of its sub-folder."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from regcli.config.problems import composed
from regcli.data.files.regular_files import is_folder
from regcli.data.wording import listed, quoted
from regcli.errors import DataError

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
"""Endings of the images that are read."""
ENDING_WORDS = f"{', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"

_OTHER_IMAGES = frozenset(
    {
        *(".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".jxl", ".jfif", ".svg", ".ico"),
        *(".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".psd", ".exr", ".dcm", ".npy"),
        *(".raw", ".dng", ".cr2", ".nef"),
    }
)
"""Endings of images that are not read: leaving them out would leave rows out."""
_OF_SYSTEMS = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
"""What file managers write into folders."""
_NAMED = 3
_NAMED_CLASSES = 8


@dataclass(frozen=True)
class ImageFile:
    """An image of a folder.

    Attributes:
        name: its path within the folder, with slashes.
        label: its class, in composed form; empty where it is in no sub-folder.
    """

    path: Path
    name: str
    label: str


@dataclass(frozen=True)
class Found:
    """The images of a folder in the order of their names.

    Attributes:
        left_out: names of files that are no images.
    """

    folder: Path
    files: tuple[ImageFile, ...]
    left_out: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it, a sentence each."""
        count = len(self.left_out)
        if not count:
            return ()
        what = "1 file is left out that is no image" if count == 1 else ""
        what = what or f"{count:,} files are left out that are no images"
        return (f"{shown_name(self.folder)}: {what}: {listed(self.left_out, _NAMED)}",)


def shown_name(folder: Path) -> str:
    """The name of a folder, also of `.`."""
    return folder.name or folder.resolve().name


def is_image(path: Path) -> bool:
    """Whether a file's ending is that of an image that is read."""
    return path.suffix.lower() in ENDINGS


def classified_images(folder: Path) -> Found:
    """The images of a folder with a sub-folder for each class.

    Sub-folders, and images within them, come in the order of their names.

    Raises:
        DataError: images are in no sub-folder or deeper in it, a sub-folder has none, two have one
            name, or there are images that cannot be read.
    """
    top = _Entries.of(folder)
    classes = [_Entries.of(path) for path in top.folders]
    _require_known_kinds(folder, [*top.files, *(path for own in classes for path in own.files)])
    strays = [path for path in top.files if is_image(path)]
    rule = "must have a sub-folder of images for each class"
    if not classes:
        has = f"its {_count(strays)} in no sub-folder" if strays else "it has no sub-folders"
        raise DataError(f"{folder}: {rule}, {has}")
    _require_one_level(folder, classes)
    if strays:
        raise DataError(
            f"{folder}: {rule}, {_count(strays)} in none, the first is "
            f"{quoted(strays[0].name)}; move them into the sub-folder of their class"
        )
    _require_images(folder, classes)
    _require_distinct(folder, classes)
    files = [
        ImageFile(path, f"{own.folder.name}/{path.name}", composed(own.folder.name))
        for own in classes
        for path in own.files
        if is_image(path)
    ]
    return Found(folder, tuple(files), (*top.left_out(""), *_left_out_of(classes)))


def all_images(place: Path) -> Found:
    """One image, or every image of a folder and of its sub-folders, whatever these mean.

    Raises:
        DataError: it has none, or there are images that cannot be read.
    """
    if not is_folder(place):
        return Found(place.parent, (ImageFile(place, place.name, ""),))
    top = _Entries.of(place)
    within = [_Entries.of(path) for path in top.folders]
    _require_known_kinds(place, [*top.files, *(path for own in within for path in own.files)])
    if deeper := [own.folder.name for own in within if own.folders]:
        raise DataError(
            f"{place}: sub-folders must have no folders, {listed(deeper, _NAMED)} "
            f"{'has' if len(deeper) == 1 else 'have'} some; predict each sub-folder by itself"
        )
    files = [ImageFile(path, path.name, "") for path in top.files if is_image(path)]
    files += [
        ImageFile(path, f"{own.folder.name}/{path.name}", composed(own.folder.name))
        for own in within
        for path in own.files
        if is_image(path)
    ]
    if not files:
        raise DataError(f"{place}: must have an image ({ENDING_WORDS}), it has none")
    files.sort(key=lambda file: file.name)
    return Found(place, tuple(files), (*top.left_out(""), *_left_out_of(within)))


@dataclass(frozen=True)
class _Entries:
    """What a folder has, in the order of names: folders, files, and what nobody put there."""

    folder: Path
    folders: tuple[Path, ...]
    files: tuple[Path, ...]
    unseen: tuple[str, ...]

    @classmethod
    def of(cls, folder: Path) -> "_Entries":
        try:
            with os.scandir(folder) as scan:
                entries = sorted((entry.name, _is_folder(entry)) for entry in scan)
        except OSError as error:
            raise DataError(f"{folder}: cannot be read: {error.strerror}") from None
        unseen = [name for name, _ in entries if _is_unseen(name)]
        seen = [(folder / name, is_folder) for name, is_folder in entries if name not in unseen]
        return cls(
            folder,
            tuple(path for path, is_folder in seen if is_folder),
            tuple(path for path, is_folder in seen if not is_folder),
            tuple(unseen),
        )

    def left_out(self, within: str) -> list[str]:
        """Names of what is no image."""
        others = [path.name for path in self.files if not is_image(path)]
        return [f"{within}{name}" for name in sorted([*self.unseen, *others])]


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, which is told of when it is read
        return False


def _is_unseen(name: str) -> bool:
    return name.startswith(".") or name.lower() in _OF_SYSTEMS


def _left_out_of(classes: Sequence[_Entries]) -> Iterator[str]:
    for own in classes:
        yield from own.left_out(f"{own.folder.name}/")


def _count(paths: Sequence[Path]) -> str:
    return "1 image is" if len(paths) == 1 else f"{len(paths):,} images are"


def _require_known_kinds(folder: Path, files: Sequence[Path]) -> None:
    others = [path for path in files if path.suffix.lower() in _OTHER_IMAGES]
    if others:
        first = quoted(others[0].relative_to(folder).as_posix())
        which = f"{first} is not" if len(others) == 1 else f"{len(others):,} are not, the first "
        which += "" if len(others) == 1 else f"is {first}"
        raise DataError(
            f"{folder}: images must be {ENDING_WORDS}, {which}; convert them, or write an NPZ file"
        )


def _require_one_level(folder: Path, classes: Sequence[_Entries]) -> None:
    """Refuse folders within sub-folders: `train/cat` and `test/cat` are no classes train, test."""
    nested = [own for own in classes if own.folders]
    if not nested:
        return
    names = [own.folder.name for own in nested]
    has = "has" if len(names) == 1 else "have"
    rule = f"{folder}: sub-folders must be classes, which have images and no folders; "
    found = f"{listed(names, _NAMED)} {has} folders"
    own = {name.lower(): name for name in names}
    train = next((own[name] for name in ("train", "training") if name in own), None)
    if train is None:
        raise DataError(f"{rule}{found}")
    parts = {"test": ("test",), "validation": ("validation", "valid", "val")}
    keys = {key: next((own[n] for n in known if n in own), None) for key, known in parts.items()}
    advice = [f"file: {folder.name}/{train}"]
    advice += [f"{key}: {folder.name}/{name}" for key, name in keys.items() if name is not None]
    raise DataError(f"{rule}{found}; write dataset: {{{', '.join(advice)}}}")


def _require_images(folder: Path, classes: Sequence[_Entries]) -> None:
    empty = [own.folder.name for own in classes if not any(map(is_image, own.files))]
    if empty:
        has = "has none; remove it" if len(empty) == 1 else "have none; remove them"
        raise DataError(
            f"{folder}: each sub-folder must have an image ({ENDING_WORDS}), "
            f"{listed(empty, _NAMED_CLASSES)} {has}"
        )


def _require_distinct(folder: Path, classes: Sequence[_Entries]) -> None:
    seen: dict[str, str] = {}
    for own in classes:
        label, name = composed(own.folder.name), own.folder.name
        if label in seen:
            raise DataError(
                f"{folder}: sub-folders must have different names, {seen[label]!a} and {name!a} "
                "only look different to a computer"
            )
        seen[label] = name
