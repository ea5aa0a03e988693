"""A person's own code as a config names it: what is read, what counts, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import given, strategies

from regcli.config.code_files import read_code
from regcli.config.load import LoadedConfig, load_config
from regcli.config.own_code import OwnCode, allowed_by
from regcli.data.references import Datasets
from regcli.errors import ConfigError, ModelError
from regcli.planning.identity import run_id
from regcli.planning.members import plan_sweep
from regcli.planning.populations import population_key
from regcli.planning.run import make_runs

KEY = ("model", "python")
BUILD = """\
import keras
from parts.blocks import join


def build(units, depth=2, *, outputs):
    return units
"""
CONFIG = """\
dataset: {name: iris}
model:
  python: my_model.py:build
  args: {units: 8}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "blocks.py").write_text("from . import deep\njoin = deep.join\n")
    (tmp_path / "parts" / "deep.py").write_text("def join(a, b):\n    return a + b\n")
    (tmp_path / "unused.py").write_text("raise SystemExit\n")
    (tmp_path / "my_model.py").write_text(BUILD)
    (tmp_path / "config.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(text: str = CONFIG) -> LoadedConfig:
    Path("config.yaml").write_text(text)
    return load_config("config.yaml")


def code(folder: Path) -> OwnCode:
    return read_code("my_model.py", folder, False, KEY)


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text)
    return list(caught.value.problems)


def refusal(folder: Path, text: str) -> str:
    (folder / "my_model.py").write_text(text)
    with pytest.raises(ModelError) as caught:
        code(folder)
    return caught.value.message


def id_of(folder: Path) -> str:
    del folder
    return run_id(load().config, "data")


def test_the_files_that_are_imported_are_found_and_no_others(folder: Path) -> None:
    found = code(folder)
    assert [(file.name, file.path) for file in found.files] == [
        ("my_model", "my_model.py"),
        ("parts", "parts/__init__.py"),
        ("parts.blocks", "parts/blocks.py"),
        ("parts.deep", "parts/deep.py"),
    ]
    assert found.entry.text == BUILD
    assert OwnCode.from_plain(found.as_plain(), True).files == found.files


def test_imports_inside_functions_and_beside_a_file_in_a_folder_are_found(folder: Path) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "near.py").write_text("")
    (folder / "models" / "net.py").write_text(
        "def build():\n    import near, os, numpy.linalg\n    from unused import x\n"
    )
    found = read_code("models/net.py", folder, False, KEY)
    assert [file.path for file in found.files] == ["models/net.py", "models/near.py", "unused.py"]


@pytest.mark.parametrize(
    "same",
    [
        BUILD.replace("import keras", "# a comment\n\n\nimport keras  # another"),
        BUILD.replace("    return units", "        \n\n    # why\n    return  units"),
        BUILD.replace("    return", "  return"),
        BUILD.replace("\n", "\r\n"),
        BUILD.replace("(units, depth=2, *, outputs)", "(\n    units,\n    depth=2, *,\n outputs)"),
    ],
)
def test_comments_and_layout_change_no_id(folder: Path, same: str) -> None:
    before = id_of(folder)
    (folder / "my_model.py").write_bytes(same.encode())
    assert id_of(folder) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("my_model.py", "return units", "return -units"),
        ("my_model.py", "depth=2", "depth=3"),
        ("my_model.py", "return units", "return f'{units} {depth}'"),
        ("parts/deep.py", "a + b", "a - b"),
        ("parts/blocks.py", "join = deep.join", "join = deep.join\nx = 1"),
    ],
)
def test_a_changed_line_changes_every_id(folder: Path, file: str, old: str, new: str) -> None:
    before = id_of(folder)
    path = folder / file
    path.write_text(path.read_text().replace(old, new))
    assert id_of(folder) != before


def test_f_strings_count_with_all_that_they_hold(folder: Path) -> None:
    texts = ["f'{a}  {b:>{w}} c'", "f'{a} {b:>{w}} c'", "f'{a}  {b:<{w}} c'", 'f"{a}  {b:>{w}} c"']
    found = set()
    for text in texts:
        (folder / "my_model.py").write_text(f"def build(a, b, w):\n    return {text}  # {text}\n")
        found.add(code(folder).fingerprint)
    assert len(found) == len(texts)


