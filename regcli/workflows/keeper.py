"""Storing runs as they end, and telling of everything that happens."""

from collections.abc import Mapping
from typing import Any

from regcli.planning.events import Event, RunsEnded, RunStored
from regcli.planning.graph import RunGraph
from regcli.planning.run import Run
from regcli.results.records import RunRecord
from regcli.signals import held_back
from regcli.store.store_preparations import as_findings
from regcli.store.store_row_values import rows_as_blobs
from regcli.store.store_weights import as_stored
from regcli.store.stored_own_models import model_findings
from regcli.workflows.workspace import Workspace


class Keeper:
    """A listener that stores the runs that have ended.

    Runs of one event are stored all at once, in the order of the graph.

    Attributes:
        known: the stored records by id; new ones are added to it.
    """

    def __init__(
        self,
        graph: RunGraph[Run],
        known: dict[str, RunRecord],
        workspace: Workspace,
        device: str,
    ) -> None:
        self.graph, self.known = graph, known
        self.workspace, self.device = workspace, device
        self.places = {identity: place for place, identity in enumerate(graph.runs)}

    def __call__(self, event: Event) -> None:
        """Handle an event; storing a run and reporting it is not interrupted."""
        self.workspace.tell(event)
        if isinstance(event, RunsEnded):
            with held_back():
                self._store(event)

    def know(self, record: RunRecord) -> None:
        """Take a record that is stored, and report it."""
        self.known[record.id] = record
        self.workspace.tell(RunStored(record))

    def _store(self, event: RunsEnded) -> None:
        from regcli.training.recording import Ended, make_records, make_weights

        ended = []
        for identity, outcome in sorted(event.outcomes, key=lambda pair: self.places[pair[0]]):
            run = self.graph.runs[identity]
            ended.append(Ended(run, self.workspace.data.of(run.data), outcome))
        findings: dict[str, Mapping[str, Any]] = {}
        for splits in {id(each.splits): each.splits for each in ended}.values():
            findings |= as_findings(splits.preparation, splits.ranges)
        for model in {id(each.run.config.model): each.run.config.model for each in ended}.values():
            findings |= model_findings(model)
        stored, blobs = [], {}
        for record, each in zip(make_records(ended, event.engine, self.device), ended, strict=True):
            weights = make_weights(each.splits, each.outcome)
            files, small = as_stored(record, weights, len(self.graph.runs))
            blobs[record.id] = {**small, **rows_as_blobs(each.outcome.rows)}
            stored.append((record, files))
        self.workspace.store.add_many(
            stored, blobs, replace=self.workspace.fresh, findings=findings
        )
        for record, _ in stored:
            self.know(record)
