"""Numbers and dates as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.notation import read_date, read_number, shown_number, written_date, written_number

NUMBERS = [
    ("1.234,5", 1234.5),
    ("1234,5", 1234.5),
    ("1.234", 1234),
    ("1.234.567", 1234567),
    ("12.5", 12.5),
    ("0.125", 0.125),
    ("1234.567", 1234.567),
    ("1,234.5", 1234.5),
    ("1,234,567", 1234567),
    ("1,234", 1.234),
    ("1 234 567", 1234567),
    ("1\u00a0234", 1234),
    ("-1.000", -1000),
    ("−5", -5),
    ("+5", 5),
    ("007", 7),
    (",5", 0.5),
    ("0", 0),
    ("-0", 0),
    ("0,0", 0),
    ("5,0", 5),
    ("999999999999999", 999999999999999),
]
NO_NUMBERS = ["", "-", "+", "1e5", "٣", "nan", "inf", "0x10", "1_000", "1..2", "1.2.3", "12.34,5", "1,2,3", "5.", "--5"]
NO_DATES = ["", "29/02/2026", "31/04/2026", "12/31/2026", "2026-13-01", "4/12/26", "4/12/1899", "4/12/9999"]
NO_DATES += ["20261204", "٤/١٢/٢٠٢٦"]
NO_NUMBERS += ["-+0", "1000000000000000", "0,1234567890123456", "9" * 100, "1" + "0" * 61, "năm"]


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_number(text, number):
    assert read_number(text) == number
    assert type(read_number(text)) is type(number)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_no_number(text):
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("04/12/2026", date(2026, 12, 4)),
        ("4/12/2026", date(2026, 12, 4)),
        (" 4-2-2028 ", date(2028, 2, 4)),
        ("29.02.2028", date(2028, 2, 29)),
        ("2026-12-04", date(2026, 12, 4)),
    ],
)
def test_date(text, day):
    assert read_date(text) == day


@pytest.mark.parametrize("text", NO_DATES)
def test_no_date(text):
    assert read_date(text) is None


def test_numbers_are_shown_with_thousands_signs():
    assert [shown_number(n) for n in (0, -1234567.25, 0.5, -0.5, 1e-7)] == [
        "0",
        "-1.234.567,25",
        "0,5",
        "-0,5",
        "0,0000001",
    ]


@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=3))
def test_what_is_written_reads_the_same(number):
    value = read_number(str(number).replace(".", ","))
    assert value is not None
    assert read_number(written_number(value)) == value
    assert read_number(shown_number(value)) == value


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_dates_are_written_as_they_are_read(day):
    assert read_date(written_date(day)) == day == read_date(day.isoformat())


@given(st.text())
def test_any_text_is_a_number_and_a_date_or_not(text):
    read_number(text)
    read_date(text)
