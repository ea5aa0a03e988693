"""The gate: checks, an earlier sweep, and what build servers are told; on runs that are stored."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from stored_examples import a_run

from regcli.cli.gate import open_gate

from .conftest import DIVERGING, SMOKE, WIDER, Done
from .in_process import parse, problem, regcli

QUIET = (*SMOKE, "--json", "--quiet")
CONFIG = """\
name: smoke
dataset: {name: iris}
checks:
  - best:validation.accuracy<0.99
  - gap>5
"""


def accuracy(found: Done, key: str) -> float:
    """The mean over the runs of a setting that the verdict names."""
    document = parse(found.stdout)
    ids = document["verdict"][key]["runs"]
    values = [r["metrics"]["validation"]["accuracy"] for r in document["runs"] if r["id"] in ids]
    return sum(values) / len(values)


@pytest.mark.parametrize(
    ("subject", "key", "words"),
    [("best", "best", "best setting"), ("use", "use", "setting to use")],
)
def test_the_setting_that_the_verdict_names(
    subject: str, key: str, words: str, lab: Path, swept: Done
) -> None:
    condition = f"{subject}:validation.accuracy<=1"
    done = regcli(*QUIET, "--fail-if", condition, cwd=lab)
    assert done.returncode == 1
    strength = parse(swept.stdout)["verdict"][key]["settings"]["l1"]
    assert done.stderr == (
        f"{words} (l1 {strength:g}): validation.accuracy is {accuracy(swept, key):.4g}, the mean "
        f"over 2 seeds; --fail-if '{condition}' counts this as a failure\n"
    )
    assert regcli(*QUIET, "--fail-if", f"{subject}:validation.accuracy>1", cwd=lab).returncode == 0


def test_a_setting_by_its_values(lab: Path) -> None:
    done = regcli(*QUIET, "--fail-if", "l1=1e-3,l2=0:epochs==2", cwd=lab)
    assert done.returncode == 1
    assert done.stderr == (
        "setting l1 0.001: epochs is 2, the mean over 2 seeds; "
        "--fail-if 'l1=1e-3,l2=0:epochs==2' counts this as a failure\n"
    )


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("l1=0.5:epochs>1", "must name a setting of the grid; none has l1=0.5"),
        ("l2=0:epochs>1", "must name one setting; 2 of 2 have l2=0: write more of its values"),
    ],
)
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_setting_that_is_not_planned_is_refused(
    condition: str, message: str, options: tuple[str, ...], lab: Path
) -> None:
    said = problem(*QUIET, *options, "--fail-if", condition, cwd=lab)
    assert said == f"regcli: --fail-if: {message}"


def test_an_interrupted_sweep_is_checked_run_by_run() -> None:
    """What the verdict would say of a part of the grid, nobody asked."""
    gate = open_gate(["best:epochs>9", "l1=3:epochs>9", "epochs>9"])
    runs = [a_run("aaaa"), a_run("bbbb", "interrupted")]
    assert [text for text, _ in gate.judge(runs, None, is_interrupted=True).problems()] == [
        "run aaaa: epochs is 50; --fail-if 'epochs>9' counts this as a failure"
    ]


def test_a_setting_of_a_config_that_is_not_planned_is_refused(lab: Path) -> None:
    (lab / "c.yaml").write_text(CONFIG.replace("gap>5", "l1=3:gap>5"))
    assert problem("sweep", "c.yaml", "--l1", "0,0.001", cwd=lab) == (
        "c.yaml:5:5: checks.1: must name a setting of the grid; none has l1=3"
    )


def test_checks_of_a_config_name_their_place(lab: Path) -> None:
    (lab / "c.yaml").write_text(CONFIG)
    base = ("sweep", "c.yaml", "--l1", "0,0.001", "--engine", "keras", "--quiet", "--json")
    same = ("--set", "training.epochs=1", "--set", "training.batch_size=128")
    done = regcli(*base, *same, cwd=lab)
    assert done.returncode == 1
    line = done.stderr.removesuffix("\n")
    assert line.startswith("best setting (l1 0")
    assert line.endswith("; 'best:validation.accuracy<0.99' (c.yaml:4:5) counts this as a failure")
    ids = {run["id"] for run in parse(done.stdout)["runs"]}
    without = ("--set", "checks=[]", "--set", "verdict.margin=0.5")
    again = regcli(*base, *same, *without, cwd=lab)
    assert (again.returncode, again.stderr) == (0, "")
    assert {run["id"] for run in parse(again.stdout)["runs"]} == ids
    assert parse(again.stdout)["sweep"]["reused"] == 2


def test_a_run_on_all_rows_is_not_judged_by_validation_rows(lab: Path) -> None:
    (lab / "c.yaml").write_text(f"{CONFIG}  - train.accuracy>2\n")
    on_all = ("train", "c.yaml", "--set", "dataset.train_on_validation=true", "--epochs", "1")
    done = regcli(*on_all, "--engine", "keras", "--json", cwd=lab)
    assert done.returncode == 0
    assert done.stderr.splitlines()[-1] == (
        "checks left out, because they require validation rows and there are none: "
        "'best:validation.accuracy<0.99' (c.yaml:4:5), 'gap>5' (c.yaml:5:5)"
    )
    (lab / "c.yaml").write_text(f"{CONFIG}  - train.accuracy<2\n")
    fails = regcli(*on_all, "--engine", "keras", "--json", cwd=lab)
    assert fails.returncode == 1
    assert "'train.accuracy<2' (c.yaml:6:5) counts this as a failure" in fails.stderr
    asked = regcli(*on_all, "--engine", "keras", "--json", "--fail-if", "gap>5", cwd=lab)
    assert "gap is missing; --fail-if 'gap>5' counts this as a failure" in asked.stderr


def test_an_earlier_sweep_of_the_store(lab: Path, swept: Done) -> None:
    sweep = parse(swept.stdout)["sweep"]["id"]
    for name in (sweep, sweep[:5]):
        done = regcli(*SMOKE, "--json", "--baseline", name, cwd=lab)
        assert done.returncode == 0
        said = done.stderr.splitlines()[-1]
        assert said.startswith("setting to use (l1 0")
        assert (
            f": accuracy +0.00 pt against {name} (95% −9.16 to +9.16; 2 seeds × 30 rows, " in said
        )
        assert said.endswith(", paired): not worse by more than 1 pt")


def test_an_earlier_document(lab: Path, swept: Done, tmp_path: Path) -> None:
    (lab / "previous.json").write_text(swept.stdout)
    paired = regcli(*SMOKE, "--json", "--baseline", "previous.json", cwd=lab)
    assert paired.returncode == 0
    assert ", paired): not worse by more than 1 pt" in paired.stderr
    better = swept.stdout
    for run in parse(swept.stdout)["runs"]:
        value = run["metrics"]["validation"]["accuracy"]
        better = better.replace(f'"accuracy": {value}', '"accuracy": 0.99')
        better = better.replace(run["id"], f"{run['id'][:-4]}0000")
    (lab / "better.json").write_text(better)
    worse = regcli(*QUIET, "--baseline", "better.json", "--tolerance", "0.05", cwd=lab)
    assert worse.returncode == 1
    assert worse.stderr.endswith(
        " pt against better.json, not paired: its runs are not in this store; the mean is worse by "
        "more than 5 pt; --baseline counts this as a failure\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ("--baseline", "nothing"),
            "--baseline: nothing: there is no such file, and no sweep of this id or name",
        ),
        (
            ("--baseline", "no.json"),
            "--baseline: no.json: cannot be read: No such file or directory",
        ),
        (
            ("--baseline", "c.json"),
            "--baseline: c.json: must be a JSON document of a sweep, as regcli writes it; line 1 "
            "is not JSON",
        ),
        (("--tolerance", "0.1"), "--tolerance: requires --baseline, the sweep to compare with"),
        (
            ("--baseline", "x", "--tolerance", "-1"),
            "--tolerance: must be a finite number of at least 0, got -1",
        ),
        (
            ("--baseline", "x", "--tolerance", "nan"),
            "--tolerance: must be a finite number of at least 0, got nan",
        ),
        (("--junit", "no/x.xml"), "--junit: there is no folder no; create it first"),
        (("--fresh", "--dry-run"), "--fresh: must not be combined with --dry-run"),
    ],
)
def test_what_is_refused(options: tuple[str, ...], message: str, lab: Path) -> None:
    (lab / "c.json").write_text("x")
    assert problem(*SMOKE, *options, cwd=lab) == f"regcli: {message}"


def test_another_metric_is_refused_once_everything_is_written(lab: Path, swept: Done) -> None:
    others = swept.stdout.replace('"accuracy"', '"unknown"')
    for run in parse(swept.stdout)["runs"]:
        others = others.replace(run["id"], f"{run['id'][:-4]}0000")
    (lab / "other.json").write_text(others)
    done = regcli(*QUIET, "--baseline", "other.json", "--junit", "o.xml", cwd=lab)
    assert done.returncode == 2
    assert len(parse(done.stdout)["runs"]) == 4
    assert done.stderr == (
        "regcli: --baseline: other.json: has no validation.accuracy, which this sweep is compared "
        "by\n"
    )
    assert (lab / "o.xml").exists()


def test_a_junit_file(lab: Path, widened: Done) -> None:
    failing = ("--fail-if", "best:epochs==2", "--fail-if", "gap>9", "--fail-if", "l1=0.01:epochs<9")
    done = regcli(*WIDER, *failing, "--junit", "o.xml", "--quiet", cwd=lab)
    assert done.returncode == 1
    suite = ElementTree.parse(lab / "o.xml").getroot()[0]
    counts = [suite.attrib[key] for key in ("name", "tests", "failures", "errors")]
    assert counts == ["smoke", "8", "2", "0"]
    best = parse(widened.stdout)["verdict"]["best"]["settings"]["l1"]
    names = [case.attrib["name"] for case in suite]
    assert names == [
        *("l1 0: trained", "l1 0.001: trained", "l1 0.01: trained"),
        f"l1 {best:g}: best:epochs==2",
        *("l1 0: gap>9", "l1 0.001: gap>9", "l1 0.01: gap>9"),
        "l1 0.01: l1=0.01:epochs<9",
    ]
    assert [case.attrib["name"] for case in suite if len(case)] == [names[3], names[7]]
    assert suite[3][0].attrib["message"] == (
        f"best setting (l1 {best:g}): epochs is 2, the mean over 2 seeds"
    )


def test_a_run_that_diverged_is_an_error_of_its_setting(lab: Path) -> None:
    assert regcli(*DIVERGING, "--junit", "o.xml", "--quiet", cwd=lab).returncode == 1
    suite = ElementTree.parse(lab / "o.xml").getroot()[0]
    assert (suite.attrib["tests"], suite.attrib["errors"]) == ("2", "1")
    ((error,),) = [list(case) for case in suite if len(case)]
    assert error.tag == "error"
    assert ": diverged, " in error.attrib["message"]


def test_on_github(lab: Path) -> None:
    """stdout stays one JSON document."""
    (lab / "c.yaml").write_text(CONFIG.replace("gap>5", "epochs==2"))
    summary = lab / "summary.md"
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    failing = ("--fail-if", "epochs==2", "--fail-if", "seconds>=0", "--fail-if", "l1=0:epochs==2")
    done = regcli(*WIDER, *failing, "--json", "--quiet", cwd=lab, env=env)
    assert done.returncode == 1
    assert len(parse(done.stdout)["runs"]) == 6
    lines = done.stderr.splitlines()
    told = [line for line in lines if line.startswith("::")]
    plain = lines[: -len(told)]
    assert len(plain) == 13
    assert told == [
        *(f"::error::{line}" for line in plain[:10]),
        "::notice::and 3 more problems; the log of this step has all",
    ]
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("### smoke\n\n| l1 | ")
    assert "| **use** | " in text
    assert text.endswith("\n- and 3 more\n")


def test_errors_of_a_config_on_github(lab: Path) -> None:
    (lab / "c.yaml").write_text("dataset: {name: iris}\ntraining: {epochs: 0}\nchecks: [gap]\n")
    env = {"GITHUB_ACTIONS": "true"}
    done = regcli("sweep", "c.yaml", "--l1", "-1", cwd=lab, env=env)
    assert (done.returncode, done.stdout) == (2, "")
    plain = done.stderr.splitlines()[:3]
    assert done.stderr.splitlines()[3:] == [
        "::error file=c.yaml,line=2,col=20::training.epochs: must be at least 1, got 0",
        f"::error file=c.yaml,line=3,col=10::{plain[1].split(': ', 1)[1]}",
        f"::error::{plain[2].removeprefix('regcli: ')}",
    ]
    assert regcli("sweep", "c.yaml", "--l1", "-1", cwd=lab).stderr.splitlines() == plain


def test_a_summary_that_cannot_be_written_is_no_failure(lab: Path) -> None:
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(lab)}
    done = regcli(*QUIET, cwd=lab, env=env)
    assert done.returncode == 0
    assert done.stderr == "the summary of the job cannot be written: Is a directory\n"


@pytest.mark.slow
def test_fresh_runs_replace_stored_ones(lab: Path, swept: Done) -> None:
    one = (*SMOKE[:-4], "--engine", "keras", "--l1", "0", "--seeds", "1", "--json")
    before = parse(regcli(*one, cwd=lab).stdout)
    assert before["sweep"]["reused"] == 1
    done = regcli(*one, "--fresh", cwd=lab)
    after = parse(done.stdout)
    assert after["sweep"]["reused"] == 0
    assert done.stderr.splitlines()[-1] == (
        "1 run trained again, in place of those stored before: same results"
    )
    (old,), (new,) = before["runs"], after["runs"]
    assert old["metrics"] == new["metrics"]
    assert old["seconds"] != new["seconds"]
    assert parse(regcli(*one, cwd=lab).stdout)["runs"] == [new]
