"""Thao tác quản trị: the page on which an administrator mends a running case."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.audit import differences, verify
from engine.errors import InstanceOnHold
from engine.models import UserTask
from forms.fields import Field, FieldType
from tests.support.databases import Databases
from tests.web.cycle_wards import FOCAL, CycleWard, Row
from tests.web.issued_wards import issued_ward
from tests.web.wards import text_of
from webapp.cases.values import in_words
from webapp.cycles.models import Mark

ROWS = (Row("khdt", "Số hóa bản đồ quy hoạch", coordinator="yte"), Row("hcc", "Rà soát bộ thủ tục hành chính"))
WHY = "Theo ý kiến lãnh đạo"


@pytest.fixture
def made(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    """Two cases in execution; in the end the log rebuilds the tables."""
    with issued_ward(databases, tmp_path, "two_cases", ROWS) as made:
        yield made
        with made.ward.runtime.reading() as connection:
            assert (verify(connection), differences(connection)) == ([], [])


def address(made: CycleWard) -> str:
    return f"/ho-so/{made.case('1')}/thao-tac"


def operate(made: CycleWard, name: str, *, username: str = "quantri", follow: bool = True, **values: Any) -> Any:
    """Fill in one form of the page and send it."""
    sent = {f"{name}-{key}": str(value) for key, value in ({"ly_do": WHY, "xac_nhan": "on"} | values).items()}
    return made.signed_in(username).post(f"{address(made)}/{name}", sent, follow_redirects=follow)


def done(made: CycleWard, name: str, **values: Any) -> str:
    """The case page after the operation."""
    answer = operate(made, name, **values)
    assert answer.status_code == 200, text_of(answer)
    made.settle()
    page = text_of(answer)
    assert WHY in page
    return page


def step(made: CycleWard, element: str) -> UUID:
    return made.step(element, made.case("1"))


def test_the_page_says_what_each_operation_does(made: CycleWard) -> None:
    page = text_of(made.signed_in("quantri").get(address(made)))
    for words in (
        "Tạm dừng hồ sơ", "Giao lại một bước", "Đổi hạn của một bước", "Quay lại bước trước", "Bỏ qua một bước",
        "Sửa dữ liệu của hồ sơ", "Hủy hồ sơ", "không xóa được", "không ai được coi là đã làm",
    ):  # fmt: skip
        assert words in page
    assert "Cho hồ sơ chạy tiếp" not in page
    assert "Thao tác quản trị" in text_of(made.signed_in("quantri").get(address(made).removesuffix("/thao-tac")))


def test_it_is_for_administrators_only(made: CycleWard) -> None:
    for username in ("khdt.truong", FOCAL, "chutich"):
        assert made.signed_in(username).get(address(made)).status_code == 403
        assert operate(made, "huy", username=username).status_code == 403
        assert "Thao tác quản trị" not in text_of(made.signed_in(username).get(address(made).removesuffix("/thao-tac")))


@pytest.mark.parametrize("name", ["tam-dung", "giao-lai", "doi-han", "quay-lai", "bo-qua", "sua-du-lieu", "huy"])
def test_each_asks_for_a_reason_and_a_confirmation_and_keeps_what_was_typed(made: CycleWard, name: str) -> None:
    refused = operate(made, name, ly_do=" ", xac_nhan="")
    assert refused.status_code == 422
    assert "Chưa nhập lý do." in text_of(refused)
    assert "Chưa đánh dấu xác nhận." in text_of(refused)
    kept = operate(made, name, ly_do="Giữ lại lý do này", xac_nhan="").get_data(as_text=True)
    assert "Giữ lại lý do này" in kept
    assert f'id="{name}" open' in kept
    assert made.open_steps(made.case("1")) == ["execute"]


def test_an_unknown_operation_or_case_is_not_found(made: CycleWard) -> None:
    assert operate(made, "xoa").status_code == 404
    assert made.signed_in("quantri").get(f"/ho-so/{made.plan_id}/thao-tac").status_code == 404


def test_a_case_is_stopped_goes_on_and_is_ended(made: CycleWard) -> None:
    assert "Đang tạm dừng" in done(made, "tam-dung")
    with pytest.raises(InstanceOnHold):
        made.report("1", "khdt.cv1")
    assert "Đang thực hiện" in done(made, "chay-tiep")
    assert "Hủy hồ sơ Quản trị viên" in done(made, "huy")
    ended = made.signed_in("quantri").get(address(made))
    assert (ended.status_code, "đã kết thúc" in text_of(ended)) == (409, True)


def test_a_step_goes_to_a_colleague_and_back_to_its_desk(made: CycleWard) -> None:
    given, head = step(made, "execute"), made.ward.person("khdt.truong")
    assert "cho Trưởng phòng KT-HT-ĐT" in done(made, "giao-lai", buoc=given, nguoi0=head)
    assert made.ward.holder(given) == head
    assert "về bộ phận" in done(made, "giao-lai", buoc=given, nguoi0="desk")
    assert made.ward.holder(given) is None


def test_somebody_of_another_unit_is_not_offered(made: CycleWard) -> None:
    stranger = made.ward.person("hcc.truong")
    assert operate(made, "giao-lai", buoc=step(made, "execute"), nguoi0=stranger).status_code == 422


def test_a_due_time_moves(made: CycleWard) -> None:
    until = made.today() + timedelta(days=40)
    page = done(made, "doi-han", buoc=step(made, "execute"), ngay=f"{until:%d/%m/%Y}", gio="")
    assert f"Đổi hạn bước “Thực hiện, báo kết quả”: {made.report_by:%d/%m/%Y} → {until:%d/%m/%Y}" in page
    page = done(made, "doi-han", buoc=step(made, "execute"), ngay=f"{until:%d/%m/%Y}", gio="16:30")
    assert f"→ 16:30 {until:%d/%m/%Y}" in page


def test_a_day_that_is_past_is_refused_in_its_form(made: CycleWard) -> None:
    refused = operate(made, "doi-han", buoc=step(made, "execute"), ngay="02/01/2020")
    assert refused.status_code == 400
    assert "Hạn mới phải ở sau thời điểm này." in text_of(refused)


def test_a_case_goes_back_and_the_history_says_so(made: CycleWard) -> None:
    made.report("1", "khdt.cv1")
    page = done(made, "quay-lai", buoc="execute")
    assert "Cho hồ sơ quay lại bước “Thực hiện, báo kết quả” Quản trị viên" in page
    assert "Bước “Duyệt báo cáo đơn vị” không còn cần làm" in page
    assert made.open_steps(made.case("1")) == ["execute"]
    made.report("1", "khdt.cv1")
    made.do("unit_review", "khdt.truong", made.case("1"), decision="approve")


def test_a_step_is_skipped_with_values_and_shown_as_skipped(made: CycleWard) -> None:
    made.report("1", "khdt.cv1")
    skipped = step(made, "unit_review")
    page = done(made, "bo-qua", buoc=skipped, v0_decision="return")
    assert "Bỏ qua bước “Duyệt báo cáo đơn vị” Quản trị viên" in page
    assert "Dữ liệu ghi cho bước: Kết luận: Trả lại" in page or "Trả lại người viết" in page
    assert made.open_steps(made.case("1")) == ["execute"]
    ended = text_of(made.signed_in("khdt.truong").get(f"/viec/{skipped}"))
    assert "đã cho bỏ qua bước này" in ended
    assert made.rows(sa.select(UserTask.state).where(UserTask.id == skipped))[0][0] == "skipped"


def test_every_step_of_a_case_can_be_skipped(made: CycleWard) -> None:
    """The domain's rows keep up, whatever nobody did."""
    passed = []
    while steps := made.open_steps(made.case("1")):
        passed += steps
        done(made, "bo-qua", buoc=step(made, steps[0]))
    assert passed == ["execute", "unit_review", "check"]
    assert made.failed_jobs() == []


