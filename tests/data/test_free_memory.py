import zipfile

import numpy as np
import polars as pl
import pytest

from regcli.config.dataset_section import Dataset
from regcli.data import free_memory
from regcli.data.files.parquet_footer import read_footer
from regcli.data.sources import load_table
from regcli.data.splits import split
from regcli.errors import DataError

V2 = {
    "proc/self/cgroup": "0::/job/inner\n",
    "sys/fs/cgroup/job/inner/memory.max": "max\n",
    "sys/fs/cgroup/job/inner/memory.current": "10\n",
    "sys/fs/cgroup/job/memory.max": "5000\n",
    "sys/fs/cgroup/job/memory.current": "3000\n",
    "sys/fs/cgroup/job/memory.stat": "anon 1500\ninactive_file 1000\nactive_file 200\n",
}
V1 = {
    "proc/self/cgroup": "5:cpu:/\n4:cpuset,memory:/job\n",
    "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "700\n",
    "sys/fs/cgroup/memory/job/memory.usage_in_bytes": "100\n",
    "sys/fs/cgroup/memory/job/memory.stat": "inactive_file 90\n"
    "total_inactive_file 50\ntotal_active_file 7\n",
    "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    "sys/fs/cgroup/memory/memory.usage_in_bytes": "100\n",
}
INSIDE = {  # a container sees its own group at the top, and the host's path
    "proc/self/cgroup": "0::/docker/abc\n",
    "sys/fs/cgroup/memory.max": "400\n",
    "sys/fs/cgroup/memory.current": "100\n",
}


@pytest.mark.parametrize(
    ("files", "left"),
    [
        (V2, 3200),
        (V1, 657),
        (INSIDE, 300),
        ({**INSIDE, "sys/fs/cgroup/memory.current": "900\n"}, 0),
        ({"proc/self/cgroup": "garbage\n\n"}, 8192),
        ({}, 8192),
    ],
)
def test_what_is_free_is_the_least_of_the_machine_and_every_group(tmp_path, files, left):
    machine = {"proc/meminfo": "MemTotal:   16 kB\nMemAvailable:   8 kB\n"}
    for name, content in (machine | files).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    assert free_memory.available(tmp_path) == left


def test_this_machine_says_how_much_is_free():
    assert free_memory.available() > 2**20


@pytest.mark.parametrize(
    ("allowed", "left"), [("5000", 5000), ("2MB", 2_000_000), ("0.5 gb", 500_000_000)]
)
def test_a_person_can_allow_less(tmp_path, monkeypatch, allowed, left):
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemAvailable: 8000000 kB\n")
    monkeypatch.setenv("REGCLI_MEMORY", allowed)
    assert free_memory.available(tmp_path) == left


@pytest.mark.parametrize("allowed", ["much", "-5", "5 TB", "nan"])
def test_what_is_no_size_is_refused(monkeypatch, allowed):
    monkeypatch.setenv("REGCLI_MEMORY", allowed)
    with pytest.raises(DataError) as refused:
        free_memory.available()
    assert str(refused.value) == (
        "REGCLI_MEMORY must be a number of bytes, or one with MB or GB behind it such as 500MB, "
        f"got '{allowed}'"
    )


@pytest.fixture
def free(monkeypatch):
    def of(count):
        monkeypatch.setattr(free_memory, "available", lambda: count)

    return of


def refusal(load):
    with pytest.raises(DataError) as refused:
        load()
    return str(refused.value).rpartition("/")[2]


ADVICE = "use fewer rows or columns, or more memory"


