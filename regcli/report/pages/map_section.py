"""The map of two strengths."""

import math
from itertools import combinations

from regcli.report.pages.page import Section
from regcli.report.pages.slices import held_notes, titles_of
from regcli.report.plots.heat_map import Score, heat_map
from regcli.report.plots.plot import Plot
from regcli.report.result_columns import metric_label, result_style
from regcli.report.strength_slices import varied_strengths
from regcli.results.verdict.judgement import strengths
from regcli.results.verdict.setting_roles import roles
from regcli.workflows.stored_evidence import Evidence

_LEAST = 2
"""Values of either strength, of which each is tried with several of the other."""


def map_section(evidence: Evidence) -> Section:
    """A map of the first two strengths that vary together; none where they do not."""
    varied = varied_strengths(evidence.settings)
    for pair in combinations(varied, 2) if evidence.verdict is not None else ():
        plot = _plot(evidence, pair)
        if plot is not None:
            names = " × ".join(titles_of(evidence)[key] for key in pair)
            return Section("map", names, (plot,))
    return Section("map", "", ())


def _plot(evidence: Evidence, pair: tuple[str, str]) -> Plot | None:
    verdict, titles = evidence.verdict, titles_of(evidence)
    assert verdict is not None
    chosen = {key: value for key, value in evidence.chosen.settings.items() if key not in pair}
    scores = {}
    for setting in evidence.settings:
        others = {key: value for key, value in setting.settings.items() if key not in pair}
        if others == chosen:
            own = strengths(setting.settings)
            mean = setting.mean(verdict.ranking.key)
            place = own.get(pair[0], 0.0), own.get(pair[1], 0.0)
            scores[place] = Score(math.nan if mean is None else mean, roles(setting, verdict))
    values = [sorted({place[axis] for place in scores}) for axis in (0, 1)]
    if min(map(len, values)) < _LEAST or len(scores) < sum(map(len, values)):
        return None
    part, _, name = verdict.ranking.key.partition(".")
    return heat_map(
        (titles[pair[0]], titles[pair[1]]),
        (values[0], values[1]),
        scores,
        f"{part} {metric_label(name)}",
        result_style(verdict.ranking.key).text,
        verdict.ranking.highest,
        ["shades are by rank", *held_notes(evidence, pair)],
    )
