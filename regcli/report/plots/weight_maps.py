"""What the units of a first layer take from an image, each as a small picture."""

import numpy as np
from numpy.typing import NDArray

from regcli.report.plots.plot import LEVELS, Tile, Tiles

MOST_UNITS = 24
_MOST_SIDE = 28
"""Pixels of a side that are drawn; of more, 1 in 2, in 3 …."""


def weight_maps(key: str, name: str, units: NDArray[np.float64], kind: str) -> Tiles:
    """The units with the largest norms.

    Args:
        name: of the setting.
        units: (units, height, width).
        kind: what the units are.
    """
    norms = np.linalg.norm(units.reshape(len(units), -1), axis=1)
    order = np.argsort(-norms, kind="stable")[:MOST_UNITS]
    step = max(1, -(-max(units.shape[1:]) // _MOST_SIDE))
    shown = units[order][:, ::step, ::step]
    widest = float(np.abs(shown).max()) or 1.0
    half = LEVELS // 2
    levels = np.rint(shown / widest * half).astype(int) + half
    # A weight that is not 0 has its sign's first shade at least.
    levels = np.where((shown != 0) & (levels == half), half + np.sign(shown), levels).astype(int)
    tiles = [
        Tile(f"{unit}", f"unit {unit}", rows)
        for unit, rows in zip(order.tolist(), levels.tolist(), strict=True)
    ]
    dead = int((norms == 0).sum())
    notes = [f"the {len(units)} {kind}, those with the largest norms first"]
    if len(order) < len(units):
        notes = [f"the {len(order)} of {len(units)} {kind} with the largest norms"]
    notes += [f"{dead} of them have no weight but 0"] if dead else []
    notes += [f"1 pixel in {step} of each side is drawn"] if step > 1 else []
    description = f"Weights of {kind} as pictures, from −{widest:.2g} to {widest:.2g}."
    return Tiles(key, f"First layer: {name}", description, tiles, widest, notes)
