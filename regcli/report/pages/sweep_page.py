"""The page of a sweep, a path or some runs: its sections in order."""

from collections.abc import Iterator

from regcli.report.pages.architecture_section import architecture_section
from regcli.report.pages.coefficients_section import coefficients_section
from regcli.report.pages.data_section import data_section
from regcli.report.pages.layers_section import layers_section
from regcli.report.pages.learning_section import learning_section
from regcli.report.pages.map_section import map_section
from regcli.report.pages.origin_section import (
    commands_section,
    config_section,
    machine_section,
)
from regcli.report.pages.page import Page, Section
from regcli.report.pages.path_section import path_section
from regcli.report.pages.rows_section import rows_section
from regcli.report.pages.settings_section import settings_section
from regcli.report.pages.stability_section import stability_section
from regcli.report.pages.strength_section import strength_section
from regcli.report.pages.trade_off_section import trade_off_section
from regcli.report.pages.verdict_section import verdict_section
from regcli.report.pages.weights_section import weights_section
from regcli.report.sweep_results import rows_notes
from regcli.workflows.stored_evidence import Evidence


def sweep_page(evidence: Evidence) -> Page:
    """What the store has of some runs; sections without facts are left out."""
    sections = [section for section in _sections(evidence) if section.blocks]
    return Page(page_title(evidence), _lead(evidence), sections)


def _sections(evidence: Evidence) -> Iterator[Section]:
    yield verdict_section(evidence)
    yield settings_section(evidence)
    yield strength_section(evidence)
    yield map_section(evidence)
    yield trade_off_section(evidence)
    yield path_section(evidence)
    yield layers_section(evidence)
    yield coefficients_section(evidence)
    yield weights_section(evidence)
    yield learning_section(evidence)
    yield rows_section(evidence)
    yield stability_section(evidence)
    yield architecture_section(evidence)
    yield data_section(evidence)
    yield config_section(evidence)
    yield machine_section(evidence)
    yield commands_section(evidence)


def page_title(evidence: Evidence) -> str:
    """The names of the runs, the first three of several."""
    names = list(dict.fromkeys(run.name for run in evidence.records))
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _lead(evidence: Evidence) -> str:
    runs, settings = len(evidence.records), len(evidence.settings)
    kind = f"path along {evidence.along}" if evidence.along else "sweep"
    which = ", ".join(f"{kind} {sweep.id}" for sweep in evidence.sweeps)
    counts = f"{settings:,} setting{'s' * (settings != 1)}, {runs:,} run{'s' * (runs != 1)}"
    rows = [note.text for note in rows_notes(evidence.records)]
    return " · ".join([*([which] if which else []), counts, *rows])
