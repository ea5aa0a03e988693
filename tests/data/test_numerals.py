import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regcli.data.columns.moments import read_moment
from regcli.data.columns.numerals import is_other_notation, is_plain, read_numeral
from regcli.data.columns.units import UNITS

DECORATED = {
    "a decimal comma": ["0,5", "-0,5", ",5", "5,", "1,5e3", "0,123", "12,3456"],
    "a comma inside": ["1,234", "-999,000"],
    "a thousands separator": [
        *("1,234,567", "1,234.50", "1.000,50", "1.234.567", "1'000", "1\u2019000", "1 234,5"),
        *("1 234", "1\u00a0234", "1\u2009234", "1\u202f234", "12,34,567", "1_000_000"),
    ],
    "underscores": ["1_00"],
    "a currency sign": [
        "$5",
        "$ 5",
        "5 €",
        "5€",
        "-$5",
        "5€50",
        "$-5",
        "£1,234.50",
        "₹12,34,567",
        "€110.5M",
    ],
    "a currency": ["USD 5", "EUR5", "R$ 5", "Rs. 500", "500/-", "CHF 1'234.50"],
    "a percent sign": ["45%", "45 %", "%45", "5‰", "0,5 %", "-4.5%"],
    "the unit 'kg'": ["5 kg", "5kg", "5\u00a0kg", "1,234 kg"],
    "the unit 'm'": ["1e3 m", "1.5m"],
    "the unit 'm2'": ["5 m²", "5 m^2", "5 m2"],
    "the unit '°c'": ["5 °C", "5°C", "-5 °C"],
    "the unit 'mg/dl'": ["10 mg/dL"],
    "the unit 'months'": ["36 months"],
    "units": ["5ft 11in", "1h 30m"],
    "feet and inches": ["5'11\"", "6' 2\""],
    "a minus sign other than a hyphen": ["\u22125", "\u20135.5", "\u22120,5"],
    "a sign after the number": ["5-", "1.234,50-"],
    "a space after the sign": ["- 5", "+ 5"],
    "brackets": ["(1.5)", "(5)", "($5.00)", "[5]"],
    "digits of another script": [
        "\u0661\u0662\u0663",
        "\uff11\uff12",
        "\uff11\uff0c\uff15",
        "\u0663\u066b\u0665",
    ],
    "a power of ten": ["1.5×10^3", "1.5 x 10³", "10^3", "1.5D+03", "10\u207b\u00b3"],
    "an error after the number": ["5 ± 1", "5.0+/-0.1"],
    "a footnote mark": ["5*", "12.3[1]", "5 †"],
    "quotation marks": ["'5", '="5"'],
    "a bound": ["<0.1", "< 0,1", "≥5", ">= 5", "5+", "65+", "under 18", "65 and over"],
    "an estimate": ["~5", "ca. 5", "about 1,000", "≈5", "±5"],
    "an invisible character": ["5\u200b", "\ufeff5", "\u200e5", "5\xad"],
}

WORDS = (
    *("A12", "I10", "V58", "K", "XL", "3-door", "10-20", "18-25", "(5, 10]", "v1.2", "1.2.3", "#5"),
    *("1920x1080", "1280×720", "3x10"),
    *("SW1A 1AA", "12345-6789", "192.168.1.1", "Class 1", "RM3", "FT12", "1 - low", "3rd floor"),
    *("none", "nan", "inf", "red", "...", "-", "$", "%", "5..5", "--", "1 in 5", "12 / x", ""),
)


@pytest.mark.parametrize("decoration", DECORATED)
def test_a_decorated_number_is_known_by_what_is_beside_its_digits(decoration):
    for text in DECORATED[decoration]:
        numeral = read_numeral(text)
        assert (text, numeral and numeral.decoration) == (text, decoration)
        assert numeral is not None
        assert numeral.is_bound == (decoration == "a bound")


def test_a_word_behind_a_number_may_be_a_unit():
    for text, unit in {
        "12A": "a",
        "2 doors": "doors",
        "7 Eleven": "eleven",
        "5k": "k",
        "1d6": "d6",
    }.items():
        numeral = read_numeral(text)
        assert numeral is not None
        assert numeral.unit == unit
    assert all(read_numeral(f"5 {unit}") is not None for unit in UNITS)


@pytest.mark.parametrize("text", WORDS)
def test_words_codes_and_ranges_are_no_numbers(text):
    assert read_numeral(text) is None
    assert not is_plain(text)
    assert read_moment(text) is None


