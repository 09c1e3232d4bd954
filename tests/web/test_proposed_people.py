"""Whom the form of a step that is given away proposes, alone and among several."""

import pytest

from tests.web.cycle_wards import CycleWard, Row, issue
from tests.web.wards import Ward
from webapp.organisation.commands.people import DeactivatePerson

ROWS = (
    Row("khdt", "Lắp đặt điểm truy cập internet miễn phí"),
    Row("khdt", "Số hóa bản đồ quy hoạch"),
    Row("yte", "Lập hồ sơ sức khỏe điện tử"),
)


@pytest.fixture
def issued(ward: Ward) -> CycleWard:
    """Three tasks issued, none accepted."""
    return issue(ward, ROWS, accepted=False)


def assert_proposed(issued: CycleWard, username: str, ordinal: str, proposed: str) -> None:
    """Where a head accepts a case somebody is chosen beforehand."""
    head, step = issued.signed_in(username), issued.step("accept", issued.case(ordinal))
    for address in (f"/hop-viec/cung-luc?viec={step}", f"/viec/{step}"):
        page = head.get(address).get_data(as_text=True)
        assert f'value="{issued.ward.person(proposed)}" selected' in page


def test_whoever_did_one_of_the_units_tasks_last_is_proposed(issued: CycleWard) -> None:
    officer = issued.ward.person("khdt.cv1")
    issued.do("accept", "khdt.truong", issued.case("1"), decision="accept", officer=str(officer))
    assert_proposed(issued, "khdt.truong", "2", "khdt.cv1")


def test_the_head_who_is_a_units_only_person_is_proposed(issued: CycleWard) -> None:
    issued.ward.execute(DeactivatePerson(person_id=issued.ward.person("yte.cv1")))
    assert_proposed(issued, "yte.truong", "3", "yte.truong")
