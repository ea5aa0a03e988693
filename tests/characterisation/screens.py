"""What commands show of records that are made up: on two widths of a screen, and in a pipe.

Each golden file is a transcript: the command, what it wrote to stdout, and behind `! ` what it
wrote to stderr. Ids of runs are replaced by numbers, so that they say nothing of identity.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from regcli.config.load import load_config
from regcli.data.references import Datasets
from regcli.planning.members import plan_single
from regcli.planning.run import make_runs
from regcli.workflows.refit import plan_refit

from .command_line import Written, regcli
from .plans import write_data
from .records import a_record, an_unfinished, planned, store_runs

WIDTHS = (80, 140, None)
FORMATS = ("csv", "md", "json")

CLASSES = """\
name: classes
dataset: {file: rows.csv, target: kind}
model: {layers: [{Dense: {units: 8, activation: relu}}]}
training: {epochs: 20}
sweep: {l1: "0,0.001,0.0125", l2: "0,0.01", seeds: 3}
"""
QUANTITY = """\
name: quantity
dataset: {file: rows.csv, target: amount, true_columns: [a, c]}
model: {layers: [{Dense: {units: 8, activation: relu}}]}
training: {epochs: 20}
sweep:
  l1: "0,0.1"
  vary: {regularization.method: "penalty,proximal", training.optimizer.learning_rate: "0.001,0.02"}
"""
TWO = """\
name: two
dataset: {file: rows.csv, target: kind}
model: {layers: [{Dense: {units: 8, activation: relu}}]}
training: {epochs: 20, seed: 7}
sweep: {l1: "0,0.01"}
"""
PATH = """\
name: points
dataset: {file: rows.csv, target: kind}
model: {layers: [{Dense: {units: 8, activation: relu}}]}
training: {epochs: 20}
"""
PATH_VALUES = ("0.001", "0.01", "0.1")
SEEDS = 2


class _Scene:
    """A folder with configs and stored runs, and how its ids are shown."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, str] = {}
        write_data(folder)
        texts = {"classes": CLASSES, "quantity": QUANTITY, "two": TWO, "points": PATH}
        for name, text in texts.items():
            (folder / f"{name}.yaml").write_text(text)

    def named(self, identity: str) -> str:
        """Give an id the next number, by which transcripts show it."""
        self.names[identity] = f"{len(self.names) + 1:08d}cafe"
        return identity

    def transcript(self, *commands: Sequence[str], widths: Sequence[int | None]) -> str:
        """Every command at every width."""
        return "".join(self._shown(command, columns) for command in commands for columns in widths)

    def _shown(self, command: Sequence[str], columns: int | None) -> str:
        real = {shown: identity for identity, shown in self.names.items()}
        given = [real.get(argument, argument) for argument in command]
        written = regcli(*given, folder=self.folder, columns=columns)
        where = f"COLUMNS={columns} " if columns else ""
        return f"$ {where}regcli {' '.join(command)}\n{self._text(written)}\n"

    def _text(self, written: Written) -> str:
        out = _HEAD.sub(r"\1(an id)\2(a time)\3", written.out)
        err = "".join(f"! {line}\n" for line in written.err.splitlines())
        code = f"! exit code {written.code}\n" if written.code else ""
        text = out + ("" if out.endswith("\n") or not out else "\n") + err + code
        for identity, shown in self.names.items():
            text = text.replace(identity, shown).replace(identity[:8], shown[:8])
        return text


_HEAD = re.compile(r'("sweep": \{\s+"id": ")\w+(",[^}]+"seconds": )[^,]+(,)')
"""The sweep in a document, with its id and the time that looking its runs up has taken."""


def screens(folder: Path) -> Mapping[str, str]:
    """Transcripts by the name of their file."""
    scene = _Scene(folder)
    return dict(_screens(scene))


def _screens(scene: _Scene) -> Iterator[tuple[str, str]]:
    dry = ("sweep", "classes.yaml", "--dry-run")
    _store_sweeps(scene)
    yield (
        "sweep.txt",
        scene.transcript(("sweep", "classes.yaml"), ("sweep", "quantity.yaml"), widths=WIDTHS),
    )
    formats = [("sweep", "two.yaml", "--format", form) for form in FORMATS]
    regression = [("sweep", "quantity.yaml", "--format", form) for form in ("csv", "md")]
    yield "sweep-formats.txt", scene.transcript(*formats, *regression, widths=[None])
    yield (
        "plan.txt",
        scene.transcript(dry, widths=WIDTHS)
        + scene.transcript(
            *[("sweep", "two.yaml", "--dry-run", "--format", form) for form in FORMATS],
            ("validate", "quantity.yaml"),
            widths=[None],
        ),
    )
    _store_path(scene)
    path = ("path", "points.yaml", "--values", ",".join(PATH_VALUES), "--seeds", str(SEEDS))
    yield "path.txt", scene.transcript(path, (*path, "--refit"), widths=WIDTHS)
    formats = [(*path, "--refit", "--format", form) for form in FORMATS[:2]]
    one = ("path", "points.yaml", "--values", PATH_VALUES[0], "--refit", "--json")
    yield "path-formats.txt", scene.transcript(*formats, one, widths=[None])


