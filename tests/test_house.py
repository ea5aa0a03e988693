"""How the code is laid out: what a stranger may rely on when looking for something."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import regcli

ROOM = Path(regcli.__file__).parent
NOUNS = {"registry"}
"""Names that say the same in every room: a noun's own list of its kinds."""
NAME_OPTIONS = {"objective_view.py", "keras_settings.py"}
"""Files whose subject is options: those that `explain --from` prints, and those of XLA."""


def test_no_two_modules_bear_one_name() -> None:
    names = Counter(path.stem for path in ROOM.rglob("*.py") if path.stem != "__init__")
    cli = {path.stem for path in (ROOM / "cli").glob("*.py")}
    twice = {name for name, count in names.items() if count > 1} - NOUNS
    assert twice == set(), f"the command line has {sorted(twice & cli)}"


def test_no_file_is_called_by_a_word_that_says_nothing() -> None:
    words = {"utils", "util", "helpers", "common", "misc", "manager", "core", "base"}
    assert [path for path in ROOM.rglob("*.py") if path.stem in words] == []


def test_every_room_says_what_it_is_for() -> None:
    for init in ROOM.rglob("__init__.py"):
        assert init.read_text(encoding="utf-8").startswith('"""'), init


def _texts(path: Path) -> Iterator[str]:
    """String constants of a module, docstrings left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in prose:
            yield str(node.value)


def test_only_the_command_line_names_its_options() -> None:
    core = (path for path in ROOM.rglob("*.py") if path.parent.name != "cli")
    found = {
        f"{path.name}: {text}"
        for path in core
        if path.name not in NAME_OPTIONS
        for text in _texts(path)
        if re.search(r"(?<![\w-])--[a-z]", text)
    }
    assert found == set()
