"""A replacing plan: what is new, gone and changed is seen first; then running cases go on under it."""

from uuid import UUID

import sqlalchemy as sa

from engine.models import InstanceState, ProcessInstance, UserTask, UserTaskState
from engine.scheduler import settle
from tests.web.cycle_wards import FOCAL, Row, issue
from tests.web.plan_wards import EASY, HEAD, confirm, confirmation, plan_file, plan_id_of, plan_row, upload
from tests.web.test_cycle_kinds import opened
from tests.web.test_linked_cases import send_up
from tests.web.test_plans import issued
from tests.web.wards import Ward, text_of
from webapp.organisation.models import Unit
from webapp.plans.comparing import Fate, Pair, compare, worded
from webapp.plans.models import (
    Contribution,
    OccurrenceState,
    PlanState,
    PlanTask,
    PlanTaskUnit,
    TaskOccurrence,
    UnitPart,
)
from webapp.plans.succession import Cases, succession

CORRECTED = (
    ("I", "Việc chung", "", "", "", ""),
    ("1", "Niêm yết thủ tục bằng mã QR tại nhà văn hóa", "Trung tâm Phục vụ hành chính công", "Công an phường",
     "Hằng năm", "Báo cáo"),
    ("2", "Dạy tin học cho người cao tuổi", "Đoàn Thanh niên phường", "", "Hằng năm", "Báo cáo"),
)  # fmt: skip


def case_of(ward: Ward, content: str):
    query = sa.select(TaskOccurrence.id, TaskOccurrence.plan_id, TaskOccurrence.state).join(PlanTask)
    return ward.rows(query.where(PlanTask.content == content))


def test_what_changes_is_seen_and_running_cases_go_on_under_the_new_plan(ward: Ward) -> None:
    visitor, old = issued(ward)
    ((kept, _, _),) = case_of(ward, "Niêm yết thủ tục bằng mã QR")
    answer = upload(visitor, plan_file(CORRECTED))
    new = answer.location.removesuffix("/xem-truoc")
    refused = visitor.post(f"{new}/thay-the", {"ke_hoach": new.rsplit("/", 1)[-1]})
    assert "Chỉ thay được kế hoạch khác đang thực hiện." in text_of(refused)
    assert visitor.post(f"{new}/thay-the", {"ke_hoach": old.rsplit("/", 1)[-1]}).status_code == 302
    page = text_of(visitor.get(f"{new}/so-sanh"))
    assert "Thay đổi 1 nhiệm vụ" in page
    assert "Mới 1 nhiệm vụ" in page
    assert "Bị bỏ 1 nhiệm vụ" in page
    assert "Lập hồ sơ sức khỏe điện tử Chủ trì: Trạm Y tế 1 việc đang chạy sẽ hủy." in page
    assert "Dạy tin học cho người cao tuổi Chủ trì: Đoàn TN" in page, "Who leads what is new."
    assert "<ins>tại nhà văn hóa</ins>" in visitor.get(f"{new}/so-sanh").text, "Only the words that came."
    assert confirm(ward, visitor, new, number="50/KH-UBND").status_code == 302
    page = text_of(visitor.get(f"{new}/giao-viec"))
    said = "iao 1 việc mới, chuyển 1 việc đang chạy sang kế hoạch này, kết thúc 1 việc của kế hoạch được thay"
    assert f"Khi giao: g{said}" in page
    assert "Giao 1 việc mới, chuyển 1 việc Để sau" in page
    for share in ("hành chính công 0 1 0 0 ", "Trạm Y tế 0 0 0 1 ", "Đề nghị phối hợp thực hiện 1 0 0 0 "):
        assert share in page
    assert f"Đã g{said}." in text_of(visitor.post(f"{new}/giao-viec", follow_redirects=True))
    with ward.app.app_context():
        settle(ward.runtime)
    ((moved, plan_id, _),) = case_of(ward, "Niêm yết thủ tục bằng mã QR tại nhà văn hóa")
    assert (moved, plan_id) == (kept, plan_id_of(new))
    assert case_of(ward, "Lập hồ sơ sức khỏe điện tử")[0].state is OccurrenceState.CANCELLED
    assert len(case_of(ward, "Dạy tin học cho người cao tuổi")) == 1
    assert plan_row(ward, old).state is PlanState.CLOSED
    carried = ward.facts("CasesCarriedOver")[0]
    assert (carried.carried, carried.begun, carried.ended) == (1, 1, 1)
    closed = visitor.get(old)
    assert "Được thay bằng Kế hoạch số 50/KH-UBND. Mở kế hoạch thay thế" in text_of(closed)
    assert f'href="{new}">Mở kế hoạch thay thế' in closed.get_data(as_text=True)
    assert "Không còn việc ở kế hoạch này" in text_of(closed)


