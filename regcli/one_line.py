"""Text as messages show it: on one line, harmless to a terminal, and no longer than it can hold."""


def printable(text: object) -> str:
    r"""Text as one line that says what is in it: `\n`, `\x1b` and `\u202e` are written out."""
    written = str(text)
    if written.isprintable():
        return written
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in written
    )


def shortened(text: str, longest: int) -> str:
    """Text of at most so many characters, the last of which is `…` where some are left out."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
