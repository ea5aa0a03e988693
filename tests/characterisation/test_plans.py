"""Plans and ids of many configs are what they were."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from . import golden, plans


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("plans")


@pytest.fixture(scope="module")
def found(folder: Path) -> Mapping[str, str]:
    return plans.plans(folder)


@pytest.mark.parametrize("name", golden.names("plans"))
def test_a_plan_is_what_it_was(name: str, found: Mapping[str, str]) -> None:
    golden.assert_as_golden("plans", name, found[name])


def test_every_config_has_a_golden_plan(found: Mapping[str, str]) -> None:
    assert sorted(found) == golden.names("plans")


def test_ids_are_what_they_were(folder: Path) -> None:
    """They may change only together with the identity version; `plans` must not, even then."""
    (text,) = plans.ids(folder).values()
    golden.assert_as_golden("ids", "ids.json", text)
