"""Vietnamese text: how a sentence ends."""

import pytest

from engine.text import sentence


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("Hỗ trợ doanh nghiệp", "Hỗ trợ doanh nghiệp."),
        ("Tham gia các sự kiện do thành phố tổ chức; ", "Tham gia các sự kiện do thành phố tổ chức."),
        ("Không thuộc chức năng của phòng.", "Không thuộc chức năng của phòng."),
        ("Phát triển tài sản trí tuệ...", "Phát triển tài sản trí tuệ..."),
        ("Chương trình về hoạt động nghiên cứ…", "Chương trình về hoạt động nghiên cứ…"),
    ],
)
def test_a_sentence_ends_with_one_full_stop(text: str, closed: str) -> None:
    assert sentence(text) == closed
