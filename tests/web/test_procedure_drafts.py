"""Drafts of procedures over HTTP: opened, saved against each other, checked, deployed, thrown away without loss."""

import re
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from engine.models import ProcessDefinition
from tests.web.wards import Visitor, Ward, text_of
from webapp.accounts.passwords import hash_secret
from webapp.demo.organisation import PASSWORD
from webapp.organisation.commands.people import AddPerson, HeldDesk, NewPerson
from webapp.organisation.models import Membership, Role
from webapp.procedures.bundles import deploy_shipped, shipped_diagram
from webapp.procedures.models import ProcedureDraftForm, ReplacedDraft

KEY = "difficulty"
SOURCE = shipped_diagram(KEY)
RENAMED = SOURCE.replace("Khó khăn, vướng mắc".encode(), "Khó khăn của đơn vị".encode())
BROKEN = SOURCE.replace(b'name="form" value="', b'name="form" value="no_')


@pytest.fixture
def procedures(ward: Ward) -> Ward:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    return ward


@pytest.fixture
def admin(procedures: Ward) -> Visitor:
    visitor = procedures.signed_in("quantri")
    visitor.post(f"/quy-trinh/{KEY}/ban-nhap")
    return visitor


def send(visitor: Visitor, what: str, source: bytes, **fields: Any) -> TestResponse:
    data = {"source": (BytesIO(source), "draft.bpmn"), **fields}
    return visitor.post(
        f"/quy-trinh/{KEY}/ban-nhap/{what}", data, headers={"Accept": "application/json"},
        content_type="multipart/form-data",
    )  # fmt: skip


def save(visitor: Visitor, version: int, source: bytes, **fields: Any) -> TestResponse:
    return send(visitor, "luu", source, version=version, **fields)


def content(visitor: Visitor) -> dict[str, Any]:
    found: dict[str, Any] = visitor.get(f"/quy-trinh/{KEY}/ban-nhap.json").get_json()
    return found


def second_admin(ward: Ward) -> Visitor:
    """Another administrator."""
    unit = ward.rows(sa.select(Membership.unit_id).where(Membership.role == Role.ADMIN))[0][0]
    desks = (HeldDesk(unit, Role.ADMIN),)
    person = NewPerson(name="Lê Thị Hai", username="hai", desks=desks, password_hash=hash_secret(PASSWORD))
    ward.execute(AddPerson(person=person))
    return ward.signed_in("hai")


def versions(ward: Ward) -> list[tuple[int, str]]:
    rows = ward.rows(
        sa.select(ProcessDefinition.version, ProcessDefinition.reason)
        .where(ProcessDefinition.key == KEY)
        .order_by(ProcessDefinition.version)
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


def test_a_draft_begins_as_the_version_in_force(admin: Visitor) -> None:
    draft = content(admin)
    assert draft["source"].encode() == SOURCE
    forms = {form["id"]: form for form in draft["forms"]}
    assert forms["difficulty_answer"]["own"]
    assert not forms["sign"]["own"]
    decision = next(field for field in forms["difficulty_answer"]["fields"] if field["key"] == "decision")
    assert {"value": "forward"}.items() <= decision["options"][1].items() or len(decision["options"]) > 1
    page = admin.get(f"/quy-trinh/{KEY}/sua")
    assert "data-procedure-editor" in page.get_data(as_text=True)
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]


def test_what_is_drawn_is_kept_and_opened_again(admin: Visitor) -> None:
    assert save(admin, 1, RENAMED).get_json()["version"] == 2
    admin.post(f"/quy-trinh/{KEY}/ban-nhap")  # Opening it again begins nothing anew.
    assert content(admin)["source"].encode() == RENAMED
    assert "Có bản nháp" in text_of(admin.get("/quy-trinh"))


def test_two_administrators_are_told_of_each_other_and_nothing_is_lost(procedures: Ward, admin: Visitor) -> None:
    other = second_admin(procedures)
    other.post(f"/quy-trinh/{KEY}/ban-nhap/co-mat")
    seen = admin.post(f"/quy-trinh/{KEY}/ban-nhap/co-mat").get_json()
    assert len(seen["others"]) == 1
    save(other, 1, RENAMED)
    refused = save(admin, 1, SOURCE + b"<!-- mine -->")
    assert refused.status_code == 409
    told = refused.get_json()
    assert (told["version"], told["saved_by"]) == (2, seen["others"][0])
    assert content(admin)["source"].encode() == RENAMED
    assert save(admin, 1, SOURCE + b"<!-- mine -->", force="1").get_json()["version"] == 3
    assert procedures.rows(sa.select(ReplacedDraft.source)) == [(RENAMED,)]
    kept = re.search(r"/quy-trinh/ban-nhap-cu/[^\"]+", admin.get(f"/quy-trinh/{KEY}").get_data(as_text=True))
    assert kept
    assert admin.get(kept[0]).data[:2] == b"PK"


