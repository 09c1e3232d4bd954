"""What stands in and around tables in other layouts, the same in every kind of file."""

import pytest

from tests.plans.makers import MAKERS
from webapp.plans.reading import PlanReading, read_plan

HEAD = "KẾ HOẠCH\nVề cây\n\n"
SIX = "STT\tNội dung\tĐơn vị chủ trì\tĐơn vị phối hợp\tThời gian\tSản phẩm\n"
TWO = "1\tTrồng cây\tPhòng A\t\t2026\tBáo cáo\n2\tTỉa cây\tPhòng B\t\t2026\tBáo cáo\n"
KINDS = ["txt", *MAKERS]


def opened(kind: str, text: str) -> PlanReading:
    return read_plan(f"a.{kind}", text.encode() if kind == "txt" else MAKERS[kind](text))


def told(reading: PlanReading) -> list[tuple[object, ...]]:
    return [(task.group, task.section, task.ordinal, task.content, task.leads) for task in reading.tasks]


@pytest.mark.parametrize("kind", KINDS)
def test_a_title_inside_the_table_and_notes_below_it_are_no_tasks(kind: str) -> None:
    title = "DANH MỤC NHIỆM VỤ TRỌNG TÂM NĂM 2026\t\t\t\t\t\n"
    notes = "Ghi chú: Báo cáo đúng hạn.\t\t\t\t\t\n* Tính theo ngày làm việc.\t\t\t\t\t\n"
    reading = opened(kind, HEAD + title + SIX + "I\tVề cây\t\t\t\t\n" + TWO + notes)
    assert told(reading) == [
        ("I", None, "1", "Trồng cây", ("Phòng A",)), ("I", None, "2", "Tỉa cây", ("Phòng B",)),
    ]  # fmt: skip
    assert [piece.text.strip() for piece in reading.unread] == [
        "Ghi chú: Báo cáo đúng hạn.", "* Tính theo ngày làm việc.",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_annex_with_other_columns(kind: str) -> None:
    second = "PHỤ LỤC II\nNHIỆM VỤ THƯỜNG XUYÊN CỦA PHƯỜNG\n\nTT\tThời hạn\tNhiệm vụ\tSản phẩm\tCơ quan chủ trì\n"
    reading = opened(kind, f"{HEAD}PHỤ LỤC I\n\n{SIX}{TWO}\n{second}1\t2027\tTưới cây\tBiên bản\tPhòng C\n")
    assert [(task.ordinal, task.content, task.leads, task.timing_text) for task in reading.tasks] == [
        ("1", "Trồng cây", ("Phòng A",), "2026"),
        ("2", "Tỉa cây", ("Phòng B",), "2026"),
        ("1", "Tưới cây", ("Phòng C",), "2027"),
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("i", "ii"), ("1.1", "1.2"), ("-", "-")])
def test_tasks_numbered_otherwise(kind: str, first: str, second: str) -> None:
    rows = TWO.replace("1\tTrồng", f"{first}\tTrồng").replace("2\tTỉa", f"{second}\tTỉa")
    rows = f"1\tVề cây\t\t\t\t\n{rows}"
    if first in ("i", "-"):
        rows = rows.replace("1\tVề cây", "I\tVề cây", 1)
    assert told(opened(kind, HEAD + SIX + rows)) == [
        ("I", None, first, "Trồng cây", ("Phòng A",)), ("I", None, second, "Tỉa cây", ("Phòng B",)),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_columns_named_in_rarer_words(kind: str) -> None:
    header = "TT\tTên việc/công việc\tĐầu mối thực hiện\tĐơn vị cùng thực hiện\tHoàn thành\tHình thức văn bản\n"
    [task] = opened(kind, f"{HEAD}{header}1\tTrồng cây\tPhòng A\tTrạm Y tế\tTháng 5/2026\tKế hoạch\n").tasks
    assert (task.content, task.leads, task.coordinators) == ("Trồng cây", ("Phòng A",), ("Trạm Y tế",))
    assert (task.timing_text, task.product_text) == ("Tháng 5/2026", "Kế hoạch")
