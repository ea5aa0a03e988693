"""The processors that a process may use, as a system tells of them."""

from pathlib import Path

import pytest

from regcli.processors import group_limit, usable_cores


def system(root: Path, group: str, files: dict[str, str]) -> Path:
    """A folder with `proc` and `sys` of a process in a control group."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(group)
    for name, content in files.items():
        file = root / "sys/fs/cgroup" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    return root


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({"cpu.max": "max 100000\n"}, None),
        ({"cpu.max": "150000 100000\n"}, 1.5),
        ({"cpu.max": "400000 100000\n", "batch/job/cpu.max": "max 100000\n"}, 4.0),
        ({"cpu.max": "400000 100000\n", "batch/job/cpu.max": "200000 100000\n"}, 2.0),
        ({"cpu.max": "nonsense\n"}, None),
        ({}, None),
    ],
)
def test_the_least_that_any_group_allows(
    files: dict[str, str], limit: float | None, tmp_path: Path
) -> None:
    assert group_limit(system(tmp_path, "0::/batch/job\n", files)) == limit


@pytest.mark.parametrize(("quota", "limit"), [("-1", None), ("50000", 0.5)])
def test_the_first_version_of_control_groups(
    quota: str, limit: float | None, tmp_path: Path
) -> None:
    files = {"cpu/job/cpu.cfs_quota_us": quota, "cpu/job/cpu.cfs_period_us": "100000"}
    root = system(tmp_path, "4:memory:/job\n3:cpu,cpuacct:/job\n", files)
    assert group_limit(root) == limit


def test_no_groups_limit_nothing(tmp_path: Path) -> None:
    assert group_limit(tmp_path) is None


def test_this_process_may_use_a_core() -> None:
    assert usable_cores() >= 1