class TestFiles:
    @pytest.fixture
    def load(self, tmp_path):
        return lambda name: load_table(Dataset(file=name, target="y"), tmp_path)

    def test_several_csv_files_are_weighed_before_they_are_read(self, load, tmp_path, free):
        rows = "1.25,2.25,0\n1.5,3.5,1\n"
        (tmp_path / "t1.csv").write_text("a,b,y\n" + rows * 50_000)
        (tmp_path / "t2.csv").write_text("a,b,y\n" + rows)
        free(3_000_000)
        assert refusal(lambda: load("t*.csv")) == (
            "t1.csv: must fit into memory, about 0.00357 GB are needed and 0.003 GB are free; "
            f"{ADVICE}"
        )
        free(100_000_000)
        assert len(load("t*.csv").x) == 100_002

    @pytest.mark.parametrize("ending", ["csv", "parquet"])
    def test_one_file_stays_on_the_disk(self, load, tmp_path, free, monkeypatch, ending):
        monkeypatch.setenv("REGCLI_RUNS", str(tmp_path / "runs"))
        frame = pl.DataFrame({"a": np.arange(10_000.0) ** 2, "y": [0, 1] * 5_000})
        frame.write_parquet(tmp_path / "t.parquet")
        frame.write_csv(tmp_path / "t.csv")
        free(1_700_000)
        assert load(f"t.{ending}").cache is None
        free(1_500_000)
        table = load(f"t.{ending}")
        assert table.cache == tmp_path / "runs/cache"
        assert table.notes == (
            f"t.{ending}: its rows are read from {tmp_path}/runs/cache in blocks, because they "
            "take more than half of the free memory; about 0.5 GB are needed",
        )

    @pytest.mark.parametrize(("ending", "needed"), [("gz", "0.0336"), ("zst", "0.0527")])
    def test_a_packed_file_is_weighed_by_what_it_holds(self, load, tmp_path, free, ending, needed):
        path = tmp_path / f"t.csv.{ending}"
        compression = {"gz": "gzip", "zst": "zstd"}[ending]
        rows = pl.DataFrame({"a": [1.25] * 2_500_000, "y": [0] * 2_500_000})
        rows.write_csv(path, compression=compression)
        assert path.stat().st_size < 100_000
        free(30_000_000)
        assert refusal(lambda: load(path.name)) == (
            f"{path.name}: must fit into memory, about {needed} GB are needed and 0.03 GB are "
            f"free; {ADVICE}"
        )

    def test_a_parquet_file_is_weighed_by_what_it_holds_and_not_by_its_size(
        self, load, tmp_path, free
    ):
        path = tmp_path / "t.parquet"
        pl.DataFrame({"a": [1.0] * 1_000_000, "y": [0] * 1_000_000}).write_parquet(path)
        pl.DataFrame({"a": [1.0], "y": [1]}).write_parquet(tmp_path / "t2.parquet")
        assert path.stat().st_size < 100_000
        free(10_000_000)
        assert refusal(lambda: load("t*.parquet")).startswith(
            "t.parquet: must fit into memory, about"
        )

    def test_an_npz_file_is_weighed_by_what_its_arrays_say(self, load, tmp_path, free):
        path = tmp_path / "t.npz"
        np.savez_compressed(path, x=np.zeros((1_000_000, 2), np.uint8), y=np.zeros(1_000_000))
        assert path.stat().st_size < 100_000
        free(9_999_999)
        assert refusal(lambda: load("t.npz")) == (
            "t.npz: array x must fit into memory, about 0.01 GB are needed and 0.01 GB are "
            f"free; {ADVICE}"
        )

    def test_categories_are_weighed_as_the_inputs_they_become(self, tmp_path, free):
        words = [f"w{row % 900}" for row in range(9000)]
        pl.DataFrame({"a": words, "y": [0, 1] * 4500}).write_csv(tmp_path / "t.csv")
        config = Dataset(file="t.csv", target="y")
        table = load_table(config, tmp_path)
        free(150_000_000)
        assert refusal(lambda: split(table, config)) == (
            "t.csv: the data must fit into memory, about 0.162 GB are needed and 0.15 GB are free; "
            f"{ADVICE}"
        )

    def test_a_machine_that_does_not_say_is_trusted(self, load, tmp_path, free):
        (tmp_path / "t.csv").write_text("a,y\n1,0\n2,1\n")
        free(None)
        assert len(load("t.csv").x) == 2


def test_noise_columns_are_weighed_before_they_are_drawn(tmp_path, free):
    config = Dataset(name="row_sum", noise_features=100_000)
    table = load_table(config, tmp_path)
    free(200_000_000)
    assert refusal(lambda: split(table, config)) == (
        "row_sum: with noise_features 100000 the data must fit into memory, about 0.28 GB are "
        f"needed and 0.2 GB are free; {ADVICE}"
    )


class TestFooter:
    @pytest.mark.parametrize("compression", ["uncompressed", "snappy", "zstd"])
    @pytest.mark.parametrize("groups", [1, 3])
    def test_states_rows_columns_and_bytes(self, tmp_path, compression, groups):
        path = tmp_path / "t.parquet"
        columns = {"a": np.random.default_rng(0).random(3000), "t": ["uvw", "xyz", "u"] * 1000}
        frame = pl.DataFrame({**columns, "s": [{"p": 1, "q": [1.5]}] * 3000})
        frame.write_parquet(path, compression=compression, row_group_size=3000 // groups)
        footer = read_footer(path)
        assert (footer.rows, footer.leaves) == (3000, 4)
        assert 72_000 < footer.uncompressed < 80_000  # three columns of numbers

    def test_damage_is_left_to_polars(self, tmp_path):
        path = tmp_path / "t.parquet"
        pl.DataFrame({"a": range(100), "y": [0, 1] * 50}).write_parquet(path)
        content = path.read_bytes()
        rng = np.random.default_rng(0)
        begin = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
        for _ in range(300):
            damaged = bytearray(content)
            damaged[rng.integers(begin, len(content))] = rng.integers(256)
            path.write_bytes(damaged)
            read_footer(path)
        for short in (b"", b"PAR1", content[-8:], content[:-4]):
            path.write_bytes(short)
            assert read_footer(path) is None


def test_a_member_that_states_more_than_it_holds_is_damaged(tmp_path):
    path = tmp_path / "t.npz"
    np.savez(path, x=np.zeros((4, 2)), y=np.arange(4) % 2)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["x.npy"] = members["x.npy"].replace(b"(4, 2), }     ", b"(4, 2000000)}")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert refusal(lambda: load_table(Dataset(file="t.npz"), tmp_path)) == (
        "t.npz: array x cannot be read: the file is damaged"
    )