def test_what_is_not_imported_changes_nothing(folder: Path) -> None:
    before = id_of(folder)
    (folder / "unused.py").write_text("other = 1\n")
    assert id_of(folder) == before


def test_a_file_that_is_moved_keeps_its_ids(folder: Path) -> None:
    before = id_of(folder)
    (folder / "my_model.py").rename(folder / "moved.py")
    moved = load(CONFIG.replace("my_model.py", "moved.py")).config
    assert run_id(moved, "data") == before


ARGUMENTS = strategies.dictionaries(
    strategies.sampled_from(["units", "depth"]),
    strategies.integers(-3, 3)
    | strategies.booleans()
    | strategies.text("ab", max_size=2)
    | strategies.lists(strategies.floats(-2, 2), max_size=2),
)


@given(first=ARGUMENTS, second=ARGUMENTS)
def test_ids_differ_exactly_where_arguments_do(
    tmp_path_factory: pytest.TempPathFactory, first: dict[str, object], second: dict[str, object]
) -> None:
    folder = tmp_path_factory.mktemp("code")
    (folder / "m.py").write_text("def build(units=1, depth=2):\n    return units\n")
    ids = []
    for args in (first, second):
        given_config = {
            "dataset": {"name": "iris"},
            "model": {"python": str(folder / "m.py") + ":build", "args": args},
        }
        config = load_config(given_config).config
        ids.append((run_id(config, "data"), population_key(config)))
    same = repr(sorted(first.items())) == repr(sorted(second.items())) or _canonical(
        first
    ) == _canonical(second)
    assert (ids[0] == ids[1]) == same


def _canonical(value: object) -> object:
    """Arguments as regcli has them: `2.0` is 2, and true is not 1."""
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return ("number", int(value))
    return (type(value).__name__.replace("int", "number").replace("float", "number"), value)


def test_a_sweep_varies_arguments_and_functions(folder: Path) -> None:
    (folder / "other.py").write_text("def build(units, depth):\n    return 0\n")
    loaded = load(
        "dataset: {name: iris}\nmodel:\n  python: my_model.py:build\n  args: {depth: 1}\n"
        "sweep:\n  vary:\n    model.args.units: lin:16:32:2\n"
        "    model.python: ['my_model.py:build', 'other.py:build']\n"
    )
    runs = make_runs(plan_sweep(loaded).members, Datasets())
    assert len({run.id for run in runs}) == 4
    assert len({population_key(run.config) for run in runs}) == 4
    assert [run.config.model.args for run in runs[::2]] == [
        {"depth": 1, "units": n} for n in (16, 32)
    ]
    entries = {run.config.model.code.entry.path for run in runs if run.config.model.code}
    assert entries == {"my_model.py", "other.py"}


def test_strengths_and_seeds_share_a_population(folder: Path) -> None:
    loaded = load(CONFIG + "sweep: {l1: [0, 0.1], seeds: 2}\n")
    runs = make_runs(plan_sweep(loaded).members, Datasets())
    assert len({run.id for run in runs}) == 4
    assert len({population_key(run.config) for run in runs}) == 1


