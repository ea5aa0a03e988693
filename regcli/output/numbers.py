"""Numbers as text, the same way in every table."""

import math
from collections.abc import Callable

from regcli.results.settings import Spread

NumberText = Callable[[float | None], str]
NOTHING = "–"
"""What stands where there is no number."""


def loss_text(value: float | None) -> str:
    """A loss with four significant digits."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value == 0:
        return "0"
    return f"{value:#.4g}".rstrip(".") if abs(value) < 1e6 else f"{value:.3e}"


def share_text(value: float | None) -> str:
    """A share between 0 and 1 with four decimals, as accuracies are compared."""
    return NOTHING if value is None or not math.isfinite(value) else f"{value:.4f}"


def percent_text(value: float | None) -> str:
    """A share as a percentage with one decimal; 100.0 and 0.0 are kept for all and none."""
    if value is None or not math.isfinite(value):
        return NOTHING
    percent = 100 * value
    if 0 < percent < 0.05:
        return "<0.1%"
    return ">99.9%" if 99.95 <= percent < 100 else f"{percent:.1f}%"


def count_text(value: float | None) -> str:
    """A whole number with thousands separators; one decimal for a mean that is not whole."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def strength_text(value: object) -> str:
    """A setting's value: numbers as short as they stay exact to four digits, the rest as it is."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, int | float):
        return NOTHING if value is None else str(value)
    return f"{value:.4g}"


def seconds_text(value: float) -> str:
    """A duration: 0.41s, 3.2s, 1m 05s, 2h 03m."""
    if value < 1:
        return f"{value:.2f}s"
    if value < 60:
        return f"{value:.1f}s"
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes}m {seconds:02d}s" if minutes < 60 else f"{minutes // 60}h {minutes % 60:02d}m"


def spread_text(spread: Spread | None, shown: NumberText, scale: float = 1) -> str:
    """A mean with its standard deviation where there is one: `0.082 ±0.003`.

    The deviation has two significant digits at most and the mean as many decimals: further digits
    would say more than the seeds do.
    """
    if spread is None:
        return NOTHING
    if not spread.deviation:
        return shown(spread.mean)
    deviation, mean = spread.deviation * scale, spread.mean * scale
    unit, most = ("%", 1) if scale == 100 else ("", 4)
    decimals = min(max(0, 1 - math.floor(math.log10(deviation))), most)
    return f"{mean:.{decimals}f}{unit} ±{deviation:.{decimals}f}"