def test_a_page_of_a_draft_that_is_gone_changes_nothing_of_the_next_one(procedures: Ward, admin: Visitor) -> None:
    other, mine = second_admin(procedures), content(admin)["draft"]
    review = f"/quy-trinh/{KEY}/trien-khai"
    deploying = {"version": "1", "draft": mine, "reason": "Đã xem bản cũ", "despite": "1"}
    other.post(f"/quy-trinh/{KEY}/ban-nhap/bo")
    other.post(f"/quy-trinh/{KEY}/ban-nhap")
    theirs = content(other)
    assert theirs["version"] == 1, "The same number as that of the draft before."
    refused = save(admin, 1, RENAMED, draft=mine)
    assert (refused.status_code, "vừa được triển khai hoặc bỏ đi" in refused.get_json()["message"]) == (404, True)
    assert save(admin, 1, RENAMED, draft=mine, force="1").status_code == 404
    assert [
        admin.post(address, deploying).status_code
        for address in (f"/quy-trinh/{KEY}/ban-nhap/co-mat", f"/quy-trinh/{KEY}/ban-nhap/bo", review)
    ] == [404, 404, 404]
    assert content(other) == theirs
    assert save(admin, 1, RENAMED, draft=theirs["draft"]).status_code == 200


def test_findings_come_while_drawing_and_change_nothing(admin: Visitor) -> None:
    findings = send(admin, "kiem-tra", BROKEN).get_json()["findings"]
    assert {finding["code"] for finding in findings} == {"unknown-form"}
    assert all(finding["element"] and "chọn biểu mẫu khác" in finding["message"] for finding in findings)
    assert send(admin, "kiem-tra", SOURCE).get_json()["findings"] == []
    assert content(admin)["source"].encode() == SOURCE


def test_the_key_of_a_draft_stays(admin: Visitor) -> None:
    other = SOURCE.replace(b'<bpmn:process id="difficulty"', b'<bpmn:process id="another"')
    assert save(admin, 1, other).status_code == 400
    codes = {finding["code"] for finding in send(admin, "kiem-tra", other).get_json()["findings"]}
    assert "other-procedure" in codes


def test_a_step_at_an_empty_desk_and_one_due_too_late_are_told(admin: Visitor) -> None:
    lost = SOURCE.replace(b"focal@focal", b"clerk@focal")
    codes = {finding["code"] for finding in send(admin, "kiem-tra", lost).get_json()["findings"]}
    assert "nobody-at-desk" in codes
    of_leaders = send(admin, "kiem-tra", SOURCE.replace(b"focal@focal", b"clerk@lead")).get_json()["findings"]
    said = "văn thư chỉ có ở lãnh đạo UBND; giao bước cho bộ phận khác."
    assert any(said in found["message"] for found in of_leaders if found["code"] == "nobody-at-desk")
    of_nobody = send(admin, "kiem-tra", SOURCE.replace(b"focal@focal", b"head@coordinator")).get_json()["findings"]
    said = "hồ sơ của quy trình này không có đơn vị phối hợp; giao bước cho bộ phận khác."
    assert any(said in found["message"] for found in of_nobody if found["code"] == "nobody-at-desk")
    late = SOURCE.replace(b'value="working_days(3)"', b'value="end_of(deadline, 2)"', 1)
    found = send(admin, "kiem-tra", late).get_json()["findings"]
    assert [f["element"] for f in found if f["code"] == "past-deadline"] == ["focal_answer"]
    told = SOURCE.replace(b"0wd 08:00 holder;", b"0wd 08:00 holder clerk@focal;", 1)
    found = send(admin, "kiem-tra", told).get_json()["findings"]
    assert [f["code"] for f in found] == ["nobody-to-remind"]


def test_a_step_longer_than_the_cycle_is_told(admin: Visitor) -> None:
    admin.post("/quy-trinh/report_cycle/ban-nhap")
    cycle = shipped_diagram("report_cycle")
    long = cycle.replace(b'name="due" value="working_days(2)"', b'name="due" value="working_days(40)"', 1)
    data = {"source": (BytesIO(long), "draft.bpmn")}
    answer = admin.post("/quy-trinh/report_cycle/ban-nhap/kiem-tra", data, content_type="multipart/form-data")
    (finding,) = answer.get_json()["findings"]
    assert (finding["code"], finding["element"]) == ("past-deadline", "open_cycle")


@pytest.mark.parametrize(("due", "late"), [("end_of(report_by, 3)", []), ("end_of(report_by, 30)", ["open_cycle"])])
def test_in_a_cycle_a_step_after_the_units_day_is_late_only_beyond_the_wards(
    admin: Visitor, due: str, late: list[str]
) -> None:
    admin.post("/quy-trinh/report_cycle/ban-nhap")
    changed = shipped_diagram("report_cycle").replace(b'value="working_days(2)"', f'value="{due}"'.encode(), 1)
    data = {"source": (BytesIO(changed), "draft.bpmn")}
    answer = admin.post("/quy-trinh/report_cycle/ban-nhap/kiem-tra", data, content_type="multipart/form-data")
    found = answer.get_json()["findings"]
    assert [finding["element"] for finding in found if finding["code"] == "past-deadline"] == late


