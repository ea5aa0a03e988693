"""A plan's work, counted."""

from hypothesis import given, settings
from hypothesis import strategies as st
from planned import sweep_runs

from regcli.config.load import load_config
from regcli.data.references import Datasets
from regcli.planning.workload import workloads

DATA = Datasets()


@settings(max_examples=25, deadline=None)
@given(
    seeds=st.integers(1, 4),
    folds=st.sampled_from([None, 2, 3]),
    sizes=st.lists(st.sampled_from([8, 16, 32, 500]), min_size=1, max_size=3, unique=True),
    epochs=st.integers(1, 40),
    stored=st.integers(0, 7),
)
def test_every_run_is_in_one_population(
    seeds: int, folds: int | None, sizes: list[int], epochs: int, stored: int
) -> None:
    changes = {
        "sweep.seeds": seeds,
        "sweep.vary": {"training.batch_size": ",".join(map(str, sizes))},
        "training.epochs": epochs,
        **({} if folds is None else {"sweep.folds": folds}),
    }
    runs = sweep_runs(load_config("smoke").with_values(changes), DATA)
    kept = {run.id for run in runs[::2][:stored]}
    found = workloads(runs, kept, DATA)
    assert sorted(run.id for work in found for run in work.batch.runs) == sorted(
        run.id for run in runs
    )
    assert {run.id for work in found for run in work.pending} == {run.id for run in runs} - kept
    assert sum(work.members for work in found) == 2 * seeds * (folds or 1) * len(sizes)
    for work in found:
        # Iris has 90 training rows, and 120 for validation by folds, of which one fold is out.
        rows = 90 if folds is None else 120 - 120 // folds
        size = work.first.config.training.batch_size
        assert work.steps == -(-rows // size)
        assert work.model_steps == len(work.pending) * epochs * work.steps
