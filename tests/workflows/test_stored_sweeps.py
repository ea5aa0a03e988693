"""A stored sweep's runs are those of that sweep, whatever command stored them."""

from pathlib import Path

import pytest
from stored_examples import a_run

from regcli.results.records import RunRecord, SweepRecord
from regcli.results.settings import by_setting
from regcli.store.store import open_store
from regcli.workflows.stored_sweeps import as_swept, find_sweep_or_path


@pytest.fixture
def runs() -> list[RunRecord]:
    """Runs of three batch sizes, each stored by a command that varied none."""
    config = a_run("0" * 12).config
    return [
        a_run(f"{place:012x}", config={**config, "training": {"batch_size": size}})
        for place, size in enumerate((8, 16, 32), 1)
    ]


def swept(
    folder: Path,
    runs: list[RunRecord],
    keys: tuple[str, ...] = (),
    variants: tuple[str, ...] = (),
) -> list[RunRecord]:
    """The runs of a sweep that was stored with some keys and variants."""
    record = SweepRecord(
        id="5" * 12,
        name="sizes",
        engine="keras",
        seconds=1.0,
        run_ids=tuple(run.id for run in runs),
        created="2026-01-01T00:00:00+00:00",
        keys=keys,
        variants=variants,
    )
    with open_store(folder, create=True) as store:
        for run in runs:
            store.add(run)
        store.add_sweep(record)
        assert store.sweep(record.id) == record
        return as_swept(record, store)


def test_what_a_sweep_varied_tells_its_settings_apart(
    tmp_path: Path, runs: list[RunRecord]
) -> None:
    keys = (*runs[0].settings, "training.batch_size")
    settings = by_setting(swept(tmp_path, runs, keys))
    assert [each.settings["training.batch_size"] for each in settings] == [8, 16, 32]


def test_variants_keep_their_names(tmp_path: Path, runs: list[RunRecord]) -> None:
    names = ("none", "l1", "dropout")
    settings = by_setting(swept(tmp_path, runs, ("variant", *runs[0].settings), names))
    assert [each.settings["variant"] for each in settings] == [*names]


def test_a_sweep_of_before_has_the_keys_of_its_records(
    tmp_path: Path, runs: list[RunRecord]
) -> None:
    (setting,) = by_setting(swept(tmp_path, runs))
    assert len(setting.records) == 3


def test_the_name_of_a_config_stands_for_its_path(tmp_path: Path) -> None:
    """A path is stored under the config's name and its strength; refits of it are no path."""
    names = ["a", "a, path along l1", "a, path along l1, refitted", "b, path along l2"]
    with open_store(tmp_path, create=True) as store:
        for number, name in enumerate(names):
            store.add_sweep(
                SweepRecord(
                    id=f"{number:012x}",
                    name=name,
                    engine="keras",
                    seconds=1.0,
                    run_ids=(),
                    created=f"2026-01-0{number + 1}T00:00:00+00:00",
                )
            )

        def found(named: str, *, path_first: bool = False) -> str | None:
            sweep = find_sweep_or_path(named, store, path_first=path_first)
            return None if sweep is None else sweep.name

        assert found("a") == "a"
        assert found("a", path_first=True) == "a, path along l1"
        assert found("b") == "b, path along l2"
        assert found("a, path along l1, refitted", path_first=True) == names[2]
        assert found("000000000000", path_first=True) == "a"
        assert found("c") is None
