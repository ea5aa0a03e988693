"""The weights of a few settings: how they are distributed, and as pictures where inputs are one."""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from regcli.report.pages.page import Block, Section
from regcli.report.pages.path_section import first_kernel
from regcli.report.plots.weight_histograms import WeightsOf, histogram_plot
from regcli.report.plots.weight_maps import weight_maps
from regcli.report.setting_columns import naming
from regcli.report.strength_slices import slice_through, varied_strengths
from regcli.results.records import DataSummary
from regcli.results.settings import SettingSummary
from regcli.results.verdict.setting_roles import roles
from regcli.workflows.stored_evidence import Evidence, Weights

MOST_SETTINGS = 6
_MOST_WEIGHTS = 5_000_000
_PIXEL = re.compile(r".*?(\d+)[_,x](\d+)")
Floats = NDArray[np.float64]


def weights_section(evidence: Evidence) -> Section:
    """A histogram for each of a few settings, and the first kernel of two of them as pictures."""
    return Section("weights", "Weights", tuple(_blocks(evidence)))


def _blocks(evidence: Evidence) -> Iterator[Block]:
    found, name = [], naming([setting.settings for setting in evidence.settings])
    for setting in _few(evidence):
        weights = evidence.weights(setting.records[0])
        values = None if weights is None else _all_kernels(weights)
        if values is not None:
            what = roles(setting, evidence.verdict)
            text = name(setting.settings) or "all kernels"
            found.append(WeightsOf(f"{text} ({what})" if what else text, values))
    if found:
        runs = max(len(setting.records) for setting in evidence.settings)
        yield histogram_plot(found, ["of each setting its first run"] if runs > 1 else [])
    yield from _maps(evidence)


def _few(evidence: Evidence) -> list[SettingSummary]:
    """The settings that the verdict names, and others along the first strength."""
    verdict, settings = evidence.verdict, evidence.settings
    if verdict is None:
        return list(settings[:MOST_SETTINGS])
    places = (verdict.reference, verdict.best, verdict.use)
    named = [settings[place] for place in dict.fromkeys(places) if place is not None]
    keys = varied_strengths(settings)
    along = [s for _, s in slice_through(evidence.chosen, keys[0], settings)] if keys else []
    others = [setting for setting in along if all(setting is not each for each in named)]
    room = MOST_SETTINGS - len(named)
    if len(others) > room:
        others = [others[round(n)] for n in np.linspace(0, len(others) - 1, room).tolist()]
    kept = [*named, *others]
    return [setting for setting in settings if any(setting is each for each in kept)]


def _all_kernels(weights: Weights) -> Floats | None:
    """The weights of all kernels; None where there are none, too many, or not finite ones."""
    kernels = [values.ravel() for name, values in weights.items() if name.endswith("kernel")]
    if not kernels or sum(map(len, kernels)) > _MOST_WEIGHTS:
        return None
    values = np.concatenate(kernels).astype(np.float64)
    return values if np.isfinite(values).all() else None


def _maps(evidence: Evidence) -> Iterator[Block]:
    verdict = evidence.verdict
    places = [] if verdict is None else list(dict.fromkeys((verdict.use, verdict.reference)))
    chosen = [(evidence.settings[p], p) for p in places if p is not None] or [(evidence.chosen, 0)]
    name = naming([setting.settings for setting in evidence.settings])
    for setting, place in chosen:
        run = setting.records[0]
        weights = evidence.weights(run)
        kernel = None if weights is None else first_kernel(weights)
        if kernel is None or run.data is None or not np.isfinite(kernel).all():
            continue
        pictures = _pictures(kernel, run.data)
        if pictures is not None:
            what = " ".join(filter(None, [roles(setting, verdict), name(setting.settings)]))
            yield weight_maps(f"maps-{place}", what, *pictures)


def _pictures(kernel: Floats, data: DataSummary) -> tuple[Floats, str] | None:
    """What each unit or filter takes from an image, (units, height, width), and what that is."""
    if kernel.ndim == 4 and min(kernel.shape[:2]) > 1:
        over = " (the mean over its channels)" if kernel.shape[2] > 1 else ""
        return np.moveaxis(kernel.mean(axis=2), -1, 0), f"filters of the first convolution{over}"
    shape = _image_shape(data)
    if kernel.ndim != 2 or shape is None or len(kernel) != shape[0] * shape[1]:
        return None
    return kernel.T.reshape(-1, *shape), "units of the first layer"


def _image_shape(data: DataSummary) -> tuple[int, int] | None:
    """Height and width of inputs that are an image; None where they are not."""
    shape: Sequence[int] = data.input_shape
    if len(shape) == 3 and shape[2] == 1:
        return shape[0], shape[1]
    if len(shape) == 2 and min(shape) > 3:
        return shape[0], shape[1]
    places = [_PIXEL.fullmatch(name) for name in data.columns] if len(shape) == 1 else []
    if not places or not all(places) or len(places) < 16:
        return None
    numbers = [(int(each[1]), int(each[2])) for each in places if each is not None]
    low = numbers[0]
    height, width = (numbers[-1][axis] - low[axis] + 1 for axis in (0, 1))
    ordered = [(low[0] + row, low[1] + column) for row in range(height) for column in range(width)]
    return (height, width) if numbers == ordered else None
