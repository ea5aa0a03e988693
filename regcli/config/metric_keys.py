"""Metrics in a config: which are shown, and which one ranks the settings."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from regcli.config.problems import did_you_mean, shown, unknown
from regcli.metrics.registry import METRICS, RANKED


def _listed(value: object) -> object:
    """A list, also from text: `roc_auc,f1`."""
    return [name.strip() for name in value.split(",")] if isinstance(value, str) else value


def _known_metric(name: str) -> str:
    if name not in METRICS:
        raise ValueError(unknown("metric", name, METRICS))
    return name


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    for position, name in enumerate(names):
        if name in names[:position]:
            raise ValueError(f"must not name a metric twice, got {name} again")
    if not names:
        raise ValueError("must name at least one metric, got an empty list")
    return names


MetricNames = Annotated[
    tuple[Annotated[str, AfterValidator(_known_metric)], ...],
    Field(strict=False),
    BeforeValidator(_listed),
    AfterValidator(_each_once),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"enum": list(METRICS)}, "minItems": 1},
                {"type": "string"},
            ]
        }
    ),
]


def _checked_ranking(value: object) -> object:
    if not isinstance(value, str) or value in RANKED:
        return value
    part, _, key = value.partition(".")
    if key in METRICS and METRICS[key].is_diagnostic:
        rule = "must be a metric that shows which model is better"
        raise ValueError(f"{rule}, got {value}, which can be near 0 for a constant prediction")
    if part == "test":
        rule = "must be a result of the validation rows: test rows are not used for ranking"
        raise ValueError(f"{rule}, got {value}")
    rule = "must be validation.data_loss or a metric, like validation.roc_auc"
    raise ValueError(f"{rule}, got {shown(value)}{did_you_mean(value, RANKED)}")


Ranking = Annotated[str, BeforeValidator(_checked_ranking)]
"""What settings may be ranked by."""
