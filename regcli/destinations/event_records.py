"""A run as the events that TensorBoard reads, and these as the bytes of a file.

Scalars are float32, as in every file of TensorBoard.
"""

import io
from collections.abc import Iterable, Mapping
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

from regcli.destinations.run_numbers import (
    after_epoch,
    began,
    ended,
    epochs_of,
    name_of,
    results_of,
    settings_of,
)
from regcli.results.records import RunRecord, RunState

_VERSION = "brain.Event:2"
"""What a file begins with."""


def run_events(record: RunRecord) -> bytes:
    """A file with what a run measured by epoch, counted from 1, its results, and its settings."""
    start, end = began(record), ended(record)
    results = {name_of(key): value for key, value in results_of(record).items()}
    return _as_file(
        [
            Event(wall_time=start, file_version=_VERSION),
            Event(wall_time=start, summary=_session_start(record)),
            *(
                Event(wall_time=after_epoch(record, epoch), step=epoch, summary=_scalars(values))
                for epoch, values in enumerate(epochs_of(record), 1)
            ),
            Event(wall_time=end, step=record.epochs, summary=_scalars(results)),
            Event(wall_time=end, summary=_session_end(record)),
        ]
    )


def overview_events(experiment: Any) -> bytes:
    """A file with what the HParams tab has columns of."""
    created = experiment.time_created_secs
    summary = _hparams(metadata.EXPERIMENT_TAG, experiment=experiment)
    return _as_file(
        [
            Event(wall_time=created, file_version=_VERSION),
            Event(wall_time=created, summary=summary),
        ]
    )


def _as_file(events: Iterable[Any]) -> bytes:
    buffer = io.BytesIO()
    writer = RecordWriter(buffer)
    for event in events:
        writer.write(event.SerializeToString(deterministic=True))
    return buffer.getvalue()


def _scalars(values: Mapping[str, float]) -> Any:
    pairs = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
    return Summary(value=pairs)


def _session_start(record: RunRecord) -> Any:
    info = plugin_data_pb2.SessionStartInfo(start_time_secs=began(record))
    for key, value in settings_of(record).items():
        if isinstance(value, bool):
            info.hparams[key].bool_value = value
        elif isinstance(value, str):
            info.hparams[key].string_value = value
        else:
            info.hparams[key].number_value = value
    return _hparams(metadata.SESSION_START_INFO_TAG, session_start_info=info)


def _session_end(record: RunRecord) -> Any:
    is_well = record.state is RunState.FINISHED
    info = plugin_data_pb2.SessionEndInfo(
        status=api_pb2.STATUS_SUCCESS if is_well else api_pb2.STATUS_FAILURE,
        end_time_secs=ended(record),
    )
    return _hparams(metadata.SESSION_END_INFO_TAG, session_end_info=info)


def _hparams(tag: str, **content: Any) -> Any:
    """A message of the HParams tab, which stands in the description of a value."""
    data = plugin_data_pb2.HParamsPluginData(version=metadata.PLUGIN_DATA_VERSION, **content)
    about = metadata.create_summary_metadata(data)
    # Else the order of settings would be another one in each process, and so would the file.
    about.plugin_data.content = data.SerializeToString(deterministic=True)
    return Summary(value=[Summary.Value(tag=tag, metadata=about, tensor=metadata.NULL_TENSOR)])
