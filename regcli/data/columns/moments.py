"""Dates and times as people write them, such as `01/25/2024`, `Jan 01, 2024` or `5:30 PM`."""

import re

_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:1[5-9]|20|21)\d\d"
_SHORT_YEAR = rf"(?:{_YEAR}|'?\d\d)"
_NAME = (
    r"(?:jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|mär(?:z)?|apr(?:il)?|may|mai|june?|juni"
    r"|july?|juli|aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?"
    r"|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    r"|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\.?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s)?"
_ENDING = r"(?:st|nd|rd|th|\.)?"
_CLOCK = r"(?:[01]?\d|2[0-4])[:h.][0-5]\d(?:[:.][0-6]\d(?:[.,]\d+)?)?"
_AM_PM = r"\s?[ap]\.?\s?m\.?"
_ZONE = r"(?:\s?(?:z|utc|gmt|[a-z]{3,4}|(?:utc|gmt)?[+-]\d\d:?\d\d|[+-]\d\d)(?:\s?\[[\w/]+\])?)?"
_TIME = rf"(?:(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-6]\d(?:[.,]\d+)?)?(?:{_AM_PM})?|1?\d{_AM_PM})"

_DATES = (
    rf"{_YEAR}([-/. ]){_MONTH}\1{_DAY}",  # 2024-01-25
    rf"{_DAY}([-/. ]){_MONTH}\2{_SHORT_YEAR}",  # 25.01.2024
    rf"{_MONTH}([-/. ]){_DAY}\3{_SHORT_YEAR}",  # 01/25/2024
    rf"{_DAY}{_ENDING}\s?[-/ ]?\s?(?:of\s)?{_NAME}(?:,?\s?[-/ ]?\s?{_SHORT_YEAR})?",  # 1 Jan 2024
    rf"{_DAY} de {_NAME}(?: del? {_YEAR})?",  # 1 de enero de 2024
    rf"{_NAME}\s?[-/ ]?\s?{_DAY}{_ENDING}(?:,?\s?[-/ ]?\s?{_YEAR})?",  # Jan 01, 2024
    rf"{_NAME}[-/, ]*{_SHORT_YEAR}",  # Jan 2024
    rf"{_YEAR}[-/, ]*{_NAME}(?:[-/ ]*{_DAY})?",  # 2024 Jan
    rf"{_YEAR}年{_MONTH}月(?:{_DAY}日)?",
    rf"{_YEAR}[-/]{_MONTH}",  # 2024-01
    rf"{_MONTH}[-/]{_YEAR}",  # 01/2024
    rf"{_YEAR}[-/ ]?(?:w|kw|wk|week)[-/ ]?[0-5]?\d(?:-?[1-7])?",  # 2024-W05
    rf"(?:w|kw|wk|week)[-/ ]?[0-5]?\d[-/ ]*{_YEAR}",
    rf"{_YEAR}[-/ ]?[qhs][1-4]",  # 2024Q1
    rf"[qhs][1-4][-/ ]*'?{_SHORT_YEAR}",
    rf"{_YEAR}-[0-3]\d\d",  # 2024-025, the day of the year
)
_DATE = "|".join(_DATES)
_DURATIONS = (
    r"-?\d+ days?,? \+?-?\d\d?:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?",  # as pandas writes them
    r"-?p(?=[\dt])(?:\d+(?:[.,]\d+)?[ymwd])*(?:t(?:\d+(?:[.,]\d+)?[hms])+)?",  # P1DT2H
    r"\d{1,3}:[0-5]\d:[0-5]\d(?:[.,]\d+)?",
)
_STAMP = rf"{_WEEKDAY}(?:{_DATE})(?:(?:\s|t|,\s?|\sat\s|_|\s-\s)\s?(?:{_TIME}|{_CLOCK}){_ZONE})?"
_COMPACT_STAMP = r"(?:19|20)\d{6}t?\s?\d{4,6}z?|(?:19|20)\d{6}z"  # 20240125T1230
_UNIX_STAMP = rf"{_WEEKDAY}{_NAME}\s+{_DAY}\s{_TIME}(?:\s[a-z]{{3,4}})?\s{_YEAR}"
_DATE_FIRST = re.compile(f"{_STAMP}|{_COMPACT_STAMP}|{_UNIX_STAMP}", re.IGNORECASE)
_TIME_ONLY = re.compile(f"(?:{_TIME}){_ZONE}", re.IGNORECASE)
_DURATION = re.compile("|".join(_DURATIONS), re.IGNORECASE)

_LONGEST = 64


def read_moment(text: str) -> str | None:
    """`dates`, `times of day` or `durations`, whichever a cell holds; None for anything else.

    A plain integer such as 20240125 is a number, and the name of a month or weekday alone is a
    category.
    """
    if len(text) > _LONGEST or not any(map(str.isdecimal, text)):
        return None
    if text.isdecimal():
        return None
    if _DATE_FIRST.fullmatch(text):
        return "dates"
    if _TIME_ONLY.fullmatch(text):
        return "times of day"
    return "durations" if _DURATION.fullmatch(text) else None
