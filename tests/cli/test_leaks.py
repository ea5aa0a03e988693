"""A column that gives the target away is in the verdict, however its runs came to be there."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from .in_process import document, regcli

LEAK = (
    "column 'paid' says the same as the target: each of its 2 values goes with one value of the "
    "target, and the other way round; if not known when you predict: drop: [paid]"
)


@pytest.mark.slow
def test_a_verdict_on_a_column_that_gives_the_target_away_says_so(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    default = rng.random(80) < 0.4
    columns = {
        "income": rng.normal(size=80),
        "paid": np.where(default, "late", "on time"),
        "default": np.where(default, "yes", "no"),
    }
    pl.DataFrame(columns).write_csv(tmp_path / "rows.csv")
    (tmp_path / "regcli.yaml").write_text(
        "dataset: {file: rows.csv, target: default}\nmodel: {layers: []}\ntraining: {epochs: 2}\n"
    )
    asked = ("sweep", "--l1", "0,0.01")
    for _ in ("trained", "reused"):
        swept = document(*asked, "--quiet", "--json", cwd=tmp_path)
        assert {"kind": "leak", "text": LEAK} in swept["verdict"]["warnings"]
    shown = " ".join(regcli(*asked, "--quiet", cwd=tmp_path).stdout.split())
    assert f"warning {LEAK}" in shown
