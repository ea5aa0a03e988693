"""What a checkup says of machines and installations that are not this one."""

from collections.abc import Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from regcli.data.named.kept_data import kept_data
from regcli.results.trouble import Grade
from regcli.training.tensorflow_state import TensorFlowState
from regcli.workflows import installed_software as software
from regcli.workflows.checkup import check_all, gpu_troubles
from regcli.workflows.this_machine import Machine, this_machine

H100 = "NVIDIA H100 80GB HBM3, 81559 MiB, 550.54.15"
BLIND = TensorFlowState((), 0, 0, is_for_gpus=True, onednn=None, hidden=None, variables={})


def machine(*gpus: str) -> Machine:
    return replace(this_machine(), gpus=gpus)


def said(own: Machine, state: TensorFlowState) -> list[tuple[Grade, str]]:
    return [(each.grade, each.sentence) for each in gpu_troubles(own, state)]


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        (BLIND, "its CUDA libraries are missing or too old: pip install 'regcli[gpu]'"),
        (replace(BLIND, hidden="-1"), "CUDA_VISIBLE_DEVICES is '-1': unset it"),
        (
            replace(BLIND, is_for_gpus=False),
            "this TensorFlow is built without CUDA: install one for Linux from PyPI",
        ),
    ],
)
def test_a_driver_without_a_gpu_in_tensorflow(state: TensorFlowState, advice: str) -> None:
    sentence = f"a driver for NVIDIA H100 80GB HBM3 is there, but TensorFlow sees no GPU; {advice}"
    assert said(machine(H100), state) == [(Grade.NOTE, sentence)]


def test_nothing_is_said_where_a_gpu_is_seen_or_none_is_there() -> None:
    seeing = replace(BLIND, gpus=("NVIDIA H100 80GB HBM3, compute capability 9.0",))
    assert said(machine(H100), seeing) == said(machine(), BLIND) == []


def installed(monkeypatch: Any, versions: dict[str, str], needs: dict[str, Sequence[str]]) -> None:
    """Have an environment of these packages, with what they require."""

    def find(package: str) -> str:
        if package not in versions:
            raise metadata.PackageNotFoundError(package)
        return versions[package]

    def require(package: str) -> Sequence[str]:
        find(package)
        return needs.get(package, ())

    monkeypatch.setattr(software, "version", find)
    monkeypatch.setattr(software, "requires", require)


NEEDS = {
    "regcli": (
        "tensorflow>=2.21",
        "keras<4,>=3.15",
        "rich>=14.0",
        'colorama>=1; sys_platform == "win32"',
        "tensorflow[and-cuda]>=2.21; extra == 'gpu'",
        'pillow>=11.0; extra == "images"',
        'pytest>=8; extra == "test"',
    ),
    "tensorflow": ('nvidia-cudnn>=9; extra == "and-cuda"',),
}


def test_packages_that_are_missing_or_of_another_version(monkeypatch: Any) -> None:
    versions = {"regcli": "0.1.0", "tensorflow": "2.20.1", "keras": "4.0.0rc1", "pillow": "12.0"}
    installed(monkeypatch, versions, NEEDS)
    found = software.installed_software()
    assert [each.sentence for each in found.troubles] == [
        "tensorflow must have a version >=2.21, it has 2.20.1; install another with pip install "
        "'tensorflow>=2.21'",
        "keras must have a version <4,>=3.15, it has 4.0.0rc1; install another with pip install "
        "'keras<4,>=3.15'",
        "rich is not installed; install it with pip install 'rich>=14.0'",
    ]
    assert found.extras == {"gpu": False, "images": True}
    assert found.versions["numpy"] is None


def test_an_extra_of_a_package_counts_with_what_that_needs(monkeypatch: Any) -> None:
    versions = {"regcli": "0.1.0", "tensorflow": "2.21.0", "keras": "3.15.1", "rich": "15.0"}
    installed(monkeypatch, {**versions, "nvidia-cudnn": "9.1"}, NEEDS)
    found = software.installed_software()
    assert (found.troubles, found.extras) == ((), {"gpu": True, "images": False})


def test_this_environment_has_what_it_needs() -> None:
    found = software.installed_software()
    assert found.troubles == ()
    assert found.extras.keys() == {
        "gpu",
        "excel",
        "images",
        "onnx",
        "tensorboard",
        "mlflow",
        "mnist",
        "plot",
    }


def test_a_tensorflow_that_cannot_be_loaded(monkeypatch: Any, tmp_path: Path) -> None:
    def broken() -> None:
        raise ImportError("libcudart.so.12: cannot open shared object file")

    monkeypatch.setattr("regcli.models.quiet.load_tensorflow_quietly", broken)
    found = check_all(tmp_path / "runs", True, lambda text: None)
    assert found.is_broken
    assert [each.sentence for each in found.troubles] == [
        "TensorFlow cannot be loaded: ImportError: libcudart.so.12: cannot open shared object file"
    ]


def test_a_trainer_that_fails(monkeypatch: Any, tmp_path: Path) -> None:
    def fails() -> None:
        raise RuntimeError("nothing was trained")

    monkeypatch.setattr("regcli.training.step_times.measure_steps", fails)
    found = check_all(tmp_path / "runs", True, lambda text: None)
    assert [(each.grade, each.sentence) for each in found.troubles] == [
        (Grade.BROKEN, "a small net cannot be trained: RuntimeError: nothing was trained")
    ]


def test_kept_data_sets(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("SCIKIT_LEARN_DATA", str(tmp_path / "sklearn"))
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "mnist.npz").write_bytes(b"other")
    (tmp_path / "sklearn").mkdir()
    (tmp_path / "sklearn" / "cal_housing_py3.pkz").write_bytes(b"")
    found = kept_data()
    assert found["california_housing"] == ""
    assert found["covtype"] == f"not in {tmp_path}/sklearn"
    assert found["mnist"].startswith(
        f"{tmp_path}/datasets/mnist.npz: must be the file that Keras fetches, its SHA-256 is "
    )
    assert found["boston_housing"].startswith(
        f"the data set 'boston_housing' is read from where Keras keeps it, {tmp_path}/datasets/"
    )
