"""Plots that stand alone: the kinds there are, and one of a kind from what is stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from regcli.errors import UsageError
from regcli.report.pages.coefficients_section import coefficients_section
from regcli.report.pages.layers_section import layers_section
from regcli.report.pages.learning_section import learning_section
from regcli.report.pages.map_section import map_section
from regcli.report.pages.page import Section
from regcli.report.pages.path_section import path_section
from regcli.report.pages.rows_section import rows_section
from regcli.report.pages.strength_section import strength_section
from regcli.report.pages.sweep_page import page_title
from regcli.report.pages.trade_off_section import trade_off_section
from regcli.report.plot_names import KindName, Role
from regcli.report.plots.plot import Plot
from regcli.results.verdict.setting_roles import places_by_role
from regcli.workflows.stored_evidence import Evidence


@dataclass(frozen=True)
class PlotKind:
    """A kind of plot.

    Attributes:
        section: of the page, which draws the same.
        needs: what runs must have for there to be one.
        key: what the keys of its plots begin with, where the section has others too.
    """

    section: Callable[[Evidence], Section]
    needs: str
    key: str = ""


_KEPT = "stored predictions of single rows, as those of the settings that a verdict names"

KINDS: Mapping[KindName, PlotKind] = {
    "score": PlotKind(
        strength_section, "at least 2 values of a strength, and a result to rank them by"
    ),
    "map": PlotKind(map_section, "two strengths that vary together, like l1 and l2"),
    "pareto": PlotKind(
        trade_off_section, "settings of different sizes, and a result to rank them by"
    ),
    "path": PlotKind(
        path_section,
        "3 to 200 values of a strength, stored weights, and a first layer on columns of a table",
    ),
    "learning": PlotKind(learning_section, "runs of at least 2 epochs"),
    "confusion": PlotKind(rows_section, f"classes, and {_KEPT}", "confusion"),
    "reliability": PlotKind(rows_section, f"probabilities of classes, and {_KEPT}", "reliability"),
    "roc": PlotKind(rows_section, f"a few classes with scores, and {_KEPT}", "roc"),
    "residuals": PlotKind(rows_section, f"a quantity, and {_KEPT}", "residuals"),
    "coefficients": PlotKind(
        coefficients_section, "a linear model with stored weights", "coefficients"
    ),
    "sparsity": PlotKind(
        layers_section, "several layers, and at least 2 values of a strength", "layers"
    ),
}


def plots_of(kind: KindName, evidence: Evidence) -> list[Plot]:
    """The plots of a kind: one a strength, or one a setting, the first to be shown unasked.

    Raises:
        UsageError: the runs have none.
    """
    blocks = KINDS[kind].section(evidence).blocks
    plots = [block for block in blocks if isinstance(block, Plot)]
    found = [plot for plot in plots if plot.key.startswith(KINDS[kind].key)]
    if not found:
        raise UsageError(f"these runs have no {kind} plot: it needs {KINDS[kind].needs}")
    name = page_title(evidence)
    return [replace(plot, title=f"{name} · {plot.title}") for plot in found]


def along_strength(plots: Sequence[Plot], along: str | None) -> Plot:
    """The plot along a strength, by its short name; the first one for None.

    Raises:
        UsageError: there is none along it.
    """
    names = [plot.panels[0].x.label for plot in plots]
    if along is not None and along not in names:
        raise UsageError(f"must be {' or '.join(names)}, got {along!r}")
    return plots[0 if along is None else names.index(along)]


def of_setting(plots: Sequence[Plot], role: Role, evidence: Evidence) -> Plot:
    """The learning curves of a setting that the verdict names; without one, of the first setting.

    Raises:
        UsageError: the verdict names none, or its runs have no history.
    """
    if evidence.verdict is None:
        return plots[0]
    keys = [plot.key for plot in plots]
    wanted = f"learning-{places_by_role(evidence.verdict).get(role)}"
    if wanted not in keys:
        raise UsageError(f"the verdict has no {role} setting with learning curves")
    return plots[keys.index(wanted)]
