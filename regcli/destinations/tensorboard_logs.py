"""Runs as logs of TensorBoard: a folder a run, with its learning curves, results and settings.

Each run has one file of events with a name of its own, which is replaced whole: to export again
changes nothing where nothing is new, and never doubles a point. Settings and results are in the
HParams tab too, for which a file beside the folders says which there are.

The package tensorboard is enough: its own protocol buffers and its own writer of records, which do
not load TensorFlow.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from regcli.destinations.destination import Sent, Shipment, count_words
from regcli.destinations.optional_packages import require_packages
from regcli.destinations.run_folders import run_folder
from regcli.results.records import RunRecord

EVENTS = "events.out.tfevents.0.regcli"
"""The name of every file; TensorBoard reads files with `tfevents` in their names."""


def send(shipment: Shipment) -> Sent:
    """Write the folders.

    Raises:
        ExportError: the package is missing.
        OSError: a file cannot be written.
    """
    require_packages({"tensorboard": "tensorboard"}, "tensorboard")
    from regcli.destinations.event_records import run_events

    folder, runs = shipment.path, shipment.records
    known = _known_folders(folder)
    written = [
        _write(known.get(run.id, folder / run_folder(run)) / EVENTS, run_events(run))
        for run in runs
    ]
    _write_overview(folder / EVENTS, runs)
    return Sent(count_words(written.count(True)), written.count(False))


def _known_folders(folder: Path) -> dict[str, Path]:
    """Folders of runs that were exported before, by id: their settings may have had other names."""
    files = sorted(folder.glob(f"*/*/{EVENTS}"))
    return {file.parent.name.rpartition(" ")[2]: file.parent for file in files}


def _write_overview(path: Path, runs: Iterable[RunRecord]) -> None:
    """Write which settings and results there are, those of earlier exports included."""
    from regcli.destinations.event_records import overview_events
    from regcli.destinations.hparams_overview import overview, read_overview

    _write(path, overview_events(overview(runs, read_overview(path))))


def _write(path: Path, content: bytes) -> bool:
    """Write a file whole, where it does not hold that yet; whether it had to be.

    What is not finished has a name that TensorBoard does not read.
    """
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".unfinished.{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return True
