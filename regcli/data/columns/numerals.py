"""Numbers as people write them: what a cell has besides digits, such as `$1,234.50` or `5 kg`.

Only a plain number, as `float` reads it, can be used directly. Any other way to write
a quantity has more than one reading (is `1,234` a thousand or a little more than one?), so it is
named rather than guessed.
"""

import re
import unicodedata
from dataclasses import dataclass

from regcli.data.columns.units import CURRENCIES, CURRENCY_SIGNS, UNITS

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_LONGEST = 64
"""A longer cell is not a number that a person wrote."""

# The exponent of a ten must show that it is one: 1920x1080 is a size, and 1d6 a die.
_POWER = (
    r"(?:[eE][+-]?\d+|[dD][+-]\d+"
    r"|\s?[x×*·⋅]\s?10\s?(?:(?:\^|\*\*)\s?[({]?[+-]?\d+[)}]?|[+-]\d+))?"
)
# Each with the words that say what is not plain about it; the first that fits counts.
_CORES = tuple(
    (re.compile(rf"(?P<sign>[+-]?)(?P<space>\s?){digits}(?P<power>{_POWER})", re.ASCII), what)
    for digits, what in (
        (r"(?:\d+\.?\d*|\.\d+)", ""),
        # One group after a comma may be a decimal: the words do not say which.
        (r"[1-9]\d{0,2},\d{3}", "a comma inside"),
        (
            r"[1-9]\d{0,2}(?P<mark>[,.' _])\d{3}(?:(?P=mark)\d{3})*(?:(?!(?P=mark))[,.]\d*)?",
            "a thousands separator",
        ),
        (r"[1-9]\d?(?:,\d\d)+,\d{3}(?:\.\d*)?", "a thousands separator"),
        (r"(?:\d+,\d*|,\d+)", "a decimal comma"),
        (r"\d+(?:_\d+)+(?:\.\d*)?", "underscores"),
    )
)
_TEN_TO_THE_POWER = re.compile(r"[+-]?10\s?(?:\^|\*\*)\s?[({]?[+-]?\d+[)}]?", re.ASCII)

_BRACKETED = re.compile(r"\((.+)\)|\[(.+)\]")
_BOUND_BEFORE = re.compile(
    r"(?:[<>]=?|=[<>]|[≤≥]|(?:under|over|above|below|up to|max|min|less than|more than|at least"
    r"|at most)\b\.?)\s*(.+)",
    re.IGNORECASE,
)
_ESTIMATE = re.compile(
    r"(?:[~≈±=]|\+/-|(?:ca|c|approx|approximately|circa|about|around|roughly)\b\.?)\s*(.+)",
    re.IGNORECASE,
)
_BOUND_BEHIND = re.compile(
    r"(.*\w[%.)]?)\s*(?:\+|(?:and|or)\s(?:over|above|more|older|up|under|less|below|younger)|plus)",
    re.IGNORECASE,
)
_SIGN_BEFORE = re.compile(r"[+-]\s*([^\d\s.,+-].*)")
_SIGN_BEHIND = re.compile(r"([^+-]*\d[.,]?)\s?-")
_PERCENT = re.compile(r"(.+?)\s*[%‰‱٪]|[%٪]\s*(.+)")
_WITHIN_MONEY = re.compile(rf"(\d+)[{CURRENCY_SIGNS}](\d\d)", re.ASCII)  # 5€50
_RUPEES = re.compile(r"(.*\d)\s?/[-=]")
_CODE_BEFORE = re.compile(r"([^\W\d]+[$.]?|[^\W\d]+\$)(\s*)([-+(]?\s?[\d.,].*)")
_FOOTNOTE = re.compile(r"(.*\d[%.)]?)\s?(?:[*†‡§#]+|\[\w{1,3}\])")
_QUOTED = re.compile(r"=?['\"]+(.*\d)['\"]*")
_UNIT = re.compile(
    r"(?P<rest>.*[\d.,)+])(?P<space>\s?)"
    r"(?P<unit>°\s?[^\W\d_]?|['\"″]|[^\W\d_][^\W\d_./^·*%-]*(?:[./^·*%-][^\W\d_]*)*\d?"
    r"(?:[ /][^\W\d_]+\.?){0,2})"
)
_WITH_ERROR = re.compile(r"(.*\d)\s?(?:±|\+/-|\+-)\s?(\d.*)")
_FEET_AND_INCHES = re.compile(r"\d+\s?'\s?\d+(?:\.\d+)?\s?(?:[\"″]|'')?")
_GROUPED_BY_APOSTROPHE = re.compile(r"\d{1,3}(?:'\d{3})+", re.ASCII)
_PARTS = re.compile(r"(?:\d+(?:[.,]\d+)?\s?[^\W\d_]+[\s,]*){2,}")
_PART = re.compile(r"\d\s?([^\W\d_]+)")
_ORDINAL_ENDING = re.compile(r"(?:st|nd|rd|th)\b", re.IGNORECASE)

