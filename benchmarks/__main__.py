"""Run the benchmarks: `python -m benchmarks`, or `--quick` for a form under a minute."""

import sys

from benchmarks.commands import measure_commands
from benchmarks.report import write_report


def main() -> None:
    quick = "--quick" in sys.argv[1:]
    figures = list(measure_commands(rounds=3 if quick else 7))
    sys.stdout.write(write_report(figures, "quick" if quick else "full"))


if __name__ == "__main__":
    main()
