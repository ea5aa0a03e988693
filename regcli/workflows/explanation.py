"""The objective of a config on its data, to be explained."""

from regcli.config.load import LoadedConfig
from regcli.config.objective import Objective
from regcli.data.references import Datasets
from regcli.errors import ModelError
from regcli.planning.members import plan_single
from regcli.planning.run import make_runs, require_code_allowed


def explain(loaded: LoadedConfig) -> Objective:
    """What a config minimises on its data; its sweep is left aside.

    Raises:
        ConfigError, DataError: if the model cannot be built or the data cannot be read.
    """
    data = Datasets()
    (run,) = make_runs([plan_single(loaded)], data)
    require_code_allowed([run])
    from regcli.models.read_objective import read_objective
    from regcli.training.loss_targets import class_weights

    splits = data.of(run.data)
    try:
        weights = class_weights(run.config.training, splits)
        return read_objective(run.config, splits, weights)
    except ModelError as error:
        raise run.placed(error) from error
