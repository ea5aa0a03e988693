"""The workload of the step benchmark: what every candidate trains."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from regcli.config.load import load_config
from regcli.config.schema import Config
from regcli.data.dataset import Splits
from regcli.data.references import Datasets
from regcli.planning.members import plan_sweep
from regcli.planning.run import make_runs

L1 = "0,log:1e-6:1e-2:5"
L2 = "0,log:1e-6:1e-2:5"
SEEDS = 3
BATCH = 32


@dataclass(frozen=True)
class Workload:
    """36 settings × 3 seeds of the shipped quickstart network."""

    configs: tuple[Config, ...]
    splits: Splits

    @property
    def x(self) -> NDArray[np.float32]:
        return self.splits.train.x

    @property
    def y(self) -> NDArray[np.int64]:
        return self.splits.train.y.astype(np.int64)

    @property
    def steps(self) -> int:
        """Optimizer steps of an epoch."""
        return -(-len(self.x) // BATCH)

    @property
    def settings(self) -> list[tuple[float, float, int]]:
        """(l1, l2, seed) of every member."""
        return [(c.regularization.l1, c.regularization.l2, c.training.seed) for c in self.configs]


def make_workload(name: str = "quickstart", epochs: int = 20, **grid: object) -> Workload:
    """The members of a shipped config under a grid, with their data."""
    chosen = grid or {"l1": L1, "l2": L2, "seeds": SEEDS}
    overrides = [
        (("training", "epochs"), "--epochs", epochs),
        (("dataset", "validation"), "no validation", 0),  # the others here have none either
        (("sweep",), "grid", chosen),
    ]
    data = Datasets()
    runs = make_runs(plan_sweep(load_config(name, overrides)).members, data)
    return Workload(tuple(run.config for run in runs), data.of(runs[0].data))


def grid_points() -> list[tuple[float, float]]:
    """The strengths, for tools that loop by themselves."""
    from regcli.config.grid import parse_grid

    return list(product(parse_grid(L1), parse_grid(L2)))
