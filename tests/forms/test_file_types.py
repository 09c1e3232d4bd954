"""Which files a field takes, by its accept text."""

import pytest

from forms.fields import Attachment
from forms.file_types import in_words, takes, takes_pictures, types_in


@pytest.mark.parametrize(
    ("accept", "name", "media_type", "taken"),
    [
        ("", "a.zip", "application/zip", True),
        (".pdf,.docx", "a.PDF", "application/pdf", True),
        (".pdf,.docx", "a.zip", "application/zip", False),
        (".pdf,.docx", "a.pdf.zip", "application/zip", False),
        ("pdf docx", "a.docx", "", True),
        (".jpg", "a.jpeg", "image/jpeg", True),
        (".jpeg", "a.jpg", "image/jpeg", True),
        ("image/*", "a.heic", "image/heic", True),
        ("image/*", "a.pdf", "application/pdf", False),
        ("application/pdf", "khong-duoi", "application/pdf", True),
        (".pdf", "khong-duoi", "application/pdf", False),
        ("*/*", "a.zip", "application/zip", True),
    ],
)
def test_a_file_is_taken_by_its_name_or_by_what_it_is(accept: str, name: str, media_type: str, taken: bool) -> None:
    assert takes(accept, Attachment("1", name, 1, media_type)) is taken


def test_the_types_as_one_says_them() -> None:
    assert types_in(" .PDF, docx,image/*,, .pdf") == (".pdf", ".docx", "image/*")
    assert in_words(".pdf,.jpg,.jpeg,image/*,application/zip") == "PDF, JPG, ảnh, ZIP"
    assert in_words("*") == ""


def test_a_camera_is_of_use_where_pictures_are_taken() -> None:
    assert all(map(takes_pictures, ("", ".pdf,.jpeg", "image/*")))
    assert not takes_pictures(".pdf,.docx")
