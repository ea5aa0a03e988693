"""What TensorBoard's HParams tab has columns of: the settings and results of all runs of a folder.

Without it the tab would show every learning curve as a result.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New
from tensorboard.plugins.hparams import api_pb2, metadata

from regcli.destinations.run_numbers import began, name_of, results_of, settings_of
from regcli.results.records import RunRecord

_MOST_VALUES = 30
"""Different texts of a setting to choose from; of more, the tab takes any."""


def overview(runs: Iterable[RunRecord], earlier: Any) -> Any:
    """The columns of some runs, and those of earlier exports.

    Args:
        earlier: as `read_overview` gives it.
    """
    runs = list(runs)
    infos = {info.name: info for info in earlier.hparam_infos}
    for run in runs:
        for name, value in settings_of(run).items():
            infos[name] = _with_value(infos.get(name), name, value)
    metrics = dict.fromkeys(metric.name.tag for metric in earlier.metric_infos)
    metrics |= dict.fromkeys(_names(runs))
    starts = [*filter(None, [earlier.time_created_secs]), *map(began, runs)]
    return api_pb2.Experiment(
        hparam_infos=[infos[name] for name in sorted(infos)],
        metric_infos=[
            api_pb2.MetricInfo(name=api_pb2.MetricName(tag=tag)) for tag in sorted(metrics)
        ],
        time_created_secs=min(starts, default=0.0),
    )


def read_overview(path: Path) -> Any:
    """The columns of earlier exports; none where the file is not there or is damaged."""
    try:
        records = list(_records(path))
        event = Event.FromString(records[-1])
        content = event.summary.value[0].metadata.plugin_data.content
        return metadata.parse_experiment_plugin_data(content)
    except Exception:  # a damaged file raises whatever its parts like
        return api_pb2.Experiment()


def _records(path: Path) -> Iterator[bytes]:
    reader = PyRecordReader_New(str(path))
    while True:
        try:
            reader.GetNext()
        except Exception:  # its end too, as an error of a class that TensorFlow may replace
            return
        yield reader.record()


def _names(runs: Iterable[RunRecord]) -> Iterator[str]:
    """Names of the results that are columns: what is left after zeroing only has curves."""
    for run in runs:
        yield from (name_of(key) for key in results_of(run) if not key.startswith("after_zeroing"))


def _with_value(info: Any, name: str, value: bool | float | str) -> Any:
    """What is known of a setting, once a run has this value."""
    kind = _kind(value)
    if info is not None and info.type != kind:  # values of two kinds: any text
        return api_pb2.HParamInfo(name=name, type=api_pb2.DATA_TYPE_STRING)
    made = api_pb2.HParamInfo(name=name, type=kind)
    if kind == api_pb2.DATA_TYPE_FLOAT64:
        limits = [] if info is None else [info.domain_interval]
        made.domain_interval.min_value = min([value, *(each.min_value for each in limits)])
        made.domain_interval.max_value = max([value, *(each.max_value for each in limits)])
        return made
    known = set() if info is None else {*info.domain_discrete}
    every = sorted({*known, value}, key=str)
    if len(every) <= _MOST_VALUES and (info is None or known):
        made.domain_discrete.extend(every)
    return made


def _kind(value: bool | float | str) -> int:
    if isinstance(value, bool):
        return int(api_pb2.DATA_TYPE_BOOL)
    return int(api_pb2.DATA_TYPE_STRING if isinstance(value, str) else api_pb2.DATA_TYPE_FLOAT64)
