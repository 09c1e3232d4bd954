"""An appendix that comes later: held against what the body offered, merged as a person says; running cases go on."""

import io

import sqlalchemy as sa

from engine.scheduler import settle
from tests.web.plan_wards import confirm, imported, plan_file, plan_id_of, plan_row, tasks, units
from tests.web.test_plans import issued
from tests.web.wards import Visitor, Ward, text_of
from webapp.plans.models import OccurrenceState, PlanState, PlanTask, PlanTaskState, TaskOccurrence, UnitPart

APPENDIX = (
    ("I", "Chuyển đổi số", "", "", "", ""),
    ("1", "Niêm yết thủ tục bằng mã QR tại nhà văn hóa", "Trung tâm Phục vụ hành chính công", "Công an phường",
     "Hằng năm", "Báo cáo"),
    ("2", "Dạy tin học cho người cao tuổi", "Đoàn Thanh niên phường", "", "Hằng năm", "Báo cáo"),
)  # fmt: skip


def attach(visitor: Visitor, address: str, content: bytes, name: str = "phu-luc.txt"):
    values = {"file": (io.BytesIO(content), name)}
    answer = visitor.post(f"{address}/phu-luc", values, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()
    return answer


def rows_of(ward: Ward, address: str) -> dict[str, PlanTask]:
    """The rows of a plan that are in, by content."""
    return {row.content: row for row in all_rows(ward, address) if row.state is not PlanTaskState.CANCELLED}


def appendix() -> bytes:
    return plan_file(APPENDIX, head="PHỤ LỤC\n")


def test_rows_of_a_draft_become_one_with_those_of_the_appendix(ward: Ward) -> None:
    visitor, address = imported(ward)
    assert "Kèm phụ lục" in text_of(visitor.get(f"{address}/xem-truoc"))
    gone = f"{address}/nhiem-vu/{tasks(ward, address)['I.2'].id}/trang-thai"
    visitor.post(gone, {"state": "cancelled", "note": "Trùng"})
    answer = attach(visitor, address, appendix())
    assert answer.location == f"{address}/phu-luc"
    assert "Lập hồ sơ sức khỏe" not in text_of(visitor.get(answer.location)), "It is not in."
    visitor.post(gone, {"state": "draft"})
    page = visitor.get(answer.location)
    assert "có 2 dòng" in text_of(page)
    rows = {row.content: row for row in all_rows(ward, address)}
    qr, health = rows["Niêm yết thủ tục bằng mã QR"], rows["Lập hồ sơ sức khỏe điện tử"]
    new = rows["Niêm yết thủ tục bằng mã QR tại nhà văn hóa"]
    assert f'value="{new.id}" selected' in page.get_data(as_text=True)  # Alike, so proposed.
    assert page.get_data(as_text=True).count('value="drop" selected') == 0
    assert visitor.get(f"{answer.location}?con-lai=drop").get_data(as_text=True).count('value="drop" selected') == 1
    visitor.post(f"{address}/phu-luc/gop", {f"row-{qr.id}": str(new.id), f"row-{health.id}": "keep"})
    left = rows_of(ward, address)
    assert sorted(left) == [
        "Dạy tin học cho người cao tuổi", "Lập hồ sơ sức khỏe điện tử", "Niêm yết thủ tục bằng mã QR tại nhà văn hóa",
    ]  # fmt: skip
    assert tasks(ward, address)["II.1"].content == "Lập hồ sơ sức khỏe điện tử"  # Behind the appendix.
    (out,) = [row for row in all_rows(ward, address) if row.state is PlanTaskState.CANCELLED]
    assert out.state_note == "Nhập vào I.1 của phụ lục"
    merged = ward.facts("AppendixMerged")[0]
    assert (merged.joined, merged.kept, merged.dropped) == (1, 1, 0)


def all_rows(ward: Ward, address: str):
    query = sa.select(PlanTask.__table__).where(PlanTask.plan_id == plan_id_of(address))
    return ward.rows(query.order_by(PlanTask.position))


def test_what_people_decided_in_a_row_goes_on_where_the_appendix_names_nobody(ward: Ward) -> None:
    visitor, address = imported(ward)
    silent = plan_file((APPENDIX[0], (*APPENDIX[1][:2], "", "", *APPENDIX[1][4:])), head="PHỤ LỤC\n")
    attach(visitor, address, silent)
    rows = {row.content: row.id for row in all_rows(ward, address)}
    to = rows["Niêm yết thủ tục bằng mã QR tại nhà văn hóa"]
    visitor.post(f"{address}/phu-luc/gop", {f"row-{rows['Niêm yết thủ tục bằng mã QR']}": str(to)})
    assert units(ward, to, UnitPart.LEAD) == ["TT PVHCC"]


def test_an_issued_plan_gets_a_draft_that_replaces_it_and_its_cases_go_on(ward: Ward) -> None:
    visitor, old = issued(ward)
    running = dict(ward.rows(sa.select(PlanTask.content, TaskOccurrence.id).join(PlanTask)))
    draft = attach(visitor, old, appendix()).location.removesuffix("/phu-luc")
    assert draft != old
    assert plan_row(ward, draft).replaces_id == plan_id_of(old)
    assert plan_row(ward, draft).number == plan_row(ward, old).number
    page = text_of(visitor.get(f"{draft}/phu-luc"))
    assert "Đang thực hiện" in page
    rows = {row.content: row.id for row in all_rows(ward, draft)}
    qr, health = (rows[name] for name in ("Niêm yết thủ tục bằng mã QR", "Lập hồ sơ sức khỏe điện tử"))
    new = rows["Niêm yết thủ tục bằng mã QR tại nhà văn hóa"]
    twice = visitor.post(f"{draft}/phu-luc/gop", {f"row-{qr}": str(new), f"row-{health}": str(new)})
    assert twice.status_code == 422
    assert "Mỗi dòng phụ lục chỉ nối với một dòng" in text_of(twice)
    assert visitor.post(f"{draft}/phu-luc/gop", {f"row-{qr}": str(new), f"row-{health}": "drop"}).status_code == 302
    assert confirm(ward, visitor, draft, number="46/KH-UBND").status_code == 302
    assert visitor.post(f"{draft}/giao-viec").status_code == 302
    with ward.app.app_context():
        settle(ward.runtime)
    states = dict(ward.rows(sa.select(TaskOccurrence.id, TaskOccurrence.state)))
    assert states[running["Lập hồ sơ sức khỏe điện tử"]] is OccurrenceState.CANCELLED
    moved = ward.rows(sa.select(PlanTask.content, TaskOccurrence.plan_id).join(
        PlanTask).where(TaskOccurrence.id == running["Niêm yết thủ tục bằng mã QR"]))  # fmt: skip
    assert moved == [("Niêm yết thủ tục bằng mã QR tại nhà văn hóa", plan_id_of(draft))]
    assert plan_row(ward, old).state is PlanState.CLOSED


def test_what_is_no_appendix_or_comes_twice_is_refused(ward: Ward) -> None:
    visitor, address = imported(ward)
    assert "Chưa chọn tệp" in text_of(visitor.post(f"{address}/phu-luc"))
    nothing = attach(visitor, address, "Kính gửi các đơn vị.\n".encode())
    assert nothing.status_code == 422
    assert len(all_rows(ward, address)) == 2
    assert attach(visitor, address, b"\xff\xfe\x00", "anh.jpg").status_code == 422
    attach(visitor, address, appendix())
    assert "Tệp này đã được kèm" in text_of(attach(visitor, address, appendix(), "ten-khac.txt"))
    assert len(all_rows(ward, address)) == 4
    row = all_rows(ward, address)[0].id
    for value in ("x", str(row), str(ward.unit("yte"))):
        assert visitor.post(f"{address}/phu-luc/gop", {f"row-{row}": value}).status_code == 404
    assert visitor.post(f"{address}/phu-luc/gop", {"row-x": "drop"}).status_code == 302
    confirm(ward, visitor, address)
    assert "mở lại bản nháp" in text_of(attach(visitor, address, appendix())).lower()
    assert ward.signed_in("yte.truong").get(f"{address}/phu-luc").status_code == 403
