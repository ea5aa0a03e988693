"""Where the numbers come from: config, machine, versions, time, and how to make them again."""

from collections.abc import Iterator

from regcli.config.document import write_yaml
from regcli.report.figures import seconds_text
from regcli.report.listing import listed
from regcli.report.pages.page import Code, Section, Sheet, Text
from regcli.report.pages.slices import chosen_title
from regcli.report.sweep_command import again_command
from regcli.workflows.stored_evidence import Evidence

CONFIG = "config.yaml"


def config_section(evidence: Evidence) -> Section:
    """The resolved config of the setting to use, as a file."""
    label = f"{CONFIG}: {chosen_title(evidence).lower()}"
    return Section("config", "Config", (Code(write_yaml(_config(evidence)), label),))


def _config(evidence: Evidence) -> dict[str, object]:
    """Without what the sweep sets: its folds, and its own section, which is empty."""
    config = dict(evidence.chosen.records[0].own_config)
    config.pop("sweep", None)
    dataset = dict(config.get("dataset") or {})
    dataset.pop("fold", None)
    return {**config, "dataset": dataset}


def machine_section(evidence: Evidence) -> Section:
    """Versions, devices, engines and seconds; each once where all runs have the same."""
    return Section("machine", "Machine and versions", (Sheet("", listed([*_lines(evidence)])),))


def _lines(evidence: Evidence) -> Iterator[tuple[str, str]]:
    runs = evidence.records
    names = dict.fromkeys(name for run in runs for name in run.environment)
    for name in names:
        values = dict.fromkeys(run.environment.get(name, "not known") for run in runs)
        yield name, ", ".join(values)
    yield "engine", ", ".join(dict.fromkeys(run.engine for run in runs))
    seconds = sum(run.seconds for run in runs)
    yield "training", f"{seconds_text(seconds)} in all runs together"
    for sweep in evidence.sweeps:
        yield f"sweep {sweep.id}", f"took {seconds_text(sweep.seconds)}, ended {sweep.created}"
    ended = sorted(run.created for run in runs)
    yield "runs ended", ended[0] if ended[0] == ended[-1] else f"{ended[0]} to {ended[-1]}"


def commands_section(evidence: Evidence) -> Section:
    """How to train the same again, and to write this page."""
    command = again_command(
        evidence.settings, evidence.along, CONFIG, has_refits=bool(evidence.refits)
    )
    names = [sweep.id for sweep in evidence.sweeps] or [run.id for run in evidence.records[:20]]
    commands = [command] if command else []
    commands.append(f"regcli report {' '.join(names)}")
    blocks: list[Code | Text] = [Code("\n".join(commands), f"with the config above as {CONFIG}")]
    if not command:
        blocks.append(Text(["The settings are no full grid: one command does not name them all."]))
    return Section("commands", "Make it again", blocks)