def test_a_value_is_corrected_with_old_and_new(made: CycleWard) -> None:
    made.report("1", "khdt.cv1")
    form = made.signed_in("quantri").get(address(made)).get_data(as_text=True)
    number = form.split('value="execute.outcome"')[0].split('name="sua-du-lieu-bien"')[1].count("<option ") - 2
    page = done(made, "sua-du-lieu", bien="execute.outcome", **{f"gia_tri{number}": "in_progress"})
    assert "Sửa dữ liệu Thực hiện, báo kết quả ·" in page
    assert "→" in page
    at_its_start = "Nhiệm vụ “khi có yêu cầu”"
    assert f"{at_its_start}: Không" in text_of(made.signed_in("quantri").get(address(made)))
    number = form.split('value="case.conditional"')[0].split('name="sua-du-lieu-bien"')[1].count("<option ") - 2
    page = done(made, "sua-du-lieu", bien="case.conditional", **{f"gia_tri{number}": "true"})
    assert f"Sửa dữ liệu {at_its_start}: Không → Có" in page


def test_a_date_that_a_form_has_written_is_read_as_a_date() -> None:
    assert in_words(Field(type=FieldType.DATE), "2026-12-04") == "04/12/2026"
    assert in_words(Field(type=FieldType.TEXTFIELD), "2026-12-04") == "2026-12-04"


