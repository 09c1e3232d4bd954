"""Several cycles of one plan at once: each report goes to the cycle that waits for it first."""

from datetime import timedelta

import sqlalchemy as sa

from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_cycle_kinds import opened
from tests.web.test_documents import send
from tests.web.wards import Ward, text_of
from webapp.cycles.commands import DecideStatement
from webapp.cycles.models import CycleEntry, ReportingCycle

ROWS = [Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte", "Hồ sơ sức khỏe", group="II")]


def states(made: CycleWard) -> dict[str, list[str]]:
    """The states of the entries by cycle."""
    found: dict[str, list[str]] = {}
    query = sa.select(ReportingCycle.name, CycleEntry.state).join(CycleEntry).order_by(CycleEntry.id)
    for name, state in made.rows(query):
        found.setdefault(name, []).append(state.value)
    return found


def signed(made: CycleWard) -> None:
    made.execute(DecideStatement(statement_id=made.statements()[0][0], use=True, text="Đã xong."), FOCAL)
    made.do("consolidate", FOCAL, made.cycle_id, summary="Đạt")
    made.do("countersign_content", "vhxh.truong", made.cycle_id, decision="approve")
    made.do("countersign_form", "vanphong", made.cycle_id, role="office", decision="approve")
    made.do("vice_opinion", "pct.vhxh", made.cycle_id, decision="approve")
    made.do("sign_chair", "chutich", made.cycle_id, decision="approve")


def test_what_an_ad_hoc_report_told_stays_told_when_the_work_goes_on(ward: Ward) -> None:
    made = issue(ward, ROWS[:1])
    opened(made, "Đột xuất", "ad_hoc")
    made.send("1", "khdt", outcome="in_progress")
    made.take("1")
    signed(made)
    send(made)
    made.send_message("city_received", "vanthu", made.cycle_id, received_on=made.today().isoformat(), number="118")
    assert made.open_steps(made.case("1")) == ["execute"]
    assert states(made) == {"Đột xuất": ["taken"]}
    made.send("1", "khdt", outcome="in_progress")
    assert states(made) == {"Đột xuất": ["taken"]}, "What the city has is no longer changed."


def test_a_report_is_for_the_cycle_whose_day_comes_first(ward: Ward) -> None:
    made = issue(ward, ROWS[:1])
    day = made.report_by
    made.report_by = day - timedelta(days=7)
    opened(made, "Đột xuất", "ad_hoc", outline="Nhân lực số\nKinh phí")
    ad_hoc, made.report_by = made.cycle_id, day
    made.open_cycle("Cả năm")
    page = text_of(made.signed_in("khdt.cv1").get(f"/viec/{made.step('execute', made.case('1'))}"))
    assert page.index("Kỳ đang chờ báo cáo: Đột xuất.") < page.index("Kỳ đang chờ báo cáo: Cả năm.")
    assert f"Đơn vị gửi chậm nhất hết ngày {day - timedelta(days=7):%d/%m/%Y}. Đề cương: Nhân lực số; Kinh phí" in page
    made.send("1", "khdt", outcome="in_progress")
    assert states(made) == {"Đột xuất": ["sent"], "Cả năm": ["asked"]}
    made.take("1")
    assert states(made) == {"Đột xuất": ["taken"], "Cả năm": ["asked"]}
    made.cycle_id = ad_hoc
    signed(made)
    send(made)
    made.send_message("city_received", "vanthu", ad_hoc, received_on=made.today().isoformat(), number="118")
    made.send("1", "khdt")
    made.take("1")
    assert states(made) == {"Đột xuất": ["taken"], "Cả năm": ["taken"]}
