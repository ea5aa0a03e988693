"""Folders with a sub-folder of images for each class: how pixels are read, and what is refused."""

import itertools
import os
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from regcli.config.dataset_section import Dataset
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import DataError

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
COLOUR = np.stack([GREY, 255 - GREY, GREY // 2], -1)


def write(path: Path, values: np.ndarray, **options) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path, **options)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two classes with two grey images each."""
    for number, name in enumerate(["cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png"]):
        write(tmp_path / "photos" / name, GREY + number)
    return tmp_path / "photos"


def load(folder: Path, **options):
    return load_table(Dataset(file=folder.name, **options), folder.parent)


def refusals(folder: Path, **options) -> list[str]:
    with pytest.raises(DataError) as refused:
        load(folder, **options)
    return [problem.replace(f"{folder.parent}{os.sep}", "") for problem in refused.value.problems]


def test_sub_folders_are_classes_and_images_come_in_the_order_of_their_names(photos):
    table = load(photos)
    assert (table.source, table.task, table.classes) == ("photos", "binary", ("cat", "dog"))
    assert table.x.shape == (4, 3, 4, 1)
    assert table.x.dtype == np.float32
    np.testing.assert_array_equal(table.x[..., 0], [GREY, GREY + 1, GREY + 2, GREY + 3])
    np.testing.assert_array_equal(table.y, [0, 0, 1, 1])
    assert table.columns[:5] == ("x_0_0_0", "x_0_1_0", "x_0_2_0", "x_0_3_0", "x_1_0_0")
    assert table.notes == ()


@pytest.mark.parametrize("file", ["photos", "photos/", "./photos", "../{}/photos"])
def test_a_folder_may_be_written_in_several_ways(photos, file):
    named = Dataset(file=file.format(photos.parent.name))
    assert load_table(named, photos.parent).fingerprint == load(photos).fingerprint


def test_a_fingerprint_is_that_of_the_pixels(photos):
    before = load(photos).fingerprint
    write(photos / "cat/1.png", GREY, compress_level=1)
    assert load(photos).fingerprint == before
    write(photos / "cat/1.png", GREY + 9)
    assert load(photos).fingerprint != before


def test_images_in_colour_have_three_channels_and_grey_ones_beside_them_too(photos):
    write(photos / "dog/1.png", COLOUR)
    table = load(photos)
    assert table.x.shape == (4, 3, 4, 3)
    np.testing.assert_array_equal(table.x[2], COLOUR)
    np.testing.assert_array_equal(table.x[0], np.stack([GREY] * 3, -1))


def test_channels_can_be_chosen(photos):
    write(photos / "dog/1.png", COLOUR)
    weights = np.array([0.299, 0.587, 0.114])  # ITU-R 601
    table = load(photos, channels="grey")
    np.testing.assert_allclose(table.x[2, ..., 0], COLOUR @ weights, atol=0.6)
    np.testing.assert_array_equal(table.x[0, ..., 0], GREY)
    write(photos / "dog/1.png", GREY)
    assert load(photos, channels="rgb").x.shape == (4, 3, 4, 3)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("1.bmp", {}),
        ("1.gif", {}),
        ("1.PNG", {"bits": 8}),
        ("1.webp", {"lossless": True}),
    ],
)
def test_formats_without_loss_give_the_same_pixels(photos, name, options):
    (photos / "cat/1.png").unlink()
    write(photos / "cat" / name, GREY, **options)
    np.testing.assert_array_equal(load(photos, channels="grey").x[0, ..., 0], GREY)


def test_a_jpeg_is_read_about_as_it_was(photos):
    write(photos / "cat/1.jpg", np.full((3, 4), 77, np.uint8), quality=95)
    np.testing.assert_allclose(load(photos).x[0], 77, atol=2)


def test_pictures_with_a_palette_are_in_colour(photos):
    picture = Image.fromarray(COLOUR).quantize(12)
    picture.save(photos / "cat/1.png")
    np.testing.assert_array_equal(load(photos).x[0], np.asarray(picture.convert("RGB")))


def test_one_bit_is_black_or_white(photos):
    write(photos / "cat/1.png", GREY > 100)
    np.testing.assert_array_equal(load(photos).x[0, ..., 0], np.where(GREY > 100, 255, 0))


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_images_are_turned_as_the_camera_says(photos, orientation, turns):
    exif = Image.Exif()
    exif[0x0112] = orientation
    seen = np.rot90(GREY, turns)
    for name in ("cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png"):
        write(photos / name, GREY, exif=exif)
    table = load(photos)
    np.testing.assert_array_equal(table.x[0, ..., 0], seen)


def test_what_is_transparent_is_white_and_said(photos):
    alpha = np.zeros((3, 4), np.uint8)
    alpha[0] = 255
    write(photos / "cat/1.png", np.dstack([COLOUR, alpha]))
    write(photos / "dog/1.png", np.dstack([COLOUR, np.full((3, 4), 255, np.uint8)]))
    table = load(photos)
    np.testing.assert_array_equal(table.x[0, 0], COLOUR[0])
    assert (table.x[0, 1:] == 255).all()
    np.testing.assert_array_equal(table.x[2], COLOUR)
    assert table.notes == ("photos: 1 image is transparent and laid on white",)


def test_of_an_animation_the_first_frame_is_read_and_that_is_said(photos):
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    frames[0].save(photos / "cat/1.gif", save_all=True, append_images=frames[1:])
    table = load(photos, channels="grey")
    np.testing.assert_array_equal(table.x[0, ..., 0], GREY)
    assert table.notes == ("photos: 1 image is animated; the first frame is read",)


def test_images_are_resized_by_the_mean_of_what_a_pixel_covers(photos):
    for name in ("cat/1.png", "cat/2.png", "dog/1.png"):
        write(photos / name, np.full((8, 6), 90, np.uint8))
    write(photos / "dog/2.png", np.kron(GREY, np.ones((2, 2), np.uint8)))
    table = load(photos, image_size=(3, 4))
    assert table.x.shape == (4, 3, 4, 1)
    assert (table.x[:3] == 90).all()
    np.testing.assert_allclose(table.x[3, 1:2, 1:3, 0], GREY[1:2, 1:3], atol=2)
    assert table.notes == ("photos: images of 6×8 to 8×6 are resized to 3×4",)


def test_pixels_are_divided_by_255_unless_the_config_scales_them(photos):
    for number in range(3, 7):
        write(photos / f"cat/{number}.png", GREY + number)
        write(photos / f"dog/{number}.png", GREY + number)
    table = load(photos)
    named = Dataset(file="photos", test=0, validation=0)
    assert named.scale == "pixels"
    np.testing.assert_allclose(split(table, named).train.x, table.x / 255, rtol=1e-6)
    as_they_are = Dataset(file="photos", test=0, validation=0, scale="none")
    np.testing.assert_array_equal(split(table, as_they_are).train.x, table.x)


def test_validation_and_test_images_may_have_folders_of_their_own(photos):
    for name in ("cat/1.png", "dog/1.png", "dog/2.png"):
        write(photos.parent / "later" / name, GREY + 50)
    table = load(photos, test="later", validation=0)
    parts = split(table, Dataset(file="photos", test="later", validation=0, scale="none"))
    np.testing.assert_array_equal(parts.train.x[..., 0], [GREY, GREY + 1, GREY + 2, GREY + 3])
    np.testing.assert_array_equal(parts.test.x[..., 0], [GREY + 50] * 3)
    np.testing.assert_array_equal(parts.test.y, [0, 1, 1])


def test_links_are_followed(photos):
    (photos / "dog").rename(photos.parent / "elsewhere")
    (photos / "dog").symlink_to("../elsewhere")
    (photos / "cat/3.png").symlink_to("1.png")
    table = load(photos)
    np.testing.assert_array_equal(table.x[..., 0], [GREY, GREY + 1, GREY, GREY + 2, GREY + 3])


def test_files_that_are_no_images_are_left_out_and_told(photos):
    for name in ("Thumbs.db", "cat/.DS_Store", "cat/notes.txt", "dog/desktop.ini"):
        (photos / name).write_text("x")
    (photos / ".git").mkdir()
    assert load(photos).notes == (
        "photos: 5 files are left out that are no images: '.git', 'Thumbs.db', 'cat/.DS_Store', …",
    )
    assert len(load(photos).x) == 4


def test_sub_folders_with_names_that_are_numbers_are_classes_as_well(tmp_path):
    for name in ("10/1.png", "2/1.png", "2/2.png"):
        write(tmp_path / "digits" / name, GREY)
    table = load(tmp_path / "digits")
    assert (table.classes, table.y.tolist()) == (("10", "2"), [0, 1, 1])


def no_folders(photos: Path) -> None:
    for number, path in enumerate(sorted(photos.rglob("*.png"))):
        path.rename(photos / f"{number}.png")
    (photos / "cat").rmdir()
    (photos / "dog").rmdir()


def empty_folder(photos: Path) -> None:
    no_folders(photos)
    for path in photos.iterdir():
        path.unlink()


def one_class(photos: Path) -> None:
    for path in (photos / "dog").iterdir():
        path.unlink()
    (photos / "dog").rmdir()


def split_by_part(photos: Path) -> None:
    for part in ("train", "test", "val"):
        for name in ("cat", "dog"):
            write(photos / part / name / "1.png", GREY)
    for name in ("cat", "dog"):
        for path in (photos / name).iterdir():
            path.unlink()
        (photos / name).rmdir()


def twins(photos: Path) -> None:
    for name in ("caf\u00e9", "cafe\u0301"):
        write(photos / name / "1.png", GREY)


def png_of(width: int, height: int, depth: int = 8) -> bytes:
    """A PNG that states a size, whatever it holds."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + head + data + chunk(b"IEND", b"")


IMAGE_ENDINGS = ".png, .jpg, .jpeg, .bmp, .gif or .webp"
DIRTY = {
    "images in no sub-folder": (
        no_folders,
        "photos: must have a sub-folder of images for each class, its 4 images are in no "
        "sub-folder",
    ),
    "nothing": (
        empty_folder,
        "photos: must have a sub-folder of images for each class, it has no sub-folders",
    ),
    "one class": (
        one_class,
        "photos: must have a sub-folder for each of at least 2 classes, it has 'cat' alone",
    ),
    "an empty sub-folder": (
        lambda photos: (photos / "eel").mkdir(),
        f"photos: each sub-folder must have an image ({IMAGE_ENDINGS}), 'eel' has none; remove it",
    ),
    "an image beside the sub-folders": (
        lambda photos: write(photos / "x.png", GREY),
        "photos: must have a sub-folder of images for each class, 1 image is in none, the first "
        "is 'x.png'; move them into the sub-folder of their class",
    ),
    "parts in folders": (
        split_by_part,
        "photos: sub-folders must be classes, which have images and no folders; 'test', 'train', "
        "'val' have folders; write dataset: {file: photos/train, test: photos/test, validation: "
        "photos/val}",
    ),
    "a folder in a class": (
        lambda photos: (photos / "cat/old").mkdir(),
        "photos: sub-folders must be classes, which have images and no folders; 'cat' has folders",
    ),
    "a link back up": (
        lambda photos: (photos / "self").symlink_to("."),
        "photos: sub-folders must be classes, which have images and no folders; 'self' has folders",
    ),
    "another format": (
        lambda photos: write(photos / "cat/3.tif", GREY),
        f"photos: images must be {IMAGE_ENDINGS}, 'cat/3.tif' is not; convert them, or write an "
        "NPZ file",
    ),
    "sizes that differ": (
        lambda photos: write(photos / "cat/3.png", np.zeros((5, 5), np.uint8)),
        "photos: images must be of one size, they go from 3×4 ('cat/1.png') to 5×5 "
        "('cat/3.png'); to resize them all, set dataset.image_size, such as [32, 32]",
    ),
    "sizes of one area": (
        lambda photos: write(photos / "cat/3.png", np.zeros((4, 3), np.uint8)),
        "photos: images must be of one size, they go from 3×4 ('cat/1.png') to 4×3 "
        "('cat/3.png'); to resize them all, set dataset.image_size, such as [32, 32]",
    ),
    "16 bits": (
        lambda photos: write(photos / "cat/3.png", GREY.astype(np.uint16)),
        "photos/cat/3.png: must have 8 bits a channel, it has 16; convert it, or write an NPZ file",
    ),
    "a small file of a huge image": (
        lambda photos: (photos / "cat/3.png").write_bytes(png_of(60_000, 60_000)),
        "photos/cat/3.png: must have at most 67 million pixels, it has more",
    ),
    "a large image": (
        lambda photos: (photos / "cat/3.png").write_bytes(png_of(9_000, 9_000)),
        "photos/cat/3.png: must have at most 67 million pixels, it has 9,000×9,000",
    ),
    "an empty file": (
        lambda photos: (photos / "cat/3.png").touch(),
        "photos/cat/3.png: must hold an image, it is empty",
    ),
    "another kind of file": (
        lambda photos: (photos / "cat/3.png").write_text("hello"),
        "photos/cat/3.png: cannot be read: it is no PNG, JPEG, BMP, GIF or WebP image",
    ),
    "a link to nowhere": (
        lambda photos: (photos / "cat/3.png").symlink_to("gone.png"),
        "photos/cat/3.png: is a link to gone.png, and there is no such file",
    ),
    "a link to itself": (
        lambda photos: (photos / "cat/3.png").symlink_to("3.png"),
        "photos/cat/3.png: cannot be read: Too many levels of symbolic links",
    ),
    "a pipe": (
        lambda photos: os.mkfifo(photos / "cat/3.png"),
        "photos/cat/3.png: must be a file, it is a pipe",
    ),
    "names that only look different": (
        twins,
        "photos: sub-folders must have different names, 'cafe\\u0301' and 'caf\\xe9' only look "
        "different to a computer",
    ),
}


@pytest.mark.parametrize("case", DIRTY)
def test_a_folder_that_is_not_of_that_form_is_refused_in_one_line(photos, case):
    spoil, message = DIRTY[case]
    spoil(photos)
    assert refusals(photos) == [message]


def test_every_damaged_image_is_named_at_once_up_to_ten(photos):
    write(photos / "dog/1.png", np.random.default_rng(0).integers(0, 256, (40, 40), np.uint8))
    whole = (photos / "dog/1.png").read_bytes()
    (photos / "dog/1.png").write_bytes(whole[: len(whole) // 2])
    (photos / "dog/2.png").write_text("hello")
    assert refusals(photos) == [
        "photos/dog/1.png: cannot be read: the image is damaged or cut off",
        "photos/dog/2.png: cannot be read: it is no PNG, JPEG, BMP, GIF or WebP image",
    ]
    for number in range(12):
        (photos / f"cat/{number:02}.png").write_text("hello")
    found = refusals(photos)
    assert len(found) == 11
    assert found[-1] == "photos: 4 more images cannot be read either"


@pytest.mark.parametrize("kept", [0.05, 0.2, 0.5, 0.8, 0.95])
@pytest.mark.parametrize("name", ["cat/1.png", "cat/1.jpg", "cat/1.bmp", "cat/1.gif", "cat/1.webp"])
def test_no_cut_off_image_is_read(photos, name, kept):
    (photos / "cat/1.png").unlink()
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    write(photos / name, noise)
    whole = (photos / name).read_bytes()
    (photos / name).write_bytes(whole[: int(len(whole) * kept)])
    (message,) = refusals(photos, image_size=(3, 4))
    assert message.startswith(f"photos/{name}: cannot be read: ")


def test_damage_anywhere_in_a_jpeg_is_read_or_refused_in_one_line(photos):
    write(photos / "cat/1.jpg", np.kron(COLOUR, np.ones((8, 8, 1), np.uint8)))
    whole = (photos / "cat/1.jpg").read_bytes()
    rng = np.random.default_rng(0)
    for place, byte in itertools.product(rng.integers(2, len(whole), 40), (0, 255)):
        (photos / "cat/1.jpg").write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
        try:
            problems = load(photos, image_size=(3, 4)).notes[:0]
        except DataError as error:
            problems = error.problems
        assert all("cat/1.jpg: " in problem for problem in problems)
        assert len(problems) <= 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"task": "regression"}, "photos: task must be classification or left out for images in "
         "folders"),
        (
            {"target": "label"},
            "photos: must be a file, it is a folder; if it has a sub-folder of images for each "
            "class, remove target, which these are",
        ),
        ({"test": "photos/"}, "photos: must not be the rows of two parts"),
        ({"test": "later"}, "later: there is no such file"),
        ({"test": "a.csv"}, "a.csv: must be a folder of images, it is a file"),
    ],
)  # fmt: skip
def test_what_does_not_go_with_images_is_refused(photos, options, message):
    (photos.parent / "a.csv").write_text("a,b\n1,2\n")
    assert refusals(photos, **options) == [message]


def test_a_folder_that_is_not_there_is_told_with_a_near_name(photos):
    assert refusals(photos.parent / "photo") == [
        "photo: there is no such file; did you mean 'photos'?"
    ]


def test_a_file_of_another_kind_is_told_what_can_be_read(photos):
    (photos.parent / "table.xls").write_text("x")
    assert refusals(photos.parent / "table.xls") == [
        "table.xls: must end in .csv, .tsv, .txt, .parquet, .xlsx or .npz, or be a folder of "
        "images; got '.xls'"
    ]


def test_images_that_do_not_fit_into_memory_are_refused_before_they_are_read(photos, monkeypatch):
    monkeypatch.setattr("regcli.data.free_memory.available", lambda: 1_000)
    assert refusals(photos, image_size=(4000, 4000)) == [
        "photos: must fit into memory, about 0.256 GB are needed and 1e-06 GB are free; use a "
        "smaller image_size"
    ]


def test_without_pillow_it_is_told_what_to_install(photos, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert refusals(photos) == [
        "photos: images need the package Pillow; install it with pip install 'regcli[images]', "
        "or write the pixels to an NPZ file"
    ]
