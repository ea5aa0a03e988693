"""Folders of images as a table. Importing this imports Pillow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from regcli.config.dataset_section import Dataset
from regcli.data.dataset import Origin, Table, numbered_columns
from regcli.data.free_memory import require_memory
from regcli.data.images.image_files import Found, ImageFile, classified_images, shown_name
from regcli.data.images.pixels import Channels, Header, Pixels, Size, read_header, read_pixels
from regcli.data.parts.row_parts import require_rows
from regcli.data.target.targets import read_target, target_notes
from regcli.data.wording import quoted
from regcli.errors import DataError

_Read = TypeVar("_Read")

_MOST_FAULTS = 10
"""Files that are named; of more only the number."""


@dataclass(frozen=True)
class Images:
    """The images of folders, decoded.

    Attributes:
        x: float32 (images, height, width, channels), from 0 to 255.
        sizes: the different sizes that the files have.
        notes: what was done to some of them, a sentence each.
    """

    x: NDArray[np.float32]
    sizes: frozenset[Size]
    notes: tuple[str, ...]


def load_images(folders: Mapping[int, Path], config: Dataset) -> Table:
    """The table of a folder with a sub-folder of images for each class.

    Args:
        folders: the table's own folder under 0; those whose rows follow below by their part, as
            `Origin.files` has it.

    Raises:
        DataError: a folder is not of that form, an image cannot be read, or their sizes differ.
    """
    folder = folders[0]
    if config.task == "regression":
        raise DataError(f"{folder}: task must be classification or left out for images in folders")
    found = [classified_images(path) for path in folders.values()]
    for own, part in zip(found, folders, strict=True):
        require_rows(len(own.files), part, own.folder)
    labels = np.array([file.label for own in found for file in own.files])
    own_labels = {file.label for file in found[0].files}
    if len(own_labels) < 2:
        (only,) = own_labels
        raise DataError(
            f"{folder}: must have a sub-folder for each of at least 2 classes, it has "
            f"{quoted(only)} alone"
        )
    images = read_images(found, config.asked_size, asked_channels(config))
    target = read_target(labels, "classification", f"{folder}: sub-folders")
    counts = [len(own.files) for own in found]
    origin = Origin(files=np.repeat(np.array([*folders], np.int8), counts))
    notes = [note for own in found for note in own.notes]
    return Table.of(
        shown_name(folder),
        images.x,
        target,
        numbered_columns("x", images.x.shape[1:]),
        origin=origin if len(found) > 1 else None,
        notes=(*notes, *images.notes, *target_notes(target, "sub-folder")),
    )


def asked_channels(config: Dataset) -> Channels | None:
    """The channels that a config names."""
    return None if config.channels is None else 1 if config.channels == "grey" else 3


def read_images(found: Sequence[Found], asked: Size | None, channels: Channels | None) -> Images:
    """Every image of some folders, all of one shape.

    Args:
        asked: the size to resize them to; None for their own.
        channels: grey where all are grey, if it is None.

    Raises:
        DataError: files cannot be read (all of them are named, at most 10), sizes differ, or there
            is too little memory.
    """
    folder, files = found[0].folder, [file for own in found for file in own.files]
    headers = read_headers(folder, files)
    size = asked or common_size(folder, files, headers)
    channels = channels or (1 if all(header.is_grey for header in headers) else 3)
    shape = (len(files), *size, channels)
    require_memory(4 * int(np.prod(shape)), f"{folder}: ", "use a smaller image_size")
    x = np.empty(shape, np.float32)

    def read(file: ImageFile) -> Pixels:
        return read_pixels(file.path, size, channels)

    transparent = 0
    for place, pixels in enumerate(_each(folder, files, read)):
        x[place] = pixels.values
        transparent += pixels.is_transparent
    sizes = frozenset(header.size for header in headers)
    animated = sum(header.is_animated for header in headers)
    notes = _notes(shown_name(folder), sizes, size, transparent, animated)
    return Images(x, sizes, tuple(notes))


def read_new_images(
    found: Found, shape: tuple[int, ...]
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Images to predict, as those that a run was trained on were read.

    Those of another size are resized whether the run's config names a size or not: it decides
    nothing about images that have that size, so that runs with and without are one.

    Args:
        shape: of one row, (height, width, channels).

    Returns:
        Rows (images, height, width, channels) from 0 to 255, and what a person should know.

    Raises:
        DataError: as `read_images`.
    """
    height, width, channels = shape
    images = read_images([found], (height, width), 1 if channels == 1 else 3)
    return images.x, (*found.notes, *images.notes)


def read_headers(folder: Path, files: Sequence[ImageFile]) -> list[Header]:
    """What each file says of itself.

    Raises:
        DataError: some cannot be read; those that only decoding shows to be damaged are named too.
    """
    try:
        return [*_each(folder, files, lambda file: read_header(file.path))]
    except DataError:
        # So that a person mends all files at once.
        return [*_each(folder, files, _decoded_header)]


def _decoded_header(file: ImageFile) -> Header:
    header = read_header(file.path)
    read_pixels(file.path, header.size, 3)
    return header


def _each(
    folder: Path, files: Sequence[ImageFile], read: Callable[[ImageFile], _Read]
) -> Iterator[_Read]:
    """What is read of each file.

    Raises:
        DataError: at the end, with a line for each file that cannot be read.
    """
    faults: list[str] = []
    for file in files:
        try:
            found = read(file)
        except DataError as error:
            faults.extend(error.problems)
        else:
            yield found
    if len(faults) > _MOST_FAULTS:
        more = len(faults) - _MOST_FAULTS
        rest = "1 more image" if more == 1 else f"{more:,} more images"
        faults[_MOST_FAULTS:] = [f"{folder}: {rest} cannot be read either"]
    if faults:
        raise DataError(*faults)


def common_size(folder: Path, files: Sequence[ImageFile], headers: Sequence[Header]) -> Size:
    """The size that all images have.

    Raises:
        DataError: they have several.
    """
    sizes = [header.size for header in headers]
    if len(set(sizes)) == 1:
        return sizes[0]
    small, large = (
        end(range(len(sizes)), key=lambda n: sizes[n][0] * sizes[n][1]) for end in (min, max)
    )
    other = (
        large
        if sizes[large] != sizes[small]
        else sizes.index(next(s for s in sizes if s != sizes[small]))
    )
    shown = [f"{size_text(sizes[n])} ({quoted(files[n].name)})" for n in (small, other)]
    raise DataError(
        f"{folder}: images must be of one size, they go from {shown[0]} to {shown[1]}; to resize "
        f"them all, set dataset.image_size, such as [32, 32]"
    )


def size_text(size: Size) -> str:
    """Height and width as people write them: 28×28."""
    return f"{size[0]}×{size[1]}"


def sizes_text(sizes: frozenset[Size]) -> str:
    """`28×28`, or `20×30 to 480×640`."""
    ordered = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    ends = dict.fromkeys([ordered[0], ordered[-1]])
    return " to ".join(map(size_text, ends))


def _notes(
    source: str, sizes: frozenset[Size], size: Size, transparent: int, animated: int
) -> Iterator[str]:
    if sizes != {size}:
        yield f"{source}: images of {sizes_text(sizes)} are resized to {size_text(size)}"
    if transparent:
        yield f"{source}: {_are(transparent, 'transparent')} and laid on white"
    if animated:
        yield f"{source}: {_are(animated, 'animated')}; the first frame is read"


def _are(count: int, what: str) -> str:
    return f"1 image is {what}" if count == 1 else f"{count:,} images are {what}"
