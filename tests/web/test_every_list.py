"""Every list of the application is a spreadsheet too; what is no list is named here, and why."""

import io
import re
from collections.abc import Callable
from html import unescape

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from engine.commands.incidents import RaiseIncident
from engine.models import ProcessDefinition
from tests.web.demo_wards import WorkingWard
from tests.web.plan_wards import plan_file, upload
from tests.web.test_replacing_plans import CORRECTED
from webapp.indicators.models import IndicatorValue

FOCAL = "vhxh.tonghop"


def _comparison(ward: WorkingWard) -> str:
    visitor = ward.at(FOCAL)
    new = str(upload(visitor, plan_file(CORRECTED)).location.removesuffix("/xem-truoc"))
    assert visitor.post(f"{new}/thay-the", {"ke_hoach": str(ward.plan_id())}).status_code == 302
    return f"{new}/so-sanh"


def _cases(ward: WorkingWard) -> str:
    newest = sa.select(ProcessDefinition.id).where(ProcessDefinition.key == "task_lifecycle")
    return f"/quy-trinh/{ward.rows(newest)[0][0]}/ho-so?buoc=execute"


def _incidents(ward: WorkingWard) -> str:
    ward.execute(RaiseIncident(instance_id=None, element_id=None, message="Việc thử hỏng", detail=""))
    return "/su-co"


def _indicator(ward: WorkingWard) -> str:
    return f"/chi-tieu/{ward.rows(sa.select(IndicatorValue.indicator_id))[0][0]}"


LISTS: dict[str, tuple[str, str | Callable[[WorkingWard], str]]] = {
    "contacts.index": (FOCAL, "/lien-he"),
    "cycles.index": (FOCAL, "/ky-bao-cao"),
    "cycles.planned": (FOCAL, lambda ward: f"/ke-hoach/{ward.plan_id()}/lich-bao-cao"),
    "cycles.show": (FOCAL, lambda ward: f"/ky-bao-cao/{ward.cycle_id()}"),
    "cycles.unit_report": ("yte.truong", lambda ward: f"/bao-cao-don-vi/{ward.cycle_id()}/{ward.unit('yte')}"),
    "cycles.unit_reports": ("yte.truong", "/bao-cao-don-vi?tat-ca=1"),
    "difficulties.index": (FOCAL, "/kho-khan"),
    "inbox.index": ("khdt.cv1", "/hop-viec"),
    "indicators.of_plan": (FOCAL, lambda ward: f"/ke-hoach/{ward.plan_id()}/chi-tieu"),
    "indicators.show": (FOCAL, _indicator),
    "notifications.index": (FOCAL, "/thong-bao"),
    "organisation.absences": ("quantri", "/vang-mat"),
    "organisation.calendar": ("quantri", "/lich-lam-viec"),
    "organisation.journal": ("quantri", "/nhat-ky"),
    "organisation.people": ("quantri", "/nguoi-dung"),
    "organisation.units": ("quantri", "/don-vi"),
    "plans.comparison": (FOCAL, _comparison),
    "plans.index": (FOCAL, "/ke-hoach"),
    "plans.results": (FOCAL, "/ket-qua"),
    "plans.show": (FOCAL, lambda ward: f"/ke-hoach/{ward.plan_id()}"),
    "plans.year": (FOCAL, lambda ward: f"/ke-hoach/{ward.plan_id()}/lich"),
    "procedures.cases_at": ("quantri", _cases),
    "procedures.incidents": ("quantri", _incidents),
    "procedures.index": ("quantri", "/quy-trinh"),
    "searching.index": (FOCAL, "/tim-kiem?q=so"),
}
"""Who sees something on each, and where it is."""

EMPTY_HERE = {"approvals.index", "documents.index"}
"""Their own tests have something to sign, and a number in the register."""

NO_LISTS = {
    "A form that is filled in, or one that asks before something is done": {
        "accounts.change_password", "accounts.sign_in", "accounts.sign_in_with_code", "cases.operations",
        "contacts.add", "contacts.name", "cycles.change_deadlines", "cycles.cutoff", "cycles.new", "cycles.open_form",
        "cycles.plan_form", "form_editing.edit", "inbox.assign", "inbox.batch", "inbox.message", "indicators.edit",
        "indicators.new", "indicators.proposed", "organisation.add_person", "organisation.add_unit",
        "organisation.after_import", "organisation.choose_sheet", "organisation.committee",
        "organisation.enter_absence", "organisation.hand_over", "plans.add_task", "plans.appendix",
        "plans.change_plan", "plans.change_task", "plans.choose_file", "plans.confirm", "plans.edit_task",
        "plans.issue", "procedures.clock", "procedures.new", "procedures.plan_move", "rehearsals.begin",
        "unit_changes.plan",
    },
    "One thing, with what belongs to it": {
        "accounts.show", "approvals.show", "cases.show", "contacts.show", "form_editing.preview",
        "form_editing.preview_deployed", "inbox.show", "organisation.person", "organisation.unit", "plans.read_task",
        "procedures.incident", "procedures.move", "procedures.show", "rehearsals.show", "unit_changes.show",
    },
    "Work in progress, row by row; what comes of it has its list elsewhere": {
        "cycles.reported_elsewhere",
        "cycles.checks",  # the cycle's own list
        "plans.preview",  # the plan's list of tasks
        "cycles.consolidation", "cycles.submission",  # the report with its annex
    },
    "A place to begin from, or the progress of what goes on in the background": {
        "accounts.codes", "accounts.home", "inbox.sendable", "organisation.setup", "plans.receiving", "plans.starting",
        "cycles.preparing", "procedures.move_progress",
    },
    "A drawing, or the parts of one; its versions are the list of procedures": {
        "form_editing.index", "procedures.deployment", "procedures.edit", "procedures.heat", "quick_settings.index",
        "quick_settings.step", "quick_settings.table", "rehearsals.index", "rehearsals.run_all",
        "rehearsals.run_kept", "rehearsals.run_past",
    },
    "A file": {
        "built", "cycles.preview", "documents.download", "form_editing.download", "procedures.archive",
        "procedures.desk_names", "procedures.diagram_file", "procedures.draft_content", "procedures.draft_source",
        "procedures.form_file", "procedures.replaced_archive", "procedures.source", "rehearsals.source", "static",
    },
}  # fmt: skip


def test_every_page_is_a_list_or_has_a_reason_to_be_none(at_work: WorkingWard) -> None:
    rules = at_work.app.url_map.iter_rules()
    pages = {rule.endpoint for rule in rules if "GET" in (rule.methods or ()) and not rule.rule.endswith(".xlsx")}
    untold = pages - EMPTY_HERE.union(LISTS, *NO_LISTS.values())
    assert untold == set(), "A new page is in LISTS with its spreadsheet, or in NO_LISTS under a reason."


@pytest.mark.parametrize("endpoint", LISTS)
def test_a_list_offers_its_spreadsheet(at_work: WorkingWard, endpoint: str) -> None:
    username, path = LISTS[endpoint]
    visitor = at_work.at(username)
    page = visitor.get(path if isinstance(path, str) else path(at_work))
    assert page.status_code == 200
    offered = re.findall(r'href="([^"]+\.xlsx[^"]*)"', page.get_data(as_text=True))
    assert len(offered) == 1
    sheet = load_workbook(io.BytesIO(visitor.get(unescape(offered[0])).get_data())).active
    first = [row[0] for row in sheet.iter_rows(values_only=True)]
    assert first[0].startswith("UBND PHƯỜNG") or "PHƯỜNG" in first[0]
    assert "STT" in first
