"""Checks as a JUnit file, which every build server reads: a test case a setting and check."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from regcli.one_line import printable


@dataclass(frozen=True)
class TestCase:
    """A setting that was checked.

    Attributes:
        name: of setting and check.
        seconds: that its runs took.
        failures: what is wrong with its results.
        errors: why runs have none.
    """

    name: str
    seconds: float
    failures: Sequence[str] = ()
    errors: Sequence[str] = ()

    __test__ = False  # pytest takes a class of this name for tests


def junit_text(suite: str, cases: Sequence[TestCase], created: str) -> str:
    """The document; control characters, which XML cannot hold, are written out.

    Args:
        suite: name of the sweep.
        created: when it ended, in ISO 8601.
    """
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(bool(case.failures) and not case.errors for case in cases)),
        "errors": str(sum(bool(case.errors) for case in cases)),
        "skipped": "0",
        "time": _seconds(sum(case.seconds for case in cases)),
    }
    root = Element("testsuites", {"name": "regcli", **counts})
    name = printable(suite)
    found = SubElement(root, "testsuite", {"name": name, **counts, "timestamp": created})
    for case in cases:
        _add(found, case, name)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, "unicode")}\n'


def _add(suite: Element, case: TestCase, class_name: str) -> None:
    given = {"classname": class_name, "name": printable(case.name), "time": _seconds(case.seconds)}
    found = SubElement(suite, "testcase", given)
    kind, problems = ("error", case.errors) if case.errors else ("failure", case.failures)
    if problems:
        lines = [printable(problem) for problem in problems]
        more = f" (and {len(lines) - 1:,} more)" if len(lines) > 1 else ""
        problem = SubElement(found, kind, {"message": f"{lines[0]}{more}", "type": kind})
        problem.text = "\n".join(lines)


def _seconds(value: float) -> str:
    return f"{value:.3f}"
