"""Signing in where several wards share a database: names are each ward's own."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.command import Actor
from tests.web.demo_wards import add_neighbours
from tests.web.wards import Ward, text_of
from webapp.accounts.passwords import hash_secret
from webapp.organisation.commands.people import AddPerson, HeldDesk, NewPerson
from webapp.organisation.models import Role, Unit

NEXT_DOOR = "mật khẩu nhà bên"


@pytest.fixture
def neighbour(ward: Ward) -> UUID:
    """Another ward, with a chair of the same user name."""
    tenant_id = add_neighbours(ward)
    [(unit_id,)] = ward.rows(sa.select(Unit.id).where(Unit.tenant_id == tenant_id))
    chair = NewPerson(
        name="Chủ tịch Láng Giềng", username="chutich", desks=(HeldDesk(unit_id, Role.CHAIR),),
        password_hash=hash_secret(NEXT_DOOR),
    )  # fmt: skip
    ward.runtime.execute(AddPerson(person=chair), actor=Actor.system(tenant_id))
    return tenant_id


def test_a_name_that_two_wards_have_comes_in_with_its_ward(ward: Ward, neighbour: UUID) -> None:
    ours = ward.demo.tenant_id, ward.demo.password, "UBND phường Hải Đông"
    for tenant_id, password, name in (ours, (neighbour, NEXT_DOOR, "UBND phường Láng Giềng")):
        visitor = ward.visitor()
        page = visitor.get("/dang-nhap").get_data(as_text=True)
        assert f'<option value="{tenant_id}">' in page
        given = {"identifier": "chutich", "password": password}
        refused = text_of(visitor.post("/dang-nhap", given))
        assert "Tên đăng nhập hoặc mật khẩu không đúng. Hãy chọn cả phường của bạn." in refused
        assert visitor.post("/dang-nhap", given | {"ward": str(tenant_id)}).status_code == 302
        assert name in text_of(visitor.get("/tai-khoan"))
        visitor.sign_out()
        assert f'<option value="{tenant_id}" selected>' in visitor.get("/dang-nhap").get_data(as_text=True)


def test_the_password_of_one_ward_opens_no_other(ward: Ward, neighbour: UUID) -> None:
    given = {"identifier": "chutich", "password": NEXT_DOOR, "ward": str(ward.demo.tenant_id)}
    refused = ward.visitor().post("/dang-nhap", given)
    assert refused.status_code == 422
    assert "Hãy xem lại cả phường đã chọn." in text_of(refused)


def test_who_is_the_only_one_of_their_name_need_not_choose(ward: Ward, neighbour: UUID) -> None:
    visitor = ward.signed_in("vhxh.cv1")
    assert "Chuyên viên VH-XH 1" in text_of(visitor.get("/tai-khoan"))


def test_a_refusal_does_not_tell_whether_another_ward_has_the_name(ward: Ward, neighbour: UUID) -> None:
    pages = [text_of(ward.visitor().sign_in(name, "sai")) for name in ("chutich", "vhxh.cv1", "khong.co.ai")]
    assert len(set(pages)) == 1


def test_guessing_at_one_ward_keeps_nobody_of_the_other_out(ward: Ward, neighbour: UUID) -> None:
    for _ in range(6):
        ward.visitor().post("/dang-nhap", {"identifier": "chutich", "password": "sai", "ward": str(neighbour)})
    given = {"identifier": "chutich", "password": ward.demo.password, "ward": str(ward.demo.tenant_id)}
    assert ward.visitor().post("/dang-nhap", given).status_code == 302


def test_a_single_ward_is_not_asked_for(ward: Ward) -> None:
    assert 'name="ward"' not in ward.visitor().get("/dang-nhap").get_data(as_text=True)