def test_what_is_wrong_with_a_form_stands_on_its_step(admin: Visitor, procedures: Ward) -> None:
    broken = sa.update(ProcedureDraftForm).values(source=b'{"components": 1}')
    with procedures.runtime.writing() as connection:
        connection.execute(broken.where(ProcedureDraftForm.form_id == "difficulty_answer"))
    found = send(admin, "kiem-tra", SOURCE).get_json()["findings"]
    assert [f["element"] for f in found if f["code"] == "form-invalid"] == ["focal_answer"]


# --- deploying ---


def test_deploying_shows_the_changes_and_asks_for_a_reason(procedures: Ward, admin: Visitor) -> None:
    save(admin, 1, RENAMED)
    page = text_of(admin.get(f"/quy-trinh/{KEY}/trien-khai"))
    assert "Thay đổi so với phiên bản 1" in page
    assert "Khó khăn của đơn vị" in page
    refused = admin.post(f"/quy-trinh/{KEY}/trien-khai", {"version": "2", "reason": " "})
    assert refused.status_code == 422
    assert "Chưa nhập lý do triển khai." in text_of(refused)
    done = admin.post(f"/quy-trinh/{KEY}/trien-khai", {"version": "2", "reason": "Tên dễ hiểu"}, follow_redirects=True)
    assert "Đã triển khai “Khó khăn của đơn vị”." in text_of(done)
    assert versions(procedures) == [(1, "Quy trình kèm theo sản phẩm"), (2, "Tên dễ hiểu")]
    assert procedures.facts("DefinitionDeployed")
    assert admin.get(f"/quy-trinh/{KEY}/sua").status_code == 404


def test_errors_keep_a_draft_from_being_deployed(procedures: Ward, admin: Visitor) -> None:
    save(admin, 1, BROKEN)
    refused = admin.post(f"/quy-trinh/{KEY}/trien-khai", {"version": "2", "reason": "Thử"})
    assert refused.status_code == 422
    assert "Sơ đồ còn lỗi" in text_of(refused)
    assert len(versions(procedures)) == 1


def test_what_was_saved_after_looking_is_not_deployed(procedures: Ward, admin: Visitor) -> None:
    save(admin, 1, RENAMED)
    refused = admin.post(f"/quy-trinh/{KEY}/trien-khai", {"version": "1", "reason": "Thử"})
    assert "Bản nháp vừa được lưu thêm" in text_of(refused)
    assert len(versions(procedures)) == 1


def test_going_back_deploys_the_earlier_version_anew(procedures: Ward, admin: Visitor) -> None:
    save(admin, 1, RENAMED)
    admin.post(f"/quy-trinh/{KEY}/trien-khai", {"version": "2", "reason": "Đổi tên"})
    first = procedures.rows(
        sa.select(ProcessDefinition.id).where(ProcessDefinition.key == KEY, ProcessDefinition.version == 1)
    )[0][0]
    refused = admin.post(f"/quy-trinh/{first}/dung-lai", {"reason": ""})
    assert len(versions(procedures)) == 2
    restored = admin.post(f"/quy-trinh/{first}/dung-lai", {"reason": "Tên cũ đúng hơn"})
    assert (refused.location, restored.location) == (f"/quy-trinh/{KEY}", f"/quy-trinh/{KEY}")
    assert versions(procedures)[2] == (3, "Tên cũ đúng hơn")
    twice = admin.post(f"/quy-trinh/{first}/dung-lai", {"reason": "Tên cũ đúng hơn"}, follow_redirects=True)
    assert "Phiên bản đang áp dụng đã giống hệt bản này." in text_of(twice)
    assert len(versions(procedures)) == 3
    sources = procedures.rows(
        sa.select(ProcessDefinition.source).where(ProcessDefinition.key == KEY).order_by(ProcessDefinition.version)
    )
    assert sources[2] == sources[0]


def test_a_draft_thrown_away_is_kept_aside(procedures: Ward, admin: Visitor) -> None:
    save(admin, 1, RENAMED)
    answer = admin.post(f"/quy-trinh/{KEY}/ban-nhap/bo", follow_redirects=True)
    assert "Đã bỏ bản nháp." in text_of(answer)
    assert procedures.rows(sa.select(ReplacedDraft.source)) == [(RENAMED,)]


def test_only_administrators_change_procedures(procedures: Ward, admin: Visitor) -> None:
    visitor = procedures.signed_in("vhxh.tonghop")
    page = visitor.get(f"/quy-trinh/{KEY}")
    assert page.status_code == 200
    assert "Mở bản nháp" not in text_of(page)
    assert visitor.get(f"/quy-trinh/{KEY}/sua").status_code == 403
    assert save(visitor, 1, RENAMED).status_code == 403
    assert content(admin)["source"].encode() == SOURCE
