"""A stored run's model as an ONNX file, which other programs run without Keras and TensorFlow.

tf2onnx makes it, as Keras's `model.export(format="onnx")` has it do. ONNX Runtime loads the file
and must give what the Keras file gives before it takes its place.
"""

import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from regcli.errors import ExportError
from regcli.exports.fresh_keras import Rows
from regcli.exports.model_columns import columns_path
from regcli.exports.model_files import Exported, comparable_rows, export_model
from regcli.exports.stored_model import load_model
from regcli.results.shrinkage import relative_difference
from regcli.store.store import Store
from regcli.whole_files import replacing

_MOST_APART = 1e-4
"""What sums in another order may change of outputs, relative to the largest."""
_INPUT = "rows"


def export_onnx(
    store: Store, identity: str, path: Path, *, probabilities: bool = False
) -> Exported:
    """Write a stored run's trained model as an ONNX file, and beside it what it takes and gives.

    It takes and gives what the Keras file does, and that file is checked first.

    Args:
        probabilities: whether outputs that are logits become probabilities.

    Raises:
        StoreError, ModelError: as `export_model`.
        ExportError: as `export_model`; or ONNX has no form of the model, or gives something else.
            Nothing is written then.
    """
    with ExitStack() as finished:
        folder = Path(finished.enter_context(tempfile.TemporaryDirectory()))
        keras_file, onnx_file = folder / "model.keras", folder / "model.onnx"
        exported = export_model(store, identity, keras_file, probabilities=probabilities)
        rows, _, _ = comparable_rows(load_model(store, identity))
        expected = _converted(keras_file, onnx_file, rows, identity)
        _require_equal(identity, expected, _outputs(onnx_file, rows, identity))
        for source, target in (
            (onnx_file, path),
            (columns_path(keras_file), columns_path(path)),
        ):
            shutil.copyfile(source, finished.enter_context(replacing(target)))
    return exported


def _converted(keras_file: Path, onnx_file: Path, rows: Rows, identity: str) -> Rows:
    """Write a Keras file's model as ONNX; what it gives in Keras.

    Raises:
        ExportError: the model has layers that cannot be converted.
    """
    import keras

    from regcli.training.evaluation import outputs_of

    model = keras.models.load_model(keras_file, compile=False)
    expected = {part: outputs_of(model, given) for part, given in rows.items()}
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            # Of tensors that are no weights the converter makes inputs.
            layer.mean = keras.ops.convert_to_numpy(layer.mean)
            layer.variance = keras.ops.convert_to_numpy(layer.variance)
    shape, dtype = model.input_shape, model.inputs[0].dtype
    taken = [keras.InputSpec(shape=shape, dtype=dtype, name=_INPUT)]
    try:
        with _quietly():
            model.export(onnx_file, format="onnx", verbose=False, input_signature=taken)
    except Exception as error:  # the converter raises whatever goes wrong within
        raise _no_form(identity, str(error)) from None
    return expected


def _outputs(path: Path, rows: Rows, identity: str) -> Rows:
    """What a file gives in ONNX Runtime.

    Raises:
        ExportError: it has operations that ONNX does not have.
    """
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions have no common class but this one
        raise _no_form(identity, _unknown_operations(path) or str(error)) from None
    taken, *others = session.get_inputs()
    if others:
        raise _no_form(identity, f"{others[0].name} would be an input")
    kind = np.int32 if "int" in taken.type else np.float32
    found: dict[str, NDArray[Any]] = {}
    for part, given in rows.items():
        (found[part],) = session.run(None, {taken.name: given.astype(kind)})
    return found


def _unknown_operations(path: Path) -> str:
    """Names of a file's operations that ONNX does not have: the converter leaves them."""
    import onnx

    graph = onnx.load(path).graph
    names = {node.op_type for node in graph.node if not node.domain}
    unknown = sorted(name for name in names if not onnx.defs.has(name))
    return f"there is no {' and no '.join(unknown)}" if unknown else ""


def _no_form(identity: str, reason: str) -> ExportError:
    first = next(iter(reason.splitlines()), "")
    return ExportError(
        f"run {identity}: its model must have a form in ONNX, it has none: {first}; nothing was "
        "written; a .keras file holds every model"
    )


def _require_equal(identity: str, expected: Rows, found: Rows) -> None:
    """Check that both files give the same.

    Raises:
        ExportError: they do not.
    """
    for part, wanted in expected.items():
        difference = relative_difference(wanted, found[part])
        if not difference <= _MOST_APART:
            raise ExportError(
                f"run {identity}: the ONNX file must give what the Keras file does within "
                f"{_MOST_APART:g} of the largest output, on the {part} rows they differ by "
                f"{difference:.2g}; nothing was written"
            )


@contextmanager
def _quietly() -> Iterator[None]:
    """Without what the converter warns of and logs; what matters of it shows in the file."""
    logger = logging.getLogger("tf2onnx")
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
