"""How sparse each layer is along a strength."""

from collections.abc import Mapping, Sequence

from regcli.report.plots.plot import Axis, Line, Panel, PanelMark, Plot, Rule
from regcli.report.plots.scales import linear, logarithmic

MOST_LAYERS = 8


def layer_plot(
    key: str,
    label: str,
    kind: str,
    values: Sequence[float],
    shares: Mapping[str, Sequence[float]],
    named: Sequence[tuple[float, str]],
    notes: Sequence[str],
) -> Plot:
    """A line a layer: the share of its weights that are zero.

    Args:
        label: of the strength, which has `values`.
        kind: of zeros that are counted: exact, or near.
        shares: by the name of a layer, one for each value.
    """
    x = Axis(label, logarithmic(values))
    every = [share for each in shares.values() for share in each]
    y = Axis(f"{kind} zeros", linear([0.0, *every], from_zero=True, most=1.0, percent=True))
    marks: list[PanelMark] = [Rule(value, name) for value, name in named]
    for place, (name, each) in enumerate(list(shares.items())[:MOST_LAYERS]):
        marks.append(Line(list(zip(values, each, strict=True)), name, place, dash=place))
    reported = list(notes)
    if len(shares) > MOST_LAYERS:
        reported.append(f"the first {MOST_LAYERS} of {len(shares)} layers")
    ends = "; ".join(f"{name} {each[0]:.0%} to {each[-1]:.0%}" for name, each in shares.items())
    description = f"Share of {kind} zeros by layer, from {label} {values[0]:g} to {values[-1]:g}: "
    title = f"Zeros of each layer along {label}"
    return Plot(key, title, f"{description}{ends}.", [Panel(x, y, marks)], reported)
