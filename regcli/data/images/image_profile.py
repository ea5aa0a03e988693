"""What a folder of images holds, before it is trained on. Importing this imports Pillow."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from regcli.config.dataset_section import Dataset
from regcli.data.images.image_files import classified_images, shown_name
from regcli.data.images.image_tables import asked_channels, read_headers, read_images
from regcli.data.images.pixels import Channels, Size
from regcli.errors import DataError

_LONGEST_SIDE = 64
"""Pixels along the longer side of what is proposed: a small network learns nothing of more."""
_STEP = 8


@dataclass(frozen=True)
class ImageProfile:
    """A folder of images.

    Attributes:
        source: the folder's name.
        counts: images of each class, in the order of the classes.
        sizes: the different sizes that they have.
        size: that they are best trained at.
        channels: that they are best trained with.
        is_colourless: whether they are stored in colour, though every pixel is grey.
        notes: of how they were read, a sentence each.
    """

    source: str
    counts: Mapping[str, int]
    sizes: frozenset[Size]
    size: Size
    channels: Channels
    is_colourless: bool
    notes: tuple[str, ...]

    @property
    def images(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    @property
    def is_resized(self) -> bool:
        """Whether they are best trained at another size than their own."""
        return self.sizes != {self.size}


def profile_images(folder: Path, asked: Dataset) -> ImageProfile:
    """What a folder holds. Every image is read, so that a damaged one is told before training.

    Args:
        asked: what a person has said of their size and channels.

    Raises:
        DataError: as `load_images`.
    """
    found = classified_images(folder)
    counts = Counter(file.label for file in found.files)
    if len(counts) < 2:
        raise DataError(
            f"{folder}: must have a sub-folder for each of at least 2 classes, it has one alone"
        )
    sizes = [header.size for header in read_headers(folder, found.files)]
    size = asked.asked_size or _best_size(sizes)
    images = read_images([found], size, asked_channels(asked))
    channels: Channels = 1 if images.x.shape[-1] == 1 else 3
    is_colourless = channels == 3 and bool((images.x == images.x[..., :1]).all())
    return ImageProfile(
        shown_name(folder),
        dict(sorted(counts.items())),
        images.sizes,
        size,
        1 if is_colourless and asked.channels is None else channels,
        is_colourless,
        (*found.notes, *images.notes),
    )


def _best_size(sizes: Sequence[Size]) -> Size:
    """The images' own size where they share a small one, else their median, made smaller."""
    if len(set(sizes)) == 1 and max(sizes[0]) <= _LONGEST_SIDE:
        return sizes[0]
    height, width = (float(median(size[axis] for size in sizes)) for axis in (0, 1))
    ratio = min(_LONGEST_SIDE / max(height, width), 1.0)
    return _rounded(height * ratio), _rounded(width * ratio)


def _rounded(side: float) -> int:
    return max(round(side / _STEP), 1) * _STEP
