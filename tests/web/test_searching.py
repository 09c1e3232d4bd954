"""Tìm kiếm: plans, tasks, reports and files by some of their words, with diacritics or without, as far as one sees."""

import io
import time
from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.ids import uuid7
from tests.web.cycle_wards import CycleWard, Row, issue
from tests.web.plan_wards import EASY, PDF, imported
from tests.web.wards import Ward, text_of
from webapp.plans.models import Contribution, PlanTask, TaskGroup
from webapp.searching.queries import MOST

ROWS = [Row("khdt", "Số hóa hồ sơ hộ tịch"), Row("yte", "Lập hồ sơ sức khỏe điện tử")]


def found(made: CycleWard, username: str, words: str) -> str:
    return text_of(made.signed_in(username).get("/tim-kiem", query_string={"q": words}))


@pytest.mark.both_databases
def test_tasks_plans_and_reports_are_found_with_diacritics_and_without(ward: Ward) -> None:
    made = issue(ward, ROWS)
    made.report("1", "khdt.cv1", result="Đã quét 720 quyển sổ của giai đoạn trước")
    for words in ("hộ tịch", "ho tich", "HỘ TỊCH số hóa"):
        assert "Số hóa hồ sơ hộ tịch" in found(made, "vhxh.tonghop", words)
    assert "45/KH-UBND" in found(made, "vhxh.tonghop", "45/kh")
    assert "Đã quét 720 quyển sổ" in found(made, "vhxh.tonghop", "quyen so")
    assert "Không tìm thấy “trời mưa”." in found(made, "vhxh.tonghop", "trời mưa")
    made.do("unit_review", "khdt.truong", made.case("1"), decision="return", reason="Đếm lại")
    made.report("1", "khdt.cv1", result="Đã quét 800 tập hồ sơ")
    assert "Không tìm thấy" in found(made, "vhxh.tonghop", "quyen so")


def test_a_task_is_found_with_the_units_that_lead_it_whatever_the_plans_text_says(ward: Ward) -> None:
    made = issue(ward, ROWS)
    with made.ward.runtime.writing() as connection:
        connection.execute(sa.update(PlanTask).values(lead_text="Các đơn vị thuộc phường"))
    assert "45/KH-UBND · Phòng Kinh tế, Hạ tầng và Đô thị" in found(made, "vhxh.tonghop", "ho tich")


def test_what_stands_in_a_draft_only_says_so(ward: Ward) -> None:
    visitor, _ = imported(ward, EASY)
    page = text_of(visitor.get("/tim-kiem", query_string={"q": "Niêm yết"}))
    assert "I.1 Niêm yết thủ tục bằng mã QR" in page
    assert "Bản nháp · " in page


def test_what_was_typed_stands_before_what_only_begins_so(ward: Ward) -> None:
    rows = [Row("khdt", "Số hóa hồ sơ hộ tịch"), Row("yte", "Tích hợp hóa đơn, hoàn thiện sổ theo dõi")]
    page = found(issue(ward, rows, accepted=False), "vhxh.tonghop", "ho tich")
    assert page.index("Số hóa hồ sơ hộ tịch") < page.index("Tích hợp hóa đơn")


def test_what_was_typed_is_found_however_much_newer_only_begins_so(ward: Ward) -> None:
    newer = [Row("yte", f"Tích hợp hóa đơn {number}") for number in range(MOST + 1)]
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ hộ tịch"), *newer], accepted=False)
    assert "Số hóa hồ sơ hộ tịch" in found(made, "vhxh.tonghop", "ho tich")


def test_with_the_diacritics_that_were_typed_comes_first(ward: Ward) -> None:
    rows = [Row("khdt", "Dán mã QR tại bàn hướng dẫn"), Row("yte", "Phòng chống ma túy")]
    made = issue(ward, rows, accepted=False)
    for words, first, second in (("mã", "Dán mã", "ma túy"), ("ma", "ma túy", "Dán mã")):
        page = found(made, "vhxh.tonghop", words)
        assert page.index(first) < page.index(second)


