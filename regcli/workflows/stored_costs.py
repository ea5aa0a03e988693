"""What stored runs say of how long the populations of a plan take."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import cast

from regcli.config.schema import Config
from regcli.data.references import Datasets
from regcli.errors import StoreError
from regcli.planning.events import Engine
from regcli.planning.expected_time import Cost, Seen, cost_of_stored
from regcli.planning.populations import population_key
from regcli.planning.run import Run
from regcli.planning.workload import Workload
from regcli.processors import usable_cores
from regcli.results.records import RunRecord, RunState
from regcli.store.store import Store
from regcli.store.store_query import Filter, RunQuery
from regcli.store.stored_configs import config_of

MOST_READ = 300
"""The newest runs on the same data whose records are read: more would not say more."""
Kind = tuple[str, str]
"""Fingerprint of the data, and what members of a population share."""

_LEAST_MEMBERS = 2
"""Members of a program."""
_LEAST_PROCESS = 1.0
"""Seconds: TensorFlow is not loaded in less."""


def stored_states(store: Store) -> dict[str, str]:
    """The states of the runs that a sweep would reuse, by id, without reading their records."""
    summaries, _ = store.readable_summaries()
    return {each.id: each.state.value for each in summaries if each.state.is_final}


@dataclass(frozen=True)
class StoredCosts:
    """What a store says of a plan.

    Attributes:
        costs: of each workload; None where no stored run is of its like.
        process: seconds of a sweep of such runs in which none was trained; None where none is
            stored whole.
    """

    costs: tuple[Cost | None, ...]
    process: float | None


def stored_costs(workloads: Sequence[Workload], store: Store, data: Datasets) -> StoredCosts:
    """What each workload takes by the stored runs of its like."""
    sources = {data.of(each.first.data).table.source for each in workloads}
    records = _by_kind(store, sources)
    asked = [records.get(_kind_of_run(each.first), ()) for each in workloads]
    costs = tuple(_cost(*each) for each in zip(workloads, asked, strict=True))
    alike = {record.id: record for own in asked for record in own}
    return StoredCosts(costs, _process_seconds(store, alike) if alike else None)


def _process_seconds(store: Store, alike: Mapping[str, RunRecord]) -> float | None:
    """The median over sweeps; one that only found stored runs took less than they did."""
    found = []
    for sweep in store.sweeps():
        own = [alike[run_id] for run_id in sweep.run_ids if run_id in alike]
        if len(own) == len(sweep.run_ids):
            training = sum(record.seconds for record in own) / _threads(own)
            found.append(sweep.seconds - training)
    above = [seconds for seconds in found if seconds > _LEAST_PROCESS]
    return median(above) if above else None


def _by_kind(store: Store, sources: set[str]) -> Mapping[Kind, Sequence[RunRecord]]:
    """Finished runs on data of some names, by what they have in common."""
    found: dict[Kind, list[RunRecord]] = {}
    for record in _records(store, sources):
        if record.state is not RunState.FINISHED or record.keep_zeros or record.data is None:
            continue
        with suppress(StoreError):  # of another version: it says nothing
            kind = record.data.fingerprint, _kind(config_of(record))
            found.setdefault(kind, []).append(record)
    return found


def _records(store: Store, sources: set[str]) -> Iterator[RunRecord]:
    for source in sorted(sources):
        listed, _ = store.listed(RunQuery(filters=(Filter("data", "==", source),), last=MOST_READ))
        found, _ = store.find_readable(summary.id for summary, _ in listed)
        yield from found.values()


def _kind_of_run(run: Run) -> Kind:
    return run.data.fingerprint, _kind(run.config)


def _kind(config: Config) -> str:
    """Equal for members that may share a population, but for their number of epochs."""
    training = config.training.model_copy(update={"epochs": min(1, config.training.epochs)})
    return population_key(config.model_copy(update={"training": training}))


def _cost(workload: Workload, records: Sequence[RunRecord]) -> Cost | None:
    """What the runs of the trainer say that most of them went through."""
    if not records:
        return None
    engine = Counter(record.engine for record in records).most_common(1)[0][0]
    own = [record for record in records if record.engine == engine]
    seen = [_seen(record) for record in own]
    return cost_of_stored(seen, _threads(own), _epochs_until_stopped(workload, own))


def _threads(records: Sequence[RunRecord]) -> int:
    """How many programs trained them side by side, if they were all of a sweep."""
    first = records[0]
    if first.engine != "population" or "CPU" not in first.environment.get("device", "CPU"):
        return 1
    return min(usable_cores(), ceil(len(records) / _LEAST_MEMBERS))


def _seen(record: RunRecord) -> Seen:
    rows = 0 if record.data is None else record.data.rows.get("train", 0)
    steps = ceil(rows / record.config["training"]["batch_size"])
    return Seen(cast(Engine, record.engine), record.seconds, record.epochs * steps)


def _epochs_until_stopped(workload: Workload, records: Sequence[RunRecord]) -> float | None:
    """How many epochs runs train on average that may stop early; None where it is not known."""
    asked = [each for each in records if each.config["training"]["epochs"] >= workload.epochs]
    if not workload.may_stop_early or not asked:
        return None
    return sum(record.epochs for record in asked) / len(asked)
