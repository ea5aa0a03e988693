"""What TensorFlow sees of this machine, and how it is set."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import tensorflow as tf

from regcli.keras_settings import numeric_variables

ONEDNN = "TF_ENABLE_ONEDNN_OPTS"


@dataclass(frozen=True)
class TensorFlowState:
    """TensorFlow, as it is set before anything is trained.

    Attributes:
        gpus: name and compute capability of each that it sees.
        inter_op, intra_op: threads for operations side by side and within one; 0 for one a core.
        is_for_gpus: whether it was built for NVIDIA's GPUs.
        onednn: what the variable of oneDNN says; None where it is not set.
        hidden: what CUDA_VISIBLE_DEVICES says; None where it is not set.
        variables: others that change the last digits of numbers.
    """

    gpus: tuple[str, ...]
    inter_op: int
    intra_op: int
    is_for_gpus: bool
    onednn: str | None
    hidden: str | None
    variables: Mapping[str, str]


def tensorflow_state() -> TensorFlowState:
    """TensorFlow's state in this process."""
    return TensorFlowState(
        gpus=tuple(map(_gpu, tf.config.list_physical_devices("GPU"))),
        inter_op=tf.config.threading.get_inter_op_parallelism_threads(),
        intra_op=tf.config.threading.get_intra_op_parallelism_threads(),
        is_for_gpus=bool(tf.sysconfig.get_build_info().get("is_cuda_build")),
        onednn=os.environ.get(ONEDNN),
        hidden=os.environ.get("CUDA_VISIBLE_DEVICES"),
        variables=numeric_variables(),
    )


def _gpu(device: tf.config.PhysicalDevice) -> str:
    told = tf.config.experimental.get_device_details(device)
    capability = ".".join(map(str, told.get("compute_capability", ())))
    name = str(told.get("device_name", device.name))
    return f"{name}, compute capability {capability}" if capability else name
