"""How many zeros a model has, and which of its parts can still change its output."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from regcli.results.records import LayerSparsity, Sparsity

NEAR_THRESHOLD = 1e-3


def summarize(
    kernels: Mapping[str, NDArray[np.float32]],
    chain: Sequence[tuple[str, NDArray[np.bool_]]] | None,
    threshold: float = NEAR_THRESHOLD,
) -> Sparsity:
    """Exact and near zeros, total and per kernel; live units and active inputs.

    Args:
        kernels: kernels by name, any shape.
        chain: which outputs of each layer depend on which of its inputs, as `live_parts` takes it;
            None where the layers do not let columns and units be followed.
        threshold: magnitude below which a weight counts as near zero.
    """
    layers = tuple(_layer(name, kernel, threshold) for name, kernel in kernels.items())
    total = sum(kernel.size for kernel in kernels.values())
    nonzero = sum(int(np.count_nonzero(kernel)) for kernel in kernels.values())
    below = sum(int((np.abs(kernel) < threshold).sum()) for kernel in kernels.values())
    active_inputs, live_units = live_parts(chain) if chain else (None, {})
    return Sparsity(
        exact=(total - nonzero) / total if total else 0.0,
        near=below / total if total else 0.0,
        threshold=threshold,
        nonzero=nonzero,
        total=total,
        active_inputs=active_inputs,
        live_units=live_units,
        layers=layers,
    )


def _layer(name: str, kernel: NDArray[np.float32], threshold: float) -> LayerSparsity:
    return LayerSparsity(
        name=name,
        shape=kernel.shape,
        exact=float((kernel == 0).mean()),
        near=float((np.abs(kernel) < threshold).mean()),
    )


def live_parts(chain: Sequence[tuple[str, NDArray[np.bool_]]]) -> tuple[int, dict[str, int]]:
    """Input columns and hidden units that can still change the output.

    A unit is live if a path of non-zero weights leads to it from some input and from it to some
    output. One forward and one backward sweep give what removing dead units again and again would.

    Args:
        chain: (layer name, connected) in order, with `connected` of shape (inputs, units).

    Returns:
        The number of active inputs, and the number of live units of every layer but the last.
    """
    reached: list[NDArray[np.bool_]] = [np.ones(chain[0][1].shape[0], bool)]
    for _, connected in chain:
        reached.append(np.any(connected[reached[-1]], axis=0))
    needed: list[NDArray[np.bool_]] = [np.ones(chain[-1][1].shape[1], bool)]
    for _, connected in reversed(chain):
        needed.append(np.any(connected[:, needed[-1]], axis=1))
    live = [
        from_input & to_output for from_input, to_output in zip(reached, needed[::-1], strict=True)
    ]
    hidden = {
        name: int(units.sum()) for (name, _), units in zip(chain[:-1], live[1:-1], strict=True)
    }
    return int(live[0].sum()), hidden
