"""What is written with comments reads back as it was meant, and looks as a person writes it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from regcli.config.commented_yaml import Entry, Item, commented_yaml
from regcli.config.document import read_yaml

LINES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30)
TEXTS = LINES | st.sampled_from(["1e-3", "off", "~", "0x1F", "true", "- a", "a: b", "a #b", "'"])
KEYS = TEXTS.filter(bool)
SCALARS = TEXTS | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)
ENTRIES = st.lists(
    st.builds(Entry, KEYS, VALUES, LINES, st.booleans()), max_size=5, unique_by=lambda e: e.key
)
SECTIONS = st.builds(Entry, KEYS, ENTRIES.filter(bool).map(tuple), LINES)
ITEMS = st.builds(Entry, KEYS, st.lists(st.builds(Item, TEXTS, LINES), min_size=1).map(tuple))


def meant(entry: Entry) -> Any:
    """The data that an entry stands for."""
    if entry.is_section:
        kept = [inner for inner in entry.value if not inner.is_suggestion]
        return {inner.key: meant(inner) for inner in kept} or None
    if isinstance(entry.value, tuple):
        return [item.value for item in entry.value]
    return entry.value


@given(LINES, st.lists(SECTIONS | ITEMS, min_size=1, max_size=3, unique_by=lambda e: e.key))
def test_what_is_written_reads_back(head: str, entries: list[Entry]) -> None:
    text = commented_yaml([head], entries)
    document = read_yaml(text, "config")
    assert document.problems == []
    assert document.data == {entry.key: meant(entry) for entry in entries}


def test_how_it_looks() -> None:
    many = [f"a column with a name of its own, number {number}" for number in range(3)]
    entries = [
        Entry("name", "first"),
        Entry(
            "dataset",
            (
                Entry("file", "a.csv", "12 rows"),
                Entry("target", {"column": "y", "log": True}, "it is skewed"),
                Entry("drop", (Item("id", "counts the rows"), Item("note", "")), "no inputs"),
                Entry("groups", "patient", "if rows belong together", is_suggestion=True),
                Entry("types", dict.fromkeys(many, "category"), is_suggestion=True),
                Entry("columns", many, "many words " * 9),
            ),
        ),
        Entry("model", (Entry("layers", [{"Dense": {"units": 4}}, "Flatten"]),)),
        Entry("metrics", ["auc"]),
        Entry("select_by", "1e-3"),
    ]
    assert commented_yaml(["A config.", ""], entries) == (
        "# A config.\n"
        "#\n"
        "name: first\n"
        "\n"
        "dataset:\n"
        "  file: a.csv                     # 12 rows\n"
        "  target: {column: y, log: true}  # it is skewed\n"
        "  # no inputs\n"
        "  drop:\n"
        "    - id    # counts the rows\n"
        "    - note\n"
        "  # groups: patient               # if rows belong together\n"
        "  # types:\n"
        "  #   a column with a name of its own, number 0: category\n"
        "  #   a column with a name of its own, number 1: category\n"
        "  #   a column with a name of its own, number 2: category\n"
        f"  # {'many words ' * 8}many\n"
        "  # words\n"
        "  columns:\n"
        "    - a column with a name of its own, number 0\n"
        "    - a column with a name of its own, number 1\n"
        "    - a column with a name of its own, number 2\n"
        "\n"
        "model:\n"
        "  layers:\n"
        "    - Dense: {units: 4}\n"
        "    - Flatten\n"
        "\n"
        "metrics: [auc]\n"
        "select_by: '1e-3'\n"
    )
