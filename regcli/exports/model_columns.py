"""What a model's file takes and gives, for those without regcli: `model.columns.json`."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.config.dataset_section import Dataset
from regcli.data.preparing.preparation import Preparation
from regcli.metrics.predictions import Scale
from regcli.results.records import DataSummary

WORDS = {
    Scale.VALUES: "values",
    Scale.PROBABILITIES: "probabilities",
    Scale.SEPARATE_PROBABILITIES: "separate probabilities",
    Scale.LOGITS: "logits",
    Scale.SEPARATE_LOGITS: "separate logits",
    Scale.MARGINS: "margins",
}
"""What outputs are called in the document."""


def columns_path(output: Path) -> Path:
    """The file next to `model.keras` that says what it takes and gives: `model.columns.json`."""
    return output.with_suffix(".columns.json")


def columns_text(
    run: str,
    data: DataSummary,
    preparation: Preparation,
    scale: Scale,
    kept: NDArray[np.bool_] | None = None,
    *,
    dataset: Dataset,
) -> str:
    """The document, as JSON.

    Args:
        scale: what the model's outputs are.
        kept: which inputs the model takes, (inputs,); None for all.
        dataset: the section of the run's config.
    """
    every = np.ones(len(data.columns), np.bool_) if kept is None else kept
    names = [name for name, is_kept in zip(data.columns, every, strict=True) if is_kept]
    document: dict[str, Any] = {
        "run": run,
        "columns": names,
        "positions": np.flatnonzero(every).tolist(),
        "preparation": None if preparation.is_identity else preparation.as_plain(),
        **({"images": _images(data, dataset)} if dataset.has_images else {}),
        "scaling": "in the model",
        "outputs": WORDS[scale],
        "classes": list(data.classes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _images(data: DataSummary, dataset: Dataset) -> dict[str, Any]:
    """How image files become rows."""
    height, width, channels = data.input_shape
    return {
        "size": [height, width],
        "channels": "grey" if channels == 1 else "rgb",
        "values": "0 to 255",
        "resized": None if dataset.image_size is None else "bilinear, as by Pillow",
        "transparent": "laid on white",
        "turned": "by the orientation in EXIF",
    }


def taken_words(data: DataSummary, preparation: Preparation) -> str:
    """What a whole model takes: `14 unscaled inputs (made of 7 columns)`."""
    inputs = len(data.columns)
    if len(data.input_shape) > 1:
        return f"unscaled rows of the shape {'×'.join(map(str, data.input_shape))}"
    if preparation.is_identity:
        return "1 unscaled column" if inputs == 1 else f"{inputs:,} unscaled columns"
    columns = len(preparation.columns)
    made = "1 column" if columns == 1 else f"{columns:,} columns"
    return f"{inputs:,} unscaled inputs (made of {made})"


def given_words(data: DataSummary, scale: Scale) -> str:
    """What a model gives: `logits of 3 classes`."""
    if not data.classes:
        return "values in the target's own unit"
    if data.task == "binary" and not scale.is_separate:
        return f"{WORDS[scale]} of the class {data.classes[1]!r}"
    return f"{WORDS[scale]} of {len(data.classes)} classes"
