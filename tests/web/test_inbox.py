"""Hộp việc: whose steps stand where, in which order, and what may be done with several at once."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands.user_tasks import AssignUserTask, ClaimUserTask
from engine.models import UserTask, UserTaskState
from tests.support.databases import Databases
from tests.web.cycle_wards import DONE, CycleWard, Row, issue
from tests.web.issued_wards import issued_ward
from tests.web.wards import Visitor, Ward, text_of
from webapp.organisation.commands.absences import EnterAbsence

ROWS = (
    Row("khdt", "Lắp đặt điểm truy cập internet miễn phí"),
    Row("khdt", "Số hóa bản đồ quy hoạch", coordinator="yte"),
    Row("yte", "Lập hồ sơ sức khỏe điện tử"),
)


@pytest.fixture
def issued(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    """Three tasks issued, none accepted."""
    with issued_ward(databases, tmp_path, "three_issued", ROWS, accepted=False) as made:
        yield made


@pytest.fixture
def accepted(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    """Three tasks with their officers."""
    with issued_ward(databases, tmp_path, "three_accepted", ROWS) as made:
        yield made


def titles(visitor: Visitor, address: str = "/hop-viec") -> list[str]:
    """The rows of a list, in their order."""
    page = visitor.get(address).get_data(as_text=True)
    return re.findall(r'class="q-row-title" href="/viec/[^"]+">([^<]+)<', page)


def chosen(made: CycleWard, element: str, *ordinals: str) -> list[str]:
    return [str(made.step(element, made.case(ordinal))) for ordinal in ordinals]


# --- the lists ---


def test_a_head_lands_on_what_waits_at_the_desk(issued: CycleWard) -> None:
    found = titles(issued.signed_in("khdt.truong"))
    assert found == ["Nhận việc: Lắp đặt điểm truy cập internet miễn phí", "Nhận việc: Số hóa bản đồ quy hoạch"]


def test_what_is_given_to_somebody_is_in_their_own_list_only(accepted: CycleWard) -> None:
    assert len(titles(accepted.signed_in("khdt.cv1"))) == 2
    assert titles(accepted.signed_in("khdt.truong"), "/hop-viec?ds=cho-nhan") == []
    assert titles(accepted.signed_in("yte.truong"), "/hop-viec?ds=cua-toi") == []


@pytest.mark.both_databases
def test_the_most_urgent_step_comes_first(accepted: CycleWard) -> None:
    case, until = accepted.case("1"), (accepted.today() + timedelta(days=60)).isoformat()
    accepted.send_message("extension_requested", "khdt.cv1", case, until=until, reason="Chờ vật tư")
    accepted.do("extension_review_leader", "pct.vhxh", case, decision="approve", until=until)
    assert titles(accepted.signed_in("khdt.cv1")) == ["Thực hiện, báo kết quả: Số hóa bản đồ quy hoạch"]
    page = text_of(accepted.signed_in("khdt.cv1").get("/hop-viec"))
    assert "Còn xa hạn hoặc chưa có hạn (1)" in page
    far = titles(accepted.signed_in("khdt.cv1"), "/hop-viec?ds=cua-toi&han=xa-han")
    assert far == ["Thực hiện, báo kết quả: Lắp đặt điểm truy cập internet miễn phí"]


def test_what_is_far_is_listed_where_nothing_is_nearer(accepted: CycleWard) -> None:
    until = (accepted.today() + timedelta(days=60)).isoformat()
    for ordinal in ("1", "2"):
        case = accepted.case(ordinal)
        accepted.send_message("extension_requested", "khdt.cv1", case, until=until, reason="Chờ vật tư")
        accepted.do("extension_review_leader", "pct.vhxh", case, decision="approve", until=until)
    page = accepted.signed_in("khdt.cv1").get("/hop-viec")
    assert len(titles(accepted.signed_in("khdt.cv1"))) == 2
    assert "Còn xa hạn hoặc chưa có hạn" not in text_of(page), "Nothing is folded away."
    assert len(titles(accepted.signed_in("khdt.truong"), "/hop-viec?ds=cua-don-vi")) == 2


def test_somebody_who_has_steps_of_their_own_lands_on_them_however_far_they_are(issued: CycleWard) -> None:
    until = (issued.today() + timedelta(days=60)).isoformat()
    case = issued.case("1")
    issued.send_message("extension_requested", "khdt.truong", case, until=until, reason="Chờ vật tư")
    issued.do("extension_review_leader", "pct.vhxh", case, decision="approve", until=until)
    issued.do("accept", "khdt.truong", case, decision="accept", officer=str(issued.ward.person("khdt.truong")))
    (own,) = titles(issued.signed_in("khdt.truong"))
    assert own.startswith("Thực hiện, báo kết quả")
    assert len(titles(issued.signed_in("khdt.truong"), "/hop-viec?ds=cho-nhan")) == 1


@pytest.mark.both_databases
def test_search_ignores_diacritics_and_finds_what_is_far(accepted: CycleWard) -> None:
    visitor = accepted.signed_in("khdt.cv1")
    assert titles(visitor, "/hop-viec?q=so hoa") == ["Thực hiện, báo kết quả: Số hóa bản đồ quy hoạch"]
    assert titles(visitor, "/hop-viec?q=SỐ HÓA") == ["Thực hiện, báo kết quả: Số hóa bản đồ quy hoạch"]
    assert titles(visitor, "/hop-viec?q=khong co gi nhu the") == []
    assert "khớp với điều kiện lọc" in text_of(visitor.get("/hop-viec?q=khong co"))


@pytest.mark.both_databases
def test_filters_narrow_the_list(accepted: CycleWard) -> None:
    visitor = accepted.signed_in("khdt.cv1")
    assert len(titles(visitor, f"/hop-viec?ds=cua-toi&ke_hoach={accepted.plan_id}")) == 2
    assert titles(visitor, f"/hop-viec?ds=cua-toi&ke_hoach={accepted.case('1')}") == []
    assert len(titles(visitor, "/hop-viec?ds=cua-toi&trang_thai=in_progress")) == 2
    assert titles(visitor, "/hop-viec?ds=cua-toi&trang_thai=needs_rework") == []
    assert titles(visitor, "/hop-viec?ds=cua-toi&han=qua-han") == []
    accepted.ward.move_clock(accepted.ward.now() + timedelta(days=40))
    assert len(titles(visitor, "/hop-viec?ds=cua-toi&han=qua-han")) == 2
    assert "Quá hạn" in text_of(visitor.get("/hop-viec"))


def test_search_finds_steps_by_their_name(accepted: CycleWard) -> None:
    head, case = accepted.signed_in("khdt.truong"), accepted.case("1")
    accepted.do("execute", "khdt.cv1", case, **DONE)
    assert titles(head, "/hop-viec?ds=cua-don-vi&q=duyet bao cao") == [
        "Duyệt báo cáo đơn vị: Lắp đặt điểm truy cập internet miễn phí"
    ]
    assert titles(head, "/hop-viec?ds=cua-don-vi&q=THỰC HIỆN bản đồ") == [
        "Thực hiện, báo kết quả: Số hóa bản đồ quy hoạch"
    ]
    assert titles(head, "/hop-viec?ds=cua-don-vi&q=thực hiện internet") == [], "Each word has to be found."


def test_a_list_is_narrowed_to_one_step(accepted: CycleWard) -> None:
    head, case = accepted.signed_in("khdt.truong"), accepted.case("1")
    accepted.do("execute", "khdt.cv1", case, **DONE)
    page = head.get("/hop-viec?ds=cua-don-vi").text
    offered = re.findall(r"<option[^>]*>([^<]+)<", page[page.index('name="buoc"') :].partition("</select>")[0])
    assert {"Nhận việc", "Duyệt báo cáo đơn vị", "Thực hiện, báo kết quả"} <= set(offered)
    assert "Ký TM. UBND" not in offered, "It is nobody's of this unit."
    narrowed = {"ds": "cua-don-vi", "buoc": "Duyệt báo cáo đơn vị"}
    assert len(titles(head, f"/hop-viec?{urlencode(narrowed)}")) == 1
    assert titles(head, "/hop-viec?ds=cua-don-vi&buoc=Nhận việc") == []


@pytest.mark.parametrize("address", ["sau=x_y", "sau=2026-01-01_1", "ke_hoach=1", "trang_thai=x", "han=x", "ds=x"])
def test_what_makes_no_sense_in_an_address_is_left_out(issued: CycleWard, address: str) -> None:
    assert len(titles(issued.signed_in("khdt.truong"), f"/hop-viec?{address}")) >= 0


@pytest.mark.both_databases
def test_paging_goes_on_after_the_last_row(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", f"Nhiệm vụ số {n:02}") for n in range(1, 61)], accepted=False)
    visitor = made.signed_in("khdt.truong")
    first = visitor.get("/hop-viec").get_data(as_text=True)
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following
    rest = titles(visitor, following[1].replace("&amp;", "&"))
    assert len(titles(visitor)) == 50
    assert len(rest) == 10
    assert set(rest).isdisjoint(titles(visitor))
    assert "Về đầu danh sách" in text_of(visitor.get(following[1].replace("&amp;", "&")))


@pytest.mark.both_databases
def test_counts_stop_at_99(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", f"Nhiệm vụ số {n}") for n in range(101)], accepted=False)
    assert "Chờ nhận 99+" in text_of(made.signed_in("khdt.truong").get("/hop-viec"))


def test_only_a_head_sees_the_whole_unit(accepted: CycleWard) -> None:
    head = accepted.signed_in("khdt.truong")
    assert len(titles(head, "/hop-viec?ds=cua-don-vi")) == 2
    officer = accepted.ward.person("khdt.cv1")
    assert len(titles(head, f"/hop-viec?ds=cua-don-vi&nguoi={officer}")) == 2
    assert titles(head, f"/hop-viec?ds=cua-don-vi&nguoi={accepted.ward.person('khdt.truong')}") == []
    staff = accepted.signed_in("yte.cv1")
    assert "Của đơn vị" not in text_of(staff.get("/hop-viec?ds=cua-don-vi"))


def test_steps_at_another_desk_of_the_person_are_told_of(ward: Ward) -> None:
    made = issue(ward, [Row("vp", "Duy trì cổng thông tin")], accepted=False)
    page = text_of(made.signed_in("vanphong").get("/hop-viec"))
    if "Bạn còn 1 việc" in page:
        assert "ở vai trò Chánh Văn phòng · Văn phòng" in page
    else:
        assert "Nhận việc: Duy trì cổng thông tin" in page


def test_what_an_absent_person_has_reaches_the_proxy(accepted: CycleWard) -> None:
    today = accepted.today()
    accepted.ward.execute(
        EnterAbsence(
            person_id=accepted.ward.person("khdt.cv1"), proxy_id=accepted.ward.person("khdt.truong"), from_day=today,
            to_day=today, reason="Ốm",
        )
    )  # fmt: skip
    assert len(titles(accepted.signed_in("khdt.truong"), "/hop-viec?ds=cua-toi")) == 2


def test_an_empty_list_says_what_comes_next(ward: Ward) -> None:
    visitor = issue(ward, ROWS[:1], accepted=False).signed_in("th.truong")
    page = visitor.get("/hop-viec")
    assert "Không có việc nào chờ bạn." in text_of(page)
    assert 'name="han"' not in page.get_data(as_text=True), "There is nothing to filter."
    assert 'name="han"' in visitor.get("/hop-viec?q=khong").get_data(as_text=True), "A filter has left nothing."


# --- several at once ---


def test_taken_steps_are_mine_and_can_be_given_back(issued: CycleWard) -> None:
    head, steps = issued.signed_in("khdt.truong"), chosen(issued, "accept", "1", "2")
    assert head.post("/hop-viec/nhan", {"viec": steps}).status_code == 302
    assert len(titles(head, "/hop-viec?ds=cua-toi")) == 2
    head.post("/hop-viec/tra-ve", {"viec": steps[:1]})
    assert len(titles(head, "/hop-viec?ds=cua-toi")) == 1
    assert len(titles(head, "/hop-viec?ds=cho-nhan")) == 1


@pytest.mark.parametrize("way", ["nhan", "giao", "cung-luc"])
def test_the_list_stays_filtered_when_steps_of_it_were_chosen(issued: CycleWard, way: str) -> None:
    head, steps = issued.signed_in("khdt.truong"), chosen(issued, "accept", "1")
    page = head.get("/hop-viec", query_string={"q": "điểm truy cập"}).get_data(as_text=True)
    filters = html.unescape(re.findall(r'name="loc" value="([^"]+)"', page)[0])
    if way == "nhan":
        answer = head.post("/hop-viec/nhan", {"viec": steps, "loc": filters})
    else:
        asked = head.post("/hop-viec/chon", {"viec": steps, "do": way, "loc": filters})
        form = head.get(asked.location)
        assert filters.replace("&", "&amp;") in form.get_data(as_text=True), "the way back, without having done it"
        fields = {"nguoi": str(issued.ward.person("khdt.cv1"))}
        if way == "cung-luc":
            start = prefix(form.get_data(as_text=True))
            fields = {f"{start}decision": "accept", f"{start}officer:{steps[0]}": fields["nguoi"]}
        answer = head.post(f"/hop-viec/{way}", {"viec": steps, "loc": filters, **fields})
    assert parse_qs(urlsplit(answer.location).query) == {"ds": ["cho-nhan"], "q": ["điểm truy cập"]}


def test_the_list_stays_filtered_when_one_step_of_it_was_sent(issued: CycleWard) -> None:
    head, officer = issued.signed_in("khdt.truong"), str(issued.ward.person("khdt.cv1"))
    filters = {"ds": "cho-nhan", "buoc": "Nhận việc", "q": "điểm"}
    (step,) = re.findall(r'class="q-row-title" href="([^"]+)"', head.get("/hop-viec", query_string=filters).text)
    page = head.get(html.unescape(step)).text
    crumb, sent_to = re.findall(r'href="(/hop-viec\?[^"]+)"|id="bieu-mau" method="post" action="([^"]+)"', page)
    assert dict(parse_qsl(urlsplit(html.unescape(crumb[0])).query)) == filters
    answer = head.post(html.unescape(sent_to[1]), {"decision": "accept", "officer": officer, "do": "send"})
    assert dict(parse_qsl(urlsplit(answer.location).query)) == filters
    assert 'href="/viec/' in head.get("/hop-viec?ds=cho-nhan").text
    again = head.post(html.unescape(sent_to[1]), {"decision": "accept", "officer": officer, "do": "send"})
    assert dict(parse_qsl(urlsplit(again.location).query)) == filters, "A second click finds it sent."


def test_the_next_step_is_of_the_same_list(issued: CycleWard) -> None:
    head, officer = issued.signed_in("khdt.truong"), str(issued.ward.person("khdt.cv1"))
    first, second = chosen(issued, "accept", "1", "2")
    answers = {"decision": "accept", "officer": officer, "do": "next"}
    searched = urlencode({"loc": urlencode({"ds": "cho-nhan", "q": "nhận việc"})})
    answer = head.post(f"/viec/{first}?{searched}", answers)
    assert answer.location == f"/viec/{second}?{searched}"
    nothing_else = urlencode({"loc": urlencode({"ds": "cho-nhan", "q": "internet"})})
    assert head.post(f"/viec/{second}?{nothing_else}", answers).location == "/hop-viec?ds=cho-nhan&q=internet"


def test_what_could_not_be_taken_is_named_with_its_reason(issued: CycleWard) -> None:
    head = issued.signed_in("khdt.truong")
    steps = [*chosen(issued, "accept", "1"), *chosen(issued, "accept", "3")]
    page = text_of(head.post("/hop-viec/nhan", {"viec": steps}))
    assert "Đã nhận 1 việc. Chưa nhận được 1 việc." in page
    assert "Nhận việc: Lập hồ sơ sức khỏe điện tử Chưa được Việc này không thuộc phần việc của bạn." in page


def test_nothing_chosen_is_said(issued: CycleWard) -> None:
    page = issued.signed_in("khdt.truong").post("/hop-viec/nhan", {}, follow_redirects=True)
    assert "Chưa chọn việc nào." in text_of(page)


def test_no_step_of_anothers_ward_or_no_id_at_all(issued: CycleWard) -> None:
    head = issued.signed_in("khdt.truong")
    assert head.post("/hop-viec/nhan", {"viec": ["x"]}).status_code == 404
    assert head.post("/hop-viec/nhan", {"viec": [str(issued.plan_id)]}).status_code == 302


def test_steps_are_handed_to_a_colleague_with_a_reason(accepted: CycleWard) -> None:
    head, steps = accepted.signed_in("khdt.truong"), chosen(accepted, "execute", "1", "2")
    asked = head.post("/hop-viec/chon", {"viec": steps, "do": "giao"})
    page = text_of(head.get(asked.location))
    assert "Thực hiện, báo kết quả: Số hóa bản đồ quy hoạch" in page
    mine = str(accepted.ward.person("khdt.truong"))
    head.post("/hop-viec/giao", {"viec": steps, "nguoi": mine, "ly_do": "Cán bộ nghỉ"})
    assert accepted.ward.holder(UUID(steps[0])) == UUID(mine)
    assert [fact.reason for fact in accepted.ward.facts("UserTaskAssigned")] == ["Cán bộ nghỉ", "Cán bộ nghỉ"]


def test_nobody_outside_the_unit_is_handed_a_step(accepted: CycleWard) -> None:
    head, steps = accepted.signed_in("khdt.truong"), chosen(accepted, "execute", "1")
    refused = head.post("/hop-viec/giao", {"viec": steps, "nguoi": str(accepted.ward.person("yte.cv1"))})
    assert refused.status_code == 422
    assert "Chưa chọn người nhận." in text_of(refused)


def test_a_stranger_hands_over_nothing(accepted: CycleWard) -> None:
    stranger, steps = accepted.signed_in("yte.truong"), chosen(accepted, "execute", "1")
    page = text_of(stranger.post("/hop-viec/giao", {"viec": steps, "nguoi": str(accepted.ward.person("khdt.truong"))}))
    assert "Chưa giao được 1 việc." in page
    assert accepted.ward.holder(UUID(steps[0])) == accepted.ward.person("khdt.cv1")


# --- one decision for several ---


def prefix(page: str) -> str:
    found = re.search(r'name="(accept-[0-9a-f]+-)decision"', page)
    assert found
    return found[1]


@pytest.mark.both_databases
def test_several_steps_are_accepted_at_once_each_with_its_officer(issued: CycleWard) -> None:
    head, steps = issued.signed_in("khdt.truong"), chosen(issued, "accept", "1", "2")
    asked = head.post("/hop-viec/chon", {"viec": steps, "do": "cung-luc"})
    start = prefix(head.get(asked.location).get_data(as_text=True))
    officer = str(issued.ward.person("khdt.cv1"))
    people = {f"{start}officer:{steps[0]}": officer, f"{start}officer:{steps[1]}": ""}
    sent = head.post("/hop-viec/cung-luc", {"viec": steps, f"{start}decision": "accept", **people})
    assert sent.status_code == 302
    issued.settle()
    assert issued.open_steps(issued.case("1")) == ["execute"]
    assert issued.ward.holder(issued.step("execute", issued.case("1"))) == UUID(officer)
    assert issued.ward.holder(issued.step("execute", issued.case("2"))) is None
    assert len(issued.ward.facts("UserTaskCompleted")) == 2


def test_a_refused_answer_completes_none_of_them(issued: CycleWard) -> None:
    head, steps = issued.signed_in("khdt.truong"), chosen(issued, "accept", "1", "2")
    start = prefix(head.get(f"/hop-viec/cung-luc?viec={steps[0]}").get_data(as_text=True))
    refused = head.post("/hop-viec/cung-luc", {"viec": steps, f"{start}decision": "hand_back"})
    assert refused.status_code == 422
    assert text_of(refused).count("Chưa nhập lý do trả lại.") == 2  # in the summary, and at the field
    assert issued.open_steps(issued.case("1")) == issued.open_steps(issued.case("2")) == ["accept"]


def test_a_second_click_finds_the_first_ones_steps_done(issued: CycleWard) -> None:
    head, steps = issued.signed_in("khdt.truong"), chosen(issued, "accept", "1", "2")
    start = prefix(head.get(f"/hop-viec/cung-luc?viec={steps[0]}").get_data(as_text=True))
    data = {"viec": steps, f"{start}decision": "accept"}
    first = head.post("/hop-viec/cung-luc", data, follow_redirects=True)
    assert "Đã ghi “Nhận việc” cho 2 việc." in text_of(first)
    second = text_of(head.post("/hop-viec/cung-luc", data))
    assert "2 việc đã xong từ trước." in second and second.count("Bạn đã xử lý lúc ") == 2
    assert len(issued.ward.facts("UserTaskCompleted")) == 2


def test_what_was_done_meanwhile_is_told_apart_from_what_is_done_now(issued: CycleWard) -> None:
    head, steps = issued.signed_in("khdt.truong"), chosen(issued, "accept", "1", "2")
    start = prefix(head.get(f"/hop-viec/cung-luc?viec={steps[0]}").get_data(as_text=True))
    issued.do("accept", "khdt.truong", issued.case("1"), decision="accept", officer=None)
    page = text_of(head.post("/hop-viec/cung-luc", {"viec": steps, f"{start}decision": "accept"}))
    assert "Đã ghi “Nhận việc” cho 1 việc. 1 việc đã xong từ trước." in page
    assert page.count("Bạn đã xử lý lúc ") == 1


def test_what_somebody_else_did_meanwhile_is_named(issued: CycleWard) -> None:
    head, steps = issued.signed_in("khdt.truong"), chosen(issued, "accept", "1", "2")
    start = prefix(head.get(f"/hop-viec/cung-luc?viec={steps[0]}").get_data(as_text=True))
    issued.execute(
        AssignUserTask(user_task_id=UUID(steps[0]), assignee_id=issued.ward.person("khdt.cv1")), "khdt.truong"
    )
    page = head.post("/hop-viec/cung-luc", {"viec": steps, f"{start}decision": "accept"})
    assert "Đã ghi “Nhận việc” cho 1 việc. 1 việc chưa gửi được." in text_of(page)


def test_steps_that_the_drawing_does_not_batch_are_opened_one_by_one(accepted: CycleWard) -> None:
    steps = chosen(accepted, "execute", "1")
    page = text_of(accepted.signed_in("khdt.cv1").get(f"/hop-viec/cung-luc?viec={steps[0]}"))
    assert "Không xử lý cùng lúc được: Thực hiện, báo kết quả: " in page and ". Phải mở riêng để xử lý." in page


def test_reports_are_approved_together(accepted: CycleWard) -> None:
    accepted.report("1", "khdt.cv1")
    accepted.report("2", "khdt.cv1")
    head, steps = accepted.signed_in("khdt.truong"), chosen(accepted, "unit_review", "1", "2")
    assert "Chờ duyệt đơn vị" in text_of(head.get("/hop-viec"))
    page = head.get(f"/hop-viec/cung-luc?viec={steps[0]}&viec={steps[1]}").get_data(as_text=True)
    name = re.search(r'name="(unit_review-[0-9a-f]+-)decision"', page)
    assert name
    head.post("/hop-viec/cung-luc", {"viec": steps, f"{name[1]}decision": "approve"})
    accepted.settle()
    assert accepted.open_steps(accepted.case("1")) == accepted.open_steps(accepted.case("2")) == ["check"]


@pytest.mark.both_databases
def test_a_second_claim_is_told_who_was_quicker(issued: CycleWard) -> None:
    step = issued.step("accept", issued.case("1"))
    issued.execute(ClaimUserTask(user_task_id=step), "khdt.truong")
    open_steps = issued.rows(sa.select(UserTask.id).where(UserTask.state == UserTaskState.OPEN))
    assert (step,) in open_steps
    assert titles(issued.signed_in("khdt.truong"), "/hop-viec?ds=cho-nhan") == ["Nhận việc: Số hóa bản đồ quy hoạch"]
