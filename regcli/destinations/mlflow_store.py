"""Runs as runs of MLflow, in any tracking store: an experiment a name, a run a run.

A run is found again by its id and the time at which it ended. So exporting again adds nothing
twice; a run that was trained again since is another run there, beside the earlier one. An export
that was stopped is taken up where it ended.
"""

from time import monotonic

from regcli.destinations.destination import Sent, Shipment, count_words
from regcli.destinations.mlflow_client import connected
from regcli.destinations.run_models import RunModels

_PATIENCE = 10.0
"""Seconds after which a person is told how far it is."""


def send(shipment: Shipment) -> Sent:
    """Log the runs that are not there yet.

    Raises:
        ExportError: a package is missing, or MLflow refuses something.
    """
    before = 0
    with connected(shipment.uri) as client, RunModels(shipment) as models:
        from regcli.destinations.mlflow_runs import Experiments

        experiments = Experiments(client, shipment.uri, _sweeps_of(shipment))
        last_told = monotonic()
        for count, run in enumerate(shipment.records):
            if monotonic() - last_told > _PATIENCE:
                shipment.tell(f"{count:,} of {len(shipment.records):,} runs are written")
                last_told = monotonic()
            before += not experiments.log(run, models)
    return Sent(count_words(len(shipment.records) - before), before)


def _sweeps_of(shipment: Shipment) -> dict[str, list[str]]:
    """The ids of the sweeps that each run is in."""
    wanted = {record.id for record in shipment.records}
    found: dict[str, list[str]] = {}
    for sweep in shipment.store.sweeps():
        for run in wanted.intersection(sweep.run_ids):
            found.setdefault(run, []).append(sweep.id)
    return found
