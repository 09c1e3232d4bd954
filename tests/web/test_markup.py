"""What people enter stays text, whatever it looks like, on every page that shows it."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from tests.support.proofs import is_thorough
from tests.web.demo_wards import USERNAMES, WorkingWard
from tests.web.permission_table import HEAD, table
from tests.web.refusals import BY_SCRIPT, upload
from tests.web.wards import text_of
from webapp.plans.models import Plan, PlanTask

MARKUP = "\"'><img src=x onerror=alert(1)><script>alert(1)</script>{{7*7}}"


@pytest.fixture(scope="module")
def marked(at_work: WorkingWard) -> WorkingWard:
    """Markup wherever somebody can enter a text: names, reasons, comments, drafts, files, rows of a plan."""
    admin, officer = at_work.at("quantri"), at_work.at("th.vanthu")
    case = at_work.case("II.3", "th")
    step = at_work.step("execute", case)
    told = [
        admin.post(
            f"/don-vi/{at_work.unit('phunu')}",
            {"name": f"Hội {MARKUP}", "short_name": MARKUP[:50], "kind": "association", "position": "9"},
        ),
        admin.post(
            f"/nguoi-dung/{at_work.person('phunu.cv1')}",
            {
                "name": f"Người {MARKUP}"[:100], "username": "phunu.cv1", "email": "phunu.cv1@haidong.example",
                "memberships-0-unit_id": str(at_work.unit("phunu")), "memberships-0-role": "staff",
                "memberships-0-title": MARKUP,
            },
        ),
        officer.post(f"/ho-so/{case}/trao-doi", {"text": MARKUP}),
        officer.post(f"/ho-so/{case}/gui/difficulty_raised", {"content": MARKUP, "recommendation": MARKUP}),
        at_work.at("th.truong").post(
            "/hop-viec/giao", {"viec": str(step), "nguoi": str(at_work.person("th.vanthu")), "ly_do": MARKUP}
        ),
        at_work.at("chutich").post(
            "/vang-mat/moi",
            {"from_day": f"{at_work.now():%d/%m/%Y}", "to_day": f"{at_work.now():%d/%m/%Y}", "reason": MARKUP,
             "proxy_id": str(at_work.person("pct.kt"))},
        ),
        upload(at_work.at("vhxh.tonghop"), "/ke-hoach/nhap", "a'><img src=x>.txt", plan_with_markup()),
    ]  # fmt: skip
    assert [answer.status_code for answer in told] == [302] * len(told)
    assert officer.post(f"/viec/{step}/nhap", {"result": MARKUP}, headers=BY_SCRIPT).status_code == 200
    file = upload(officer, f"/tep?viec={step}", "<img src=x onerror=alert(1)>.txt", "Văn bản thường.".encode())
    assert file.status_code == 201
    return at_work


def plan_with_markup() -> bytes:
    row = "\t".join(("1", MARKUP, MARKUP, MARKUP, f"Hằng năm {MARKUP}", MARKUP))
    head = "STT\tNội dung\tĐơn vị chủ trì\tĐơn vị phối hợp\tThời gian thực hiện\tSản phẩm"
    return f"KẾ HOẠCH\n\nNâng cao {MARKUP}\n\nPHỤ LỤC\n{head}\nI\t{MARKUP}\t\t\t\t\n{row}\n".encode()


def pages(ward: WorkingWard, *, each_role: bool) -> Iterator[tuple[str, TestResponse]]:
    """Every page that somebody sees, with the ids of what is there: as each role that may, or as the first one."""
    case = ward.case("II.3", "th")
    plans = [id_ for (id_,) in ward.rows(sa.select(Plan.id))]
    tasks = [id_ for (id_,) in ward.rows(sa.select(PlanTask.id).where(PlanTask.content.contains("onerror")))]
    known: dict[str, list[object]] = {
        "instance_id": [case, ward.cycle_id()], "user_task_id": [ward.step("execute", case)], "plan_id": plans,
        "task_id": tasks, "cycle_id": [ward.cycle_id()],
        "unit_id": [ward.unit("th"), ward.unit("phunu")], "person_id": [ward.person("phunu.cv1")],
        "element_id": ["extension_requested"],
    }  # fmt: skip
    for what, name, *row in table(ward.app):
        method, _, rule = name.partition(" ")
        if what == "route" and method == "GET":
            those = [username for role, username in USERNAMES.items() if row[HEAD.index(str(role)) - 2]]
            for username in those if each_role else those[:1]:
                for address in filled(rule, known):
                    yield address, ward.at(username).get(address)
    for username in ("th.vanthu", "th.truong", "phunu.truong", "pct.kt"):
        for address in ("/hop-viec", "/thong-bao", f"/viec/{known['user_task_id'][0]}", f"/ho-so/{case}", "/vang-mat"):
            yield address, ward.at(username).get(address)


def filled(rule: str, known: dict[str, list[object]]) -> list[str]:
    found = re.search(r"<(?:\w+:)?(\w+)>", rule)
    if found is None:
        return [rule]
    choices = [rule.replace(found[0], str(value)) for value in known.get(found[1], ())]
    return [address for choice in choices for address in filled(choice, known)]


def test_markup_that_somebody_entered_stays_text(marked: WorkingWard, pytestconfig: pytest.Config) -> None:
    seen = set()
    for address, answer in pages(marked, each_role=is_thorough(pytestconfig)):
        assert answer.status_code in (200, 302, 403, 404, 409), address
        body = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        assert "<img src=x" not in body, address
        assert "<script>alert" not in body, address
        assert "onerror=alert(1)>" not in body, address
        if "onerror=alert(1)" in body:
            seen.add(re.sub(r"[0-9a-f-]{36}", "…", address))
        answer.close()
    assert {"/don-vi", "/nguoi-dung", "/ho-so/…", "/viec/…", "/vang-mat", "/ke-hoach/…/xem-truoc"} <= seen


def test_a_template_in_a_name_is_not_carried_out(marked: WorkingWard) -> None:
    page = marked.at("quantri").get("/don-vi").get_data(as_text=True)
    assert "{{7*7}}" in page


@pytest.mark.parametrize("search", ["%", "_", "\\", "%%%", "a_b", "' OR 1=1 --"])
def test_signs_that_sql_knows_are_looked_for_as_they_stand(at_work: WorkingWard, search: str) -> None:
    assert "chutich@" not in text_of(at_work.at("quantri").get("/nguoi-dung", query_string={"q": search}))
    inbox = at_work.at("khdt.truong").get("/hop-viec", query_string={"q": search, "ds": "cua-don-vi"})
    assert "Không có việc nào khớp với điều kiện lọc." in text_of(inbox)
