"""A folder of runs that lives as long as the object that has trained them."""

import shutil
import tempfile
import weakref
from pathlib import Path


class TemporaryRuns:
    """A new folder, which is removed together with the object.

    Attributes:
        folder: where it is.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="regcli-"))
        self._removal = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
