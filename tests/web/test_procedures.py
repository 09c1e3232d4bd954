"""Quy trình, Sự cố and the clock of rehearsals over HTTP."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.calendar import LOCAL
from engine.ids import uuid7
from tests.support.servers import environment_for
from tests.web.wards import Visitor, Ward, text_of
from webapp.app import create_app
from webapp.procedures.bundles import deploy_shipped, shipped_diagram
from webapp.settings import Settings


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    return ward.signed_in("quantri")


# --- procedures ---


def test_the_procedures_in_force_are_drawn(ward: Ward, admin: Visitor) -> None:
    assert "Chưa triển khai quy trình nào." in text_of(admin.get("/quy-trinh"))
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    page = admin.get("/quy-trinh")
    for name in ("Thực hiện nhiệm vụ của kế hoạch", "Kỳ báo cáo", "Phối hợp thực hiện nhiệm vụ", "Khó khăn, vướng mắc"):
        assert name in text_of(page)
    assert "Phiên bản 1" in text_of(page)
    drawings = [admin.get(url) for url in re.findall(r'data-diagram-url="([^"]+)"', page.get_data(as_text=True))]
    assert {drawing.data for drawing in drawings} >= {shipped_diagram("task_lifecycle")}
    assert {drawing.headers["Vary"] for drawing in drawings} == {"Cookie"}  # Kept for whoever asked, and nobody else.


def test_a_drawing_that_does_not_exist_is_not_found(admin: Visitor) -> None:
    assert admin.get(f"/quy-trinh/{uuid7()}/so-do.xml").status_code == 404


# --- the clock of rehearsals ---


def later(ward: Ward, days: int) -> datetime:
    return (ward.now() + timedelta(days=days)).astimezone(LOCAL)


def test_an_administrator_puts_the_clock_ahead(ward: Ward, admin: Visitor) -> None:
    day = later(ward, 9)
    answer = admin.post("/dong-ho", {"day": f"{day:%d/%m/%Y}", "time": "07:30"}, follow_redirects=True)
    assert f"Đồng hồ diễn tập đã chỉnh tới 07:30 {day:%d/%m/%Y}." in text_of(answer)
    moved = ward.now().astimezone(LOCAL)
    assert (moved.date(), moved.hour, moved.minute) == (day.date(), 7, 30)
    assert ward.facts("ClockMoved")


def test_the_form_proposes_the_next_working_morning(ward: Ward, admin: Visitor) -> None:
    page = admin.get("/dong-ho").get_data(as_text=True)
    proposed = re.search(r'name="day" value="([\d/]+)"', page)
    assert proposed
    day = datetime.strptime(proposed[1], "%d/%m/%Y").replace(tzinfo=UTC)
    assert day.date() > ward.now().astimezone(LOCAL).date()
    assert 'value="08:00"' in page


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"day": "", "time": "08:00"}, "Chưa nhập ngày."),
        ({"day": "31/02/2027", "time": "08:00"}, "Nhập ngày dạng"),
        ({"day": "01/03/2027", "time": "25:00"}, "Nhập giờ dạng"),
        ({"day": "01/01/2020", "time": "08:00"}, "không chỉnh lùi"),
        ({"day": "01/01/2090", "time": "08:00"}, "nhiều nhất 20 năm"),
    ],
)
def test_what_is_no_later_instant_is_refused(admin: Visitor, typed: dict[str, str], message: str) -> None:
    answer = admin.post("/dong-ho", typed)
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert f'value="{typed["time"]}"' in answer.get_data(as_text=True)


def test_only_administrators_move_it(ward: Ward) -> None:
    visitor = ward.signed_in("chutich")
    assert visitor.get("/dong-ho").status_code == 403
    assert "Chỉnh đồng hồ" not in text_of(visitor.get("/thong-bao"))


def test_a_real_ward_has_no_such_page(ward: Ward, tmp_path: Path) -> None:
    url = ward.app.config["SETTINGS"].database_url
    environment = environment_for(url, tmp_path / "data", MOVABLE_CLOCK="0")
    real = Ward(create_app(Settings.from_environment(environment)), ward.demo)
    admin = real.signed_in("quantri")
    assert admin.get("/dong-ho").status_code == 404
    assert admin.post("/dong-ho", {"day": "01/01/2030", "time": "08:00"}).status_code == 404
    assert "Đồng hồ diễn tập" not in text_of(admin.get("/thong-bao"))
    real.runtime.close()
