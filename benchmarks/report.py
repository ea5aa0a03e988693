"""Figures as a Markdown table and as JSON, with the machine they were measured on."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.machine import machine_facts

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One measured figure: a median, and its ratio to the case's baseline."""

    case: str
    candidate: str
    value: float
    unit: str
    ratio: float
    runs: int


def write_report(figures: Sequence[Figure], name: str) -> str:
    """Write `results/<name>.md` and `.json`; returns the Markdown."""
    facts = machine_facts()
    lines = [
        "| case | candidate | median | ratio | runs |",
        "| --- | --- | ---: | ---: | ---: |",
        *(
            f"| {f.case} | {f.candidate} | {f.value:,.4g} {f.unit} | {f.ratio:.3g} | {f.runs} |"
            for f in figures
        ),
        "",
        "Ratios are to the first candidate of a case, measured in turns in one run.",
        ", ".join(f"{key} {value}" for key, value in facts.items()),
    ]
    text = "\n".join(lines) + "\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    document = {"machine": facts, "figures": [asdict(figure) for figure in figures]}
    (RESULTS / f"{name}.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return text
