"""Images to predict: read as those of training were, or refused."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from regcli.config.dataset_section import Dataset
from regcli.data.new_rows import NewRows, read_new_rows
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.data.trained_on import TrainedOn
from regcli.errors import DataError

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20


def write(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


def trained(folder: Path, file: str = "photos", **options: object) -> TrainedOn:
    keys = {"file": file, "test": 0, "validation": 0, **options}
    config = Dataset.model_validate(keys)
    splits = split(load_table(config, folder), config)
    return TrainedOn(config, splits.preparation, splits.table.classes, splits.train.x.shape[1:])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate(["cat/1.png", "cat/2.png", "dog/1.png"]):
        write(tmp_path / "photos" / name, GREY + number)
    return tmp_path


def read(path: Path, run: TrainedOn, *, with_truth: bool = False) -> NewRows:
    return read_new_rows(path, run, with_truth=with_truth)


def refusal(path: Path, run: TrainedOn, base: Path, *, with_truth: bool = False) -> str:
    with pytest.raises(DataError) as refused:
        read(path, run, with_truth=with_truth)
    (message,) = refused.value.problems
    return message.replace(f"{base}{os.sep}", "")


def test_the_folder_of_training_comes_to_the_rows_of_training(folder):
    run = trained(folder)
    rows = read(folder / "photos", run, with_truth=True)
    np.testing.assert_array_equal(rows.features.x[..., 0], [GREY, GREY + 1, GREY + 2])
    assert rows.names == ("cat/1.png", "cat/2.png", "dog/1.png")
    assert rows.truth is not None
    assert (rows.source, rows.count, rows.truth.tolist()) == ("photos", 3, [0, 0, 1])


def test_images_without_classes_are_read_in_the_order_of_their_names(folder):
    run = trained(folder)
    write(folder / "new/b.png", GREY + 1)
    write(folder / "new/a.bmp", GREY)
    write(folder / "new/deeper/a.png", GREY + 2)
    (folder / "new/notes.txt").write_text("x")
    rows = read(folder / "new", run)
    assert rows.names == ("a.bmp", "b.png", "deeper/a.png")
    np.testing.assert_array_equal(rows.features.x[..., 0], [GREY, GREY + 1, GREY + 2])
    assert rows.truth is None
    assert rows.notes == ("new: 1 file is left out that is no image: 'notes.txt'",)


def test_one_image_may_be_named_by_itself(folder):
    rows = read(folder / "photos/dog/1.png", trained(folder))
    assert (rows.source, rows.names) == ("1.png", ("1.png",))
    np.testing.assert_array_equal(rows.features.x[0, ..., 0], GREY + 2)


def test_images_in_colour_are_made_grey_for_a_run_on_grey_ones_and_the_other_way_round(folder):
    colour = np.stack([GREY, GREY, GREY], -1)
    write(folder / "new/1.png", colour)
    np.testing.assert_array_equal(read(folder / "new", trained(folder)).features.x[0, ..., 0], GREY)
    write(folder / "new/1.png", GREY)
    in_colour = trained(folder, channels="rgb")
    np.testing.assert_array_equal(read(folder / "new", in_colour).features.x[0], colour)


def test_images_are_resized_to_those_of_training_whether_these_were_or_not(folder):
    write(folder / "new/1.png", np.full((9, 9), 50, np.uint8))
    for run, size in ((trained(folder), (3, 4)), (trained(folder, image_size=[2, 2]), (2, 2))):
        rows = read(folder / "new", run)
        assert rows.features.x.shape == (1, *size, 1)
        assert (rows.features.x == 50).all()
        assert rows.notes == (f"new: images of 9×9 are resized to {size[0]}×{size[1]}",)


def test_arrays_of_the_same_shape_are_rows_as_well(folder):
    np.savez(folder / "new.npz", x=np.stack([GREY, GREY + 1])[..., np.newaxis])
    rows = read(folder / "new.npz", trained(folder))
    np.testing.assert_array_equal(rows.features.x[..., 0], [GREY, GREY + 1])
    assert rows.names == ()


def test_a_run_on_arrays_of_pixels_takes_images(folder):
    np.savez(folder / "a.npz", x=np.stack([GREY, GREY + 1])[..., np.newaxis], y=["cat", "dog"])
    run = trained(folder, "a.npz", scale="pixels")
    rows = read(folder / "photos", run, with_truth=True)
    assert rows.truth is not None
    assert rows.truth.tolist() == [0, 0, 1]
    assert refusal(folder / "photos", trained(folder, "a.npz"), folder) == (
        "photos: must be a file like that of training, it is a folder; the run was not trained "
        "on images"
    )


def test_what_cannot_be_predicted_or_scored_is_told(folder):
    run = trained(folder)
    (folder / "empty").mkdir()
    assert refusal(folder / "empty", run, folder) == (
        "empty: must have an image (.png, .jpg, .jpeg, .bmp, .gif or .webp), it has none"
    )
    write(folder / "one/fox/1.png", GREY)
    assert refusal(folder / "one", run, folder, with_truth=True) == (
        "one: sub-folders must hold the classes of the run, 'cat', 'dog', row 1 of 1 has 'fox'"
    )
    assert refusal(folder / "photos/cat/1.png", run, folder, with_truth=True) == (
        "photos/cat/1.png: must be a folder with a sub-folder for each class to be scored"
    )
    (folder / "new.csv").write_text("a\n1\n")
    assert refusal(folder / "new.csv", run, folder) == (
        "new.csv: must be images or an NPZ file, the run was trained on rows of the shape (3, 4, 1)"
    )
    (folder / "a.csv").write_text("a,y\n1,u\n2,v\n3,u\n")
    of_table = trained(folder, "a.csv", target="y")
    assert refusal(folder / "photos/cat/1.png", of_table, folder) == (
        "photos/cat/1.png: must be a file like that of training, it is an image; the run was not "
        "trained on images"
    )
