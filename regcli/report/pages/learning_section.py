"""Learning curves of the settings that the verdict names."""

from collections.abc import Iterator

from regcli.report.pages.page import Section
from regcli.report.plots.learning_curves import learning_plot
from regcli.report.plots.plot import Plot
from regcli.report.run_history import history_of
from regcli.report.setting_columns import naming
from regcli.results.verdict.setting_roles import roles
from regcli.workflows.stored_evidence import Evidence


def learning_section(evidence: Evidence) -> Section:
    """A plot for each of: the setting to use, the best one and the reference."""
    return Section("learning", "Learning curves", tuple(_plots(evidence)))


def _plots(evidence: Evidence) -> Iterator[Plot]:
    verdict = evidence.verdict
    named = [0] if verdict is None else [verdict.use, verdict.best, verdict.reference]
    name = naming([setting.settings for setting in evidence.settings])
    for place in dict.fromkeys(named):
        if place is None:
            continue
        setting = evidence.settings[place]
        found = [history for run in setting.records if (history := history_of(run)) is not None]
        if found:
            text = " ".join(filter(None, [roles(setting, verdict), name(setting.settings)]))
            yield learning_plot(f"learning-{place}", text or "the setting", "loss", found)