def _store_sweeps(scene: _Scene) -> None:
    number = 0
    for config in ("classes", "quantity", "two"):
        runs = planned(scene.folder, f"{config}.yaml")
        records = []
        for place, (identity, settings) in enumerate(runs):
            number += 1
            scene.named(identity)
            changes = {"is_regression": config == "quantity"}
            if (config, place) == ("quantity", 3):
                made = an_unfinished(number, identity, settings, "diverged", **changes)
            else:
                made = a_record(number, identity, settings, **changes)
            records.append(made)
        store_runs(scene.folder, records)


def _store_path(scene: _Scene) -> None:
    number = 40
    loaded = load_config(str(scene.folder / "points.yaml"))
    for seed in range(SEEDS):
        values = {"training.seed": seed, "regularization.method": "proximal"}
        (base,) = make_runs([plan_single(loaded.with_values(values))], Datasets())
        parent: str | None = None
        for value in map(float, PATH_VALUES):
            strengths = base.config.regularization.model_copy(update={"l1": value})
            config = base.config.model_copy(update={"regularization": strengths})
            point = base.following(parent, config, {**base.settings, "l1": value})
            parent, refit = point.id, plan_refit(point)
            number += 2
            refitted = a_record(number + 1, scene.named(refit.id), refit.settings)
            link = {"keep_zeros": True, "parent": point.id}
            store_runs(
                scene.folder,
                [
                    a_record(number, scene.named(point.id), point.settings),
                    refitted.model_copy(update=link),
                ],
            )


def stored_screens(folder: Path) -> Mapping[str, str]:
    """Transcripts of the commands that look at stored runs, in a store with runs of every state."""
    scene = _Scene(folder)
    settings = {"l1": 0.001, "l2": 0.0, "seed": 0, "fold": None, "method": "proximal"}
    ids = [scene.named(f"{number:04x}beef0000"[:12]) for number in range(1, 7)]
    refit = a_record(5, ids[4], {**settings, "l1": 0.0, "method": "penalty"})
    link = {"keep_zeros": True, "parent": ids[0]}
    store_runs(
        folder,
        [
            a_record(1, ids[0], settings),
            an_unfinished(2, ids[1], {**settings, "l1": 10.0}, "diverged"),
            an_unfinished(3, ids[2], settings, "failed"),
            an_unfinished(4, ids[3], {**settings, "seed": 1}, "interrupted"),
            refit.model_copy(update=link),
            a_record(6, ids[5], {**settings, "l2": 0.5}, is_regression=True, name="a quantity"),
        ],
    )
    shown = list(scene.names.values())
    lists = [("runs", "list", "--format", form) for form in FORMATS]
    first, *others = [("runs", "show", shown[place]) for place in (0, 1, 2, 4, 5)]
    exports = {f"runs.{form}": ("runs", "export", "-o", f"runs.{form}") for form in FORMATS[:2]}
    written = scene.transcript(*exports.values(), widths=[None])
    written += scene.transcript(("runs", "export", "-o", "one.json", shown[5]), widths=[None])
    contents = [(name, (folder / name).read_text()) for name in (*exports, "one.json")]
    files = "".join(
        f"$ cat {name}\n{scene._text(Written(text, '', 0))}\n" for name, text in contents
    )
    return {
        "runs-list.txt": scene.transcript(("runs", "list"), widths=WIDTHS)
        + scene.transcript(("runs", "list", "--last", "2"), *lists, widths=[None]),
        "runs-show.txt": scene.transcript(first, widths=WIDTHS)
        + scene.transcript(*others, widths=WIDTHS[:1]),
        "runs-show-json.txt": scene.transcript(
            ("runs", "show", shown[0], "--json"),
            ("runs", "show", shown[1], "--json"),
            widths=[None],
        ),
        "runs-export.txt": written + files,
        "compare.txt": scene.transcript(
            ("compare", shown[0], shown[4]), ("compare", *shown[1:5]), widths=WIDTHS
        )
        + scene.transcript(("compare", shown[0], shown[2], "--format", "csv"), widths=[None]),
    }
