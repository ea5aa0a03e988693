"""Text for screens that lack some of its characters."""

import codecs
import unicodedata

_FORMS = {
    "★": "*", "·": "*", "×": "x", "–": "-", "−": "-", "—": "-", "→": "->", "…": "...", "\xa0": " ",
    "±": "+/-", "≤": "<=", "≥": ">=", "≈": "~", "½": "1/2", "²": "^2", "√": "sqrt ", "‖": "||",
    "Σ": "sum ", "ᵢ": "_i", "ₖ": "_k", "λ": "lambda", "α": "alpha", "γ": "gamma", "ρ": "rho",
    "σ": "sigma", "“": '"', "”": '"', "━": "-", "─": "-", "│": "|",
}  # fmt: skip
"""What regcli's own characters are written as where a screen lacks them."""

SHOWN, DATA = "regcli.shown", "regcli.data"
"""Names under which streams find `_shown_form` and `_data_form`."""


def plain(text: str, encoding: str | None) -> str:
    r"""A text in characters that an encoding has: `+/-` for ±; others as `\u00f6`."""
    if text.isascii():
        return text
    return text.encode(encoding or "utf-8", SHOWN).decode(encoding or "utf-8")


def as_data(text: str, encoding: str | None) -> str:
    """A document in characters that an encoding has; others as JSON escapes them, none replaced."""
    encoding = encoding or "utf-8"
    return text.encode(encoding, DATA).decode(encoding)


def _json_escape(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _form(character: str) -> str:
    if character in _FORMS:
        return _FORMS[character]
    name = unicodedata.name(character, "")
    if name.startswith("BOX DRAWINGS"):
        return "+"
    return "*" if name.startswith("BRAILLE PATTERN") else _json_escape(character)


def _shown_form(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_form, error.object[error.start : error.end])), error.end


def _data_form(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_json_escape, error.object[error.start : error.end])), error.end


codecs.register_error(SHOWN, _shown_form)
codecs.register_error(DATA, _data_form)