_OTHER_NOTATION = re.compile(
    r"\d+(?:st|nd|rd|th|[ºª°])|0[xX][\da-fA-F]+|0[bB][01]+|0[oO][0-7]+"
    r"|[+-]?(?:\d+\s)?\d*\s?[/\u2044]\s?\d+|\d+(?:\.\d+)?\s?:\s?\d+(?:\.\d+)?",
    re.IGNORECASE | re.ASCII,
)

# Hyphens, dashes and minus signs of all kinds; quotation marks and primes; Arabic separators.
_MINUS = dict.fromkeys([*range(0x2010, 0x2016), 0x2212, 0x207B, 0xFE63, 0xFF0D, 0x2796], "-")
_APOSTROPHES = dict.fromkeys([0x2018, 0x2019, 0x2BC, 0x2032, 0xB4, 0x60, 0x2C8], "'")
_ARABIC_MARKS = {0x66B: ".", 0x66C: ",", 0x60C: ","}
_RAISED_MINUS = "\N{SUPERSCRIPT MINUS}"
_SUPERSCRIPTS = re.compile(r"[⁺⁻]?[⁰¹²³⁴-⁹]+")


@dataclass(frozen=True)
class Numeral:
    """A number that a cell shows, in any notation.

    Attributes:
        decoration: what is not plain about it, such as "a currency sign"; empty for a plain number.
        unit: the text after the digits where it is not a known unit, such as `doors`; only
            the column's other cells can tell whether it is one.
        is_bound: whether it is a limit (`<0.1`, `65+`): beside numbers that is a number, in a
            column of its own kind it names a group.
    """

    decoration: str = ""
    unit: str = ""
    is_bound: bool = False


def is_plain(text: str) -> bool:
    """Whether `float` reads the text, without underscores or the digits of other scripts."""
    return _PLAIN.fullmatch(text) is not None


def is_other_notation(text: str) -> bool:
    """Ordinals, fractions, ratios, hexadecimal: names of kinds where there are few of them."""
    spelt = unicodedata.normalize("NFKC", text) if any(c in "½⅓⅔¼¾⅛⅜⅝⅞" for c in text) else text
    return _OTHER_NOTATION.fullmatch(spelt) is not None


def read_numeral(text: str) -> Numeral | None:
    """The number that a text shows, or None where it is something else, such as a word or a code.

    Args:
        text: a cell without spaces around it.
    """
    if is_plain(text):
        return Numeral()
    if len(text) > _LONGEST or not any(map(str.isnumeric, text)) or is_other_notation(text):
        return None
    unified, seen = _unified(text)
    return _peeled(unified, seen)


def _unified(text: str) -> tuple[str, list[str]]:
    """The text in ASCII digits, signs and spaces, and words for what that changed."""
    seen = ["an invisible character"] if any(map(_is_invisible, text)) else []
    text = "".join(character for character in text if not _is_invisible(character))
    powers = _SUPERSCRIPTS.sub(lambda match: f"^{match.group().replace(_RAISED_MINUS, '-')}", text)
    ascii_marks = powers.translate(_MINUS).translate(_APOSTROPHES).translate(_ARABIC_MARKS)
    folded = unicodedata.normalize("NFKC", ascii_marks)
    spaced = "".join(" " if character.isspace() else character for character in folded)
    digits = "".join(
        str(unicodedata.decimal(character, -1)) if character.isdecimal() else character
        for character in spaced
    )
    if any(character.isdecimal() and not character.isascii() for character in text):
        seen.append("digits of another script")
    if any(ord(character) in _MINUS for character in powers):
        seen.append("a minus sign other than a hyphen")
    return digits.strip(), seen


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) == "Cf"


