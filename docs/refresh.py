"""Run the README's commands and put what they print below them: `make readme`."""

import re
import sys
import tempfile
from io import StringIO
from pathlib import Path

from blocks import README, commands, run
from rich.console import Console
from rich.text import Text

from regcli.report.sweep_results import results_report
from regcli.report.writers import terminal
from regcli.store.store import open_store

PICTURE = Path(__file__).with_name("sweep.svg")


def main() -> None:
    """Rewrite README.md and sweep.svg."""
    text = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for command in commands(text):
            finished = run(command.text, folder, Path(sys.executable).parent)
            output = "\n".join(line.rstrip() for line in finished.stdout.strip("\n").splitlines())
            shown = f"$ {command.text}\n{output}\n" if output else f"$ {command.text}\n"
            text = text.replace(f"$ {command.text}\n{command.output}", shown, 1)
        draw(folder / "runs")
    README.write_text(text, encoding="utf-8")


def draw(runs: Path) -> None:
    """The first sweep's table as a picture."""
    with open_store(runs, create=False) as store:
        first = store.sweeps()[-1]
        records = list(store.find(first.run_ids).values())
    console = Console(record=True, width=112, file=StringIO(), force_terminal=True)
    console.print("[bold]$ regcli sweep --l1 0,0.01 --l2 0,0.01[/]")
    console.print(Text.from_ansi(terminal.text(results_report(records), console)))
    svg = console.export_svg(title="regcli")
    # A viewer falls back to its own monospaced font: nothing is fetched from elsewhere.
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
