"""What a checkup found: versions, machine, speed, data sets, the store, and what is wrong."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from regcli.report.contents import Report, Table, View, data_table
from regcli.report.counts import count_runs
from regcli.report.listing import listed
from regcli.results.records import SCHEMA_VERSION
from regcli.store.store_health import StoreHealth
from regcli.version import __version__
from regcli.workflows.checkup import Checkup, Surroundings
from regcli.workflows.installed_software import SHOWN

Rows = Iterator[tuple[str, str]]

_TITLES = {"tensorflow": "TensorFlow", "keras": "Keras", "numpy": "NumPy"}
_UNITS = ("B", "kB", "MB", "GB", "TB")


def checkup_view(checkup: Checkup) -> View:
    """Everything that was found; as rows, the troubles."""
    return View(
        report=partial(checkup_report, checkup),
        rows=lambda: data_table(
            ["grade", "trouble"], [[each.grade.value, each.sentence] for each in checkup.troubles]
        ),
        document=partial(checkup_document, checkup),
    )


def checkup_report(checkup: Checkup) -> Report:
    """A table a subject, what is wrong at the end."""
    tables: list[Table] = []
    if checkup.surroundings is not None:
        own = checkup.surroundings
        tables += [
            listed(list(_software_rows(own))),
            listed(list(_machine_rows(own))),
            listed(list(_speed_rows(own))),
            listed(list(_data_rows(own))),
        ]
    tables.append(listed(list(_store_rows(checkup))))
    wrong = [(each.grade.value, each.sentence) for each in checkup.troubles]
    tables.append(listed(wrong or [("all well", "nothing is broken")]))
    return Report(tables, "checkup")


def _software_rows(own: Surroundings) -> Rows:
    versions = own.software.versions
    yield "regcli", __version__
    yield "Python", own.python
    for name in SHOWN:
        yield _TITLES.get(name, name), versions.get(name) or "not installed"
    extras = own.software.extras
    there = [name for name, is_there in extras.items() if is_there]
    yield "extras", ", ".join(there) or "none"
    missing = ",".join(name for name, is_there in extras.items() if not is_there)
    if missing:
        yield "", f"for others: pip install 'regcli[{missing}]'"


def _machine_rows(own: Surroundings) -> Rows:
    machine, state = own.machine, own.tensorflow
    yield "system", machine.system
    cores = f"{machine.usable} of {machine.cores} cores usable"
    limit = "" if machine.limit is None else f", control group allows {machine.limit:g}"
    yield "CPU", f"{machine.cpu or 'unknown'}; {cores}{limit}"
    yield "", ", ".join(machine.vector_flags) or "no vector instructions known"
    if machine.free is not None and machine.memory is not None:
        yield "memory", f"{bytes_text(machine.free)} free of {bytes_text(machine.memory)}"
    for number, gpu in enumerate(state.gpus if state else ()):
        yield f"GPU {number}", gpu
    if not (state and state.gpus):
        yield "GPU", "TensorFlow sees none" if state else "not known without TensorFlow"
    for line in machine.gpus:
        yield "", f"the driver has {line}"
    if state is not None:
        inter, intra = map(_threads, (state.inter_op, state.intra_op))
        yield "threads", f"operations side by side: {inter}; within one: {intra}"
        chosen = {"0": "off", "1": "on"}.get(state.onednn or "", state.onednn)
        given = "TF_ENABLE_ONEDNN_OPTS is not set" if chosen is None else chosen
        yield "oneDNN", "as TensorFlow chooses: " + given if chosen is None else given
        for name, value in state.variables.items():
            yield "", f"{name}={value}"
    blas = machine.blas
    words = [blas.get("name", "unknown"), blas.get("version", "")]
    more = [blas[key] + unit for key, unit in _BLAS_WORDS.items() if key in blas]
    yield "NumPy's BLAS", " ".join(filter(None, words)) + "".join(f", {word}" for word in more)


_BLAS_WORDS = {"architecture": "", "threads": " threads"}


def _threads(number: int) -> str:
    return str(number) if number else "one a core"


def _speed_rows(own: Surroundings) -> Rows:
    steps = own.steps
    if steps is None:
        yield "speed", "not measured"
        return
    yield "Keras's fit", f"{steps.fit:,.0f} µs a model-step, one model at a time"
    times = steps.fit / steps.population
    yield (
        "population",
        f"{steps.population:,.0f} µs a model-step, {steps.members} models together: "
        f"{times:,.1f} times as fast",
    )
    yield "", f"net 64-128-10, batches of {steps.batch_size} rows, scores included"


def _data_rows(own: Surroundings) -> Rows:
    usable = [name for name, reason in own.data.items() if not reason]
    yield "data sets", f"kept by other packages: {', '.join(usable) or 'none'}"
    others = [name for name, reason in own.data.items() if reason]
    if others:
        yield "", f"not there: {', '.join(others)}; naming one in a config says how to get it"


def _store_rows(checkup: Checkup) -> Rows:
    health = checkup.store
    if not health.exists:
        yield "store", f"{health.folder}: nothing was stored there yet"
        return
    yield "store", f"{health.folder}: {_content_words(health)}"
    sizes = health.sizes
    cache = f", cache of rows {bytes_text(checkup.cache_bytes)}" if checkup.cache_bytes else ""
    yield (
        "",
        f"database {bytes_text(sizes.database)}, write-ahead log {bytes_text(sizes.journal)}, "
        f"files of runs {bytes_text(sizes.files)}{cache}",
    )
    if health.version is not None:
        pages = f", pages {health.integrity}" if health.integrity else ""
        yield "database", f"version {health.version}{pages}"
    if health.leftovers.in_training:
        yield "in training", count_runs(health.leftovers.in_training)
    for number, deed in enumerate(checkup.deeds):
        yield "" if number else "repaired", deed


def _content_words(health: StoreHealth) -> str:
    if health.runs is None:
        return "its runs cannot be read"
    sweeps = f"{health.sweeps:,} {'sweep' if health.sweeps == 1 else 'sweeps'}"
    return f"{count_runs(health.runs)}, {sweeps}"


def bytes_text(number: float) -> str:
    """`18 kB`: a number of bytes with three digits, in powers of a thousand."""
    power = 0
    while number >= 999.5 and power < len(_UNITS) - 1:
        number, power = number / 1000, power + 1
    return f"{number:.3g} {_UNITS[power]}"


def checkup_document(checkup: Checkup) -> dict[str, Any]:
    """What was found as JSON has it."""
    own = checkup.surroundings
    return {
        "schema_version": SCHEMA_VERSION,
        **(_surroundings_document(own) if own else {}),
        "store": _store_document(checkup),
        "repaired": list(checkup.deeds),
        "troubles": [
            {"grade": each.grade.value, "trouble": each.sentence, "mendable": each.is_mendable}
            for each in checkup.troubles
        ],
    }


def _surroundings_document(own: Surroundings) -> dict[str, Any]:
    machine, state, steps = own.machine, own.tensorflow, own.steps
    return {
        "versions": {"regcli": __version__, "python": own.python, **own.software.versions},
        "extras": dict(own.software.extras),
        "machine": {
            "system": machine.system,
            "cpu": machine.cpu,
            "cores": machine.cores,
            "usable_cores": machine.usable,
            "core_limit": machine.limit,
            "vector_flags": list(machine.vector_flags),
            "free_bytes": machine.free,
            "memory_bytes": machine.memory,
            "gpu_driver": list(machine.gpus),
            "blas": dict(machine.blas),
        },
        "tensorflow": state
        and {
            "gpus": list(state.gpus),
            "inter_op_threads": state.inter_op,
            "intra_op_threads": state.intra_op,
            "onednn": state.onednn,
            "variables": dict(state.variables),
        },
        "microseconds_per_model_step": steps
        and {
            "fit": steps.fit,
            "population": steps.population,
            "members": steps.members,
            "batch_size": steps.batch_size,
            "device": steps.device,
        },
        "data_sets": {name: reason or None for name, reason in own.data.items()},
    }


def _store_document(checkup: Checkup) -> dict[str, Any]:
    health, left = checkup.store, checkup.store.leftovers
    return {
        "folder": str(health.folder),
        "exists": health.exists,
        "version": health.version,
        "integrity": health.integrity or None,
        "runs": health.runs,
        "sweeps": health.sweeps,
        "database_bytes": health.sizes.database,
        "journal_bytes": health.sizes.journal,
        "file_bytes": health.sizes.files,
        "cache_bytes": checkup.cache_bytes,
        "unreadable_runs": [damage.run_id for damage in health.damaged],
        "lost_files": [f"{lost.run_id}/{lost.name}" for lost in health.lost],
        "changed_blobs": [f"{run_id}/{name}" for run_id, name in health.blobs],
        "unknown_folders": list(health.unknown),
        "runs_in_training": left.in_training,
        "stale_claims": left.stale,
        "abandoned_folders": [str(path) for path in left.folders],
        "stray_checkpoints": [str(path) for path in left.checkpoints],
    }
