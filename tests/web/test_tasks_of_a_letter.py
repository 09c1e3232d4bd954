"""Tasks that a letter gives, without an appendix: by the sheet that is offered where plans are imported."""

import io
import re
from datetime import date

from openpyxl import load_workbook

from tests.web.plan_wards import EASY, FOCAL, HEAD, confirm, plan_file, tasks, units, upload
from tests.web.wards import Ward, text_of
from webapp.plans.models import UnitPart


def test_the_sheet_that_is_offered_is_read_and_its_tasks_are_given(ward: Ward) -> None:
    visitor = ward.signed_in(FOCAL)
    offered = re.search(r'href="([^"]+)">tải bảng mẫu', visitor.get("/ke-hoach/nhap").get_data(as_text=True))
    assert offered
    book = load_workbook(io.BytesIO(visitor.get(offered[1]).data))
    year = ward.now().year + 1
    until = f"Trước ngày 01/12/{year}"
    asked = ("1", "Rà soát hộ kinh doanh", "Trạm Y tế", "Công an phường", until, "Danh sách", "Gấp")
    book.worksheets[0].append(asked)
    filled = io.BytesIO()
    book.save(filled)
    address = upload(visitor, filled.getvalue(), "cong-van.xlsx").location.removesuffix("/xem-truoc")
    [task] = tasks(ward, address).values()
    read = (task.content, task.due_on, task.product_text, task.note)
    assert read == ("Rà soát hộ kinh doanh", date(year, 11, 30), "Danh sách", "Gấp")
    assert [units(ward, task.id, part) for part in UnitPart] == [["Trạm Y tế"], [], ["Công an"]]
    assert "Không còn dòng nào cần xem lại." in text_of(visitor.get(f"{address}/xem-truoc"))
    assert confirm(ward, visitor, address, number="512/UBND-VHXH").status_code == 302
    assert "Giao 1 việc" in text_of(visitor.get(f"{address}/giao-viec"))


def test_a_report_without_a_day_is_not_said_to_have_one_filled_in(ward: Ward) -> None:
    plan = plan_file(EASY, HEAD + "Tổ chức sơ kết việc thực hiện Kế hoạch vào năm 2028.\n")
    visitor = ward.signed_in(FOCAL)
    page = text_of(visitor.get(upload(visitor, plan).location))
    assert "đặt lịch sau khi xác nhận, hạn ghi trong kế hoạch được điền sẵn. Sơ kết năm 2028: chưa ghi hạn." in page
