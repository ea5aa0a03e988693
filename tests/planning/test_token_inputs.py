"""Inputs of an Embedding, before anything is trained: whole numbers within its table."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from planned import single_run

from regcli.config.load import load_config
from regcli.data.dataset import Splits
from regcli.data.references import Datasets
from regcli.errors import DataError
from regcli.planning.members import plan_sweep
from regcli.planning.run import make_runs

ROWS = 20
EMBEDDING = "Embedding: {input_dim: 10, output_dim: 2}"
TAKERS = {
    "Embedding with input_dim": EMBEDDING,
    "ReversibleEmbedding with input_dim": "ReversibleEmbedding: {input_dim: 10, output_dim: 2}",
    "CategoryEncoding with num_tokens": "CategoryEncoding: {num_tokens: 10}",
}


def planned(folder: Path, x: NDArray[np.generic], layer: str = EMBEDDING) -> Splits:
    """The data of a model with a table of 10 rows, as it would be trained on."""
    np.savez(folder / "d.npz", x=x, y=np.arange(len(x)) % 2)
    (folder / "c.yaml").write_text(
        f"dataset: {{file: {folder / 'd.npz'}}}\nmodel: {{layers: [{layer}, Flatten]}}\n"
    )
    return single_run(load_config(str(folder / "c.yaml")))[1]


TOKENS = np.random.default_rng(0).integers(0, 10, size=(ROWS, 3))


@pytest.mark.parametrize(
    "x",
    [
        TOKENS,
        TOKENS.astype(np.float32),
        TOKENS.astype(np.uint8),
        TOKENS > 4,
        np.where(TOKENS == 0, -0.0, TOKENS),
        TOKENS.reshape(ROWS, 3, 1),
    ],
    ids=["int64", "float32", "uint8", "bool", "minus zero", "tensors"],
)
def test_whole_numbers_are_trained_on_as_they_are(x: NDArray[np.generic], tmp_path: Path) -> None:
    splits = planned(tmp_path, x)
    parts = [part.x for _, part in splits.parts() if part is not None]
    assert sorted(map(np.float32, np.concatenate(parts).ravel())) == sorted(
        map(np.float32, x.ravel())
    )
    assert not splits.center.any()
    assert (splits.width == 1).all()


@pytest.mark.parametrize("taker", TAKERS)
@pytest.mark.parametrize(
    ("value", "shown"),
    [(10, "10"), (-1, "-1"), (2.5, "2.5"), (9.9999999, "9.9999999"), (1e9, "1000000000")],
)
@pytest.mark.parametrize("row", range(0, ROWS, 4))  # of which some are of every part
def test_others_are_refused_with_row_and_value(
    row: int, value: float, shown: str, taker: str, tmp_path: Path
) -> None:
    x = TOKENS.astype(np.float64)
    x[row, 1] = value
    with pytest.raises(DataError) as refused:
        planned(tmp_path, x, TAKERS[taker])
    assert str(refused.value).removeprefix(f"{tmp_path}/") == (
        f"d.npz: column 'x_1' must hold whole numbers from 0 to 9 for {taker} 10, row {row + 1} "
        f"of {ROWS} has {shown}"
    )


def test_every_size_of_a_sweep_is_checked(tmp_path: Path) -> None:
    planned(tmp_path, TOKENS)
    with (tmp_path / "c.yaml").open("a") as config:
        config.write("sweep: {vary: {model.layers.0.Embedding.input_dim: [12, 10, 5]}}\n")
    members = plan_sweep(load_config(str(tmp_path / "c.yaml"))).members
    make_runs(members[:2], Datasets())
    with pytest.raises(DataError, match="whole numbers from 0 to 4 for Embedding with input_dim"):
        make_runs(members, Datasets())
