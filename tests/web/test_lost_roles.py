"""A role that is withdrawn while its holder has something in hand, or a page open."""

import re

import pytest

from engine.commands.user_tasks import ClaimUserTask
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_organisation import person_form
from tests.web.wards import Ward, text_of


def before_the_chair(ward: Ward) -> CycleWard:
    """A report that the chair has in hand to sign."""
    made = issue(ward, [Row("khdt", "Số hóa bản đồ")])
    made.open_cycle()
    made.send("1", "khdt")
    made.take("1")
    made.consolidate()
    made.do("countersign_content", "vhxh.truong", made.cycle_id, decision="approve")
    made.do("countersign_form", "vanphong", made.cycle_id, role="office", decision="approve")
    made.do("vice_opinion", "pct.vhxh", made.cycle_id, decision="approve")
    made.execute(ClaimUserTask(user_task_id=made.step("sign_chair", made.cycle_id)), "chutich")
    return made


@pytest.mark.parametrize("unit", ["khdt", "hcc"])
def test_whoever_loses_a_role_decides_nothing_more_by_it(ward: Ward, unit: str) -> None:
    made = issue(ward, [Row("khdt", "Số hóa bản đồ")])
    made.report("1", "khdt.cv1")
    step, person_id = made.step("unit_review", made.case("1")), ward.person("khdt.truong")
    made.execute(ClaimUserTask(user_task_id=step), "khdt.truong")
    head = ward.signed_in("khdt.truong")
    head.get(f"/viec/{step}")
    form = person_form(ward, (unit, "staff"), username="khdt.truong", name="Trưởng phòng KT-HT-ĐT")
    saved = ward.signed_in("quantri").post(f"/nguoi-dung/{person_id}", form, follow_redirects=True)
    assert "1 việc của vai vừa bỏ đã trả về bộ phận" in text_of(saved)
    assert ward.holder(step) is None
    refused = head.post(f"/viec/{step}", {"decision": "return", "reason": "Thiếu số liệu quý II"})
    assert refused.status_code == 403
    assert "Thiếu số liệu quý II" in refused.get_data(as_text=True)
    assert made.open_steps(made.case("1")) == ["unit_review"]


def test_who_was_chair_signs_no_more_for_the_committee(ward: Ward) -> None:
    made = before_the_chair(ward)
    step = made.step("sign_chair", made.cycle_id)
    chair = ward.signed_in("chutich")
    shown = re.search(r'name="content_hash" value="(\w+)"', chair.get(f"/duyet-ky/{step}").get_data(as_text=True))
    assert shown
    form = person_form(ward, ("ubnd", "vice_chair"), username="chutich", name="Chủ tịch UBND")
    ward.signed_in("quantri").post(f"/nguoi-dung/{ward.person('chutich')}", form)
    assert chair.post(f"/duyet-ky/{step}", {"decision": "approve", "content_hash": shown[1]}).status_code == 403
    assert made.open_steps(made.cycle_id) == ["sign_chair"]


def test_who_was_chosen_to_sign_as_vice_chair_and_is_none_any_more_is_not_asked(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa bản đồ")])
    made.open_cycle(signer="vice_chair", vice_chair="pct.vhxh")
    made.send("1", "khdt")
    made.take("1")
    made.consolidate()
    form = person_form(ward, ("ubnd", "clerk"), username="pct.vhxh", name="Bà Nguyễn Thị Lan")
    ward.signed_in("quantri").post(f"/nguoi-dung/{ward.person('pct.vhxh')}", form)
    made.do("countersign_content", "vhxh.truong", made.cycle_id, decision="approve")
    made.do("countersign_form", "vanphong", made.cycle_id, role="office", decision="approve")
    assert ward.holder(made.step("sign_vice", made.cycle_id)) is None
    assert "Mở xem và quyết định" in text_of(ward.signed_in("pct.kt").get("/duyet-ky"))


def test_a_signature_is_handed_to_nobody_without_the_office(ward: Ward) -> None:
    made = before_the_chair(ward)
    step, chair, vice = made.step("sign_chair", made.cycle_id), ward.signed_in("chutich"), ward.person("pct.vhxh")
    offered = chair.get(f"/hop-viec/giao?viec={step}").get_data(as_text=True)
    assert f'value="{ward.person("chutich")}"' in offered and str(vice) not in offered
    assert chair.post("/hop-viec/giao", {"viec": str(step), "nguoi": str(vice)}).status_code == 422
    admin = ward.signed_in("quantri")
    handing_over = admin.get(f"/nguoi-dung/{ward.person('chutich')}/ban-giao").get_data(as_text=True)
    assert "Ký TM. UBND" in handing_over and str(vice) not in handing_over
    given_anew = re.search(
        r'data-key="nguoi0".*?</select>', admin.get(f"/ho-so/{made.cycle_id}/thao-tac").text, re.DOTALL
    )
    assert given_anew and str(ward.person("chutich")) in given_anew[0] and str(vice) not in given_anew[0]
    assert ward.holder(step) == ward.person("chutich")


def test_steps_that_wait_where_nobody_sits_are_told_to_administrators(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa bản đồ")])
    made.report("1", "khdt.cv1")
    admin = ward.signed_in("quantri")
    assert "Việc nào đang chờ" not in text_of(admin.get("/thiet-lap"))
    admin.post(f"/nguoi-dung/{ward.person('khdt.truong')}/ngung")
    said = "1 việc đang chờ ở vai chưa ai giữ: Trưởng đơn vị · Phòng KT-HT-ĐT."
    assert said in text_of(admin.get("/thiet-lap"))
    admin.post(f"/nguoi-dung/{ward.person('khdt.truong')}/dung-lai")
    assert "Việc nào đang chờ" not in text_of(admin.get("/thiet-lap"))


def test_who_runs_the_reports_of_another_unit_is_led_to_nothing_that_only_this_ones_tell(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa bản đồ")])
    made.open_cycle()
    form = person_form(ward, ("yte", "focal"), username="yte.cv1", name="Viên chức Trạm Y tế 1")
    assert ward.signed_in("quantri").post(f"/nguoi-dung/{ward.person('yte.cv1')}", form).status_code == 302
    pages = [made.signed_in(who).get(f"/ky-bao-cao/{made.cycle_id}") for who in ("yte.cv1", FOCAL)]
    assert [page.status_code for page in pages] == [200, 200]
    assert [[name in page.text for name in ("/doi-han", "/gui/cutoff_requested")] for page in pages] == [
        [False, False], [True, True],
    ]  # fmt: skip
