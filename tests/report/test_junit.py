"""JUnit files: valid XML for any name, with the counts that build servers add up."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regcli.report.junit import TestCase, junit_text

ENDED = "2026-11-27T10:00:00+00:00"
CASES = (
    TestCase("l1 0: trained", 1.5),
    TestCase("l1 0: gap>0.1", 1.5, ["run a: gap is 0.2", "run b: gap is 0.3"]),
    TestCase("l1 0.1: trained", 0.0, (), ["run c: diverged, loss is not finite"]),
)


def test_the_document() -> None:
    assert junit_text("digits", CASES, ENDED) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="regcli" tests="3" failures="1" errors="1" skipped="0" time="3.000">\n'
        '  <testsuite name="digits" tests="3" failures="1" errors="1" skipped="0" time="3.000" '
        'timestamp="2026-11-27T10:00:00+00:00">\n'
        '    <testcase classname="digits" name="l1 0: trained" time="1.500" />\n'
        '    <testcase classname="digits" name="l1 0: gap&gt;0.1" time="1.500">\n'
        '      <failure message="run a: gap is 0.2 (and 1 more)" type="failure">'
        "run a: gap is 0.2\nrun b: gap is 0.3</failure>\n"
        "    </testcase>\n"
        '    <testcase classname="digits" name="l1 0.1: trained" time="0.000">\n'
        '      <error message="run c: diverged, loss is not finite" type="error">'
        "run c: diverged, loss is not finite</error>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["]]>", "<![CDATA[x]]>", "\x00\x1b[31m", '"&<>', "\ud800", "\ufffe\uffff", "a\nb\tc\r", "ä→±"]
)


@given(TEXTS, st.lists(st.tuples(TEXTS, st.lists(TEXTS), st.lists(TEXTS)), max_size=4))
def test_any_name_makes_a_file_that_reads_back(
    suite: str, given_cases: list[tuple[str, list[str], list[str]]]
) -> None:
    cases = [TestCase(name, 1.0, failures, errors) for name, failures, errors in given_cases]
    text = junit_text(suite, cases, ENDED)
    root = ElementTree.fromstring(text.encode("utf-8", "backslashreplace"))
    (found,) = root
    assert (root.tag, found.tag) == ("testsuites", "testsuite")
    assert [case.tag for case in found] == ["testcase"] * len(cases)
    for case, element in zip(cases, found, strict=True):
        assert element.keys() == ["classname", "name", "time"]
        expected = ["error"] if case.errors else ["failure"] if case.failures else []
        assert [each.tag for each in element] == expected
    for element in (root, found):
        assert int(element.attrib["tests"]) == len(list(root.iter("testcase")))
        assert int(element.attrib["failures"]) == len(list(root.iter("failure")))
        assert int(element.attrib["errors"]) == len(list(root.iter("error")))


@pytest.mark.parametrize(("name", "shown"), [("a]]>b", "a]]>b"), ("a\x07\nb", r"a\x07\nb")])
def test_what_a_name_holds_is_written_out(name: str, shown: str) -> None:
    root = ElementTree.fromstring(junit_text(name, [TestCase(name, 0, [name])], ENDED).encode())
    suite = root[0]
    assert suite.attrib["name"] == suite[0].attrib["name"] == shown
    assert suite[0][0].text == shown
