"""Which device a request means, and making this machine's ready."""

import subprocess
import sys

import pytest

from regcli.errors import DeviceError
from regcli.training.devices import choose_device, prepare_device


@pytest.mark.parametrize(
    ("requested", "gpus", "device"),
    [
        ("auto", 0, "/CPU:0"),
        ("auto", 1, "/GPU:0"),
        ("auto", 4, "/GPU:0"),
        ("cpu", 0, "/CPU:0"),
        ("cpu", 2, "/CPU:0"),
        ("gpu", 1, "/GPU:0"),
        ("gpu:0", 1, "/GPU:0"),
        ("gpu:1", 2, "/GPU:1"),
        ("gpu:11", 12, "/GPU:11"),
    ],
)
def test_requests_and_devices(requested: str, gpus: int, device: str) -> None:
    assert choose_device(requested, gpus) == device


@pytest.mark.parametrize(
    ("requested", "gpus", "message"),
    [
        (
            "gpu",
            0,
            "gpu is not available: TensorFlow finds no GPU on this machine; use cpu, or auto",
        ),
        ("gpu:1", 1, "gpu:1 is not available: this machine has only gpu:0; use cpu, or auto"),
        (
            "gpu:7",
            3,
            "gpu:7 is not available: this machine has gpu:0 to gpu:2; use cpu, or auto",
        ),
        ("tpu", 0, "must be auto, cpu, gpu or gpu:N, got 'tpu'"),
        ("gpu:", 1, "must be auto, cpu, gpu or gpu:N, got 'gpu:'"),
        ("gpu:-1", 1, "must be auto, cpu, gpu or gpu:N, got 'gpu:-1'"),
        ("GPU", 1, "must be auto, cpu, gpu or gpu:N, got 'GPU'"),
        ("cpu:0", 0, "must be auto, cpu, gpu or gpu:N, got 'cpu:0'"),
        ("", 0, "must be auto, cpu, gpu or gpu:N, got ''"),
    ],
)
def test_requests_that_cannot_be_met(requested: str, gpus: int, message: str) -> None:
    with pytest.raises(DeviceError) as refused:
        choose_device(requested, gpus)
    assert str(refused.value) == message


def test_preparing_twice_is_fine() -> None:
    assert prepare_device("cpu") == prepare_device("cpu") == "/CPU:0"


LOGICAL_DEVICES = """
import regcli.models
import tensorflow as tf
(cpu,) = tf.config.list_physical_devices("CPU")
half = tf.config.LogicalDeviceConfiguration()
tf.config.set_logical_device_configuration(cpu, [half, half])
from regcli.training.devices import prepare_device
device = prepare_device("auto")
with tf.device(device):
    total = tf.reduce_sum(tf.ones(3))
print(device, len(tf.config.list_logical_devices("CPU")), total.device, float(total))
"""


@pytest.mark.slow
def test_a_machine_of_two_logical_devices() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LOGICAL_DEVICES],
        capture_output=True,
        text=True,
        check=True,
        env={"CUDA_VISIBLE_DEVICES": "-1", "PATH": ""},
    )
    place = "/job:localhost/replica:0/task:0/device:CPU:0"
    assert ended.stdout == f"/CPU:0 2 {place} 3.0\n"
    assert ended.stderr == ""
