"""What MLflow keeps of a run: parameters, metrics by epoch, results, tags, config and model."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mlflow.entities import Metric, Param, RunTag, ViewType

from regcli.config.document import write_yaml
from regcli.destinations.mlflow_names import (
    LONGEST_PARAMETER,
    LONGEST_TEXT,
    distinct_names,
    one_line,
)
from regcli.destinations.run_models import RunModels
from regcli.destinations.run_numbers import (
    after_epoch,
    began,
    ended,
    epochs_of,
    name_of,
    results_of,
    settings_of,
    settings_text,
)
from regcli.errors import ExportError
from regcli.results.records import RunRecord, RunState
from regcli.version import __version__

ID, ENDED, MODEL = "regcli.id", "regcli.ended", "regcli.model"
"""Tags by which a run is found again, and which says whether its model is there."""

_STATUS = {RunState.FINISHED: "FINISHED", RunState.INTERRUPTED: "KILLED"}
_RUNNING = "RUNNING"
_LONGEST_NAME = 250
_PAGE = 1000
_METRICS_AT_ONCE, _PARAMETERS_AT_ONCE = 900, 100
"""What a request may hold: 1,000 things in all."""


class Experiments:
    """The experiments of a tracking store that runs go to, by the names of these.

    Args:
        client: of MLflow.
        uri: of the store.
        sweeps: ids of the sweeps that each run is in.
    """

    def __init__(self, client: Any, uri: str, sweeps: Mapping[str, list[str]]) -> None:
        self._client = client
        self._uri = uri
        self._sweeps = sweeps
        self._ids: dict[str, str] = {}
        self._known: dict[tuple[str, str, str], Any] = {}

    def log(self, run: RunRecord, models: RunModels) -> bool:
        """Log a run, unless it is there; whether it was new."""
        experiment = self._experiment(run.name)
        known = self._known.get((experiment, run.id, run.created))
        is_new = known is None or known.info.status == _RUNNING
        identity = known.info.run_id if known is not None else self._create(run, experiment)
        if is_new:
            self._log_values(run, identity)
            self._client.log_text(identity, write_yaml(run.config), "config.yaml")
        if models.are_wanted and (known is None or MODEL not in known.data.tags):
            self._log_model(run, identity, models)
        if is_new:
            status = _STATUS.get(run.state, "FAILED")
            self._client.set_terminated(identity, status, _milliseconds(ended(run)))
        return is_new

    def _experiment(self, name: str) -> str:
        """The id of the experiment for runs of a name, which is made where there is none.

        Raises:
            ExportError: it was deleted in MLflow.
        """
        if name not in self._ids:
            called = one_line(name, _LONGEST_NAME)
            found = self._client.get_experiment_by_name(called)
            if found is None:
                identity = self._client.create_experiment(called, _artifacts_beside(self._uri))
            elif found.lifecycle_stage != "active":
                raise ExportError(
                    f"the experiment {called!r} is deleted in this tracking store; restore it with "
                    f"'mlflow experiments restore', its id is {found.experiment_id}"
                )
            else:
                identity = found.experiment_id
                self._known |= dict(self._exported(identity))
            self._ids[name] = identity
        return self._ids[name]

    def _exported(self, experiment: str) -> Iterator[tuple[tuple[str, str, str], Any]]:
        """The runs of an experiment that regcli has logged, by experiment, id and end."""
        token = None
        while True:
            page = self._client.search_runs(
                [experiment],
                f"tags.`{ID}` LIKE '%'",
                ViewType.ACTIVE_ONLY,
                _PAGE,
                page_token=token,
            )
            for run in page:
                yield (experiment, run.data.tags[ID], run.data.tags.get(ENDED, "")), run
            token = page.token
            if not token:
                return

    def _create(self, run: RunRecord, experiment: str) -> str:
        name = one_line(settings_text(run), _LONGEST_NAME) or run.id
        start = _milliseconds(began(run))
        created = self._client.create_run(experiment, start, self._tags(run), name)
        return str(created.info.run_id)

    def _tags(self, run: RunRecord) -> dict[str, str]:
        tags = {
            ID: run.id,
            ENDED: run.created,
            "regcli.state": run.state.value,
            "regcli.sweep": " ".join(self._sweeps.get(run.id, [])),
            "regcli.name": run.name,
            "regcli.data": run.data.source if run.data is not None else "",
            "regcli.engine": run.engine,
            "regcli.message": run.message,
            "regcli.version": run.environment.get("regcli", __version__),
            "mlflow.source.name": "regcli",
            "mlflow.source.type": "LOCAL",
        }
        return {key: one_line(text, LONGEST_TEXT) for key, text in tags.items() if text}

    def _log_values(self, run: RunRecord, identity: str) -> None:
        settings = settings_of(run)
        names = distinct_names(settings)
        parameters = [
            Param(names[key], one_line(value, LONGEST_PARAMETER)) for key, value in settings.items()
        ]
        first = parameters[:_PARAMETERS_AT_ONCE]
        batches = [*_batches(_metrics(run), _METRICS_AT_ONCE)] or [[]]
        # Each request takes a database as long as some hundred metrics do.
        self._client.log_batch(identity, batches[0], first)
        for some in batches[1:]:
            self._client.log_batch(identity, some)
        for several in _batches(parameters[_PARAMETERS_AT_ONCE:], _PARAMETERS_AT_ONCE):
            self._client.log_batch(identity, params=several)

    def _log_model(self, run: RunRecord, identity: str, models: RunModels) -> None:
        files = models.files(run)
        if files is None:
            return
        for file in files:
            self._client.log_artifact(identity, str(file), "model")
        is_there = f"model/{files[0].name}" if files else "no weights were kept"
        self._client.log_batch(identity, tags=[RunTag(MODEL, is_there)])


def _batches(items: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), most):
        yield items[start : start + most]


def _metrics(run: RunRecord) -> list[Any]:
    """What was measured after each epoch, counted from 1, and the results after the last one."""
    epochs = epochs_of(run)
    results = {name_of(key): value for key, value in results_of(run).items()}
    names = distinct_names(dict.fromkeys([*results, *(name for each in epochs for name in each)]))
    return [
        *(
            Metric(names[name], value, _milliseconds(after_epoch(run, epoch)), epoch)
            for epoch, values in enumerate(epochs, 1)
            for name, value in values.items()
        ),
        *(
            Metric(names[name], value, _milliseconds(ended(run)), run.epochs)
            for name, value in results.items()
        ),
    ]


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _artifacts_beside(uri: str) -> str | None:
    """Where artifacts of a local database go: next to it; None where the store knows itself.

    MLflow would put them into the current folder, wherever the database is.
    """
    parts = urlsplit(uri)
    if parts.scheme != "sqlite":
        return None
    return (Path(parts.path.removeprefix("/")).resolve().parent / "mlruns").as_uri()
