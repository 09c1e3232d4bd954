"""Tìm kiếm: plans, tasks, reports and files by some of their words, with diacritics or without, as far as one sees."""

import io
import time

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.ids import uuid7
from tests.web.cycle_wards import CycleWard, Row, issue
from tests.web.plan_wards import PDF
from tests.web.wards import Ward, text_of
from webapp.plans.models import PlanTask, TaskGroup

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


def test_what_was_typed_stands_before_what_only_begins_so(ward: Ward) -> None:
    rows = [Row("khdt", "Số hóa hồ sơ hộ tịch"), Row("yte", "Tích hợp hóa đơn, hoàn thiện sổ theo dõi")]
    page = found(issue(ward, rows, accepted=False), "vhxh.tonghop", "ho tich")
    assert page.index("Số hóa hồ sơ hộ tịch") < page.index("Tích hợp hóa đơn")


def test_reports_and_files_of_other_units_stay_theirs(ward: Ward) -> None:
    made = issue(ward, ROWS)
    visitor, step = made.signed_in("khdt.cv1"), made.step("execute", made.case("1"))
    sent = visitor.post(
        f"/tep?viec={step}", {"file": (io.BytesIO(PDF), "biên bản nghiệm thu.pdf")}, content_type="multipart/form-data"
    )
    made.report("1", "khdt.cv1", result="Đã quét sổ", evidence=[sent.get_json()["id"]])
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