def test_a_case_comes_back_out_of_its_cycle(made: CycleWard) -> None:
    made.open_cycle()
    made.send("1", "khdt")
    made.take("1")
    assert made.entries()["1"] == "taken"
    done(made, "quay-lai", buoc="execute")
    assert (made.open_steps(made.case("1")), made.entries()["1"]) == (["execute"], "returned")
    made.send("1", "khdt")
    made.take("1")
    done(made, "quay-lai", buoc="check")
    assert made.open_steps(made.case("1")) == ["check"]
    made.take("1")
    assert (made.entries()["1"], made.failed_jobs()) == ("taken", [])


def test_a_cycle_goes_on_with_a_case_whose_steps_were_skipped(made: CycleWard) -> None:
    made.open_cycle()
    for element in ("execute", "unit_review", "check"):
        done(made, "bo-qua", buoc=step(made, element))
    made.send("2", "hcc")
    made.take("2")
    assert (made.cycle_state(), made.open_steps(made.cycle_id)) == ("consolidating", ["consolidate"])
    assert made.failed_jobs() == []
    visitor = made.signed_in(FOCAL)
    for path in (f"/ky-bao-cao/{made.cycle_id}", f"/ho-so/{made.case('1')}", f"/ho-so/{made.cycle_id}"):
        assert visitor.get(path).status_code == 200


@pytest.mark.parametrize("element", ["consolidate", "countersign_form"])
def test_a_cycle_goes_back(made: CycleWard, element: str) -> None:
    made.open_cycle()
    for ordinal, unit in (("1", "khdt"), ("2", "hcc")):
        made.send(ordinal, unit)
        made.take(ordinal)
    made.consolidate()
    made.do("countersign_content", "vhxh.truong", made.cycle_id, decision="approve")
    made.do("countersign_form", "vanphong", made.cycle_id, decision="approve")
    sent = {"quay-lai-buoc": element, "quay-lai-ly_do": WHY, "quay-lai-xac_nhan": "on"}
    administrator, page = made.signed_in("quantri"), f"/ho-so/{made.cycle_id}/thao-tac"
    last_day = f"Ngày cuối gửi thành phố, theo kế hoạch: {made.submit_by:%d/%m/%Y}"
    assert last_day in text_of(administrator.get(page))
    administrator.post(f"{page}/quay-lai", sent)
    assert made.open_steps(made.cycle_id) == [element]
    holding = made.rows(sa.select(Mark.kind).where(Mark.void_at.is_(None)))
    assert [kind.value for (kind,) in holding] == (["content"] if element == "countersign_form" else [])
    assert made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}").status_code == 200
