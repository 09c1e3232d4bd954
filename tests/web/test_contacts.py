"""User names, e-mails and telephone numbers have one spelling each."""

import pytest

from webapp.organisation.contacts import InvalidContact, normalise_email, normalise_phone, normalise_username


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0912 345 678", "0912345678"),
        ("+84912345678", "0912345678"),
        ("84.912.345.678", "0912345678"),
        ("(0225) 3842 123", "02253842123"),
    ],
)
def test_telephone_numbers_have_one_spelling(typed: str, stored: str) -> None:
    assert normalise_phone(typed) == stored


@pytest.mark.parametrize("typed", ["", "912345678", "00912345678", "09123456789012", "+1 212 555 0100", "abc"])
def test_what_is_no_vietnamese_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidContact):
        normalise_phone(typed)


def test_user_names_and_e_mails_are_lower_case() -> None:
    assert normalise_username(" An.NV ") == "an.nv"
    assert normalise_email("An@HaiPhong.GOV.vn") == "an@haiphong.gov.vn"
    for bad in ("an@", "an@x", "a n@x.vn", "an@x..vn", "<an@x.vn>"):
        with pytest.raises(InvalidContact):
            normalise_email(bad)
