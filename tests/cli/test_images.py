"""From a folder of images to predictions, as a new user goes."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image
from sklearn.datasets import load_digits

from .in_process import document, problem, regcli


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Handwritten zeros and ones as files."""
    digits = load_digits()
    for number in np.flatnonzero(digits.target < 2)[:120]:
        place = tmp_path / "photos" / ("zero", "one")[digits.target[number]]
        place.mkdir(parents=True, exist_ok=True)
        pixels = (digits.images[number] * 15.9).astype(np.uint8)
        Image.fromarray(pixels).save(place / f"{number:04}.png")
    return tmp_path


FOUND = """
 class   images   share
 ──────────────────────
 one         59     49%
 zero        61     51%

photos: 120 images, 2 classes
photos: 1 file is left out that is no image: 'Thumbs.db'

 size       8×8 pixels, as they are
 channels   grey
 model      120 images of 8×8 pixels: a small convolutional network
"""

CONFIG = """\
# yaml-language-server: $schema=./regcli.schema.json
# A first config for photos, from what the folder holds. Every line may be changed:
#   regcli validate regcli.yaml  check this file and show every default
#   regcli sweep                 train the grid below, and say which setting to use
name: photos

dataset:
  file: photos     # 120 images, 2 classes: one 49%, zero 51%
  test: 0.2        # share of images that are looked at once, at the end
  validation: 0.2  # share of images that rank the settings
  scale: pixels    # divided by 255

model:
  # 120 images of 8×8 pixels: a small convolutional network
  layers:
    - Conv2D: {filters: 16, kernel_size: 3, padding: same, activation: relu}
    - MaxPooling2D: {pool_size: 2}
    - Conv2D: {filters: 32, kernel_size: 3, padding: same, activation: relu}
    - Flatten: {}

regularization:
  method: penalty  # added to the loss, as Keras does; proximal makes weights exactly 0

training:
  optimizer: {name: adam, learning_rate: 0.001}
  epochs: 40
  batch_size: 32
  seed: 0

sweep:
  l1: 0,1e-4,1e-3  # every combination is trained
  l2: 0,1e-3
  # seeds: 3       # to be surer, at three times the time

# select_by: validation.accuracy  # what ranks the settings; the data loss by default
"""


def test_init_says_what_a_folder_holds_and_writes_a_config(folder: Path) -> None:
    (folder / "photos/Thumbs.db").touch()
    done = regcli("init", "--data", "photos", cwd=folder)
    assert (done.returncode, done.stdout) == (0, FOUND)
    assert (folder / "regcli.yaml").read_text() == CONFIG
    checked = regcli("validate", cwd=folder)
    assert checked.returncode == 0
    assert "# data: photos, binary, 8×8×1 inputs, 72 train, 24 validation, 24 test rows" in (
        checked.stdout
    )


def test_init_proposes_a_size_and_grey_for_large_pictures_of_several_sizes(folder: Path) -> None:
    for number, path in enumerate(sorted(folder.rglob("*.png"))):
        picture = Image.open(path).convert("RGB").resize((200 + number, 100))
        picture.save(path.with_suffix(".jpg"), quality=95)
        path.unlink()
    found = document("init", "--data", "photos", "--json", cwd=folder)
    assert {
        key: found[key] for key in ("images", "classes", "sizes", "image_size", "channels")
    } == {
        "images": 120,
        "classes": {"one": 59, "zero": 61},
        "sizes": {"smallest": [100, 200], "largest": [100, 319]},
        "image_size": [24, 64],
        "channels": "grey",
    }
    dataset = yaml.safe_load((folder / "regcli.yaml").read_text())["dataset"]
    assert (dataset["image_size"], dataset["channels"]) == ([24, 64], "grey")
    asked = ("--set", "dataset.image_size=[16, 16]", "--set", "dataset.channels=rgb")
    regcli("init", "--data", "photos", "--force", *asked, cwd=folder)
    dataset = yaml.safe_load((folder / "regcli.yaml").read_text())["dataset"]
    assert (dataset["image_size"], dataset["channels"]) == ([16, 16], "rgb")
    assert "16×16×3 inputs" in regcli("validate", cwd=folder).stdout


