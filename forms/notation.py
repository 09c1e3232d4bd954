"""Numbers and dates as people in Việt Nam write them: 1.234,5 and 04/12/2026."""

import re
from datetime import date
from decimal import Context, Decimal

MAX_DIGITS = 15  # A float keeps this many exactly, so what is stored as a JSON number is what was typed.
FIRST_YEAR, LAST_YEAR = 1900, 2199

_SPACES = re.compile(r"[\s\u00a0\u202f]")
_GROUPED = re.compile(r"[1-9]\d{0,2}(\.\d{3})+")
_ENGLISH = re.compile(r"\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}")  # 1,234.5: nothing else it could mean.
_PLAIN = re.compile(r"\d+|\d+[.,]\d+|[.,]\d+")
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def read_number(text: str) -> int | float | None:
    """The number, or None when the text is none or has more than 15 digits.

    A dot before exactly three digits groups thousands; a comma, or any other single dot, is the decimal sign.
    """
    number = _decimal(_SPACES.sub("", text).replace("−", "-"))
    if number is None:
        return None
    return exact(number)


def exact(number: Decimal) -> int | float | None:
    """The number as JSON holds it without loss: whole ones as int; None when it has too many digits."""
    if number == 0:
        return 0
    shortest = number.normalize(Context(prec=100)).as_tuple()
    digits, exponent = len(shortest.digits), shortest.exponent
    if not isinstance(exponent, int) or max(digits + max(exponent, 0), -exponent) > MAX_DIGITS:
        return None
    return int(number) if exponent >= 0 else float(number)


def _decimal(text: str) -> Decimal | None:
    sign = "-" if text.startswith("-") else ""
    body = text[1:] if text.startswith(("-", "+")) else text
    if not body.isascii() or len(body) > 60:
        return None
    whole, comma, fraction = body.partition(",")
    if _GROUPED.fullmatch(whole):
        body = whole.replace(".", "") + comma + fraction
    elif _ENGLISH.fullmatch(body):
        body = body.replace(",", "")
    return Decimal(sign + body.replace(",", ".")) if _PLAIN.fullmatch(body) else None


def read_date(text: str) -> date | None:
    """The day that the text writes as dd/mm/yyyy or in ISO, or None."""
    text = text.strip()
    if not text.isascii():
        return None
    if match := _DATE.fullmatch(text):
        day, month, year = match.groups()
    elif match := _ISO.fullmatch(text):
        year, month, day = match.groups()
    else:
        return None
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def written_number(value: int | float) -> str:
    """As one types it, without thousands signs: 1234,5."""
    return format(Decimal(repr(value)), "f").replace(".", ",")


def shown_number(value: int | float) -> str:
    """As one reads it: 1.234,5."""
    whole, comma, fraction = written_number(value).partition(",")
    sign = "-" if whole.startswith("-") else ""
    return sign + f"{int(whole.removeprefix('-')):,}".replace(",", ".") + comma + fraction


def written_date(day: date) -> str:
    """dd/mm/yyyy."""
    return f"{day:%d/%m/%Y}"
