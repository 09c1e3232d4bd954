"""A long file is read in the background: its pages are told, then it is a draft, or the reason why not."""

import io
import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from engine.scheduler import settle
from tests.plans.makers import to_excel, to_pdf
from tests.web.plan_wards import EASY, FOCAL, imported, plan_file, plan_id_of, plan_row, tasks, upload
from tests.web.wards import Visitor, Ward, text_of
from webapp.plans.appendices import AttachAppendix
from webapp.plans.importing import ImportPlan
from webapp.plans.models import PlanState
from webapp.plans.reading import read_plan
from webapp.plans.receiving import TellPages

PDF = to_pdf(plan_file(EASY).decode())


@pytest.fixture(autouse=True)
def _every_pdf_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.plans.views.importing.LONG_PDF", 10)


def work(ward: Ward) -> None:
    with ward.app.app_context():
        settle(ward.runtime)


def once_more(ward: Ward, address: str, attach_to: UUID | None = None) -> UUID:
    """A worker that was taken for dead ends after the one that did its work again; the plan that it made."""
    made: dict[str, Any] = {"reading": read_plan("ke-hoach.pdf", PDF), "file_name": "ke-hoach.pdf", "file_id": uuid4()}
    made["received_id"] = UUID(address.rpartition("/")[2])
    attach = AttachAppendix(**made, plan_id=attach_to, digest="") if attach_to else None
    return ward.execute(attach or ImportPlan(**made))


def test_a_long_file_becomes_a_draft_while_its_sender_waits_elsewhere(ward: Ward) -> None:
    visitor = ward.signed_in(FOCAL)
    assert "tải lên xong là rời trang được" in text_of(visitor.get("/ke-hoach/nhap"))
    address = upload(visitor, PDF, "ke-hoach.pdf").location
    page = text_of(visitor.get(address))
    assert "Đang đọc ke-hoach.pdf" in page
    work(ward)
    answer = visitor.get(address)
    assert answer.status_code == 302
    part = visitor.get(address, headers={"HX-Request": "true"})
    assert answer.location in part.get_data(as_text=True)
    assert b"hx-trigger" not in part.data  # Asking on while the draft is on its way would ask for it again and again.
    draft = answer.location.removesuffix("/xem-truoc")
    assert once_more(ward, address) == plan_id_of(draft)
    assert list(tasks(ward, draft)) == ["I.1", "I.2"]
    plan = plan_row(ward, draft)
    assert (plan.state, plan.file_name) == (PlanState.DRAFT, "ke-hoach.pdf")
    assert plan.created_by is not None
    assert [fact.file_name for fact in ward.facts("PlanReceived")] == ["ke-hoach.pdf"]


def test_many_rows_that_pack_small_are_long_too(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.plans.views.importing.LONG_ROWS", 20_000)
    rows = tuple((str(n), f"Nhiệm vụ thứ {n}", "Trạm Y tế phường", "", "2040", "Báo cáo") for n in range(1, 101))
    content = to_excel(plan_file(rows).decode())
    assert len(content) < 20_000
    visitor = ward.signed_in(FOCAL)
    page = text_of(visitor.get(upload(visitor, content, "ke-hoach.xlsx").location))
    assert "Đang đọc ke-hoach.xlsx" in page


def appendix(visitor: Visitor, plan: str, content: bytes = PDF) -> str:
    """The address at which the progress of a long appendix is told."""
    values = {"file": (io.BytesIO(content), "phu-luc.pdf")}
    answer = visitor.post(f"{plan}/phu-luc", values, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()
    assert answer.location is not None
    return answer.location


def test_a_long_appendix_is_attached_while_its_sender_waits_elsewhere(ward: Ward) -> None:
    visitor, plan = imported(ward)
    address = appendix(visitor, plan)
    page = text_of(visitor.get(address))
    assert "Đọc phụ lục" in page and "Đang đọc" in page and "bản nháp của kế hoạch" in page
    work(ward)
    assert visitor.get(address).location == f"{plan}/phu-luc"
    assert once_more(ward, address, plan_id_of(plan)) == plan_id_of(plan)
    assert "có 2 dòng" in text_of(visitor.get(f"{plan}/phu-luc"))
    again = appendix(visitor, plan)
    work(ward)
    page = text_of(visitor.get(again))
    assert "Chưa kèm được phụ lục" in page and "đã được kèm" in page
    assert len(ward.facts("AppendixAttached")) == 1


def test_its_pages_are_told(ward: Ward) -> None:
    visitor = ward.signed_in(FOCAL)
    address = upload(visitor, PDF, "ke-hoach.pdf").location
    received = re.search(r"[0-9a-f-]{36}", address)
    assert received is not None
    ward.execute(TellPages(received_id=UUID(received[0]), done=3, pages=120))
    assert "3/120 trang" in text_of(visitor.get(address, headers={"HX-Request": "true"}))


def test_a_file_that_cannot_be_read_says_why(ward: Ward) -> None:
    visitor = ward.signed_in(FOCAL)
    address = upload(visitor, b"%PDF-1.7\n" * 5, "hong.pdf").location
    work(ward)
    page = text_of(visitor.get(address))
    assert "Tệp PDF bị hỏng" in page and "Chọn tệp khác" in page
    assert ward.facts("PlanImported") == []


def test_nobody_sees_the_reading_of_a_file_that_is_not_there(ward: Ward) -> None:
    assert ward.signed_in(FOCAL).get(f"/ke-hoach/nhap/{uuid4()}").status_code == 404
