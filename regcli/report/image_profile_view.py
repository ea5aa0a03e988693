"""What a folder of images holds, and what a first config makes of it."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from regcli.one_line import printable, shortened
from regcli.proposal.model_choice import ModelChoice
from regcli.report.contents import Column, Note, Report, Row, Table, View, data_table
from regcli.report.listing import listed
from regcli.results.records import SCHEMA_VERSION

if TYPE_CHECKING:
    from regcli.data.images.image_profile import ImageProfile

_MOST_CLASSES = 30
_LONGEST_NAME = 30


def image_profile_view(profile: "ImageProfile", model: ModelChoice) -> View:
    """A row for each class, and what was found and decided."""
    return View(
        report=partial(_report, profile, model),
        rows=partial(_data_rows, profile),
        document=partial(_document, profile, model),
    )


def _report(profile: "ImageProfile", model: ModelChoice) -> Report:
    columns = [
        Column("class", "class", justify="left", is_head=True),
        Column("images", "images"),
        Column("share", "share"),
    ]
    shown = [*profile.counts.items()][:_MOST_CLASSES]
    rows = [
        Row([printable(shortened(name, _LONGEST_NAME)), f"{count:,}", f"{_share(count, profile)}"])
        for name, count in shown
    ]
    found = f"{profile.images:,} images, {len(profile.counts):,} classes"
    below = [Note(f"{profile.source}: {found}")]
    below += [Note(note) for note in profile.notes]
    if more := len(profile.counts) - len(shown):
        below.append(Note(f"and {more:,} more classes"))
    return Report((Table(columns, rows, below), listed([*_lines(profile, model)])), "profile")


def _share(count: int, profile: "ImageProfile") -> str:
    return f"{count / profile.images:.0%}"


def _lines(profile: "ImageProfile", model: ModelChoice) -> Iterator[tuple[str, str]]:
    height, width = profile.size
    yield "size", f"{height}×{width} pixels, {'resized' if profile.is_resized else 'as they are'}"
    colour = "grey" if profile.channels == 1 else "rgb"
    stored = ": every pixel is, though stored in colour" if profile.is_colourless else ""
    yield "channels", colour + (stored if profile.channels == 1 else "")
    yield "model", model.why


def _data_rows(profile: "ImageProfile") -> Table:
    return data_table(["class", "images"], [*map(list, profile.counts.items())])


def _document(profile: "ImageProfile", model: ModelChoice) -> Mapping[str, Any]:
    ordered = sorted(profile.sizes, key=lambda size: (size[0] * size[1], size))
    return {
        "schema_version": SCHEMA_VERSION,
        "file": profile.source,
        "images": profile.images,
        "classes": dict(profile.counts),
        "sizes": {"smallest": [*ordered[0]], "largest": [*ordered[-1]]},
        "image_size": [*profile.size],
        "channels": "grey" if profile.channels == 1 else "rgb",
        "notes": list(profile.notes),
        "model": {"layers": list(model.layers), "why": model.why},
    }
