"""All destinations. To add one: its file in this folder, its test, and a line here."""

from collections.abc import Mapping

from regcli.config.problems import did_you_mean
from regcli.destinations.destination import TABLE, Destination
from regcli.errors import UsageError
from regcli.report.formats import Format

_TEXTS = [
    Destination(form.value, "written_tables", form.suffix, takes=TABLE, is_text=True)
    for form in Format
    if form.suffix is not None
]

DESTINATIONS: Mapping[str, Destination] = {
    each.name: each
    for each in (
        *_TEXTS,
        Destination("parquet", "parquet_tables", ".parquet", takes=TABLE),
        Destination(
            "keras",
            "keras_models",
            ".keras",
            holds="the model",
            beside=".columns.json",
            takes=frozenset({"probabilities"}),
        ),
        Destination(
            "onnx",
            "onnx_models",
            ".onnx",
            holds="the model",
            beside=".columns.json",
            takes=frozenset({"probabilities"}),
        ),
        Destination("npz", "numpy_weights", ".npz", holds="the weights"),
        Destination("tensorboard", "tensorboard_logs"),
        Destination("mlflow", "mlflow_store", takes=frozenset({"uri", "models"})),
    )
}
"""Destinations by name."""


def find_destination(name: str) -> Destination:
    """A destination by its name.

    Raises:
        UsageError: there is none.
    """
    if name not in DESTINATIONS:
        *names, last = DESTINATIONS
        near = did_you_mean(name, set(DESTINATIONS))
        raise UsageError(f"must be {', '.join(names)} or {last}, got {name!r}{near}")
    return DESTINATIONS[name]


def destination_of(ending: str) -> Destination | None:
    """The destination of files with this ending; None where there is none."""
    return next((each for each in DESTINATIONS.values() if each.ending == ending != ""), None)


def endings() -> list[str]:
    """The endings of all files that runs can be written to."""
    return [each.ending for each in DESTINATIONS.values() if each.ending]