def _peeled(text: str, seen: list[str]) -> Numeral | None:
    """Take off one decoration after the other until a number is left."""
    unit, is_bound = "", False
    while True:
        if (core := _core(text)) is not None:
            seen.append(core)
            break
        peeled = _peel(text)
        if peeled is None or peeled.rest == text:
            return None
        text, is_bound = peeled.rest.strip(), is_bound or peeled.is_bound
        # After another decoration, as in €110.5M, it is certainly a unit.
        unit = unit or ("" if any(seen) else peeled.unit)
        seen.append(peeled.what)
    named = next((what for what in seen if what), "")
    return Numeral(named or "a space inside", unit, is_bound)


def _core(text: str) -> str | None:
    """What is not plain about a bare number; "" for nothing, None where it is not a number."""
    if _FEET_AND_INCHES.fullmatch(text) and not _GROUPED_BY_APOSTROPHE.fullmatch(text):
        return "feet and inches"
    if _TEN_TO_THE_POWER.fullmatch(text):
        return "a power of ten"
    for pattern, what in _CORES:
        if match := pattern.fullmatch(text):
            power = match["power"]
            spelt = "a power of ten" if power and power[0] not in "eE" else ""
            return what or spelt or ("a space after the sign" if match["space"] else "")
    if match := _WITH_ERROR.fullmatch(text):
        both = all(_core(number.strip()) is not None for number in match.groups())
        return "an error after the number" if both else None
    if _PARTS.fullmatch(text) and all(unit.lower() in UNITS for unit in _PART.findall(text)):
        return "units"
    return None


@dataclass(frozen=True)
class _Peeled:
    rest: str
    what: str
    unit: str = ""
    is_bound: bool = False


def _peel(text: str) -> _Peeled | None:
    """The text without its outermost decoration, or None where it has none that we know."""
    if match := _BRACKETED.fullmatch(text):
        return _Peeled(match[1] or match[2], "brackets")
    if match := _QUOTED.fullmatch(text):
        return _Peeled(match[1], "quotation marks")
    if match := _BOUND_BEFORE.fullmatch(text) or _BOUND_BEHIND.fullmatch(text):
        return _Peeled(match[1], "a bound", is_bound=True)
    if match := _ESTIMATE.fullmatch(text):
        return _Peeled(match[1], "an estimate")
    if match := _WITHIN_MONEY.fullmatch(text):
        return _Peeled(f"{match[1]}.{match[2]}", "a currency sign")
    if match := _PERCENT.fullmatch(text):
        return _Peeled(match[1] or match[2], "a percent sign")
    if text[0] in CURRENCY_SIGNS or text[-1] in CURRENCY_SIGNS:
        return _Peeled(text.strip(CURRENCY_SIGNS), "a currency sign")
    if (match := _CODE_BEFORE.fullmatch(text)) and _is_currency(match[1], spaced=bool(match[2])):
        return _Peeled(match[3], "a currency")
    if match := _RUPEES.fullmatch(text):
        return _Peeled(match[1], "a currency")
    if match := _SIGN_BEFORE.fullmatch(text):
        return _Peeled(match[1], "")
    if match := _SIGN_BEHIND.fullmatch(text):
        return _Peeled(match[1], "a sign after the number")
    if match := _FOOTNOTE.fullmatch(text):
        return _Peeled(match[1], "a footnote mark")
    return _without_unit(text)


def _is_currency(code: str, *, spaced: bool) -> bool:
    """Whether letters before a number are money: two of them need a space, or are a code (RM3)."""
    folded = code.lower()
    return folded in CURRENCIES and (
        spaced or len(folded) > 2 or folded[-1] in "$." or code == "Rs"
    )


def _without_unit(text: str) -> _Peeled | None:
    match = _UNIT.fullmatch(text)
    if match is None or _ORDINAL_ENDING.match(match["unit"]):
        return None
    unit = match["unit"].lower().replace("^", "").rstrip(".")
    attached = len(unit) == 1 and unit.isalpha() and not match["space"]
    a_letter_of_a_code = attached and "." not in match["rest"]
    known = unit[0] in "°'\"″" or (unit in UNITS and not a_letter_of_a_code)
    return _Peeled(match["rest"], f"the unit {unit!r}", unit="" if known else unit)
