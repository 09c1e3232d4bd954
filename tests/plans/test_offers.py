"""What the body of a plan without appendix offers as tasks: when, who and what its sentences and lines say."""

import pytest

from webapp.plans.reading import PlanReading, TaskReading, read_plan

PLAN = """KẾ HOẠCH

Giữ gìn vệ sinh phường năm 2026

I. NHIỆM VỤ

1. Tổng vệ sinh

- Nội dung: Dọn rác ở các ngõ.
- Thời gian: Sáng thứ Bảy hằng tuần.
- Đơn vị chủ trì: Phòng Kinh tế, Hạ tầng và Đô thị.
- Đơn vị phối hợp: Trạm Y tế; các tổ dân phố.
- Kết quả: Báo cáo; biên bản.

2. Trồng cây trong quý III/2026

a) Chuẩn bị cây giống trước ngày 15/8/2026.

b) Trồng ở các vườn hoa.

II. TỔ CHỨC THỰC HIỆN

1. Trạm Y tế {}

Trên đây là Kế hoạch./.
"""


def offered(text: str = PLAN) -> tuple[TaskReading, ...]:
    return read_plan("a.txt", text.encode()).offer.tasks


def read(sentence: str) -> TaskReading:
    return offered(PLAN.format(sentence))[-1]


@pytest.mark.parametrize(
    ("sentence", "timing", "kinds"),
    [
        ("gửi danh sách trước ngày 15/6.", "trước ngày 15/6", ["date"]),
        ("tổ chức kiểm tra hằng quý, có biên bản.", "hằng quý", ["quarterly"]),
        ("hoàn thành việc phun thuốc trong quý III.", "trong quý III", ["quarter"]),
        ("thường xuyên nhắc nhở các hộ.", "thường xuyên", ["continuous"]),
        ("báo cáo chậm nhất ngày 25/11/2026; quý IV/2026 tổng kết.", "chậm nhất ngày 25/11/2026; quý IV/2026",
         ["date", "quarter"]),
        ("báo cáo trước ngày 15/6 và trước ngày 05/12 hằng năm.", "trước ngày 15/6 và trước ngày 05/12 hằng năm",
         ["yearly_month", "yearly_month"]),
        ("tổ chức từ ngày 16/10 đến ngày 23/10 hằng năm.", "từ ngày 16/10 đến ngày 23/10 hằng năm", ["yearly_month"]),
        ("mở lớp sau khi có hướng dẫn của Sở Y tế.", "sau khi có hướng dẫn của Sở Y tế", ["blocked"]),
        ("báo cáo trước ngày 15 hằng tháng.", "trước ngày 15 hằng tháng", ["monthly"]),
        ("định kỳ hằng quý, trước ngày 25 tháng cuối quý, báo cáo.",
         "định kỳ hằng quý, trước ngày 25 tháng cuối quý", ["quarterly"]),
        ("họp vào chiều thứ Sáu hằng tuần.", "thứ Sáu hằng tuần", ["weekly"]),
        ("trả lời trong vòng 05 ngày kể từ ngày nhận phản ánh.", "trong vòng 05 ngày kể từ ngày nhận phản ánh",
         ["blocked"]),
        ("thực hiện Kế hoạch số 5/KH-UBND ngày 02/3/2026 về “Năm 2027 không rác”.", "", []),
    ],
)  # fmt: skip
def test_the_times_of_a_sentence_are_the_task_s(sentence: str, timing: str, kinds: list[str]) -> None:
    task = read(sentence)
    assert (task.timing_text, [phase.kind for phase in task.timing.phases]) == (timing, kinds)


def test_what_an_offered_task_waits_for_is_said() -> None:
    assert read("mở lớp sau khi có hướng dẫn của Sở Y tế.").blocked_until == "sau khi có hướng dẫn của Sở Y tế"


def test_lines_that_say_who_and_when_belong_to_the_task_above_them() -> None:
    cleaning = next(task for task in offered() if "Tổng vệ sinh" in task.content)
    assert cleaning.content == "Tổng vệ sinh; Nội dung: Dọn rác ở các ngõ."
    assert cleaning.leads == ("Phòng Kinh tế, Hạ tầng và Đô thị",)
    assert cleaning.coordinators == ("Trạm Y tế", "các tổ dân phố")
    assert (cleaning.timing.kind, [each.text for each in cleaning.deliverables]) == ("weekly", ["Báo cáo", "biên bản"])


def test_a_task_without_a_time_has_that_of_its_title() -> None:
    times = {task.content: task.timing_text for task in offered()}
    assert times["Chuẩn bị cây giống trước ngày 15/8/2026."] == "trước ngày 15/8/2026"
    assert times["Trồng ở các vườn hoa."] == "trong quý III/2026"
    assert len(offered()) == 4


WRAPPED = """PHƯỜNG HOA SEN
KẾ HOẠCH
Chăm sóc hoa và cây cảnh ở mọi tuyến phố, công viên và trụ sở
các cơ quan trên địa bàn phường, thực hiện Nghị quyết của Hội đồng
nhân dân phường
Ủy ban nhân dân phường Hoa Sen ban hành Kế hoạch như sau:
I. NHIỆM VỤ
1. Trồng hoa ở các vườn hoa, các dải phân cách; kịp thời
biểu dương người trồng hoa đẹp, phê bình nơi để hoa chết, báo cáo
Phòng Kinh tế, Hạ tầng và Đô thị.
2. Tưới hoa vào các buổi sáng mùa hè, trừ những ngày có mưa, và
tỉa cành khi hoa đã tàn.
"""


def broken() -> PlanReading:
    return read_plan("a.txt", WRAPPED.encode())


def test_paragraphs_broken_at_the_width_of_a_page_are_whole_again() -> None:
    first, second = broken().offer.tasks
    assert first.content.endswith("kịp thời biểu dương người trồng hoa đẹp, phê bình nơi để hoa chết, báo cáo Phòng "
                                  "Kinh tế, Hạ tầng và Đô thị.")  # fmt: skip
    assert second.content.endswith("tỉa cành khi hoa đã tàn.")


def test_a_title_over_several_lines_ends_where_the_committee_speaks() -> None:
    title = broken().head.title or ""
    assert title.startswith("Chăm sóc hoa") and title.endswith("của Hội đồng nhân dân phường")
