"""What counts as putting right a fault of reading, and where it is proposed again."""

import pytest

from webapp.plans.learning import Correction, Learned, corrections_between


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("Nâng cao ứng dung số", "Nâng cao ứng dụng số", [("ứng dung", "ứng dụng")]),
        ("Chuyên đồi số; báo cảo.", "Chuyển đổi số; báo cáo.", [("Chuyên đồi", "Chuyển đổi"), ("báo cảo", "báo cáo")]),
        ("Ứng dung số", "Ứng dụng số", [("Ứng dung", "Ứng dụng")]),
        ("Dung số", "Dụng số", [("Dung số", "Dụng số")]),
        ("Trồng 100 cây", "Trồng 200 cây", []),
        ("Trồng cây", "Cắt cỏ", []),
        ("Trồng cây", "Trồng cây xanh", []),
        ("Trồng cây ven sông", "", []),
        ("một hai ba bốn năm", "mốt hài bà bôn nắm", []),
    ],
)
def test_few_words_that_are_like_the_new_ones_are_corrections(
    before: str, after: str, found: list[tuple[str, str]]
) -> None:
    assert [(each.before, each.after) for each in corrections_between(before, after)] == found


def test_whole_words_are_proposed_once_a_field() -> None:
    learned = Learned([("cảo", "cáo", 3), ("đồi", "đổi", 1)])
    found = [*learned.proposals({"content": "báo cảo, báo cảo đồi", "note": "cảos"})]
    assert [(each.field, each.before, each.after) for each in found] == [
        ("content", "cảo", "cáo"), ("content", "đồi", "đổi"),
    ]  # fmt: skip
    assert found[0].why == "phường đã sửa như vậy 3 lần"


def test_nothing_learned_proposes_nothing() -> None:
    assert [*Learned([]).proposals({"content": "báo cảo"})] == []
    assert Correction("a", "b") == Correction("a", "b")
