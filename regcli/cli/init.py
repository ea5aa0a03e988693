"""`regcli init`: a commented config to start from, fitted to a person's own table if asked."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from regcli.cli.options import from_home
from regcli.errors import DataError, ExitCode, UsageError
from regcli.report.formats import Format

if TYPE_CHECKING:
    from regcli.report.contents import View

_CONFIG = "regcli.yaml"
_SCHEMA = "regcli.schema.json"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: `regcli init --data train.csv --target label`")(init)


def init(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="The folder to write to. Default: the current folder.",
            callback=from_home,
            show_default=False,
        ),
    ] = Path(),
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="FILE",
            help="A table, such as CSV, Parquet or Excel, or a folder with a sub-folder of images "
            "for each class: the config is fitted to what it holds.",
            callback=from_home,
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--target", metavar="COLUMN", help="The column of the table to predict."),
    ] = None,
    task: Annotated[
        Literal["classification", "regression"] | None,
        typer.Option(
            "--task",
            metavar="TASK",
            help="classification or regression; by default it follows from the target.",
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Set a key of the section dataset, which is used to read the table and is "
            "written to the config: --set dataset.thousands=, reads 278,479 as a number.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that exist already.")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Write what was found in the table as JSON.")
    ] = False,
) -> int:
    """Write a commented config, regcli.yaml, and its schema for editors.

    With --data it looks at your table first: what each column is, gaps, columns that predict the
    target by themselves, and what else to know before training. It shows what it found, and the
    config says what it decided, line by line. Of a folder of images it reads every one.
    """
    from regcli.config.json_schema import config_schema
    from regcli.config.shipped import starter_text
    from regcli.data.files.regular_files import is_folder
    from regcli.report.sink import make_sink
    from regcli.report.writers.json_document import to_json

    _check_options(data, target, task, assignments, json)
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"DIR: must be a folder, {folder} is a file")
    for name in () if force else (_CONFIG, _SCHEMA):
        if (folder / name).exists():
            raise UsageError(
                f"{folder / name} exists already and is not overwritten; remove it, use another "
                "folder, or give --force"
            )
    sink = make_sink()
    text = starter_text()
    if data is not None:
        if is_folder(data):
            text, view = _fitted_to_images(data, target, task, assignments, folder)
        else:
            text, view = _fitted(data, target, task, assignments, folder)
        sink.show(view, Format.JSON if json else Format.TABLE)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {_CONFIG: text, _SCHEMA: to_json(config_schema()) + "\n"}.items():
        (folder / name).write_text(content, encoding="utf-8")
        sink.note(f"wrote {folder / name}")
    place = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    sink.note(f"next: {place}regcli sweep")
    return ExitCode.OK


def _check_options(
    data: Path | None,
    target: str | None,
    task: str | None,
    assignments: list[str] | None,
    json: bool,
) -> None:
    given = {
        "--target": target,
        "--task": task,
        "--set": assignments or None,
        "--json": json or None,
    }
    for option, value in given.items():
        if data is None and value is not None:
            raise UsageError(f"{option}: requires --data, the table that it is about")


def _fitted(
    data: Path,
    target: str | None,
    task: Literal["classification", "regression"] | None,
    assignments: list[str] | None,
    folder: Path,
) -> tuple[str, "View"]:
    """The text of a config for a table, and what was found in it."""
    from regcli.cli.asked_dataset import read_asked, with_options
    from regcli.config.problems import composed
    from regcli.data.profile.table_profile import profile_table
    from regcli.data.sources import load_raw
    from regcli.proposal.first_config import first_config
    from regcli.report.profile_view import profile_view

    asked = read_asked(assignments, str(data), target)
    try:
        if target is None:
            names = load_raw(str(data), Path(), asked=asked.section).frame.columns
            raise UsageError(_which_target(names, data))
        raw = load_raw(str(data), Path(), composed(target), asked.section)
        profile = profile_table(
            raw.frame,
            composed(target),
            data,
            typed=raw.typed,
            task=task,
            dataset=asked.section,
        )
    except DataError as error:
        raise with_options(error) from None
    made = first_config(profile, _from(data, folder), raw.dialect, asked.keys)
    notes = [*raw.notes, *_left_out(asked.section.drop)]
    return made.text, profile_view(profile, made.model, data.name, notes, asked.keys)


def _fitted_to_images(
    data: Path,
    target: str | None,
    task: Literal["classification", "regression"] | None,
    assignments: list[str] | None,
    folder: Path,
) -> tuple[str, "View"]:
    """The text of a config for a folder of images, and what was found in it."""
    from regcli.cli.asked_dataset import read_asked
    from regcli.config.data_files import may_be_folder
    from regcli.data.images.pillow import require_pillow
    from regcli.proposal.first_image_config import first_image_config
    from regcli.report.image_profile_view import image_profile_view

    if target is not None:
        raise UsageError(
            "--target: requires a table; of a folder of images the sub-folders are the classes"
        )
    if task == "regression":
        raise UsageError("--task: must be classification for a folder of images, got regression")
    if not may_be_folder(data.name):
        raise UsageError(f"--data: {data} must be a file by its name, it is a folder; rename it")
    require_pillow(data)
    from regcli.data.images.image_profile import profile_images

    asked = read_asked(assignments, str(data), None, of_images=True)
    profile = profile_images(data, asked.section)
    made = first_image_config(profile, _from(data, folder), asked.keys)
    return made.text, image_profile_view(profile, made.model)


def _left_out(names: Sequence[str] | None) -> list[str]:
    """A note about columns that a person has left out, of which nothing else is said."""
    from regcli.data.wording import listed

    return [f"left out as you asked: {listed(names)}"] if names else []


def _which_target(names: list[str], data: Path) -> str:
    from regcli.data.profile.target_names import likely_targets
    from regcli.data.wording import listed

    likely = listed(likely_targets(names))
    return (
        f"--target: name the column to predict, perhaps {likely}; {data.name} has "
        f"{listed(names, 24)}"
    )


def _from(data: Path, folder: Path) -> str:
    """The table's path as a config in a folder names it."""
    if data.is_absolute():
        return str(data)
    return Path(os.path.relpath(data, folder)).as_posix()
