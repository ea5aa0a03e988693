"""Why a file is not read, as the checks say it: the place, the rule, the value, what to do."""

SAVE_AGAIN = "save the model again with model.save('model.keras')"
"""The advice that helps with most files."""
BUILD_INSTEAD = (
    "give the function that builds the model instead of its file (model: {python: FILE:FUNCTION})"
)
"""The advice where a file cannot help: code of a person's own, or a very large architecture."""


class Refused(Exception):  # noqa: N818 - the file is at fault, not the program
    """A file breaks a rule; the text says where and which, and does not name the file."""


def size_text(count: int) -> str:
    """A number of bytes with three digits: `5 bytes`, `2.15 GB`."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"
