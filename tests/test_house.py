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
NAME_OPTIONS = {
    "own_code_option.py",  # commands to go on with
    *("caution_words.py", "keras_settings.py", "objective_view.py", "train_command.py"),
    *("sweep_command.py", "verdict_lines.py", "this_machine.py"),
}
"""Files whose subject is options: `explain --from` prints some, a verdict says what to try, XLA and
NVIDIA's driver take theirs."""


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


def kept_at_module_level(file: Path) -> Iterator[str]:
    """What a module fills at run time: globals that are set anew, empty containers, caches.

    A cached function that takes nothing is a constant.
    """
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield f"global {', '.join(node.names)}"
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            value = ast.unparse(node.value)
            if value in {"{}", "[]", "set()", "dict()", "list()"} or "WeakKey" in value:
                yield ast.unparse(node)
        if isinstance(node, ast.FunctionDef) and node.args.args:
            decorators = map(ast.unparse, node.decorator_list)
            if any(name.split("(")[0].endswith("cache") for name in decorators):
                yield f"the cache of {node.name}"


def test_training_keeps_nothing_at_module_level() -> None:
    for room in ("models", "stacked", "solvers", "training"):
        for file in (ROOM / room).rglob("*.py"):
            assert list(kept_at_module_level(file)) == [], file


def test_what_a_module_keeps_is_found(tmp_path: Path) -> None:
    file = tmp_path / "keeps.py"
    file.write_text(
        "from functools import cache\n_made: dict[str, int] = {}\n_seen = []\n_count = 0\n"
        "WORDS = {'a': 1}\n@cache\ndef found(name): ...\n@cache\ndef constant(): ...\n"
        "def add():\n    global _count\n"
    )
    expected = ["global _count", "_made: dict[str, int] = {}", "_seen = []", "the cache of found"]
    assert list(kept_at_module_level(file)) == expected


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
