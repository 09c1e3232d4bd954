"""A ward of one's own begins on the command line, with one administrator."""

from pathlib import Path

import pytest
from flask import Flask

from engine.database import connect
from engine.runtime import Runtime
from tests.support.servers import environment_for
from tests.web.wards import Visitor, text_of
from webapp.app import create_app
from webapp.organisation.first_ward import FirstWard, WardExists, set_up_first_ward
from webapp.settings import Settings

pytestmark = pytest.mark.both_databases

FIRST = FirstWard(
    name="UBND phường Mới", parent_agency="UBND THÀNH PHỐ HẢI PHÒNG", place="Mới", city_recipient="Sở KH&CN",
    administrator="quantri",
)  # fmt: skip


@pytest.fixture
def runtime(database_url: str):
    """A Runtime on an empty database."""
    made = Runtime(connect(database_url))
    yield made
    made.close()


@pytest.fixture
def app(database_url: str, tmp_path: Path):
    """The application on the same database."""
    made = create_app(Settings.from_environment(environment_for(database_url, tmp_path)))
    yield made
    made.extensions["quytrinh"].close()


def test_the_first_administrator_signs_in_and_sees_what_is_to_be_done(runtime: Runtime, app: Flask) -> None:
    password = set_up_first_ward(runtime, FIRST)
    admin = Visitor(app.test_client())
    assert admin.sign_in("quantri", password).status_code == 302
    new = "việc đầu tiên phải làm"
    admin.post("/tai-khoan/mat-khau", {"new_password": new, "repeated": new})
    page = text_of(admin.get("/thiet-lap"))
    assert "1. Khai các đơn vị Chưa có đơn vị nào. Chưa xong" in page
    assert "Đang áp dụng 4 quy trình. Xong" in page
    assert "Chưa chọn đơn vị đầu mối tổng hợp, văn phòng." in page


def test_a_database_holds_one_ward(runtime: Runtime) -> None:
    set_up_first_ward(runtime, FIRST)
    with pytest.raises(WardExists):
        set_up_first_ward(runtime, FIRST)
