"""Zeros of each layer: those of the setting to use, and along each strength."""

from collections.abc import Iterator

from regcli.report.pages.page import Block, Section, Sheet
from regcli.report.pages.slices import chosen_title, held_notes, named_points, plot_key, titles_of
from regcli.report.plots.layer_zeros import layer_plot
from regcli.report.run_view import zeros_table
from regcli.report.strength_slices import slice_through, varied_strengths
from regcli.results.settings import SettingSummary
from regcli.workflows.stored_evidence import Evidence


def layers_section(evidence: Evidence) -> Section:
    """A plot for each strength, where there are several layers, and a table."""
    return Section("layers", "Zeros of each layer", tuple(_blocks(evidence)))


def _blocks(evidence: Evidence) -> Iterator[Block]:
    run = evidence.chosen.records[0]
    if run.sparsity is None or not run.sparsity.layers:
        return
    titles = titles_of(evidence)
    kind = "exact" if _any_exact(evidence) else "near"
    for key in varied_strengths(evidence.settings):
        points = slice_through(evidence.chosen, key, evidence.settings)
        names = [layer.name for layer in run.sparsity.layers]
        shares = {name: [_share(s, name, kind) for _, s in points] for name in names}
        known = {
            name: [each for each in found if each is not None] for name, found in shares.items()
        }
        if len(points) < 2 or len(names) < 2 or any(len(k) < len(points) for k in known.values()):
            continue
        notes = list(held_notes(evidence, [key]))
        if kind == "near":
            notes.append(f"near: below {run.sparsity.threshold:g} in magnitude")
        name = plot_key("layers", titles[key])
        values = [value for value, _ in points]
        named = named_points(evidence, points)
        yield layer_plot(name, titles[key], kind, values, known, named, notes)
    several = ", its first run" if len(evidence.chosen.records) > 1 else ""
    yield Sheet(f"{chosen_title(evidence)}{several}", zeros_table(run.sparsity))


def _any_exact(evidence: Evidence) -> bool:
    return any(run.sparsity and run.sparsity.exact > 0 for run in evidence.records)


def _share(setting: SettingSummary, layer: str, kind: str) -> float | None:
    """The mean share of zeros of a layer; None unless every run has that layer."""
    found = [
        each.exact if kind == "exact" else each.near
        for run in setting.records
        if run.sparsity is not None
        for each in run.sparsity.layers
        if each.name == layer
    ]
    return sum(found) / len(found) if len(found) == len(setting.records) else None
