"""One image file: what its header says, and its pixels. Importing this imports Pillow."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from regcli.data.files.regular_files import require_regular_file
from regcli.errors import DataError

Channels = Literal[1, 3]
Size = tuple[int, int]
"""Height and width, in pixels."""

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
"""Decoders that are asked; those of further formats are never run on a person's files."""
_GREY_MODES = frozenset({"1", "L", "LA", "La"})
_MODES = frozenset({*_GREY_MODES, "P", "PA", "RGB", "RGBA", "RGBa", "CMYK", "YCbCr"})
_MOST_PIXELS = 2**26
"""Pixels of an image before it is resized: a small file can stand for any number of them."""
_TURNED = frozenset({5, 6, 7, 8})
"""Orientations that swap height and width."""
_ORIENTATION = 0x0112
_DEPTH_OF_PNG = 24
"""Where a PNG file says how many bits a channel has."""


@dataclass(frozen=True)
class Header:
    """What an image file says before it is decoded.

    Attributes:
        size: as a viewer shows it, so turned by the orientation that the camera wrote.
        is_grey: whether it has one channel.
        is_animated: whether it has several frames, of which the first is read.
    """

    size: Size
    is_grey: bool
    is_animated: bool


@dataclass(frozen=True)
class Pixels:
    """A decoded image.

    Attributes:
        values: uint8 (height, width, channels).
        is_transparent: whether white shows through it.
    """

    values: NDArray[np.uint8]
    is_transparent: bool


def read_header(path: Path) -> Header:
    """What an image file says of itself.

    Raises:
        DataError: it is no file, no image, too large, or has more than 8 bits a channel.
    """
    require_regular_file(path, "an image")
    with _opened(path) as image:
        width, height = image.size
        mode = image.mode
        bits = _bits(path) if image.format == "PNG" else 8
    if width * height > _MOST_PIXELS:
        raise DataError(
            f"{path}: must have at most {_MOST_PIXELS / 1e6:.0f} million pixels, it has "
            f"{height:,}×{width:,}"
        )
    if bits > 8 or mode not in _MODES:
        raise DataError(
            f"{path}: must have 8 bits a channel, it has {bits if bits > 8 else mode}; convert it, "
            "or write an NPZ file"
        )
    # Some decoders read more of the file to say so, which the size allows now.
    with _opened(path) as image:
        is_turned = _orientation(image) in _TURNED
        is_animated = bool(getattr(image, "is_animated", False))
    size = (width, height) if is_turned else (height, width)
    return Header(size, mode in _GREY_MODES, is_animated)


def read_pixels(path: Path, size: Size, channels: Channels) -> Pixels:
    """The pixels of an image.

    It is turned as the camera says, laid on white where it is transparent, made grey (ITU-R 601) or
    of three channels, and resized by a triangle filter over all pixels that a new one covers.

    Raises:
        DataError: the file is damaged.
    """
    with _opened(path) as opened:
        is_upright = _orientation(opened) == 1
        turned = opened if is_upright else ImageOps.exif_transpose(opened)
        image, is_transparent = _without_transparency(turned)
        image = image.convert("L" if channels == 1 else "RGB")
        if image.size != size[::-1]:
            image = image.resize(size[::-1], Image.Resampling.BILINEAR)
        values = np.asarray(image, np.uint8).reshape(*size, channels)
    return Pixels(values, is_transparent)


def _without_transparency(image: Image.Image) -> tuple[Image.Image, bool]:
    """The image without an alpha channel, laid on white where it needs one."""
    if not image.has_transparency_data:
        return image, False
    seen = image.convert("RGBA")
    lowest, _ = seen.getchannel("A").getextrema()
    if lowest == 255:
        return seen.convert("RGB"), False
    white = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(white, seen).convert("RGB"), True


def _orientation(image: Image.Image) -> int:
    """How a camera was held, 1 for upright; of a PNG only what stands before its pixels."""
    if image.format == "PNG" and "exif" not in image.info:
        return 1
    return int(image.getexif().get(_ORIENTATION, 1))


def _bits(path: Path) -> int:
    with path.open("rb") as file:
        return file.read(_DEPTH_OF_PNG + 1)[_DEPTH_OF_PNG]


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """An image file, any failure of whose decoder is the error that it is damaged.

    On damaged or hostile files the decoders raise nearly everything, from OSError and SyntaxError
    to struct.error and MemoryError. Within goes nothing but their code.
    """
    try:
        # Warnings of odd files; the size is checked before anything is decoded.
        with warnings.catch_warnings(), path.open("rb") as file:
            warnings.simplefilter("ignore")
            with Image.open(file, formats=_FORMATS) as image:
                yield image
    except UnidentifiedImageError:
        raise DataError(
            f"{path}: cannot be read: it is no PNG, JPEG, BMP, GIF or WebP image"
        ) from None
    except Image.DecompressionBombError:
        raise DataError(
            f"{path}: must have at most {_MOST_PIXELS / 1e6:.0f} million pixels, it has more"
        ) from None
    except Exception:
        raise DataError(f"{path}: cannot be read: the image is damaged or cut off") from None
