"""The penalties that there are: to add one is to add its file, and its name here."""

from collections.abc import Mapping

from regcli.penalties.elastic_net import ELASTIC_NET
from regcli.penalties.mcp import MCP
from regcli.penalties.penalty import Penalty
from regcli.penalties.scad import SCAD
from regcli.penalties.sparse_groups import INPUT_GROUPS, UNIT_GROUPS, SparseGroups

NAMED: Mapping[str, Penalty] = {penalty.name: penalty for penalty in (ELASTIC_NET, MCP, SCAD)}
"""What `regularization.penalty` may be."""

SHAPE_KEYS: tuple[str, ...] = tuple(
    dict.fromkeys(
        parameter.config_key for penalty in NAMED.values() for parameter in penalty.shape_parameters
    )
)
"""Keys of a config for parameters that shape a penalty rather than scale it."""

GROUPED: Mapping[str, SparseGroups] = {"inputs": INPUT_GROUPS, "units": UNIT_GROUPS}
"""What `regularization.group` makes of the elastic net."""


def penalty_named(name: str, of_position: tuple[int, ...] | None = None) -> Penalty:
    """The penalty that has a name.

    Args:
        of_position: of groups that hold several positions together, as of `WeightGroups`.
    """
    groups = {penalty.name: penalty for penalty in GROUPED.values()}
    if name in groups and of_position is not None:
        return type(groups[name])(of_position)
    return {penalty.name: penalty for penalty in (*NAMED.values(), *groups.values())}[name]
