"""The command that trains a setting, as a person types it."""

import json
import re
import shlex

from regcli.config.document import read_scalar
from regcli.results.verdict.judgement import Retraining

OPTIONS = {
    "regularization.l1": "--l1",
    "regularization.l2": "--l2",
    "regularization.method": "--method",
    "training.epochs": "--epochs",
    "training.seed": "--seed",
}
"""Keys that `regcli train` has options of their own for."""
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
"""Text that YAML takes as it stands, unless it is a word such as `null`."""


def train_command(retraining: Retraining) -> str:
    """`regcli train wine --l1 0.01 --set training.batch_size=16`, quoted for a shell.

    Strengths have four digits, as a person would type them.
    """
    words = ["regcli", "train", retraining.config]
    for key, value in retraining.values.items():
        text = _as_yaml(_rounded(value) if key.startswith("regularization.") else value)
        words += [OPTIONS[key], text] if key in OPTIONS else ["--set", f"{key}={text}"]
    return shlex.join(words)


def _rounded(value: object) -> object:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _as_yaml(value: object) -> str:
    if isinstance(value, str) and _PLAIN.fullmatch(value) and read_scalar(value) == value:
        return value
    return json.dumps(value)
