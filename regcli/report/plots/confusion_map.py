"""A map of which classes are taken for which."""

from collections.abc import Iterator, Sequence
from itertools import islice

from regcli.report.plots.plot import LEVELS, Axis, Cell, Cells, Panel, Plot
from regcli.report.plots.scales import Steps
from regcli.results.statistics.confusion import Counts, mistakes, most_confused

MOST_CLASSES = 12
"""Classes that are drawn."""
_MOST_LETTERS = 32
"""Letters of all names for which there is room below a map."""


def confusion_map(part: str, counts: Counts, classes: Sequence[str], notes: Sequence[str]) -> Plot:
    """A row for each true class, a column for each predicted one; the darker, the more of a row.

    Args:
        counts: rows by true and by predicted class.
    """
    chosen = most_confused(counts, MOST_CLASSES).tolist()
    shown = counts[chosen][:, chosen]
    names = [classes[number] for number in chosen]
    has_numbers = max(map(len, names)) * len(names) > _MOST_LETTERS
    below = [f"{number + 1}" for number in chosen] if has_numbers else names
    beside = [f"{n} {name}" for n, name in zip(below, names, strict=True)] if has_numbers else names
    cells = [
        _cell(int(shown[own, other]), int(counts[chosen[own]].sum()), (own, other), names)
        for own in range(len(names))
        for other in range(len(names))
    ]
    x = Axis("predicted class", Steps(tuple(below)))
    y = Axis("true class", Steps(tuple(reversed(beside))))
    height = min(0.9, max(0.3, 0.1 * len(names)))
    panel = Panel(x, y, [Cells(cells)], height)
    wrong, rows = int(counts.sum() - counts.trace()), int(counts.sum())
    summary = f"{wrong:,} of {rows:,} {part} rows are wrong"
    frequent = list(_frequent(counts, classes))
    description = f"{summary}{'. Most often ' if frequent else ''}{'; '.join(frequent)}."
    reported = [f"{summary}; the darker, the larger its share of the row's class", *notes]
    if len(names) < len(classes):
        drawn = counts[chosen].sum() - shown.sum()
        text = f"the {len(names)} most confused of {len(classes):,} classes"
        reported.append(f"{text}; {int(drawn):,} of their rows are taken for others")
    return Plot("confusion", "Confusion matrix", description, [panel], reported)


def _cell(count: int, of: int, place: tuple[int, int], names: Sequence[str]) -> Cell:
    own, other = place
    share = count / of if of else 0.0
    title = (
        f"true {names[own]}, predicted {names[other]}: {count:,} rows, {share:.1%} of that class"
    )
    # One row among thousands still has a shade of its own.
    level = 0 if not count else max(1, round(share * (LEVELS - 1)))
    row = len(names) - 1 - own
    return Cell(other, row, level, f"{count:,}" if count else "", title)


def _frequent(counts: Counts, classes: Sequence[str]) -> Iterator[str]:
    """The three pairs of classes that are confused most."""
    for own, other, rows in islice(mistakes(counts), 3):
        yield f"{classes[own]} is taken for {classes[other]} ({rows:,})"
