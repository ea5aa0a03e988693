"""What runs in the process that `regcli.exports.fresh_keras` starts: Keras, and nothing of regcli.

It is run by its path. Each line that comes in is a job, a JSON object with the paths of a model's
file, of its rows and of the outputs to write, both NPZ; each line that goes out is its answer, a
JSON object, with the error if there was one.
"""

import importlib
import json
import sys
from typing import Any

import keras
import numpy as np

FOLDERS: list[str] = []
"""Of the code that was imported last."""


def main() -> None:
    """Answer jobs until no more come."""
    loaded: dict[str, Any] = sys.modules
    loaded["regcli"] = None  # as where it is not installed
    for line in sys.stdin:
        sys.stdout.write(json.dumps({"error": answer(json.loads(line))}) + "\n")
        sys.stdout.flush()


def import_code(folder: str, entry: str) -> None:
    """Import a person's code from its folder, and nothing of another one that came before."""
    if folder in sys.path:
        return
    for name, module in list(sys.modules.items()):
        if any(str(getattr(module, "__file__", "")).startswith(place) for place in FOLDERS):
            del sys.modules[name]
    for place in FOLDERS:
        sys.path.remove(place)
    FOLDERS[:] = [folder]
    sys.path.insert(0, folder)
    importlib.import_module(entry)


def answer(job: dict[str, Any]) -> str:
    """Write what a model gives for rows; why not, where it does not."""
    try:
        if "code" in job:
            import_code(job["code"], job["entry"])
        model = keras.models.load_model(job["model"], compile=False)
        with np.load(job["rows"]) as rows:
            given = {part: model.predict(rows[part], batch_size=1024, verbose=0) for part in rows}
        np.savez(job["outputs"], **given)
    except Exception as error:
        reasons = str(error).strip().splitlines()
        return f"{type(error).__name__}: {reasons[0]}" if reasons else type(error).__name__
    return ""


if __name__ == "__main__":
    main()
