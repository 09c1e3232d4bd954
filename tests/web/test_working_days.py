"""Lịch làm việc over HTTP: days that are declared, taken back, and compared with the year's notice."""

from datetime import date, timedelta

import pytest

from engine.calendar import local_date
from tests.web.cycle_wards import Row, issue
from tests.web.test_inbox import titles
from tests.web.wards import Visitor, Ward, text_of


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    return ward.signed_in("quantri")


def test_a_day_is_declared_free_and_counts_at_once(ward: Ward, admin: Visitor) -> None:
    day = date(2027, 3, 1)
    assert is_working(ward, day)
    form = {"day": "01/03/2027", "working": "free", "note": "Thông báo số 1"}
    assert admin.post("/lich-lam-viec", form).headers["Location"] == "/lich-lam-viec?nam=2027"
    assert not is_working(ward, day)
    assert "Thông báo số 1" in text_of(admin.get("/lich-lam-viec?nam=2027"))
    admin.post("/lich-lam-viec/2027-03-01/bo")
    assert is_working(ward, day)
    assert [len(ward.facts(name)) for name in ("CalendarDaySet", "CalendarDayRemoved")] == [1, 1]


def is_working(ward: Ward, day: date) -> bool:
    with ward.runtime.reading() as connection:
        return ward.runtime.calendar(ward.demo.tenant_id, connection).is_working_day(day)


def test_the_year_shows_what_ships(admin: Visitor) -> None:
    page = text_of(admin.get("/lich-lam-viec?nam=2026"))
    assert "Thứ Bảy, 22/08/2026 Làm việc" in page
    assert "Thứ Ba, 17/02/2026 Nghỉ Tết Nguyên Đán" in page
    assert admin.get("/lich-lam-viec?nam=1").status_code == 404


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"day": "31/02/2027", "working": "free", "note": "x"}, "Nhập ngày dạng"),
        ({"day": "01/03/2027", "working": "free", "note": ""}, "Nhập căn cứ"),
        ({"day": "01/03/2027", "working": "working", "note": "x"}, "Lịch có sẵn đã ghi như vậy"),
        ({}, "Nhập ngày."),
        *(
            ({"day": f"01/03/{year}", "working": "free", "note": "x"}, "có từ năm 2020 đến năm 2090")
            for year in (1950, 2019, 2091, 2100)
        ),
    ],
)
def test_a_day_that_cannot_be_declared_is_refused(admin: Visitor, form: dict[str, str], message: str) -> None:
    answer = admin.post("/lich-lam-viec", form)
    assert answer.status_code == 422
    assert message in text_of(answer)


def test_a_change_that_somebody_just_took_back_is_no_error(ward: Ward, admin: Visitor) -> None:
    admin.post("/lich-lam-viec", {"day": "01/03/2027", "working": "free", "note": "Thông báo số 1"})
    for _ in range(2):
        assert admin.post("/lich-lam-viec/2027-03-01/bo").status_code == 302
    assert len(ward.facts("CalendarDayRemoved")) == 1


def test_a_day_that_is_declared_twice_is_one_change(ward: Ward, admin: Visitor) -> None:
    form = {"day": "01/03/2027", "working": "free", "note": "Thông báo số 1"}
    for note in ("Thông báo số 1", "Thông báo số 1", "Thông báo số 2"):
        assert admin.post("/lich-lam-viec", form | {"note": note}).status_code == 302
    assert [fact.note for fact in ward.facts("CalendarDaySet")] == ["Thông báo số 1", "Thông báo số 2"]


def test_only_this_years_calendar_and_the_next_are_compared(ward: Ward, admin: Visitor) -> None:
    """Whoever says so of a later year is not asked for those before it."""
    later = local_date(ward.now()).year + 2
    assert "Đã xem lịch" not in text_of(admin.get(f"/lich-lam-viec?nam={later}"))
    assert admin.post(f"/lich-lam-viec/{later}/da-xem").status_code == 404


@pytest.mark.parametrize(
    ("days", "found"), [(4, []), (3, ["sap-den"]), (1, ["sap-den"]), (0, ["hom-nay", "sap-den"]), (-1, ["qua-han"])]
)
def test_a_list_is_narrowed_to_what_is_due_in_so_many_working_days(ward: Ward, days: int, found: list[str]) -> None:
    made = issue(ward, [Row("khdt")])
    with ward.runtime.reading() as connection:
        calendar = ward.runtime.calendar(ward.demo.tenant_id, connection)
    ward.move_clock(calendar.end_of(made.report_by, -days) - timedelta(hours=12))
    visitor, asked = made.signed_in("khdt.cv1"), ("qua-han", "hom-nay", "sap-den", "xa-han")
    assert [due for due in asked if titles(visitor, f"/hop-viec?ds=cua-toi&han={due}")] == found