@pytest.mark.parametrize("text", ["1st", "22nd", "3rd", "4th", "1/2", "1 1/2", "½", "3:1", "0x1F"])
def test_ordinals_fractions_and_ratios_are_another_notation(text):
    assert is_other_notation(text)
    assert read_numeral(text) is None


@pytest.mark.parametrize(
    ("held", "texts"),
    [
        (
            "dates",
            [
                *("01/25/2024", "25.01.2024", "1.5.24", "2024-01-25", "2024/01/25", "25-01-2024"),
                *("Jan 01, 2024", "1 January 2024", "1st of January 2024", "5-Jan-2024", "Jan-24"),
                *("2024-W05", "2024-W05-1", "2024Q1", "Q1 2024", "2024-01", "01/2024", "2024-025"),
                *("2024-01-25T12:30:00Z", "2024-01-25 12:30:00+01:00", "1/25/24, 5:30 PM"),
                *("Thu, 26 Nov 2026 23:34:56 +0000", "Thu Nov 26 23:34:56 UTC 2026", "5 May 2024"),
                *("20240125T123000Z", "2024年1月25日", "H1 2024", "Monday, 5 January 2024"),
                *("5 de enero de 2024", "25 de diciembre del 2024", "1 de mayo"),
            ],
        ),
        ("times of day", ["12:30", "5:30 PM", "5 pm", "12:30:15.123", "1:30:00", "23:59Z"]),
        ("durations", ["1 days 02:00:00", "P1DT2H", "100:30:15"]),
        (
            None,
            [
                *("20240125", "2024", "Jan", "January", "Mon", "May", "Q1", "16:9", "3:1", "1.2.3"),
                *(
                    "192.168.1.1",
                    "120/80",
                    "18-25",
                    "10-12",
                    "2023/24",
                    "12.05",
                    "S1",
                    "P1",
                    "25:30",
                ),
            ],
        ),
    ],
)
def test_dates_and_times_are_known_in_many_forms(held, texts):
    assert {text: read_moment(text) for text in texts} == dict.fromkeys(texts, held)


def decorations():
    """Numbers with one or two decorations, as text."""
    whole = st.integers(0, 10**9)
    digits = st.one_of(
        whole.map(str),
        st.tuples(whole, st.integers(0, 999)).map(lambda pair: f"{pair[0]}.{pair[1]}"),
    )
    simple = [
        *("${}", "{} $", "€ {}", "USD {}", "{}%", "{} %", "({})", "<{}", "≥ {}", "~{}", "{}+"),
        *("{} kg", "{}km", "{} mg/dL", "{} °C", "\u2212{}", "{}*", "{}-", "- {}", "{} hours"),
    ]
    decorated = st.tuples(st.sampled_from(simple), digits).map(lambda pair: pair[0].format(pair[1]))
    grouped = st.tuples(st.integers(1000, 10**12), st.sampled_from(", '\u2019\u202f\u2009")).map(
        lambda pair: f"{pair[0]:,}".replace(",", pair[1])
    )
    comma = st.tuples(whole, st.integers(0, 99)).map(lambda pair: f"{pair[0]},{pair[1]:02}")
    return st.one_of(
        decorated, grouped, comma, grouped.map("$ {}".format), comma.map("{} %".format)
    )


@given(decorations())
def test_every_decorated_number_is_seen(text):
    numeral = read_numeral(text)
    assert numeral is not None
    assert numeral.decoration != ""
    assert not is_plain(text)
    assert not is_other_notation(text)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**20), 10**20))
def test_what_python_and_json_write_is_plain(number):
    assert is_plain(repr(number))
    assert read_numeral(repr(number)).decoration == ""
    assert math.isclose(float(repr(number)), number)


@given(st.text("0123456789.+-eE", max_size=12))
def test_plain_is_what_float_reads(text):
    try:
        float(text)
    except ValueError:
        assert not is_plain(text)
    else:
        assert is_plain(text)


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_any_text_is_read_without_fail(text):
    stripped = text.strip()
    read_numeral(stripped)
    read_moment(stripped)


@given(st.text(st.characters(categories=["L", "Zs", "Pd"]), min_size=1, max_size=30))
def test_text_without_digits_is_no_number(text):
    assert read_numeral(text) is None
    assert read_moment(text) is None
