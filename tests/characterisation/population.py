"""The population whose checkpoint is kept in `checkpoint/`, and how it is trained."""

from pathlib import Path

from regcli.config.schema import Config
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.planning.events import EpochsDone
from regcli.results.outcomes import Outcome
from regcli.stacked.layout import Layout
from regcli.training.devices import prepare_device
from regcli.training.population.trainer import PopulationMember, train_population

NAMES = ("a", "b")
EPOCHS = 6
CONFIG = {
    "dataset": {"name": "iris"},
    "model": {
        "layers": [{"Dense": {"units": 4, "activation": "tanh"}}, {"Dropout": {"rate": 0.2}}]
    },
    "regularization": {"l1": 0.001},
    "training": {"epochs": EPOCHS, "early_stopping": {"patience": 9}},
}


def train(checkpoints: Path | None, epochs: int | None = None) -> dict[str, Outcome]:
    """Train two members that differ in their seed; stop after a number of members × epochs."""
    first = Config.model_validate(CONFIG)
    splits = split(load_table(first.dataset, Path()), first.dataset)
    members = [
        PopulationMember(
            name,
            first.model_copy(update={"training": first.training.model_copy(update={"seed": seed})}),
            splits,
        )
        for seed, name in enumerate(NAMES)
    ]
    outcomes: dict[str, Outcome] = {}
    done = 0
    population = train_population(members, Layout(2, 1), prepare_device("cpu"), checkpoints)
    for event in population:
        if isinstance(event, EpochsDone):
            done += event.count
        else:
            outcomes |= dict(event.outcomes)
        if epochs is not None and done >= epochs:
            population.close()
            break
    return outcomes
