"""Which device to train on, and what this machine has."""

import re
from contextlib import suppress

import tensorflow as tf

from regcli.errors import DeviceError

_GPU = re.compile(r"gpu(?::(\d+))?")


def choose_device(requested: str, gpus: int) -> str:
    """TensorFlow's name of a requested device.

    Args:
        requested: `auto`, `cpu`, `gpu` or `gpu:N`; `auto` takes the first GPU where there is one.
        gpus: number of GPUs that TensorFlow sees.

    Raises:
        DeviceError: if the request has another form, or asks for a GPU that is not there.
    """
    if requested == "cpu" or (requested == "auto" and gpus == 0):
        return "/CPU:0"
    if requested == "auto":
        return "/GPU:0"
    matched = _GPU.fullmatch(requested)
    if matched is None:
        raise DeviceError(f"must be auto, cpu, gpu or gpu:N, got '{requested}'")
    number = int(matched.group(1) or 0)
    if number >= gpus:
        raise DeviceError(f"{requested} is not available: {_found(gpus)}; use cpu, or auto")
    return f"/GPU:{number}"


def _found(gpus: int) -> str:
    if gpus == 0:
        return "TensorFlow finds no GPU on this machine"
    last = "only gpu:0" if gpus == 1 else f"gpu:0 to gpu:{gpus - 1}"
    return f"this machine has {last}"


def prepare_device(requested: str, many_programs: bool = False) -> str:
    """Choose a device of this machine and make TensorFlow ready and repeatable on it.

    GPU memory is taken as it is needed instead of all at once. Operations are made deterministic:
    the same config gives the same numbers.

    Args:
        requested: as for `choose_device`.
        many_programs: whether every core will run its own program, so that an operation should use
            one core. Has no effect once TensorFlow has run something. Programs that end with a
            polish are faster without it: XLA runs its operations on TensorFlow's threads, and with
            only one thread, all programs wait for it.

    Raises:
        DeviceError: as `choose_device`.
    """
    gpus = tf.config.list_physical_devices("GPU")
    device = choose_device(requested, len(gpus))
    for gpu in gpus:
        if not tf.config.experimental.get_memory_growth(gpu):
            tf.config.experimental.set_memory_growth(gpu, True)
    tf.config.experimental.enable_op_determinism()
    if many_programs and device == "/CPU:0":
        # TensorFlow refuses to change its threads once they run; then it is only slower.
        with suppress(RuntimeError):
            tf.config.threading.set_intra_op_parallelism_threads(1)
    return device