def test_a_resolved_config_reads_back_the_same_until_the_file_changes(folder: Path) -> None:
    resolved = load().config.resolved()
    assert resolved["model"]["fingerprint"] == code(folder).fingerprint
    assert load_config(resolved).config.resolved() == resolved
    (folder / "my_model.py").write_text(BUILD.replace("return units", "return 1"))
    with pytest.raises(ConfigError) as caught:
        load_config(resolved)
    before, now = resolved["model"]["fingerprint"], code(folder).fingerprint
    assert list(caught.value.problems) == [
        f"config: model.fingerprint: must be that of my_model.py, {now}, got {before}: the file "
        "has changed since; remove this key to train with it as it is"
    ]


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (
            "{python: my_model.py:bild, args: {units: 8}}",
            "2:17: model.python: my_model.py has no function 'bild'; did you mean 'build'?",
        ),
        ("{python: gone.py:build}", "2:17: model.python: gone.py: there is no such file"),
        ("{python: parts.py:build}", "2:17: model.python: parts.py: there is no such file"),
        (
            "{python: my_model.py:build, args: {unit: 8}}",
            "2:49: model.args.unit: build of my_model.py has no argument 'unit'; did you mean "
            "'units'?",
        ),
        (
            "{python: my_model.py:build}",
            "2:17: model.python: build of my_model.py: units needs a value in model.args",
        ),
        (
            "{python: my_model.py:build, layers: [{Dense: {units: 3}}]}",
            "2:8: model: must have one of layers, preset, python and keras, got layers and python",
        ),
        (
            "{pyton: my_model.py:build}",
            "2:9: model.pyton: unknown key; did you mean 'python'?",
        ),
        (
            "{python: my_model}",
            "2:17: model.python: must be a file and a function, like my_model.py:build, got the "
            "text 'my_model'",
        ),
        (
            "{python: 3}",
            "2:17: model.python: must be a file and a function, like my_model.py:build, got 3",
        ),
        ("{args: {units: 3}}", "2:8: model: args requires python"),
        (
            "{python: my_model.py:build, args: [3]}",
            "2:42: model.args: must be a mapping, got a list",
        ),
        (
            "{python: my_model.py:build, args: {units: .nan}}",
            "2:42: model.args: must be finite numbers, got nan",
        ),
        ("{fingerprint: abc}", "2:22: model.fingerprint: requires python or keras"),
        (
            "{keras: net.h5}",
            "2:16: model.keras: must be a .keras file, got the text 'net.h5'; such files can run "
            "code when they are read: save the model as .keras",
        ),
        ("{start: weights}", "2:8: model: start requires keras"),
        (
            "{keras: net.keras, start: wights}",
            "2:34: model.start: must be fresh or weights, got the text 'wights'; did you mean "
            "'weights'?",
        ),
    ],
)
def test_mistakes_are_told_with_their_place(folder: Path, model: str, problem: str) -> None:
    del folder
    assert problems(f"dataset: {{name: iris}}\nmodel: {model}\n") == [f"config.yaml:{problem}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def build(:\n", "my_model.py, line 1: invalid syntax"),
        ("x = 1\n\n  y = 2\n", "my_model.py, line 3: unexpected indent"),
        ("x = 'a\n", "my_model.py, line 1: unterminated string literal (detected at line 1)"),
        ("import parts.bad\n", "parts/bad.py, line 2: '(' was never closed"),
    ],
)
def test_what_python_cannot_read_is_told_with_its_line(
    folder: Path, text: str, message: str
) -> None:
    (folder / "parts" / "bad.py").write_text("\nx = (1\n")
    assert refusal(folder, text) == message


def test_odd_files_are_refused(folder: Path) -> None:
    (folder / "my_model.py").unlink()
    (folder / "my_model.py").mkdir()
    with pytest.raises(ModelError) as caught:
        code(folder)
    assert caught.value.message == "my_model.py: is a folder"
    (folder / "my_model.py").rmdir()
    (folder / "my_model.py").write_bytes(b"# coding: latin-9000\n")
    with pytest.raises(ModelError) as caught:
        code(folder)
    assert caught.value.message == (
        "my_model.py: must be Python's text: unknown encoding: latin-9000"
    )
    (folder / "my_model.py").write_bytes(b"x = '\xff'\n")
    with pytest.raises(ModelError) as caught:
        code(folder)
    assert caught.value.message.startswith("my_model.py: must be Python's text: invalid or missing")


def test_a_library_is_no_model(folder: Path) -> None:
    for number in range(201):
        (folder / f"part_{number}.py").write_text(f"import part_{number + 1}\n")
    assert refusal(folder, "import part_0\n") == (
        "a model's own code must have at most 200 files of 2,000,000 characters together, "
        "my_model.py imports more; install them as a package"
    )


def test_nothing_of_it_is_run_to_read_it(folder: Path) -> None:
    (folder / "my_model.py").write_text(
        "open('ran', 'w')\nraise SystemExit\ndef build(units):\n    return 1\n"
    )
    load()
    assert not (folder / "ran").exists()


@pytest.mark.parametrize(
    ("value", "allows"),
    [(None, False), ("", False), ("0", False), ("1", True), ("true", True), ("no", False)],
)
def test_the_variable_that_allows_it(value: str | None, allows: bool) -> None:
    assert allowed_by({} if value is None else {"REGCLI_ALLOW_CODE": value}) == allows
