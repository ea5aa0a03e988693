"""Rules about layers that take whole numbers, checked on a config's plain data."""

from collections.abc import Iterator

from pydantic import ValidationError

from regcli.config.keras_parts import Layer
from regcli.config.problems import Path, Problem, shown
from regcli.config.tokens import takers_of_inputs, token_layers


def check_tokens(layers: object, dataset: object, sweep: object) -> Iterator[Problem]:
    """Problems of layers before an Embedding, and of settings that change its whole numbers."""
    try:
        plain = layers if isinstance(layers, list) else []
        stack = [Layer.model_validate(layer) for layer in plain]
    except ValidationError:
        return  # the layers have problems of their own
    for found in token_layers(stack):
        if found.behind:
            path: Path = ("model", "layers", found.position)
            rule = f"{found.kind} takes whole numbers: it must be the first layer, or follow "
            kept = "layers that keep whole numbers, such as Reshape"
            yield Problem(path, f"{rule}{kept}; got it after {found.behind}")
    takers = takers_of_inputs(stack)
    if not takers:
        return
    where = f"where {takers[0].kind} takes the inputs, which must be whole numbers"
    if isinstance(dataset, dict):
        yield from _check_dataset(dataset, where)
    varied = sweep.get("vary") if isinstance(sweep, dict) else None
    if isinstance(varied, dict) and "dataset.scale" in varied:
        rule = f"must not be varied {where}: they are never scaled"
        yield Problem(("sweep", "vary", "dataset.scale"), rule)


def _check_dataset(dataset: dict[str, object], where: str) -> Iterator[Problem]:
    """Check what the user has set; `standard` may be the default, and counts as none."""
    scale, noise = dataset.get("scale"), dataset.get("noise_features")
    if scale in ("minmax", "robust", "quantile"):
        yield Problem(("dataset", "scale"), f"must be none or left out {where}; got {scale}")
    if isinstance(noise, int) and not isinstance(noise, bool) and noise > 0:
        yield Problem(("dataset", "noise_features"), f"must be 0 {where}; got {shown(noise)}")
