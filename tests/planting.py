"""Exact zeros for the tests of several rooms: what penalties train has few of them."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from regcli.config.schema import Config
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.results.records import RunRecord, Scores
from regcli.store.store import open_store
from regcli.store.store_weights import as_stored, read_weights
from regcli.store.stored_configs import data_folder


def plant(runs: Path, identity: str, places: Iterable[tuple[str, Any]], value: float = 0.0) -> None:
    """Set parts of a stored run's weights, each a name and an index, to zero, or to `value`.

    Its record gets the scores that it then has.
    """
    with open_store(runs) as store:
        record = store.get(identity)
        assert record is not None
        weights = read_weights(store, identity)
        for name, index in places:
            weights[name][index] = value
        planted = record.model_copy(update={"metrics": _scores(record, weights)})
        store.remove([identity])
        store.add(planted, *as_stored(planted, weights, runs=1))


def _scores(record: RunRecord, weights: Mapping[str, Any]) -> dict[str, Scores]:
    from regcli.models.export import rebuild_model
    from regcli.models.parts import make_loss, output_scale
    from regcli.training.evaluation import score_outputs

    assert record.data is not None
    config = Config.model_validate(record.config)
    model = rebuild_model(config, record.data, weights)
    table = load_table(config.dataset, data_folder(record))
    splits = split(table, config.dataset, scaled=False)
    loss = make_loss(config.training.loss, record.data.task, model.layers[-1])
    scale = output_scale(record.data.task, loss, model.layers[-1])
    return {
        name: score_outputs(
            np.asarray(model(part.x)), 0.0, loss, scale, splits, config.training, part
        )
        for name, part in splits.parts()
        if part is not None
    }
