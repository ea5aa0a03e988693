"""The sentence that says why, in what Keras and TensorFlow raise."""

import re

from regcli.one_line import shortened

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PREAMBLE = re.compile(
    r"Exception encountered when calling|Graph execution error|in user code:|"
    r"\d+ root error\(s\) found|Detected at node|Node: |<stack traces unavailable>|"
    r"\(\d+\) .*:$|Arguments received by|Call arguments received by|[•*] |\[\[|"
    r"Traceback \(most recent call last\)|[=~^-]+$"
)
"""How lines begin that say where something went wrong, or with what, and not why."""
_FRAME = re.compile(r'File "[^"]*", line \d+')
_LONGEST = 300
"""Characters of a reason: TensorFlow lists every label of a batch."""
_NUMBERED = re.compile(r"\(\d+\) [A-Z_]+: +")
_RAISED = re.compile(r"[A-Za-z_.]*(Error|Exception): +")
_OF_OPERATION = re.compile(r"^\{\{function_node [^}]*\}\}\s*|\s*\[Op:\w+\](?: name:.*)?$")
"""What TensorFlow writes before and after a reason when an operation ran eagerly."""


def first_sentence(error: BaseException) -> str:
    """The first line that gives a reason, of an error or what caused it; no full stop."""
    seen: BaseException | None = error
    while seen is not None:
        if reason := _reason(str(seen)):
            return reason
        seen = seen.__cause__ or seen.__context__
    return type(error).__name__


def said(error: BaseException) -> str:
    """The kind of an error and its reason: `ZeroDivisionError: float division by zero`."""
    kind, reason = type(error).__name__, first_sentence(error)
    return kind if reason == kind else f"{kind}: {reason}"


def _reason(text: str) -> str:
    lines = [_COLOUR.sub("", line).strip() for line in text.splitlines()]
    is_code = False  # a frame's line of code follows it, or nothing does
    for line in lines:
        if is_code or not line:
            is_code = False
        elif _FRAME.match(line):
            is_code = True
        elif not _PREAMBLE.match(line):
            found = _RAISED.sub("", _NUMBERED.sub("", line, count=1), count=1)
            found = _OF_OPERATION.sub("", found)
            return shortened(found.rstrip(". ") or line, _LONGEST)
    return ""
