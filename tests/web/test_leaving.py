"""Whoever leaves, a person or a unit, leaves nothing that waits for nobody."""

from tests.web.cycle_wards import Row, issue
from tests.web.test_organisation import person_form
from tests.web.wards import Ward, text_of


def test_whose_desks_nobody_else_has_is_said_before_they_leave_and_when_they_move(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Kho dữ liệu")])
    made.report("1", "khdt.cv1")
    admin, head, officer = ward.signed_in("quantri"), ward.person("khdt.truong"), ward.person("khdt.cv1")
    said = "Không còn ai khác giữ vai Trưởng đơn vị · Phòng KT-HT-ĐT (1 việc đang chờ)."
    assert said in text_of(admin.get(f"/nguoi-dung/{head}/ban-giao"))
    assert "Không còn ai" not in text_of(admin.get(f"/nguoi-dung/{officer}/ban-giao"))
    form = person_form(ward, ("yte", "staff"), username="khdt.truong", name="Trưởng phòng KT-HT-ĐT")
    moved = text_of(admin.post(f"/nguoi-dung/{head}", form, follow_redirects=True))
    assert "Không còn ai giữ vai Trưởng đơn vị · Phòng KT-HT-ĐT (1 việc đang chờ)." in moved


def test_a_unit_with_a_part_in_a_plan_does_not_go_out_of_use(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Kho dữ liệu", coordinator="phunu"), Row("yte", "Hồ sơ sức khỏe")])
    made.open_cycle()
    made.send("2", "yte")
    made.take("2")
    made.send("1", "khdt")
    admin = ward.signed_in("quantri")
    for unit in ("yte", "phunu"):
        for username in (f"{unit}.truong", f"{unit}.cv1"):
            assert admin.post(f"/nguoi-dung/{ward.person(username)}/ngung").status_code == 302
        refused = text_of(admin.post(f"/don-vi/{ward.unit(unit)}/ngung"))
        assert "còn phần việc ở 1 nhiệm vụ của các kế hoạch chưa đóng" in refused


def test_people_with_two_roles_in_a_unit_are_counted_once(ward: Ward) -> None:
    admin = ward.signed_in("quantri")
    form = person_form(ward, ("phunu", "staff"), ("phunu", "head"), username="phunu.truong", name="Chủ tịch Hội")
    admin.post(f"/nguoi-dung/{ward.person('phunu.truong')}", form)
    assert "Đơn vị còn 2 người." in text_of(admin.post(f"/don-vi/{ward.unit('phunu')}/ngung"))


def test_nobody_is_offered_to_put_their_own_account_out_of_use(ward: Ward) -> None:
    page = ward.signed_in("quantri").get(f"/nguoi-dung/{ward.person('quantri')}/ban-giao")
    assert "Bạn không tự ngừng tài khoản của mình" in text_of(page)
    assert f"{ward.person('quantri')}/ngung" not in page.get_data(as_text=True)
