"""What shrinking saved, in every format."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from regcli.report.formats import Format
from regcli.report.shrink_view import shrinkage_view
from regcli.report.sink import Sink
from regcli.results.shrinkage import Check, Cost, Shrinkage, UnitCount

SHRINKAGE = Shrinkage(
    run="3fa9c1d2e0b4",
    inputs=UnitCount("inputs", 64, 61),
    units=(UnitCount("dense", 1280, 31), UnitCount("output", 10, 10)),
    columns=tuple(f"pixel_{number}" for number in range(61)),
    takes_all_columns=True,
    before=Cost(96_010, 95_000, 190_000, 1_151_000, {1: 0.000213, 256: 1.5}),
    after=Cost(2_304, 2_294, 4_588, 51_000, {1: 0.000250, 256: 0.15}),
    check=Check("test", 359, 3.14e-8),
)
WRITTEN = [Path("small.keras")]


def shown(form: str, width: int = 80, shrinkage: Shrinkage = SHRINKAGE) -> str:
    out, err = (Console(file=io.StringIO(), width=width, markup=False) for _ in range(2))
    Sink(out, err).show(shrinkage_view(shrinkage, WRITTEN), Format(form))
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


TABLE = """
                              before      after    left
 ───────────────────────────────────────────────────────
 parameters                   96,010      2,304    2.4%
 non-zero kernel weights      95,000      2,294    2.4%
 FLOPs of one row            190,000      4,588    2.4%
 file size in bytes         1,151,000     51,000    4.4%

 CPU latency of one row     0.213 ms   0.250 ms    117%
 CPU latency of 256 rows    1,500 ms     150 ms     10%

 active inputs                    64         61   95.3%
 units of dense                1,280         31    2.4%
 units of output                  10         10  100.0%

outputs equal on 359 test rows (to 3e-08 relative)
the model takes all columns of the data
FLOPs: 2 for each multiply-add of a kernel
latency: median of calls on this machine
"""


def words(text: str) -> list[list[str]]:
    lines = [line.replace("─", "").split() for line in text.splitlines()]
    return [line for line in lines if line]


@pytest.mark.parametrize("width", [80, 140, 10_000])
def test_the_table(width: int) -> None:
    text = shown("table", width)
    assert words(text) == words(TABLE)
    assert max(map(len, text.splitlines())) <= 80


def test_remarks_follow_what_was_done() -> None:
    done = replace(SHRINKAGE, takes_all_columns=False, check=Check("train", 20, 0.0))
    text = shown("table", shrinkage=done)
    assert "outputs equal on 20 train rows (exactly)\n" in text
    assert "the model takes 61 of 64 columns of the data\n" in text
    assert "nothing is dead" not in text


def test_a_model_without_dead_parts() -> None:
    whole = replace(SHRINKAGE, inputs=UnitCount("inputs", 4, 4), units=(UnitCount("a", 2, 2),))
    text = shown("table", shrinkage=whole)
    assert "no unit or input is dead: only exact zeros can make them dead\n" in text


def test_json() -> None:
    document = json.loads(shown("json"))
    assert document["run"] == "3fa9c1d2e0b4"
    assert document["files"] == ["small.keras"]
    assert document["inputs"]["after"] == len(document["inputs"]["columns"]) == 61
    dense = {"name": "dense", "counted": "units", "before": 1280, "after": 31}
    assert document["layers"][0] == dense
    assert document["after"] == {
        "parameters": 2304,
        "nonzero": 2294,
        "flops": 4588,
        "bytes": 51_000,
        "seconds": {"1": 0.00025, "256": 0.15},
    }
    assert document["check"] == {"part": "test", "rows": 359, "difference": 3.14e-8}


def test_csv_and_markdown() -> None:
    rows = list(csv.reader(io.StringIO(shown("csv"))))
    assert rows[0] == ["measure", "before", "after"]
    assert ["CPU latency of one row in seconds", "0.000213", "0.00025"] in rows
    assert ["units of dense", "1280", "31"] in rows
    markdown = shown("md").splitlines()
    assert markdown[:3] == [
        "|  | before | after | left |",
        "| --- | ---: | ---: | ---: |",
        "| parameters | 96,010 | 2,304 | 2.4% |",
    ]
    assert "| CPU latency of one row | 0.213 ms | 0.250 ms | 117% |" in markdown


def test_of_attention_heads_are_counted() -> None:
    heads = replace(SHRINKAGE, units=(UnitCount("attend", 8, 2, "heads"),))
    assert ["heads", "of", "attend", "8", "2", "25.0%"] in words(shown("table", shrinkage=heads))
