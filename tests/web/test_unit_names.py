"""A name, long or short, means one unit: of those that are there, and of those that a change will make."""

import pytest

from tests.web.cycle_wards import Row, issue
from tests.web.test_unit_changes import NEW, enter
from tests.web.wards import Ward, text_of

TWO = {"successors-0-name": "Phòng Kinh tế", "successors-1-name": "Phòng Đô thị"}
TAKEN = "đã có tên gọi tắt “Phòng VH-XH”."


def short(first: str, second: str) -> dict[str, str]:
    return {"successors-0-short_name": first, "successors-1-short_name": second}


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        ("doi-ten", {"name": "Phòng Kinh tế", "short_name": "phòng VH–XH"}, TAKEN),
        ("chia-tach", {**TWO, **short("Phòng KT", "Phòng VH-XH")}, TAKEN),
        ("chia-tach", {**TWO, **short("Phòng KT", "phòng kt")}, "Mỗi đơn vị mới cần một tên gọi tắt riêng."),
    ],
)
def test_a_new_unit_gets_no_short_name_of_another(ward: Ward, kind: str, typed: dict[str, str], said: str) -> None:
    made = issue(ward, [Row("khdt")])
    assert said in text_of(enter(made, "khdt", kind, **typed))


def test_a_unit_that_ends_leaves_its_short_name_and_one_that_goes_on_keeps_it(ward: Ward) -> None:
    made = issue(ward, [Row("khdt")])
    own = "Phòng KT-HT-ĐT"
    part = {"successors-0-unit_id": str(made.ward.unit("khdt")), "successors-1-name": "Phòng Đô thị"}
    going_on = enter(made, "khdt", "chia-tach", **part, **{"successors-1-short_name": own})
    assert f"đã có tên gọi tắt “{own}”." in text_of(going_on)
    assert enter(made, "khdt", "doi-ten", name="Phòng Kinh tế", short_name=own).status_code == 302


def test_a_name_that_is_promised_is_taken(ward: Ward) -> None:
    made = issue(ward, [Row("khdt")])
    enter(made, "khdt", "doi-ten", **NEW)
    form = {"name": NEW["name"], "short_name": "x", "kind": "department", "position": "3"}
    admin = made.signed_in("quantri")
    assert "Một đơn vị sắp mang tên này." in text_of(admin.post("/don-vi/moi", form))
    assert "sắp mang tên này." in text_of(admin.post("/don-vi/moi", {**form, "name": NEW["name"].upper()}))
    other = {**form, "name": "Phòng khác", "short_name": NEW["short_name"]}
    assert f"sắp có tên gọi tắt “{NEW['short_name']}”" in text_of(admin.post("/don-vi/moi", other))
