"""Chốt tổng hợp: who is missing is named before a cycle closes without them; who comes in time makes it needless."""

import pytest
import sqlalchemy as sa

from tests.web.cycle_wards import FOCAL, Row, issue
from tests.web.test_cycles import opened, prefilled
from tests.web.wards import Ward, text_of
from webapp.cycles.models import CycleEntry


@pytest.mark.both_databases
def test_every_missing_unit_is_named_with_its_tasks_and_reminders_before_it_closes(ward: Ward) -> None:
    made = opened(ward)
    made.send("1", "khdt")
    made.take("1")
    visitor = made.signed_in(FOCAL)
    visitor.post(f"/ky-bao-cao/{made.cycle_id}/don-doc", {"only": str(ward.unit("yte"))})
    made.send_message("cutoff_requested", FOCAL, made.cycle_id, reason="Đến hạn")
    step = made.step("confirm_cutoff", made.cycle_id)
    page = visitor.get(f"/viec/{step}", follow_redirects=True)
    assert "Còn 2 đơn vị chưa gửi. Vẫn chốt?" in text_of(page)
    assert "I.2 Hồ sơ sức khỏe Chưa gửi" in text_of(page)
    assert f"Đã nhắc 1 ngày: {made.today():%d/%m/%Y}" in text_of(page)

    path = f"/ky-bao-cao/{made.cycle_id}/chot"
    half = {f"reason-{ward.unit('yte')}": "Trạm trưởng nghỉ ốm", "confirmed": "on"}
    refused = visitor.post(path, half)
    assert refused.status_code == 422
    assert "Phòng Văn hóa – Xã hội: Chưa nhập lý do." in text_of(refused)
    assert "Trạm trưởng nghỉ ốm" in refused.get_data(as_text=True)
    assert visitor.post(path, half | {"common_reason": "Chưa xong"}).status_code == 302
    made.settle()
    assert made.cycle_state() == "consolidating"
    reasons = dict(made.rows(sa.select(CycleEntry.unit_id, CycleEntry.missing_reason)))
    assert reasons[ward.unit("yte")] == "Trạm trưởng nghỉ ốm"
    assert reasons[ward.unit("vhxh")] == "Chưa xong"
    assert reasons[ward.unit("khdt")] is None


def test_what_is_missing_comes_before_the_cutoff_is_confirmed_and_the_cycle_goes_on_by_itself(ward: Ward) -> None:
    made = issue(ward, (Row("khdt"), Row("yte")))
    made.open_cycle()
    made.send("1", "khdt")
    made.send("2", "yte")
    made.take("1")
    made.send_message("cutoff_requested", FOCAL, made.cycle_id, reason="Đến hạn")
    visitor, path = made.signed_in(FOCAL), f"/ky-bao-cao/{made.cycle_id}/chot"
    assert "Vẫn chốt?" in text_of(visitor.get(path))
    made.take("2")
    assert made.open_steps(made.cycle_id) == ["consolidate"]
    answer = visitor.post(path, {"common_reason": "Chưa xong", "confirmed": "on"}, follow_redirects=True)
    assert answer.status_code == 409 and "Kỳ đang chờ: Tổng hợp" in text_of(answer)
    assert made.entries() == {"1": "taken", "2": "taken"}


def test_for_a_unit_that_has_sent_all_it_stands_there_already_that_it_was_not_checked(ward: Ward) -> None:
    made = opened(ward)
    made.send("2", "yte")
    made.send_message("cutoff_requested", FOCAL, made.cycle_id, reason="Đến hạn")
    page = made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}/chot").get_data(as_text=True)
    assert prefilled(page, f"reason-{ward.unit('yte')}") == "Đã gửi, chưa kiểm tra xong"
    assert prefilled(page, f"reason-{ward.unit('khdt')}") == ""


def test_what_a_unit_handed_back_waits_for_the_leaders_not_for_the_unit(ward: Ward) -> None:
    made = issue(ward, [Row("khdt"), Row("yte")], accepted=False)
    made.do("accept", "yte.truong", made.case("2"), decision="hand_back", reason="Không đủ người")
    made.open_cycle()
    made.send_message("cutoff_requested", FOCAL, made.cycle_id, reason="Đến hạn")
    answer = made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}/chot")
    page, waits = answer.get_data(as_text=True), "Chờ “Quyết định phân công” (Phó Chủ tịch · Lãnh đạo UBND)"
    assert "Còn 1 đơn vị chưa gửi. Vẫn chốt?" in page
    assert f"I.2 Nhiệm vụ được giao {waits}" in text_of(answer)
    assert prefilled(page, f"reason-{ward.unit('yte')}") == waits


def test_closing_asks_for_one_confirmation(ward: Ward) -> None:
    made = opened(ward)
    made.send_message("cutoff_requested", FOCAL, made.cycle_id, reason="Đến hạn")
    refused = made.signed_in(FOCAL).post(f"/ky-bao-cao/{made.cycle_id}/chot", {"common_reason": "Chưa xong"})
    assert "Chưa xác nhận chốt." in text_of(refused)
    assert made.cycle_state() == "collecting"
