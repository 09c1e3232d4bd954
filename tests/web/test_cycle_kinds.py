"""Cycles of every kind: what each covers, what was done before, late reports, the letter's own outline, the board."""

import re
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_indicators import written
from tests.web.wards import Ward, text_of
from webapp.cycles.models import ConsolidatedReport, CycleEntry, CycleKind, ReportingCycle
from webapp.cycles.opening import StartCycle
from webapp.cycles.report_data import consolidated_data
from webapp.plans.models import OccurrenceState, TaskOccurrence

ROWS = [Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte", "Hồ sơ sức khỏe", group="II")]


def opened(made: CycleWard, name: str, kind: str, outline: str = "") -> None:
    """A cycle that is not the year's last."""
    made.cycle_id = made.execute(StartCycle(plan_id=made.plan_id, name=name, year=made.year()), FOCAL)
    answered(made, kind, outline)


def answered(made: CycleWard, kind: str, outline: str = "") -> None:
    """The step in which the cycle at hand is opened."""
    made.do(
        "open_cycle", FOCAL, made.cycle_id, kind=kind, last_of_year=False,
        report_by=made.report_by.isoformat(), submit_by=made.submit_by.isoformat(), source="Công văn số 20/SKHCN",
        recipient="Sở Khoa học và Công nghệ", signer="chair", vice_chair=None, outline=outline,
    )  # fmt: skip


def closed(made: CycleWard) -> None:
    """As if the city had received it."""
    with made.ward.runtime.writing() as connection:
        connection.execute(sa.update(ReportingCycle.__table__).values(state="closed"))


def test_what_was_done_before_stands_in_every_later_report_of_the_year(ward: Ward) -> None:
    made = issue(ward, ROWS)
    opened(made, "Báo cáo nhanh", "ad_hoc")
    made.send("1", "khdt", result="Đã số hóa xong")
    made.take("1")
    case = made.case("1")
    with ward.runtime.writing() as connection:
        done = sa.update(TaskOccurrence.__table__).where(TaskOccurrence.__table__.c.id == case)
        connection.execute(done.values(state=OccurrenceState.DONE))
    made.cut_off(yte="Chưa có số liệu")
    closed(made)
    made.open_cycle("Cả năm")
    assert made.entries() == {"1": "taken", "2": "asked"}


def test_what_goes_on_past_a_day_of_its_own_is_counted_and_found_as_overdue(ward: Ward) -> None:
    made = issue(ward, ROWS)
    case, cases = made.case("1"), TaskOccurrence.__table__
    with ward.runtime.writing() as connection:
        dated = sa.update(cases).where(cases.c.id == case)
        connection.execute(dated.values(due_on=made.today() - timedelta(days=1), is_due_with_report=False))
    opened(made, "6 tháng", "half_year")
    made.do("execute", "khdt.cv1", case, outcome="in_progress", result="Được một nửa")
    made.do("unit_review", "khdt.truong", case, decision="approve")
    page = text_of(made.signed_in(FOCAL).get(f"/ke-hoach/{made.plan_id}?trang-thai=overdue"))
    assert "Chưa xong, quá hạn 1" in page
    assert "Số hóa hồ sơ đất đai" in page and "Hồ sơ sức khỏe" not in page


def supplements(made: CycleWard, ordinal: str) -> str | None:
    """For which cycle a report comes late that the one at hand takes."""
    name = sa.select(ReportingCycle.name).where(ReportingCycle.id == CycleEntry.supplements_id).scalar_subquery()
    return made.rows(sa.select(name).where(CycleEntry.id == made.entry(ordinal)))[0][0]


def test_who_missed_a_cycle_reports_a_supplement_in_the_next_and_only_there(ward: Ward) -> None:
    made = issue(ward, ROWS)
    opened(made, "6 tháng", "half_year")
    made.send("1", "khdt")
    made.take("1")
    made.cut_off(yte="Chưa có số liệu")
    closed(made)
    made.open_cycle("Cả năm")
    assert supplements(made, "2") == "6 tháng"
    made.send("2", "yte", result="Đã lập 3.000 hồ sơ")
    made.take("2")
    closed(made)
    opened(made, "Đột xuất", "ad_hoc")
    assert supplements(made, "2") is None


def test_the_letters_outline_gives_the_report_its_own_sections(ward: Ward) -> None:
    made = issue(ward, ROWS[:1])
    opened(made, "Đột xuất", "ad_hoc", outline="Tình hình nhân lực số\nKinh phí đã bố trí\n")
    made.send("1", "khdt")
    made.take("1")
    visitor, address = made.signed_in(FOCAL), f"/tong-hop/{made.cycle_id}"
    page = text_of(visitor.get(address))
    assert "Đề cương: Tình hình nhân lực số" in page
    answer = visitor.post(f"{address}/loi-van/{made.report_id()}", {"muc-1": "Có 12 cán bộ chuyên trách."})
    assert answer.status_code == 302
    said = written(made)
    assert "báo cáo kết quả thực hiện (đột xuất) như sau" in said
    assert "Kết quả thực hiện Kế hoạch số 45/KH-UBND" in text_of(visitor.get(f"{address}/trinh-ky"))
    assert "III. TÌNH HÌNH NHÂN LỰC SỐ Có 12 cán bộ chuyên trách." in said
    assert "KINH PHÍ ĐÃ BỐ TRÍ" not in said


def test_a_cycle_covers_what_its_kind_says(ward: Ward) -> None:
    made = issue(ward, ROWS[:1])
    opened(made, "Đột xuất", "ad_hoc")
    made.send("1", "khdt")
    made.take("1")
    year, today = made.year(), made.today()
    assert span(made, CycleKind.AD_HOC) == (date(year, 1, 1), today)
    assert span(made, CycleKind.MIDTERM) == (date(year, 1, 15), date(year, 12, 31))
    assert span(made, CycleKind.YEAR) == (date(year, 1, 1), date(year, 12, 31))
    half = span(made, CycleKind.HALF_YEAR)
    assert half[0] == (date(year, 7, 1) if today.month > 7 else date(year, 1, 1))


def span(made: CycleWard, kind: CycleKind) -> tuple[date, date]:
    with made.ward.runtime.reading() as connection, Session(connection) as read:
        cycle = read.get_one(ReportingCycle, made.cycle_id)
        cycle.kind = kind
        with read.no_autoflush:
            report = read.get_one(ConsolidatedReport, made.report_id())
            period = consolidated_data(read, report, made.today()).period
        return period.starts, period.ends


def test_a_quarters_report_says_the_quarter_and_leaves_the_years_own_to_come(ward: Ward) -> None:
    made = issue(ward, ROWS[:1])
    year, visitor = made.year(), made.signed_in(FOCAL)
    name = f"Quý II năm {year}"
    begun = visitor.post("/ky-bao-cao/mo", {"plan_id": str(made.plan_id), "name": name, "year": str(year)})
    made.settle()
    form = visitor.get(f"{begun.location}/mo-ky").get_data(as_text=True)
    assert '<option value="quarter" selected>' in form
    assert not re.search(r'name="last_of_year"[^>]* checked', form), "The tasks go on after it."
    made.cycle_id = UUID(begun.location.rpartition("/")[2])
    answered(made, "quarter")
    made.send("1", "khdt")
    made.take("1")
    assert f"báo cáo kết quả thực hiện quý II năm {year} như sau" in written(made)
    for kind in (CycleKind.QUARTER, CycleKind.AD_HOC):
        assert span(made, kind) == (date(year, 4, 1), date(year, 6, 30))


def test_the_board_is_seen_by_person_by_group_and_by_state(ward: Ward) -> None:
    made = issue(ward, ROWS)
    made.open_cycle()
    made.send("1", "khdt")
    visitor, address = made.signed_in(FOCAL), f"/ky-bao-cao/{made.cycle_id}"
    by_group = text_of(visitor.get(f"{address}?xem=nhom"))
    assert "II. Nhóm nhiệm vụ II 0/1 II.2 · Trạm Y tế Hồ sơ sức khỏe: Chưa gửi" in by_group
    by_state = text_of(visitor.get(f"{address}?xem=trang-thai"))
    assert "Chờ kiểm tra 1 I.1 · Phòng KT-HT-ĐT Số hóa hồ sơ đất đai: Đã gửi, chờ kiểm tra" in by_state
    assert "Trạm Y tế 0/1" in text_of(visitor.get(f"{address}?xem=nguoi"))
