"""A Python process of its own that has Keras and not regcli: what others will make of a file.

Its Keras has its defaults, not what a person has set for theirs.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

from regcli.config.own_code import OwnCode
from regcli.errors import ExportError
from regcli.exports.written_code import write_code
from regcli.keras_settings import default_environment

Rows = Mapping[str, NDArray[Any]]
"""Rows (rows, …) or outputs (rows, outputs) by the name of their part."""

_REGISTER = (
    "classes and functions of your own need @keras.saving.register_keras_serializable(), and "
    "layers a get_config() with their arguments"
)
_SCRIPT = Path(__file__).with_name("fresh_keras_process.py")


class FreshKeras:
    """The process, from `with` to its end.

    It loads Keras in parallel: start it before TensorFlow is loaded here.
    """

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        self._stderr: IO[bytes] = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-P", _SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env={**default_environment(os.environ), "CUDA_VISIBLE_DEVICES": "-1"},
            text=True,
            encoding="utf-8",
        )
        return self

    def __exit__(self, *raised: object) -> None:
        self._process.kill()
        self._process.communicate()
        self._stderr.close()
        self._folder.cleanup()

    def outputs(
        self, model: Path, rows: Rows, code: OwnCode | None = None
    ) -> dict[str, NDArray[Any]]:
        """What the model in a file gives for rows, on the CPU.

        Args:
            code: a person's own, which is imported before.

        Raises:
            ExportError: the file cannot be loaded, or does not take the rows; Keras's reason.
        """
        given, found = (Path(self._folder.name) / f"{name}.npz" for name in ("rows", "outputs"))
        arrays: dict[str, Any] = dict(rows)
        np.savez(given, **arrays)
        job = {"model": model, "rows": given, "outputs": found}
        asked = {name: str(path.resolve()) for name, path in job.items()}
        if code is not None:
            folder = Path(self._folder.name) / code.fingerprint
            write_code(code, folder)
            asked |= {"code": str(folder.resolve()), "entry": code.entry.name}
        error = self._ask(asked)
        if error:
            advice = "" if code is None else f"; {_REGISTER}"
            raise ExportError(
                "a model's file must load in Keras without regcli, this one does not: "
                f"{error}{advice}"
            )
        with np.load(found) as outputs:
            return dict(outputs)

    def _ask(self, job: Mapping[str, str]) -> str:
        jobs, answers = self._process.stdin, self._process.stdout
        assert jobs is not None
        assert answers is not None
        try:
            jobs.write(json.dumps(job) + "\n")
            jobs.flush()
            for line in answers:
                if line.startswith("{"):
                    return str(json.loads(line)["error"])
        except BrokenPipeError:
            pass
        return self._last_words()

    def _last_words(self) -> str:
        """The last line that a process wrote, if it ended on its own."""
        self._stderr.seek(0)
        lines = self._stderr.read().decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it ended early")
