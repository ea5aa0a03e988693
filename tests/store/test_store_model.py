"""A store beside the dictionary that it should behave like, under any order of calls."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from stored_examples import a_run, a_sweep

from regcli.results.records import RunRecord, SweepRecord
from regcli.store.store import Files, open_store

IDS = st.sampled_from(["aaaa", "bbbb", "cccc", "dddd"])
STATES = st.sampled_from(["finished", "diverged", "failed", "interrupted"])
FILES = st.dictionaries(
    st.sampled_from(["config.yaml", "weights.npz"]), st.binary(max_size=3), max_size=2
)
BLOBS = st.dictionaries(st.sampled_from(["losses", "weights"]), st.binary(max_size=3), max_size=2)
RUNS = st.builds(
    lambda run_id, state, seconds, files: (a_run(run_id, state, seconds=seconds), files),
    IDS,
    STATES,
    st.floats(0, 1e6),
    FILES,
)


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.place = tempfile.TemporaryDirectory()
        self.folder = Path(self.place.name) / "runs"
        self.store = open_store(self.folder)
        self.runs: dict[str, tuple[RunRecord, Files, Files]] = {}
        self.sweep: SweepRecord | None = None

    def teardown(self) -> None:
        self.store.close()
        self.place.cleanup()

    @rule(runs=st.lists(RUNS, max_size=4), blobs=st.dictionaries(IDS, BLOBS))
    def add_many(self, runs: list[tuple[RunRecord, Files]], blobs: dict[str, Files]) -> None:
        self.store.add_many(runs, blobs)
        for record, files in runs:
            self._expect(record, files, blobs.get(record.id, {}))

    @rule(run=RUNS, blobs=BLOBS)
    def add(self, run: tuple[RunRecord, Files], blobs: Files) -> None:
        self.store.add(*run, blobs)
        self._expect(*run, blobs)

    def _expect(self, record: RunRecord, files: Files, blobs: Files) -> None:
        if record.id not in self.runs or not self.runs[record.id][0].state.is_final:
            self.runs.pop(record.id, None)
            self.runs[record.id] = record, files, blobs

    @rule(ids=st.lists(IDS, max_size=3))
    def remove(self, ids: list[str]) -> None:
        self.store.remove(ids)
        removed = {run_id for run_id in ids if self.runs.pop(run_id, None)}
        if self.sweep:
            kept = tuple(run_id for run_id in self.sweep.run_ids if run_id not in removed)
            self.sweep = self.sweep.model_copy(update={"run_ids": kept})

    @rule(ids=st.permutations(["aaaa", "bbbb", "cccc", "dddd"]))
    def add_sweep(self, ids: list[str]) -> None:
        self.sweep = a_sweep("5555", tuple(ids))
        self.store.add_sweep(self.sweep)

    @rule(create=st.booleans())
    def reopen(self, create: bool) -> None:
        self.store.close()
        self.store = open_store(self.folder, create)

    @invariant()
    def the_same_runs(self) -> None:
        expected = {run_id: record for run_id, (record, _, _) in self.runs.items()}
        assert self.store.find(["aaaa", "bbbb", "cccc", "dddd"]) == expected
        assert [summary.id for summary in self.store.summaries()] == list(self.runs)[::-1]
        assert self.store.count() == len(self.runs)

    @invariant()
    def the_same_files_and_nothing_else(self) -> None:
        found = {
            folder.name: {path.name: path.read_bytes() for path in folder.iterdir()}
            for folder in self.folder.iterdir()
            if folder.is_dir()
        }
        assert found == {run_id: files for run_id, (_, files, _) in self.runs.items() if files}

    @invariant()
    def the_same_blobs(self) -> None:
        for run_id in ("aaaa", "bbbb", "cccc", "dddd"):
            blobs = self.runs[run_id][2] if run_id in self.runs else {}
            for name in ("losses", "weights"):
                assert self.store.blob(run_id, name) == blobs.get(name)

    @invariant()
    def the_same_sweep(self) -> None:
        assert self.store.sweep("5555") == self.sweep


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
