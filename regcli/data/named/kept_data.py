"""Which data sets that other packages keep here can be used, asked without loading any."""

from collections.abc import Mapping

from regcli.config.catalogue import KEPT_DATASETS
from regcli.data.named import kept_by_keras, kept_by_mlxtend
from regcli.data.named.kept_files import scikit_learn_folder
from regcli.errors import DataError

_SCIKIT_LEARN = {
    "california_housing": "cal_housing*",
    "covtype": "covertype*",
    "olivetti_faces": "olivetti*",
}
"""What the files and folders of its cache are called, whose endings its versions change."""


def kept_data() -> Mapping[str, str]:
    """Each data set that another package keeps, and why it cannot be used; empty where it can."""
    return {name: _why_not(name) for name in KEPT_DATASETS}


def _why_not(name: str) -> str:
    try:
        if name in kept_by_keras.FILES:
            kept_by_keras.require_usable(name)
        elif name in _SCIKIT_LEARN:
            folder = scikit_learn_folder()
            if not any(folder.glob(_SCIKIT_LEARN[name])):
                return f"not in {folder}"
        else:
            kept_by_mlxtend.require_usable(name)
    except DataError as error:
        return str(error)
    return ""
