"""Scales: where a value stands on an axis, from 0 to 1, and which values are written beside it."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
"""First digits of the distance between two ticks."""
_ZERO_WIDTH = 0.12
"""Share of a logarithmic axis that 0 takes, which has no logarithm."""
_EDGE = 0.04
"""Share of an axis that stays free at either end, so that no mark is cut."""


class Tick(NamedTuple):
    """A value on an axis with its text."""

    value: float
    text: str


class Scale(Protocol):
    """Where values stand on an axis."""

    @property
    def ticks(self) -> Sequence[Tick]:
        """The values that are written beside the axis, in order."""

    @property
    def breaks(self) -> Sequence[float]:
        """Places, from 0 to 1, at which the axis is interrupted."""

    def place(self, value: float) -> float:
        """From 0, the axis's beginning, to 1, its end; one of these for values beyond them."""


@dataclass(frozen=True)
class Linear:
    """Equal differences are equal distances.

    Attributes:
        low, high: of what is shown; the ticks may lie inside.
        ticks: with as many decimals as tell them apart.
    """

    low: float
    high: float
    ticks: tuple[Tick, ...]
    breaks: Sequence[float] = ()

    def place(self, value: float) -> float:
        """(value − low) / (high − low), within the axis."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def covers(self, value: float) -> bool:
        """Whether a value lies on the axis, so that its place is its own."""
        return self.low <= value <= self.high


def linear(
    values: Iterable[float],
    wanted: int = 4,
    from_zero: bool = False,
    most: float = math.inf,
    percent: bool = False,
) -> Linear:
    """A linear scale around some values; not finite ones take no part.

    Args:
        wanted: about how many ticks.
        from_zero: whether the axis begins at 0, as lengths of bars do.
        most: the largest value that there can be, such as 1 for a share: nothing is shown above.
        percent: whether ticks are written in percent.
    """
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=1.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= 1e-12 * max(abs(high), abs(low), 1e-300):
        room = abs(high) * 0.1 or 1.0
        low, high = (low if from_zero else low - room), high + room
    step = _step((high - low) / wanted)
    free = _EDGE * (high - low)
    low = low if from_zero and low == 0 else low - free
    high = min(high + free, most + (free if math.isfinite(most) else 0.0))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    found = [number * step for number in range(first, last + 1) if number * step <= most + 1e-12]
    return Linear(low, high, tuple(Tick(v, _text(v, step, percent)) for v in found))


def _step(least: float) -> float:
    """The smallest round number that is not below another one."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in _STEPS if step * power >= least * (1 - 1e-9))


def _text(value: float, step: float, percent: bool) -> str:
    """A tick with as many decimals as its step has: 0.25, 1,500, 2e+06."""
    value, step = (100 * value, 100 * step) if percent else (value, step)
    unit = "%" if percent else ""
    if abs(value) < step / 1e6:
        return f"0{unit}"
    if max(abs(value), step) >= 1e6 or step < 1e-4:
        return f"{value:.3g}{unit}".replace("-", "−", 1 if value < 0 else 0)
    decimals = next(n for n in range(8) if abs(step * 10**n - round(step * 10**n)) < 1e-6)
    return f"{value:,.{decimals}f}{unit}".replace("-", "−")


@dataclass(frozen=True)
class Logarithmic:
    """Equal factors are equal distances; 0 has a place of its own before them.

    Attributes:
        low, high: the least and the largest value above 0.
        has_zero: whether 0 has a place.
    """

    low: float
    high: float
    has_zero: bool
    ticks: tuple[Tick, ...]

    @property
    def breaks(self) -> Sequence[float]:
        """Between 0 and the others."""
        return (_EDGE + _ZERO_WIDTH / 2,) if self.has_zero and self.high > 0 else ()

    def place(self, value: float) -> float:
        """Of the logarithm, in what is left of the axis beside 0."""
        begin = _EDGE + (_ZERO_WIDTH if self.has_zero else 0.0)
        if value <= 0:
            return _EDGE
        if self.high <= self.low:
            return (begin + 1 - _EDGE) / 2
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return begin + min(max(share, 0.0), 1.0) * (1 - _EDGE - begin)

    def covers(self, value: float) -> bool:
        """Whether a value lies on the axis, so that its place is its own."""
        return self.has_zero if value == 0 else self.low <= value <= self.high


def logarithmic(
    values: Iterable[float], text: Callable[[float], str] = "{:,g}".format
) -> Logarithmic:
    """A logarithmic scale with a place for 0.

    Its ticks are powers of ten, or round numbers between them where those are few; where there are
    fewer than two of these, the values.

    Args:
        text: writes a tick.
    """
    every = sorted({value for value in values if math.isfinite(value) and value >= 0})
    above = [value for value in every if value > 0]
    low, high = (above[0], above[-1]) if above else (0.0, 0.0)
    zero = [0.0] if every[:1] == [0.0] else []
    chosen = _round_numbers(low, high) if above else []
    ticks = [Tick(value, text(value)) for value in [*zero, *(chosen or above)]]
    return Logarithmic(low, high, bool(zero), tuple(ticks))


def _round_numbers(low: float, high: float) -> list[float]:
    """Powers of ten from one value to another; where there are fewer than two, 2 and 5 times them.

    None where those are fewer than two, too.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = max(1, math.ceil((last - first) / 6))
    for digits in ((1,), (1, 2, 5)):
        numbers = [float(f"{d}e{power}") for power in range(first, last + 1, step) for d in digits]
        found = [each for each in numbers if low * (1 - 1e-9) <= each <= high * (1 + 1e-9)]
        if len(found) > 1:
            return found
    return []


_FACTOR = 20
"""Between the largest and the least loss, from which on their axis is logarithmic."""


def measures(values: Iterable[float], ends: Iterable[float] = ()) -> Linear | Logarithmic:
    """A scale for losses: a logarithmic one where a few large ones would hide the others.

    Args:
        ends: what else is shown where the scale is linear.
    """
    finite = [value for value in values if math.isfinite(value)]
    if finite and min(finite) > 0 and max(finite) > _FACTOR * min(finite):
        return logarithmic(finite)
    return linear([*finite, *ends])


@dataclass(frozen=True)
class Steps:
    """One place after the other, all alike, each with its text."""

    texts: tuple[str, ...]
    breaks: Sequence[float] = ()

    @property
    def ticks(self) -> Sequence[Tick]:
        """All of them; a writer leaves out those for which there is no room."""
        return tuple(Tick(float(place), text) for place, text in enumerate(self.texts))

    def place(self, value: float) -> float:
        """The middle of a place by its number."""
        return (value + 0.5) / max(1, len(self.texts))


@dataclass(frozen=True)
class Counts:
    """Numbers of things on a logarithmic axis: 0 stands at its beginning, 1 a step above it."""

    high: float

    breaks: Sequence[float] = ()

    @property
    def ticks(self) -> Sequence[Tick]:
        """0 and powers of ten."""
        last = math.floor(math.log10(max(self.high, 1)))
        step = max(1, math.ceil(last / 3))
        powers = [10.0**power for power in range(0, last + 1, step)]
        return (Tick(0.0, "0"), *(Tick(value, f"{value:,.0f}") for value in powers))

    def place(self, value: float) -> float:
        """log(1 + value), relative to that of the highest."""
        share = math.log1p(value) / math.log1p(max(self.high, 1))
        return min(share, 1.0) * (1 - _EDGE)
