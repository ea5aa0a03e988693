"""Run the benchmarks: `python -m benchmarks`, or `--quick` for a form under a minute.

`--large` runs the case of a large table alone, `--applications` that of a large network.
"""

import sys
from collections.abc import Callable, Iterator, Mapping

from benchmarks.applications import measure_applications
from benchmarks.commands import measure_commands
from benchmarks.large_tables import measure_large_tables
from benchmarks.paths import measure_paths
from benchmarks.plans import measure_plans
from benchmarks.report import Figure, write_report
from benchmarks.sizes import measure_sizes
from benchmarks.steps import measure_steps
from benchmarks.sweeps import measure_sweeps
from benchmarks.tiny import measure_tiny


def measure(quick: bool) -> Iterator[Figure]:
    """Every figure, one case after another."""
    yield from measure_commands(rounds=1 if quick else 5)
    yield from measure_steps(rounds=2 if quick else 3, quick=quick)
    yield from measure_plans(quick)
    if not quick:
        yield from measure_sizes()
        yield from measure_sweeps()
        yield from measure_tiny()
        yield from measure_paths()
        yield from measure_large_tables()
        yield from measure_applications()


ALONE: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "large": measure_large_tables,
    "applications": measure_applications,
}
"""Cases that can be run by themselves."""


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    alone = next((name for name in ALONE if f"--{name}" in sys.argv[1:]), None)
    figures = []
    for figure in ALONE[alone]() if alone else measure(quick):
        sys.stderr.write(f"{figure.case}: {figure.candidate}: {figure.value:.4g} {figure.unit}\n")
        figures.append(figure)
    sys.stdout.write(write_report(figures, alone or ("quick" if quick else "full")))


if __name__ == "__main__":
    main()
