"""A ward of one's own begins on the command line, with one administrator."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from engine.audit import differences, verify
from engine.database import connect
from engine.errors import Rejected
from tests.support.servers import environment_for, run_quytrinh
from tests.web.wards import Visitor, text_of
from webapp.app import create_app
from webapp.organisation.forgotten import reset_password_of
from webapp.organisation.models import Committee
from webapp.organisation.new_ward import NameTaken, NewWard, set_up_ward
from webapp.organisation.whole_ward import WardExists
from webapp.settings import Settings

pytestmark = pytest.mark.both_databases

FIRST = NewWard(
    name="UBND phường Mới", place="Mới", city_recipient="Sở KH&CN",
    administrator="quantri",
)  # fmt: skip


@pytest.fixture
def app(database_url: str, tmp_path: Path):
    """The application on an empty database."""
    made = create_app(Settings.from_environment(environment_for(database_url, tmp_path)))
    yield made
    made.extensions["quytrinh"].close()


def set_up(app: Flask, ward: NewWard = FIRST) -> dict[str, str]:
    """The ward is there; the first administrator's password by user name."""
    told: dict[str, str] = {}
    set_up_ward(app.extensions["quytrinh"], app.config["SETTINGS"], ward, told.__setitem__)
    return told


def ward_ids(url: str) -> dict[str, UUID]:
    database = connect(url)
    with database.connect() as connection:
        found = {
            ward.name: ward.tenant_id for ward in connection.execute(sa.select(Committee.name, Committee.tenant_id))
        }
    database.dispose()
    return found


def wards(url: str) -> list[str]:
    return list(ward_ids(url))


def test_the_first_administrator_signs_in_and_sees_what_is_to_be_done(app: Flask) -> None:
    password = set_up(app)["quantri"]
    admin = Visitor(app.test_client())
    assert admin.sign_in("quantri", password).status_code == 302
    new = "việc đầu tiên phải làm"
    admin.post("/tai-khoan/mat-khau", {"new_password": new, "repeated": new})
    page = text_of(admin.get("/thiet-lap"))
    assert "1. Khai các đơn vị Chưa có đơn vị nào. Chưa xong" in page
    assert "Đang áp dụng 4 quy trình. Xong" in page
    assert "Chưa chọn đơn vị đầu mối tổng hợp, văn phòng." in page
    with app.extensions["quytrinh"].reading() as connection:
        assert verify(connection) == []
        assert differences(connection) == []


def test_whoever_runs_the_server_lets_an_administrator_in_again(app: Flask, database_url: str, tmp_path: Path) -> None:
    first = set_up(app)["quantri"]
    given = run_quytrinh(environment_for(database_url, tmp_path), "ward", "password", "QuanTri")
    admin = Visitor(app.test_client())
    assert admin.sign_in("quantri", first).status_code == 422
    assert admin.sign_in("quantri", given.split()[-1]).status_code == 302
    assert admin.get("/thiet-lap").headers["Location"].startswith("/tai-khoan/mat-khau")
    with pytest.raises(Rejected, match=r"“khong\.co”"):
        reset_password_of(app.extensions["quytrinh"], "khong.co")
    with app.extensions["quytrinh"].reading() as connection:
        assert verify(connection) == []


def test_another_ward_comes_beside_the_first_where_that_is_asked_for(app: Flask, database_url: str) -> None:
    """Each administrator enters their own; a password is given anew to the one of the ward that is named."""
    first = set_up(app)["quantri"]
    with pytest.raises(WardExists):
        set_up(app, replace(FIRST, name="UBND phường Bên"))
    with pytest.raises(NameTaken):
        set_up(app, replace(FIRST, is_another=True))
    second = set_up(app, replace(FIRST, name="UBND phường Bên", is_another=True))["quantri"]
    assert sorted(wards(database_url)) == ["UBND phường Bên", "UBND phường Mới"]
    with pytest.raises(Rejected, match="--ward"):
        reset_password_of(app.extensions["quytrinh"], "quantri")
    with pytest.raises(Rejected, match="không có UBND phường Xa"):
        reset_password_of(app.extensions["quytrinh"], "quantri", "UBND phường Xa")
    given = reset_password_of(app.extensions["quytrinh"], "quantri", "UBND phường Bên")
    ids = ward_ids(database_url)
    for ward, password, code in (("Mới", first, 302), ("Bên", second, 422), ("Bên", given, 302)):
        entry = {"identifier": "quantri", "password": password, "ward": str(ids[f"UBND phường {ward}"])}
        assert Visitor(app.test_client()).post("/dang-nhap", entry).status_code == code
    with app.extensions["quytrinh"].reading() as connection:
        assert verify(connection) == []
        assert differences(connection) == []


def test_of_two_that_begin_at_once_one_is_told_that_there_is_a_ward(app: Flask, database_url: str) -> None:
    def meanwhile(_username: str, _password: str) -> None:
        set_up(app, replace(FIRST, name="UBND phường Nhanh"))

    with pytest.raises(WardExists):
        set_up_ward(app.extensions["quytrinh"], app.config["SETTINGS"], FIRST, meanwhile)
    assert wards(database_url) == ["UBND phường Nhanh"]


@pytest.mark.parametrize(
    ("blank", "said"),
    [
        ({"name": ""}, "tên cơ quan"),
        ({"name": " ", "place": "\t"}, "tên cơ quan, địa danh"),
        ({"place": ""}, "địa danh"),
    ],
)
def test_blanks_are_refused(app: Flask, database_url: str, blank: dict[str, str], said: str) -> None:
    with pytest.raises(Rejected, match=rf"^Chưa ghi {said}\.$"):
        set_up(app, replace(FIRST, **blank))
    assert wards(database_url) == []