def test_what_a_unit_had_to_do_ends_where_another_leads_from_now_on(ward: Ward) -> None:
    visitor, old = issued(ward)
    rows = (CORRECTED[0], ("1", "Niêm yết thủ tục bằng mã QR", "Đoàn Thanh niên phường", "", "Hằng năm", "Báo cáo"))
    new = upload(visitor, plan_file(rows)).location.removesuffix("/xem-truoc")
    visitor.post(f"{new}/thay-the", {"ke_hoach": old.rsplit("/", 1)[-1]})
    said = "trừ việc của đơn vị thôi chủ trì: việc ấy kết thúc, đơn vị chủ trì mới nhận việc mới"
    page = text_of(visitor.get(f"{new}/so-sanh"))
    assert said in page and "→ Đoàn TN Phối hợp: Công an → trống 1 việc đang chạy sẽ kết thúc." in page
    confirm(ward, visitor, new, number="50/KH-UBND")
    assert "Khi giao: giao 1 việc mới, kết thúc 2 việc" in text_of(visitor.get(f"{new}/giao-viec"))


def test_a_plan_that_names_the_one_it_replaces_is_compared_with_it_at_once(ward: Ward) -> None:
    visitor, old = issued(ward)
    offered = upload(visitor, plan_file(CORRECTED)).location
    assert "Thay kế hoạch khác" in text_of(visitor.get(offered))
    says = "Kế hoạch này thay thế Kế hoạch số 45/KH-UBND ngày {} của Ủy ban nhân dân phường.\n\nPHỤ LỤC"
    other, new = (
        upload(visitor, plan_file(CORRECTED, HEAD.replace("PHỤ LỤC", says.format(day)))).location
        for day in ("03/01/2025", "02/01/2026")
    )
    assert "Thay kế hoạch khác" in text_of(visitor.get(other)), "Of another year."
    assert "So với kế hoạch được thay" in text_of(visitor.get(new))
    assert plan_row(ward, new.removesuffix("/xem-truoc")).replaces_id == plan_id_of(old)


def test_while_the_years_last_cycle_of_the_replaced_plan_is_open_its_page_says_what_comes_first(ward: Ward) -> None:
    made = issue(ward, [Row("yte", "Lập hồ sơ sức khỏe điện tử")])
    made.open_cycle()
    visitor = made.signed_in(FOCAL)
    new = upload(visitor, plan_file(CORRECTED)).location.removesuffix("/xem-truoc")
    visitor.post(f"{new}/thay-the", {"ke_hoach": str(made.plan_id)})
    confirm(ward, visitor, new, number="50/KH-UBND")
    first = f"Kế hoạch được thay còn kỳ báo cáo phải xong trước: Năm {made.year()} . Kỳ chưa qua bước Mở kỳ"
    page = visitor.get(f"{new}/giao-viec")
    assert first in text_of(page)
    assert "data-confirm-go" not in page.get_data(as_text=True), "What is refused is not offered."
    refused = visitor.post(f"{new}/giao-viec")
    assert refused.status_code == 409
    assert first in text_of(refused) and "người khác xử lý" not in text_of(refused)


def test_a_task_that_says_more_behind_its_words_is_the_same() -> None:
    old = [task(1, "Phát triển hệ thống y tế hiện đại"), task(2, "Mở góc đọc")]
    new = [task(3, "Phát triển hệ thống y tế hiện đại, có hồ sơ sức khỏe điện tử"), task(4, "Mở góc đọc sách cho em")]
    assert [pair.fate for pair in compare(old, new)] == [Fate.CHANGED, Fate.NEW, Fate.GONE]


