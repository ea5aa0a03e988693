"""Records to store in tests, and a store of an older version."""

from typing import Any

from regcli.metrics.registry import METRICS
from regcli.results.records import (
    AfterZeroing,
    LayerSparsity,
    RunRecord,
    RunState,
    Sparsity,
    SweepRecord,
)

VERSION_1 = """
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    state TEXT NOT NULL, created TEXT NOT NULL, epochs INTEGER NOT NULL, seconds REAL, l1 REAL,
    l2 REAL, seed INTEGER, fold INTEGER, method TEXT, data_loss REAL, accuracy REAL, r2 REAL,
    exact_sparsity REAL, files TEXT NOT NULL
);
CREATE INDEX runs_by_age ON runs (created, number);
CREATE TABLE records (
    number INTEGER PRIMARY KEY REFERENCES runs (number) ON DELETE CASCADE, record TEXT NOT NULL
);
INSERT INTO runs VALUES (
    7, '3fa9c1d2e0b4', 'digits', 'finished', '2026-01-01T00:00:00+00:00', 5, 0.1, 0.0, 0.01, 0,
    NULL, 'penalty', 0.5, 0.9, NULL, 0.25, '{}'
);
INSERT INTO records VALUES (7,
    '{"id": "3fa9c1d2e0b4", "name": "digits", "state": "finished", "settings": {}, "config": {},
      "engine": "keras", "epochs": 5, "seconds": 0.1, "created": "2026-01-01T00:00:00+00:00"}'
);
PRAGMA user_version = 1;
"""
"""What the first step of the migrations made, written out so that it cannot drift with the code."""


def a_run(run_id: str, state: str = "finished", **changes: Any) -> RunRecord:
    values: dict[str, Any] = {
        "id": run_id,
        "name": "digits-mlp",
        "state": RunState(state),
        "settings": {"l1": 0.0, "l2": 0.01, "seed": 0, "fold": None, "method": "penalty"},
        "config": {"name": "digits-mlp", "model": {"layers": [{"Dense": {"units": 10}}]}},
        "engine": "population",
        "epochs": 50,
        "seconds": 0.05,
        "metrics": {"validation": {"data_loss": 0.1, "penalty": 0.2, "accuracy": 0.97}},
        "sparsity": Sparsity(
            exact=0.25,
            near=0.5,
            threshold=1e-3,
            nonzero=480,
            total=640,
            active_inputs=60,
            live_units={"dense": 4},
            layers=(
                LayerSparsity(
                    name="dense",
                    shape=(64, 10),
                    exact=0.25,
                    near=0.5,
                    nonzero=480,
                    gzip_bytes=1200,
                    norm=5.0,
                    largest=3.0,
                ),
            ),
            precision=0.05,
            recall=1.0,
            f1=0.1,
            active_noise=57,
            gzip_bytes=1200,
            norm=5.0,
            largest=3.0,
            after_zeroing=AfterZeroing(
                nonzero=320,
                active_inputs=4,
                live_units={"dense": 3},
                active_columns=("a", "b", "c", "d"),
                precision=0.75,
                recall=1.0,
                f1=6 / 7,
                active_noise=1,
                metrics={
                    "validation": dict.fromkeys(("data_loss", "weighted_data_loss", *METRICS), 0.75)
                },
            ),
        ),
        "history": {"loss": (0.3, 0.1, None)},
        "created": "2026-01-01T00:00:00+00:00",
    }
    return RunRecord(**{**values, **changes})


def a_sweep(sweep_id: str, run_ids: tuple[str, ...], **changes: Any) -> SweepRecord:
    values: dict[str, Any] = {
        "id": sweep_id,
        "name": "digits-mlp",
        "engine": "population",
        "seconds": 1.9,
        "run_ids": run_ids,
        "created": "2026-01-01T00:00:00+00:00",
    }
    return SweepRecord(**{**values, **changes})
