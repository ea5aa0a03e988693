"""Numbers as text, the same way in every table."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from regcli.results.settings import Spread

NumberText = Callable[[float | None], str]
NOTHING = "–"
"""What is shown where there is no number."""
LEAST_DIGITS, MOST_DIGITS = 4, 17
"""Significant digits that a computed setting is rounded to, and that tell any two apart."""
_MANY, _TOO_MANY = 1e4, 1e9
"""From where on a loss has thousands separators, and from where on an exponent."""
_WRITTEN_DIGITS = 8
"""A number of so many digits is as a person wrote it: it is never rounded."""


def loss_text(value: float | None) -> str:
    """A loss with four significant digits; from 10,000 on as a whole number: 192,900."""
    if value is None or not math.isfinite(value):
        return NOTHING
    if value == 0:
        return "0"
    if round(abs(value)) < _MANY:
        return f"{value:#.4g}".rstrip(".")
    return f"{value:,.0f}" if abs(value) < _TOO_MANY else f"{value:.3e}"


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


def setting_number(value: float, digits: int = LEAST_DIGITS) -> str:
    """A setting's number: whole ones and those of up to 8 digits exactly, others rounded.

    Args:
        digits: significant digits that others are rounded to.
    """
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < 1e8:
        return f"{value + 0.0:.0f}"  # -0.0 is 0
    exact = _significant_digits(value)
    return f"{value:.{exact if exact <= _WRITTEN_DIGITS else min(exact, digits)}g}"


def _significant_digits(value: float) -> int:
    """How many digits the shortest text has that reads back as the same number."""
    mantissa = repr(value).lower().partition("e")[0]
    return max(1, len(mantissa.lstrip("-").replace(".", "").strip("0")))


def seconds_text(value: float) -> str:
    """A duration: 0.41s, 3.2s, 1m 05s, 2h 03m."""
    if value < 1:
        return f"{value:.2f}s"
    if value < 60:
        return f"{value:.1f}s"
    minutes, seconds = divmod(round(value), 60)
    return f"{minutes}m {seconds:02d}s" if minutes < 60 else f"{minutes // 60}h {minutes % 60:02d}m"


@dataclass(frozen=True)
class NumberStyle:
    """How numbers of one kind are written, single and as a mean with its deviation.

    Attributes:
        text: one number.
        most_decimals: of a mean with its deviation.
        keeps_small: whether small numbers get as many decimals as four significant digits need.
        scale, unit: the factor of a number, and the unit that is written after it.
    """

    text: NumberText
    most_decimals: int
    keeps_small: bool = False
    scale: float = 1
    unit: str = ""


LOSS = NumberStyle(loss_text, 4, keeps_small=True)
SHARE = NumberStyle(share_text, 4)
PERCENT = NumberStyle(percent_text, 1, scale=100, unit="%")
COUNT = NumberStyle(count_text, 1)

_SMALL = 1e-4
"""Below it a loss is written with an exponent."""


@dataclass(frozen=True)
class Figure:
    """A number as it is shown: its digits, and those of its deviation where it has one."""

    digits: str
    deviation: str = ""

    def __str__(self) -> str:
        return f"{self.digits} ±{self.deviation}" if self.deviation else self.digits


def figure(value: Spread | float | None, style: NumberStyle) -> Figure:
    """A number, or a mean with its standard deviation where there is one: `0.082 ±0.003`.

    The deviation has two significant digits at most and the mean as many decimals: further digits
    would say more than the seeds do.
    """
    spread = value if isinstance(value, Spread | None) else Spread(value, None)
    if spread is None or not spread.deviation:
        return Figure(style.text(None if spread is None else spread.mean))
    mean, deviation = spread.mean * style.scale, spread.deviation * style.scale
    wanted, most = max(0, 1 - _exponent(deviation)), style.most_decimals
    if style.keeps_small and 0 < abs(mean) < _SMALL:
        digits = min(max(0, _exponent(mean) + wanted), 3)
        return Figure(f"{mean:.{digits}e}", f"{deviation:.1e}")
    if style.keeps_small and mean:
        most = max(most, 3 - _exponent(mean))
    decimals = min(wanted, most)
    shown = f"{deviation:,.{decimals}f}"
    if not float(shown.replace(",", "")):
        shown = f"<{10.0**-decimals:.{decimals}f}"
    return Figure(f"{mean:,.{decimals}f}{style.unit}", shown)


def _exponent(number: float) -> int:
    """The power of ten of a number's first digit."""
    return math.floor(math.log10(abs(number)))
