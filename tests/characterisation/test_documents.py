"""The documents that scripts read have the keys and types that they had: keys are only added."""

from collections.abc import Mapping

import pytest

from . import documents, golden

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    return documents.documents(tmp_path_factory.mktemp("documents"))


@pytest.mark.parametrize("name", golden.names("documents"))
def test_a_document_has_the_shape_that_it_had(name: str, found: Mapping[str, str]) -> None:
    golden.assert_as_golden("documents", name, found[name])


def test_every_document_has_a_golden_file(found: Mapping[str, str]) -> None:
    assert sorted(found) == golden.names("documents")
