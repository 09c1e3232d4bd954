"""What a change of a unit moved to whom, on its page afterwards."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.support.databases import Databases
from tests.web.cycle_wards import FOCAL, CycleWard
from tests.web.issued_wards import issued_ward
from tests.web.test_indicators import added
from tests.web.test_unit_changes import NEW, ROWS, carried_out, check, enter
from tests.web.wards import text_of
from webapp.indicators.models import IndicatorOwner


@pytest.fixture
def made(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    with issued_ward(databases, tmp_path, "unit_changes", ROWS) as made:
        yield made


def test_what_went_to_whom_is_told_as_it_was_recorded(made: CycleWard) -> None:
    made.open_cycle()
    focal = made.signed_in(FOCAL)
    records, visits = (
        added(made, focal, name, owner_unit_ids=[str(made.ward.unit("khdt"))]) for name in ("Hồ sơ", "Lượt tra cứu")
    )
    old = made.ward.unit("khdt")
    form = {"successors-0-unit_id": str(old), "successors-1-name": "Phòng Đô thị", "successors-1-short_name": "P. ĐT"}
    address, admin = enter(made, "khdt", "chia-tach", **form).location, made.signed_in("quantri")
    assert "Đã chuyển" not in text_of(admin.get(address))
    urban = next(v for v in admin.get(address).text.split('value="') if "Phòng Đô thị" in v[:60])[:36]
    admin.post(f"{address}/xac-nhan", {f"person-{made.ward.person('khdt.cv1')}": urban})
    made.settle()
    check(made)
    told = "Đã chuyển Phòng Đô thị 1 người; 1 nhiệm vụ chưa xong; 2 hồ sơ đang chạy; 1 dòng trong kỳ báo cáo đang mở"
    assert told in text_of(admin.get(address))
    owners = sa.select(IndicatorOwner.indicator_id, IndicatorOwner.unit_id)
    assert set(made.rows(owners)) == {(records, old), (visits, old)}, "What stays keeps who answers for it."
    carried_out(made, "khdt", "sap-nhap", into_id=str(made.ward.unit("hcc")))
    assert told in text_of(admin.get(address)), "What happened later changes nothing of it."


def test_a_merged_units_indicators_and_plans_are_told(made: CycleWard) -> None:
    added(made, made.signed_in(FOCAL), "Hồ sơ", owner_unit_ids=[str(made.ward.unit("vhxh"))])
    address = carried_out(made, "vhxh", "sap-nhap", into_id=str(made.ward.unit("vp")))
    told = text_of(made.signed_in("quantri").get(address))
    assert "1 chỉ tiêu phụ trách; 1 kế hoạch làm đầu mối" in told.partition("Đã chuyển")[2]


def test_what_a_unit_stated_before_it_was_renamed_is_not_awaited_of_its_successor(made: CycleWard) -> None:
    focal, units = made.signed_in(FOCAL), [str(made.ward.unit(key)) for key in ("khdt", "yte")]
    one = added(made, focal, "Lượt tra cứu", unit="lượt", owner_unit_ids=units)
    stated = {"value": "70", "as_of": f"{made.today():%d/%m/%Y}", "unit_id": units[0]}
    assert focal.post(f"/chi-tieu/{one}/so-lieu", stated).status_code == 302
    carried_out(made, "khdt", "doi-ten", **NEW)
    page = text_of(focal.get(f"/ke-hoach/{made.plan_id}/chi-tieu"))
    assert "Phòng Kinh tế; Trạm Y tế Chưa có số của Trạm Y tế" in page
