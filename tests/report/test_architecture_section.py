"""The model on a page: its layers as boxes with arrows, or what it is and its kernels."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored_examples import a_run

from regcli.report.pages.architecture_section import architecture_section
from regcli.report.pages.page import Page, Sheet, Text
from regcli.report.plots.boxes import Boxes
from regcli.report.plots.model_boxes import MOST_BOXES
from regcli.report.writers.html import split_page, whole_page
from regcli.report.writers.svg.drawing import WIDTH, drawn
from regcli.report.writers.svg.elements import width_of
from regcli.results.records import DataSummary, LayerSparsity, RunRecord
from regcli.results.settings import by_setting
from regcli.store.store import Store, open_store
from regcli.workflows.stored_evidence import Evidence

from .browser import CHROMIUM, NO_CHROMIUM, found_in
from .written_pages import read

SVG = "{http://www.w3.org/2000/svg}"
RESIDUAL = [
    {"Dense": {"units": 8, "activation": "relu", "name": "a"}},
    {"Dense": {"units": 8, "name": "b", "l1": 0.01}},
    {"Add": {"inputs": ["a", "b"], "name": "sum"}},
]
COLUMNS = [
    {"Input": {"columns": ["age", "city*"], "name": "who"}},
    {"Dense": {"units": 4, "name": "left"}},
    {"Input": {"columns": "price", "name": "what"}},
    {"Dense": {"units": 4, "name": "right"}},
    {"Concatenate": {"inputs": ["left", "right"], "name": "both"}},
]
SHARED = [
    {"Dense": {"units": 30, "name": "twice"}},
    {"Shared": {"of": "twice", "name": "again"}},
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def of(model: dict[str, Any], *kernels: tuple[str, tuple[int, ...]], **changes: Any) -> RunRecord:
    """A run of three classes and 30 columns."""
    data = DataSummary(
        source="made",
        fingerprint="f" * 12,
        task="multiclass",
        rows={},
        input_shape=(30,),
        columns=(),
        classes=("x", "y", "z"),
    )
    run = a_run("0" * 12, data=data)
    assert run.sparsity is not None
    layers = tuple(LayerSparsity(name=n, shape=s, exact=0.0, near=0.0) for n, s in kernels)
    config = {"name": "net", "dataset": {"name": "wine"}, "model": model}
    sparsity = run.sparsity.model_copy(update={"layers": layers})
    return run.model_copy(update={"config": config, "sparsity": sparsity, **changes})


def blocks(store: Store, run: RunRecord) -> list[Any]:
    found = Evidence(store, (), by_setting([run]), 0, {}, "", None)
    return list(architecture_section(found).blocks)


def boxes(store: Store, layers: list[Any], *kernels: tuple[str, tuple[int, ...]]) -> Boxes:
    (found,) = blocks(store, of({"layers": layers}, *kernels))
    assert isinstance(found, Boxes)
    return found


def arrows(drawing: Boxes) -> list[tuple[str, str]]:
    names = [box.name for box in drawing.boxes]
    return [(names[place], box.name) for box in drawing.boxes for place in box.takes]


def svg(drawing: Boxes) -> ET.Element:
    return ET.fromstring(drawn(drawing, drawing.key))


def texts(drawing: Boxes) -> list[str]:
    return [each.text or "" for each in svg(drawing).iter(f"{SVG}text")]


def test_a_residual_has_two_arrows_into_its_sum(store: Store) -> None:
    kernels = ("a/kernel", (30, 8)), ("b/kernel", (8, 8)), ("output/kernel", (8, 3))
    found = boxes(store, RESIDUAL, *kernels)
    assert arrows(found) == [
        *(("input", "a"), ("a", "b"), ("a", "sum"), ("b", "sum"), ("sum", "output")),
    ]
    assert texts(found) == [
        *("input", "one row", "shape 30"),
        *("a", "Dense", "8 units, relu", "240 parameters"),
        *("b", "Dense", "8 units, l1 0.01", "64 parameters"),
        *("sum", "Add"),
        *("output", "Dense", "3 units", "24 parameters"),
    ]
    assert (found.title, list(found.notes)) == (
        "Layers of the first setting",
        ["328 parameters in all", "kernels alone are counted: no weights are stored"],
    )
    assert found.description == (
        "Layers from top to bottom: input, one row, shape 30; a, Dense, 8 units, relu, "
        "240 parameters, takes input; b, Dense, 8 units, l1 0.01, 64 parameters, takes a; "
        "sum, Add, takes a and b; output, Dense, 3 units, 24 parameters, takes sum."
    )


def test_every_arrow_has_a_head_at_the_box_that_it_leads_to(store: Store) -> None:
    drawing = boxes(store, COLUMNS)
    root = svg(drawing)
    edges = [each.find(f"{SVG}rect") for each in root.iter(f"{SVG}g")]
    spans = [
        (float(each.attrib["y"]), float(each.attrib["y"]) + float(each.attrib["height"]))
        for each in edges
        if each is not None
    ]
    assert len(spans) == len(drawing.boxes)
    assert all(above[1] < below[0] for above, below in pairwise(spans))
    tips = [
        float(each.attrib["points"].split()[0].split(",")[1]) for each in root.iter(f"{SVG}polygon")
    ]
    reached = sorted(n for n, (top, end) in enumerate(spans) for tip in tips if top <= tip <= end)
    assert reached == sorted(n for n, box in enumerate(drawing.boxes) for _ in box.takes)


def test_columns_come_from_the_rows_and_are_joined(store: Store) -> None:
    found = boxes(store, COLUMNS)
    assert arrows(found) == [
        *(("input", "who"), ("who", "left"), ("input", "what"), ("what", "right")),
        *(("left", "both"), ("right", "both"), ("both", "output")),
    ]
    assert [box.detail for box in found.boxes if box.kind == "Input"] == ["age, city*", "price"]


def test_a_shared_layer_says_whose_weights_it_has(store: Store) -> None:
    found = boxes(store, SHARED, ("twice/kernel", (30, 30)))
    assert [(box.detail, box.size, box.is_dashed) for box in found.boxes[1:3]] == [
        ("30 units", "900 parameters", False),
        ("with the weights of twice", "", True),
    ]


def test_a_kind_without_room_beside_its_name_stands_below_it(store: Store) -> None:
    kind = "GlobalAveragePooling1D"
    layers = [
        {"Reshape": {"target_shape": [5, 6]}},
        {"Conv1D": {"filters": 4, "kernel_size": 3}},
        {kind: {"name": "a_long_name_for_one_layer"}},
    ]
    drawing = boxes(store, layers)
    assert texts(drawing)[6:13] == [
        *("conv1d", "Conv1D", "4 filters, kernel 3"),
        *("a_long_name_for_one_layer", kind),
        *("output", "Dense"),
    ]
    (below,) = [each for each in svg(drawing).iter(f"{SVG}text") if each.text == kind]
    assert below.attrib["class"] == "small"


def test_a_layer_may_be_named_as_whole_rows_are(store: Store) -> None:
    layers = [
        {"Dense": {"units": 4, "name": "input"}},
        {"Dense": {"units": 4, "name": "b"}},
        {"Add": {"inputs": ["input", "b"], "name": "sum"}},
    ]
    assert [box.takes for box in boxes(store, layers).boxes] == [(), (0,), (1,), (1, 2), (3,)]


def test_stored_weights_are_counted_whole(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = {"a/kernel": np.zeros((30, 8)), "a/bias": np.zeros(8), "ab/kernel": np.zeros(5)}
    monkeypatch.setattr(Evidence, "weights", lambda *_: weights)
    found = boxes(store, RESIDUAL)
    assert [box.size for box in found.boxes[1:3]] == ["248 parameters", ""]
    assert list(found.notes) == ["248 parameters in all"]


def test_a_preset_is_drawn_as_its_layers(store: Store) -> None:
    (found,) = blocks(store, of({"preset": "mlp", "units": [8, 4], "dropout": 0.5}))
    assert [(box.kind, box.detail) for box in found.boxes] == [
        ("one row", "shape 30"),
        *(("Dense", "8 units, relu"), ("Dropout", "rate 0.5")),
        *(("Dense", "4 units, relu"), ("Dropout", "rate 0.5")),
        ("Dense", "3 units"),
    ]
    assert found.notes[0] == "the layers that the preset mlp stands for"


def test_of_many_layers_the_first_and_the_last_are_drawn(store: Store) -> None:
    found = boxes(store, [{"Dense": {"units": 2}}] * 1000)
    assert len(found.boxes) == MOST_BOXES
    assert "963 layers left out" in texts(found)
    assert "963 of 1001 layers are left out in the middle" in found.notes
    assert [found.boxes[place].name for place in (1, -2, -1)] == ["dense", "dense_999", "output"]
    assert len(drawn(found, "m")) < 30_000


@pytest.mark.parametrize(
    ("model", "line"),
    [
        (
            {"python": "nets/mine.py:build", "args": {"units": 4}},
            "The model that the function build of nets/mine.py returns.",
        ),
        ({"keras": "m.keras"}, "The model of the file m.keras, started from fresh weights."),
        (
            {"keras": "m.keras", "start": "weights"},
            "The model of the file m.keras, started from the file's weights.",
        ),
    ],
)
def test_a_model_without_layers_in_its_config_has_its_kernels(
    model: dict[str, Any], line: str, store: Store
) -> None:
    text, sheet = blocks(store, of(model, ("conv/kernel", (3, 3, 1, 8)), ("top/kernel", (8, 3))))
    assert text == Text([line])
    assert isinstance(sheet, Sheet)
    assert [row.values for row in sheet.table.rows] == [
        ["conv/kernel", "3×3×1×8", 72],
        ["top/kernel", "8×3", 24],
    ]


def test_a_run_without_known_sizes_is_drawn_without_them(store: Store) -> None:
    (found,) = blocks(store, of({"layers": RESIDUAL}, sparsity=None))
    assert ({box.size for box in found.boxes}, list(found.notes)) == ({""}, [])


@pytest.mark.parametrize("changes", [{"config": {"name": "of another version"}}, {"data": None}])
def test_what_cannot_be_drawn_is_left_out(changes: dict[str, Any], store: Store) -> None:
    assert blocks(store, of({"layers": RESIDUAL}, **changes)) == []


HOSTILE = "</title><script>alert(1)</script>\x07\u202e&" + "W" * 300


def test_hostile_columns_are_text_in_their_box(store: Store) -> None:
    layers = [{"Input": {"columns": [HOSTILE], "name": "n" * 100}}, *RESIDUAL]
    found = boxes(store, layers, ("n" * 100 + "/kernel", (10**9, 10**9)))
    for each in svg(found).iter():
        assert each.tag.removeprefix(SVG) in {
            *("svg", "title", "desc", "g", "rect", "text", "path", "polygon"),
        }
        if each.tag == f"{SVG}text":
            size = 11 if each.attrib.get("class") == "small" else 12
            assert width_of(each.text or "", size) <= WIDTH - 20
            assert (each.text or "").isprintable()
    assert "<script>" not in drawn(found, "m")


def page_with(store: Store, run: RunRecord) -> Page:
    found = Evidence(store, (), by_setting([run]), 0, {}, "", None)
    return Page("net", "lead", [architecture_section(found)])


def test_a_split_page_has_the_drawing_as_a_file(store: Store) -> None:
    files = split_page(page_with(store, of({"layers": COLUMNS})))
    assert set(files) == {"index.html", "page.css", "model.svg"}
    (picture,) = read(files["index.html"]).every("img")
    assert picture.attributes["src"] == "model.svg"
    assert "both, Concatenate, takes left and right" in picture.attributes["alt"]
    rects = list(ET.fromstring(files["model.svg"]).iter(f"{SVG}rect"))
    assert {each.attrib["stroke"] for each in rects} == {"currentColor"}


LAID_OUT = """
window.addEventListener("load", function () {
  var root = document.documentElement, found = [];
  if (root.scrollWidth > root.clientWidth) { found.push("too wide"); }
  document.querySelectorAll("g.box").forEach(function (group) {
    var box = group.querySelector("rect").getBoundingClientRect(), before = null;
    group.querySelectorAll("text").forEach(function (text) {
      var own = text.getBoundingClientRect();
      if (own.left < box.left || own.right > box.right || own.bottom > box.bottom + 1) {
        found.push("out of its box: " + text.textContent);
      }
      if (before && before.right > own.left && Math.abs(before.top - own.top) < 3) {
        found.push("over another text: " + text.textContent);
      }
      before = own;
    });
  });
  show([document.querySelectorAll("g.box").length, found]);
});
"""


@pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM)
def test_texts_stay_in_their_boxes_on_a_phone(store: Store, tmp_path: Path) -> None:
    long = {"Dense": {"units": 7, "activation": "relu", "name": "x" * 100}}
    layers = [long, *RESIDUAL, *COLUMNS[:4], {"Concatenate": {"inputs": ["sum", "left", "right"]}}]
    found = found_in(whole_page(page_with(store, of({"layers": layers}))), LAID_OUT, 390, tmp_path)
    assert found == [11, []]


def test_no_tensorflow_is_loaded() -> None:
    script = (
        "import sys, regcli.report.pages.architecture_section; "
        "print({'keras', 'tensorflow'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"
