"""How people are reached, and what they sign in with: the one spelling of each that is stored."""

import re

USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,38}[a-z0-9])")
EMAIL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z]{2,24}")
LONGEST_EMAIL = 254
PHONE = re.compile(r"0[1-9][0-9]{8,9}")


class InvalidContact(ValueError):  # noqa: N818  a refusal is expected, not an error
    """Not what it should be; the text is for the person who typed it."""


def normalise_username(text: str) -> str:
    """Lower case; never digits only, so that it can't be taken for a telephone number. Raises InvalidContact."""
    username = text.strip().lower()
    if username.isdecimal() or not USERNAME.fullmatch(username):
        raise InvalidContact(
            "Tên đăng nhập gồm 3–40 chữ cái không dấu, chữ số, dấu chấm, gạch ngang, gạch dưới; không chỉ có chữ số."
        )
    return username


def normalise_email(text: str) -> str:
    """Lower case. Raises InvalidContact."""
    email = text.strip().lower()
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email) or ".." in email:
        raise InvalidContact("Thư điện tử phải có dạng ten@coquan.gov.vn, không dấu.")
    return email


def normalise_phone(text: str) -> str:
    """A Vietnamese number as 0xxxxxxxxx, whatever the spaces, dots and country code. Raises InvalidContact."""
    digits = re.sub(r"[\s().+-]", "", text)
    if digits.startswith("84") and len(digits) in (11, 12):
        digits = f"0{digits[2:]}"
    if not PHONE.fullmatch(digits):
        raise InvalidContact("Số điện thoại phải có 10 chữ số (máy bàn 11), bắt đầu bằng 0.")
    return digits
