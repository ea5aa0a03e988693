"""Where and how work is done, in one value."""

from dataclasses import dataclass, field

from regcli.data.references import Datasets
from regcli.planning.events import Tell
from regcli.planning.populations import EngineChoice
from regcli.store.store import Store


@dataclass(frozen=True)
class Workspace:
    """What a workflow works with.

    Attributes:
        store: where runs are kept.
        tell: the listener for all events; see `planning.events`.
        device: `auto`, `cpu`, `gpu` or `gpu:N`.
        engine: the requested engine.
        fresh: whether runs are trained although they are stored, and replace those.
        data: the tables and splits that are loaded.
    """

    store: Store
    tell: Tell
    device: str = "auto"
    engine: EngineChoice = "auto"
    fresh: bool = False
    data: Datasets = field(default_factory=Datasets)
