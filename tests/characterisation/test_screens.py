"""What commands show is what they showed: tables on two widths and in a pipe, and documents."""

from collections.abc import Mapping

import pytest

from . import golden, screens

Found = Mapping[str, str]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return screens.screens(tmp_path_factory.mktemp("screens"))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return screens.stored_screens(tmp_path_factory.mktemp("stored"))


@pytest.mark.parametrize("name", golden.names("screens"))
def test_a_screen_of_results_is_what_it_was(name: str, found: Found) -> None:
    golden.assert_as_golden("screens", name, found[name])


@pytest.mark.parametrize("name", golden.names("stored-screens"))
def test_a_screen_of_stored_runs_is_what_it_was(name: str, stored: Found) -> None:
    golden.assert_as_golden("stored-screens", name, stored[name])


def test_every_screen_has_a_golden_file(found: Found, stored: Found) -> None:
    assert sorted(found) == golden.names("screens")
    assert sorted(stored) == golden.names("stored-screens")