def test_a_lead_that_is_still_to_be_chosen_and_a_second_one_are_told() -> None:
    both = [(UnitPart.LEAD, "Trạm Y tế"), (UnitPart.SECOND_LEAD, "Công an phường")]
    old, new = task(1, "Mở lớp bơi"), task(2, "Mở lớp bơi")
    old.units = [PlanTaskUnit(part=part, unit=Unit(short_name=name), position=0) for part, name in both]
    new.lead_text, new.coordinators_text = "Các đơn vị thuộc phường", "Doanh nghiệp trên địa bàn"
    (pair,) = compare([old], [new])
    assert pair.changes == (
        ("Chủ trì", "Trạm Y tế", "Các đơn vị thuộc phường"), ("Đồng chủ trì", "Công an phường", ""),
        ("Phối hợp", "", "Doanh nghiệp trên địa bàn"),
    )  # fmt: skip


def test_what_was_changed_is_shown_within_the_words_that_stay() -> None:
    assert list(worded("Mở lớp học, bơi", "Mở hai lớp; bơi")) == [
        ("=", "Mở"), ("+", "hai"), ("=", "lớp;"), ("-", "học,"), ("=", "bơi"),
    ]  # fmt: skip
    assert list(worded("Mở lớp học bơi", "Dạy tin học")) == [("-", "Mở lớp học bơi"), ("+", "Dạy tin học")]


def test_the_most_alike_are_taken_for_the_same() -> None:
    old = [task(1, "Tổ chức tập huấn kỹ năng số"), task(2, "Lập hồ sơ sức khỏe điện tử")]
    new = [task(3, "Lập hồ sơ sức khỏe điện tử cho trẻ em"), task(4, "Mở góc đọc sách")]
    fates = [(pair.fate, pair.after and pair.after.content) for pair in compare(old, new)]
    assert fates == [
        (Fate.CHANGED, "Lập hồ sơ sức khỏe điện tử cho trẻ em"), (Fate.NEW, "Mở góc đọc sách"), (Fate.GONE, None),
    ]  # fmt: skip


def test_every_case_of_a_lead_that_stays_goes_on_and_none_begins_beside_it() -> None:
    one, other, third = (UUID(int=number) for number in (11, 12, 13))
    old, new = task(1, "Mở lớp bơi"), task(2, "Mở lớp bơi")
    new.units = [PlanTaskUnit(part=UnitPart.LEAD, unit_id=unit, position=0) for unit in (one, other)]
    last_year = TaskOccurrence(year=2025, lead_unit_id=other, first_lead_unit_id=other)
    given_on = TaskOccurrence(year=2026, lead_unit_id=other, first_lead_unit_id=one)  # as a leader decided
    elsewhere = TaskOccurrence(year=2026, lead_unit_id=third, first_lead_unit_id=third)
    found = succession(Pair(old, new), Cases({old.id: [last_year, given_on, elsewhere]}), 2026, 2026)
    assert (found.carried, found.begun, found.ended) == ((last_year, given_on), frozenset(), (elsewhere,))
    new.is_recurring = True
    left = TaskOccurrence(year=2025, last_year=2026, lead_unit_id=one, first_lead_unit_id=one)
    assert succession(Pair(old, new), Cases({old.id: [left, given_on]}), 2026, 2026).begun == frozenset()
    assert succession(Pair(old, new), Cases({old.id: [left]}), 2026, 2026).begun == {one, other}, (
        "This year's is to be done."
    )
    assert succession(Pair(old, new), Cases({old.id: [given_on]}), 2027, 2026).begun == frozenset(), (
        "January brings the rest."
    )
    assert succession(Pair(None, new), Cases({}), 2026, 2026).begun == {one, other}
    assert succession(Pair(old, None), Cases({old.id: [elsewhere]}), 2026, 2026).ended == (elsewhere,)


def task(number: int, content: str) -> PlanTask:
    return PlanTask(id=UUID(int=number), content=content, timing_text="", product_text="", units=[])


