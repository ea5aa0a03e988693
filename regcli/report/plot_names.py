"""Names by which plots that stand alone are asked for; light, for whoever only reads them."""

from typing import Literal, get_args

KindName = Literal[
    "score",
    "map",
    "pareto",
    "path",
    "learning",
    "confusion",
    "reliability",
    "roc",
    "residuals",
    "coefficients",
    "sparsity",
]
ALONG: tuple[KindName, ...] = ("score", "path", "sparsity")
"""Kinds of which there is one for each strength that varies."""
Role = Literal["use", "best", "reference"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Settings that a verdict names."""
