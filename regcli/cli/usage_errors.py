"""Errors of a command line that does not parse, in the form of regcli's own messages."""

from typing import Any

import typer

from regcli.config.problems import did_you_mean

_RULES = {
    "int_parsing": "must be a whole number, got '{got}'",
    "float_parsing": "must be a number, got '{got}'",
    "greater_than_equal": "must be at least {ge:g}, got {got}",
    "less_than_equal": "must be at most {le:g}, got {got}",
}


def usage_error_text(error: typer.TyperException) -> str:
    """The option, the rule that its value breaks, and the value; else what the parser says."""
    from pydantic import ValidationError  # the parser has loaded it, where it is the cause

    option, cause = getattr(error, "param", None), error.__cause__
    if option is not None and isinstance(cause, ValidationError):
        (problem, *_) = cause.errors(include_url=False)
        got = " ".join(str(problem["input"]).split())
        broken = _broken_rule(problem["type"], got, problem.get("ctx", {}))
        if broken:
            return f"{_name(option)}: {broken}"
    if option is not None and type(error).__name__ == "MissingParameter":
        return f"{_name(option)}: must be given"
    unknown = getattr(error, "option_name", "")
    if unknown and hasattr(error, "possibilities"):
        return (
            f"{unknown}: there is no such option{did_you_mean(unknown, error.possibilities or ())}"
        )
    return " ".join(error.format_message().split()).rstrip(".")


def _name(option: Any) -> str:
    """`--output / -o`, or the name of an argument."""
    name: str = option.get_error_hint().replace("'", "")
    return name


def _broken_rule(kind: str, got: str, context: dict[str, Any]) -> str:
    if kind in _RULES:
        return _RULES[kind].format(got=got, **context)
    # A choice: the parser's own error lists what there is.
    _, found, listed = str(context.get("error", "")).rpartition(" is not one of ")
    if not found:
        return ""
    *others, last = (choice.strip(" '") for choice in listed.rstrip(".").split(","))
    known = [*others, last]
    rule = f"{', '.join(others)} or {last}" if others else last
    return f"must be {rule}, got '{got}'{did_you_mean(got, known)}"