def test_what_goes_on_has_the_new_plans_focal_unit_and_second_lead(ward: Ward) -> None:
    made = issue(ward, [Row("yte", "Lập hồ sơ sức khỏe điện tử"), Row("hcc", "Niêm yết thủ tục bằng mã QR")])
    health, qr = made.case("1"), made.case("2")
    made.report("2", "hcc.cv1")
    made.do("unit_review", "hcc.truong", qr, decision="approve")
    visitor = made.signed_in(FOCAL)
    new = upload(visitor, plan_file((CORRECTED[0], *EASY[1:]))).location.removesuffix("/xem-truoc")
    with ward.runtime.writing() as connection:
        task = sa.select(PlanTask.id).where(PlanTask.plan_id == plan_id_of(new), PlanTask.content.startswith("Lập"))
        second = {"plan_task_id": connection.scalar(task), "unit_id": ward.unit("vp"), "part": UnitPart.SECOND_LEAD}
        connection.execute(sa.insert(PlanTaskUnit.__table__), {**second, "position": 0})
    visitor.post(f"{new}/thay-the", {"ke_hoach": str(made.plan_id)})
    said = confirmation(focal_unit_id=str(ward.unit("yte")), number="50/KH-UBND")
    assert visitor.post(f"{new}/xac-nhan", said, content_type="multipart/form-data").status_code == 302
    visitor.post(f"{new}/giao-viec")
    made.settle()
    assert made.failed_jobs() == []
    desks = dict(made.rows(sa.select(UserTask.instance_id, UserTask.desk).where(UserTask.state == UserTaskState.OPEN)))
    assert desks[qr].endswith(f"@{ward.unit('yte')}"), "The report waits for the new focal unit's check."
    made.do("execute", "yte.cv1", health, outcome="done", result="Xong", completed_on=made.today().isoformat())
    assert made.open_steps(health) == ["second_lead_confirm"]
    made.do("second_lead_confirm", "vanphong", health, role="head", decision="confirm")
    assert made.open_steps(health) == ["self_check"], "The lead is the focal unit itself by now."


def test_a_person_says_which_task_goes_on_as_which_where_the_words_do_not(ward: Ward) -> None:
    visitor, old = issued(ward)
    ((health, _, _),) = case_of(ward, "Lập hồ sơ sức khỏe điện tử")
    reworded = ("2", "Số hóa bệnh án của mọi người dân", "Trạm Y tế phường", "", "Hằng năm", "Báo cáo")
    new = upload(visitor, plan_file((*EASY[:2], reworded))).location.removesuffix("/xem-truoc")
    visitor.post(f"{new}/thay-the", {"ke_hoach": old.rsplit("/", 1)[-1]})
    confirm(ward, visitor, new, number="50/KH-UBND")
    page = visitor.get(f"{new}/so-sanh").get_data(as_text=True)
    assert "Bị bỏ" in page and "1 việc đang chạy sẽ hủy" in page
    before, after = (ward.rows(sa.select(PlanTask.id).where(PlanTask.content == words))[0][0]
                     for words in ("Lập hồ sơ sức khỏe điện tử", reworded[1]))  # fmt: skip
    assert f'<option value="{before}">I.2 Lập hồ sơ sức khỏe điện tử</option>' in page
    none = visitor.post(f"{new}/so-sanh/{after}", {"nhiem_vu_cu": ""}, follow_redirects=True)
    assert "Chưa nối: hãy chọn nhiệm vụ của kế hoạch cũ." in text_of(none)
    assert not plan_row(ward, new).is_paired, "What the words say is still compared."
    stranger = visitor.post(f"{new}/so-sanh/{after}", {"nhiem_vu_cu": str(after)})
    assert stranger.status_code == 404, "Only a task of the old plan."
    assert visitor.post(f"{new}/so-sanh/{after}", {"nhiem_vu_cu": str(before)}).status_code == 302
    page = text_of(visitor.get(f"{new}/so-sanh"))
    assert "Thay đổi 1 nhiệm vụ" in page and "Giữ nguyên 1 nhiệm vụ" in page and "Bị bỏ" not in page
    assert "chuyển 2 việc đang chạy" in text_of(visitor.get(f"{new}/giao-viec"))
    visitor.post(f"{new}/so-sanh/{after}", {})
    assert "Mới 1 nhiệm vụ" in text_of(visitor.get(f"{new}/so-sanh")), "It is taken back."
    visitor.post(f"{new}/so-sanh/{after}", {"nhiem_vu_cu": str(before)})
    visitor.post(f"{new}/giao-viec")
    with ward.app.app_context():
        settle(ward.runtime)
    ((carried, plan_id, _),) = case_of(ward, reworded[1])
    assert (carried, plan_id) == (health, plan_id_of(new))
    assert visitor.post(f"{new}/so-sanh/{after}", {}).status_code == 409, "What was given out stays."