def test_the_wards_own_reports_are_found_by_those_who_may_see_them(ward: Ward) -> None:
    made = issue(ward, ROWS)
    made.open_cycle()
    for words in (f"bao cao nam {made.year()}", "45/KH"):
        assert f"Kỳ báo cáo, báo cáo của phường 1 Chưa có số · Năm {made.year()}" in found(made, "vhxh.tonghop", words)
        assert "Kỳ báo cáo, báo cáo của phường" not in found(made, "khdt.cv1", words)


def test_who_coordinates_finds_the_report_and_its_own_files_but_no_other_units(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ hộ tịch", coordinator="hcc"), replace(ROWS[1], coordinator="ca")])
    owed = made.rows(sa.select(Contribution.id).where(Contribution.unit_id == ward.unit("hcc")))[0][0]
    name, step = "danh sách hỗ trợ.pdf", made.step("contribute", owed)
    file = upload(made, "hcc.cv1", step, name)
    made.do("contribute", "hcc.cv1", owed, answer="result", result="Đã hỗ trợ", evidence=[file])
    made.report("1", "khdt.cv1", result="Đã quét sổ")
    for username in ("hcc.cv1", "khdt.cv1", "vhxh.tonghop"):
        assert name in found(made, username, "danh sach")
        assert "Đã quét sổ" in found(made, username, "quét sổ")
    for username in ("yte.cv1", "ca.cv1"):
        assert "Không tìm thấy" in found(made, username, "danh sach")
        assert "Không tìm thấy" in found(made, username, "quét sổ")


def upload(made: CycleWard, username: str, step: UUID, name: str) -> str:
    sent = made.signed_in(username).post(
        f"/tep?viec={step}", {"file": (io.BytesIO(PDF), name)}, content_type="multipart/form-data"
    )
    return str(sent.get_json()["id"])


def test_reports_and_files_of_other_units_stay_theirs(ward: Ward) -> None:
    made = issue(ward, ROWS)
    file = upload(made, "khdt.cv1", made.step("execute", made.case("1")), "biên bản nghiệm thu.pdf")
    made.report("1", "khdt.cv1", result="Đã quét sổ", evidence=[file])
    assert "biên bản nghiệm thu.pdf" in found(made, "khdt.truong", "bien ban")
    assert "Đã quét sổ" in found(made, "khdt.truong", "quét sổ")
    assert "Không tìm thấy" in found(made, "yte.cv1", "bien ban")
    assert "Không tìm thấy" in found(made, "yte.cv1", "quét sổ")
    assert "Số hóa hồ sơ hộ tịch" in found(made, "yte.cv1", "ho tich")


def test_the_list_of_plans_is_searched(ward: Ward) -> None:
    made = issue(ward, ROWS[:1], accepted=False)
    visitor = made.signed_in("khdt.cv1")
    assert "45/KH-UBND" in text_of(visitor.get("/ke-hoach?q=khoa+hoc"))
    assert "Không có kế hoạch nào như vậy" in text_of(visitor.get("/ke-hoach?q=giao+thong"))


@pytest.mark.prove
def test_five_years_of_a_thousand_tasks_answer_at_once(ward: Ward) -> None:
    made = issue(ward, ROWS[:1], accepted=False)
    with ward.runtime.writing() as connection, Session(connection) as session:
        group = session.scalars(sa.select(TaskGroup)).one()
        for number in range(5000):
            text = f"Nhiệm vụ số {number} về chuyển đổi số, khoa học công nghệ và phục vụ người dân " * 3
            session.add(
                PlanTask(
                    id=uuid7(), tenant_id=ward.demo.tenant_id, plan_id=made.plan_id, group_id=group.id,
                    position=number + 10, ordinal=str(number), content=text,
                )
            )  # fmt: skip
        session.commit()
    visitor = made.signed_in("vhxh.tonghop")
    visitor.get("/tim-kiem?q=khong+co")
    began = time.process_time()
    assert "Nhiệm vụ số 4321" in text_of(visitor.get("/tim-kiem?q=nhiem+vu+so+4321"))
    assert time.process_time() - began < 0.5