def test_init_refuses_what_does_not_go_with_images(folder: Path) -> None:
    assert problem("init", "--data", "photos", "--target", "y", cwd=folder) == (
        "regcli: --target: requires a table; of a folder of images the sub-folders are the classes"
    )
    assert problem("init", "--data", "photos", "--task", "regression", cwd=folder) == (
        "regcli: --task: must be classification for a folder of images, got regression"
    )
    assert problem("init", "--data", "photos/one", cwd=folder) == (
        "regcli: photos/one: must have a sub-folder of images for each class, its 59 images are "
        "in no sub-folder"
    )
    (folder / "photos/one/bad.png").write_text("hello")
    assert problem("init", "--data", "photos", cwd=folder) == (
        "regcli: photos/one/bad.png: cannot be read: it is no PNG, JPEG, BMP, GIF or WebP image"
    )


def test_a_folder_and_arrays_of_the_same_pixels_are_the_same_run(folder: Path) -> None:
    files = sorted(folder.rglob("*.png"))
    x = np.stack([np.asarray(Image.open(path)) for path in files])[..., np.newaxis]
    np.savez(folder / "arrays.npz", x=x, y=[path.parent.name for path in files])
    for name, data in (("a", "photos"), ("b", "arrays.npz"), ("c", "photos/")):
        keys = {"file": data, "scale": "pixels"}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump({"dataset": keys}))
    plans = [document("validate", f"{name}.yaml", "--json", cwd=folder)["plan"] for name in "abc"]
    assert plans[0][0]["id"] == plans[1][0]["id"] == plans[2][0]["id"]


@pytest.mark.slow
def test_a_run_on_a_folder_predicts_and_scores_new_images_and_is_exported(folder: Path) -> None:
    assert regcli("init", "--data", "photos", cwd=folder).returncode == 0
    trained = document("train", "regcli.yaml", "--epochs", "15", "--json", cwd=folder)
    run = trained["runs"][0]["id"]
    new = folder / "new"
    new.mkdir()
    digits = load_digits()
    rows = np.flatnonzero(digits.target < 2)[120:140]
    for number in rows:
        pixels = (digits.images[number] * 15.9).astype(np.uint8)
        Image.fromarray(pixels).save(new / f"{number:04}.png")
    piped = regcli("predict", run, "new", cwd=folder)
    lines = piped.stdout.splitlines()
    assert lines[0] == "file,prediction,p(one),p(zero)"
    names = [("zero", "one")[digits.target[number]] for number in rows]
    said = {line.split(",")[0]: line.split(",")[1] for line in lines[1:]}
    assert said == {f"{number:04}.png": name for number, name in zip(rows, names, strict=True)}
    found = document("predict", run, "new", "--json", cwd=folder)
    assert [each["file"] for each in found["predictions"]] == [*said]
    assert regcli("predict", run, "new", "-o", "p.npz", cwd=folder).returncode == 0
    with np.load(folder / "p.npz") as written:
        assert written["files"].tolist() == [*said]
    scored = document("predict", run, "photos", "--score", "--json", cwd=folder)
    assert scored["scored_rows"] == 120
    assert scored["scores"]["accuracy"]["value"] > 0.9
    assert regcli("runs", "export", run, "-o", "m.keras", cwd=folder).returncode == 0
    said_beside = json.loads((folder / "m.columns.json").read_text())
    assert said_beside["run"] == run
    assert said_beside["images"] == {
        "size": [8, 8],
        "channels": "grey",
        "values": "0 to 255",
        "resized": None,
        "transparent": "laid on white",
        "turned": "by the orientation in EXIF",
    }
    import keras

    x = np.stack([np.asarray(Image.open(path)) for path in sorted(new.iterdir())])
    logits = keras.models.load_model(folder / "m.keras").predict(x[..., np.newaxis], verbose=0)
    assert [said_beside["classes"][int(each > 0)] for each in logits[:, 0]] == names