def test_tasks_that_only_sound_alike_are_told_apart_by_a_person(ward: Ward) -> None:
    visitor, old = issued(ward)
    new = upload(visitor, plan_file(CORRECTED)).location.removesuffix("/xem-truoc")
    visitor.post(f"{new}/thay-the", {"ke_hoach": old.rsplit("/", 1)[-1]})
    alike = ward.rows(sa.select(PlanTask.id).where(PlanTask.content == CORRECTED[1][1]))[0][0]
    page = visitor.get(f"{new}/so-sanh").get_data(as_text=True)
    assert "Không phải cùng một nhiệm vụ" in page
    visitor.post(f"{new}/so-sanh/{alike}", {})
    page = text_of(visitor.get(f"{new}/so-sanh"))
    assert "Mới 2 nhiệm vụ" in page and "Bị bỏ 2 nhiệm vụ" in page, "Nothing is guessed any more."
    visitor.post(f"{new}/thay-the", {"ke_hoach": ""})
    visitor.post(f"{new}/thay-the", {"ke_hoach": old.rsplit("/", 1)[-1]})
    assert "Thay đổi 1 nhiệm vụ" in text_of(visitor.get(f"{new}/so-sanh")), "Chosen anew, they are compared anew."


def test_what_goes_on_is_coordinated_by_whom_the_new_plan_names(ward: Ward) -> None:
    made = issue(ward, [Row("hcc", "Niêm yết thủ tục bằng mã QR", coordinator="yte")])
    visitor = made.signed_in(FOCAL)
    new = upload(visitor, plan_file(EASY)).location.removesuffix("/xem-truoc")
    visitor.post(f"{new}/thay-the", {"ke_hoach": str(made.plan_id)})
    confirm(ward, visitor, new, number="50/KH-UBND")
    visitor.post(f"{new}/giao-viec")
    made.settle()
    assert made.failed_jobs() == []
    asked = sa.select(Contribution.unit_id, ProcessInstance.state).join(
        ProcessInstance, ProcessInstance.id == Contribution.id
    )
    running, cancelled = InstanceState.ACTIVE, InstanceState.CANCELLED
    assert dict(made.rows(asked)) == {ward.unit("yte"): cancelled, ward.unit("ca"): running}
    assert "Theo Kế hoạch số 50/KH-UBND" in text_of(made.signed_in("yte.truong").get("/thong-bao"))


def test_what_is_done_is_not_to_be_done_again_and_stands_in_the_new_plans_reports(ward: Ward) -> None:
    made = issue(ward, [Row("hcc", "Niêm yết thủ tục bằng mã QR"), Row("yte", "Lập hồ sơ sức khỏe điện tử")])
    done = made.case("1")
    opened(made, "6 tháng", "half_year")
    made.send("1", "hcc", result="Đã niêm yết ở 12 điểm")
    made.take("1")
    made.cut_off(yte="Chưa có số liệu")
    send_up(made)
    visitor = made.signed_in(FOCAL)
    new = upload(visitor, plan_file(EASY)).location.removesuffix("/xem-truoc")
    visitor.post(f"{new}/thay-the", {"ke_hoach": str(made.plan_id)})
    confirm(ward, visitor, new, number="50/KH-UBND", issued_on=f"{made.today():%d/%m/%Y}")
    said = "chuyển 1 việc đang chạy sang kế hoạch này, giữ kết quả 1 việc đã xong"
    assert f"Khi giao: {said}" in text_of(visitor.get(f"{new}/giao-viec"))
    assert f"Đã {said}." in text_of(visitor.post(f"{new}/giao-viec", follow_redirects=True))
    made.settle()
    made.plan_id = plan_id_of(new)
    assert made.case("1") == done
    assert "Niêm yết thủ tục bằng mã QR Hằng năm" in text_of(visitor.get(new))
    made.open_cycle()
    assert made.entries() == {"1": "taken", "2": "asked"}
    made.send("2", "yte")
    made.take("2")
    assert "Đã niêm yết ở 12 điểm" in text_of(visitor.get(f"/tong-hop/{made.cycle_id}"))
    assert made.failed_jobs() == []
