"""Text extracted at a fixed pitch, every word where it stands on its page, is read as other aligned text is."""

from pathlib import Path

from tests.plans.samples import shorts
from webapp.plans.reading import PlanReading, read_plan

SAMPLE = Path(__file__).with_name("fixed_pitch.txt")


def sample() -> PlanReading:
    return read_plan("a.txt", SAMPLE.read_bytes())


def test_the_width_of_letters_parts_words_from_cells() -> None:
    first, second, third, fourth = sample().tasks
    assert shorts(sample())[1] == (
        "I", "1.2",
        "Phát tờ rơi đến từng hộ gia đình có nguy cơ cháy cao: nhà trọ, cơ sở sản xuất trong khu dân cư",
        "Công an phường",
    )  # fmt: skip
    assert [task.timing_text for task in sample().tasks] == [
        "Thường xuyên", "Quý II/2026", "Tháng 10/2026", "Trước ngày 30/4/2026",
    ]  # fmt: skip
    assert third.coordinators == ("Hội Liên hiệp Phụ nữ phường", "Ủy ban MTTQ Việt Nam phường")
    assert (first.product_text, second.note) == ("Tin, bài", "Kinh phí từ nguồn xã hội hóa")
    assert fourth.group == "II"


def test_titles_in_wide_capitals_stay_whole() -> None:
    assert [group.title for group in sample().groups] == [
        "CÔNG TÁC TUYÊN TRUYỀN, NÂNG CAO NHẬN THỨC", "CÔNG TÁC KIỂM TRA VÀ XỬ LÝ VI PHẠM",
    ]  # fmt: skip


def test_places_are_lines_of_the_file() -> None:
    lines = SAMPLE.read_text().split("\n")
    assert all(task.ordinal in lines[task.source.places[0].line - 1] for task in sample().tasks)
