"""What errors call a file that a call has made of somebody's own data."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from regcli.errors import DataError


@contextmanager
def called_data(file: Path | None) -> Iterator[None]:
    """Errors of a file in the body call it `data`: whoever gave arrays does not know the file.

    Args:
        file: as errors name it; None where nothing was made.

    Raises:
        DataError: the one of the body.
    """
    try:
        yield
    except DataError as error:
        if file is None:
            raise
        problems = (problem.replace(str(file), "data") for problem in error.problems)
        raise DataError(*problems) from None
