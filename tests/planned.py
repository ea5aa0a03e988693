"""Runs as the tests of several rooms plan them."""

from pathlib import Path

from regcli.config.load import LoadedConfig
from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.data.references import DataReference, Datasets
from regcli.planning.members import Member, plan_single, plan_sweep
from regcli.planning.run import Run, make_runs


class OneSplit(Datasets):
    """Gives the same rows to everybody, wherever they come from."""

    def __init__(self, splits: Splits) -> None:
        super().__init__()
        self.splits = splits

    def of(self, reference: DataReference) -> Splits:
        del reference
        return self.splits


def run_of(identity: str, config: Config, parent: str | None = None, **settings: object) -> Run:
    """A run of a config that no file holds."""
    member = Member(settings, config, origin=None)
    return Run(identity, member, DataReference(config.dataset, Path(), "data"), parent)


def sweep_runs(loaded: LoadedConfig, data: Datasets | None = None) -> tuple[Run, ...]:
    """Every run of a config's sweep."""
    return make_runs(plan_sweep(loaded).members, data or Datasets())


def single_run(loaded: LoadedConfig) -> tuple[Run, Splits]:
    """A config's one run, and its rows."""
    data = Datasets()
    (run,) = make_runs([plan_single(loaded)], data)
    return run, data.of(run.data)
