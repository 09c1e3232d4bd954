"""Who sends a step is kept from one to the next, and read anew as soon as anything in the ward has changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.web.cycle_wards import CycleWard, Row
from tests.web.issued_wards import issued_ward
from webapp.organisation.commands.absences import EndAbsence, EnterAbsence
from webapp.organisation.commands.people import ResetPassword

pytestmark = pytest.mark.both_databases

ROWS = Row("khdt", "Lắp đặt điểm truy cập internet miễn phí"), Row("khdt", "Số hóa bản đồ quy hoạch")


@pytest.fixture
def issued(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    with issued_ward(databases, tmp_path, "two_issued", ROWS, accepted=False) as made:
        yield made


def test_who_sends_is_known_anew_once_the_ward_has_changed(issued: CycleWard) -> None:
    ward, today = issued.ward, issued.today()
    officer, head = ward.person("khdt.cv1"), ward.person("khdt.truong")
    proxy, (first, second) = issued.signed_in("khdt.cv1"), (issued.step("accept", issued.case(n)) for n in "12")
    answers = {"decision": "accept", "officer": str(officer), "do": "send"}

    def sent(step: object) -> bool:
        return proxy.post(f"/viec/{step}", answers).location == "/hop-viec"

    assert [sent(first), sent(first)] == [False, False]
    absence = ward.execute(EnterAbsence(person_id=head, proxy_id=officer, from_day=today, to_day=today, reason="Ốm"))
    assert sent(first)
    ward.execute(EndAbsence(absence_id=absence))
    assert not sent(second)
    ward.execute(ResetPassword(person_id=officer, password_hash="x"))
    assert proxy.post(f"/viec/{second}", answers).status_code == 401
