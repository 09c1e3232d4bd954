"""A form in a real browser: conditions, rows, dates and the way to the faults; and all of it without JavaScript."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Route, expect

from forms.definition import FormRefused
from forms.formdata import parse_form_data
from tests.browser.accessibility import violations
from tests.forms.samples import CONTEXT, ROOT, choices, field, form, rendered
from webapp.assets import MANIFEST
from webapp.forms_view import build_form
from webapp.security import CONTENT_SECURITY_POLICY

DEFINITION = form(
    field("radio", "decision", label="Quyết định", values=choices("agree", "return"), validate={"required": True}),
    {
        "type": "group",
        "label": "Trả lại",
        "conditional": {"hide": "=decision != 'return'"},
        "components": [
            field("textarea", "reason", label="Lý do", properties={"requiredWhen": "decision == 'return'"}),
            field("textfield", "desk", label="Nơi nhận", conditional={"hide": "=not reason"}),
        ],
    },
    field("number", "rate", label="Tỷ lệ", properties={"unit_label": "%"}),
    field("textfield", "why", label="Vì sao thấp", conditional={"hide": "=not (rate < 12.5)"}),
    field("datetime", "day", label="Ngày hoàn thành", validate={"max": "=today"}),
    field("textfield", "late", label="Vì sao muộn", conditional={"hide": "=not (day > today)"}),
    field(
        "dynamiclist",
        "rows",
        label="Khó khăn",
        properties={"maxRows": 3},
        components=[
            field("textfield", "what", label="Nội dung", validate={"required": True}),
            field("select", "kind", label="Loại", values=choices("money", "other")),
            field("textfield", "other", label="Loại khác", conditional={"hide": "=kind != 'other'"}),
            field("datetime", "since", label="Từ ngày"),
        ],
    ),
    field("textfield", "urgent", label="Việc gấp", conditional={"hide": "=not rows"}),
)
ADDRESS = "http://forms.test/"
STYLES = f"static/dist/{json.loads(MANIFEST.read_text())['app.css']}"
PAGE = """<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>Thử biểu mẫu</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="/webapp/{styles}"><script type="module" src="/webapp/frontend/forms.js"></script></head>
<body><main class="container"><h1>Thử biểu mẫu</h1>
<form method="post" novalidate>{form}<button class="btn">Gửi</button></form></main></body></html>"""
HEADERS = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Content-Type": "text/html; charset=utf-8"}


class Desk:
    """What stands behind the page: takes what is posted, answers with the form and its faults, or with thanks."""

    def __init__(self) -> None:
        self.raw: dict[str, object] = {}
        self.stored: dict[str, object] | None = None

    def answer(self, route: Route) -> None:
        request = route.request
        path = request.url.removeprefix(ADDRESS)
        if path.startswith("webapp/"):
            route.fulfill(path=ROOT / path)
        elif path:
            route.fulfill(status=204)
        else:
            body = self.take(request.post_data or "") if request.method == "POST" else self.page({}, {})
            route.fulfill(body=body, headers=HEADERS)

    def take(self, body: str) -> str:
        self.raw = parse_form_data(DEFINITION, parse_qs(body, keep_blank_values=True))
        try:
            self.stored = DEFINITION.load(self.raw, CONTEXT)
        except FormRefused as refused:
            return self.page(self.raw, refused.errors)
        return "<!doctype html><html lang=vi><title>Xong</title><h1>Đã nhận</h1>"

    def page(self, values: dict[str, object], errors: dict[str, list[str]]) -> str:
        view = build_form(DEFINITION, context=CONTEXT, values=values, errors=errors)
        return PAGE.format(form=rendered(view), styles=STYLES)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def opened(page: Page, desk: Desk) -> Iterator[Page]:
    page.route(f"{ADDRESS}**", desk.answer)
    page.goto(ADDRESS)
    yield page


def named(page: Page, label: str):
    return page.get_by_label(label, exact=True)


def cell(page: Page, row: int, key: str):
    return page.locator(f"[name=rows-{row - 1}-{key}]")


def test_conditions_show_hide_and_require_as_one_types(opened):
    reason = named(opened, "Lý do")
    expect(reason).to_be_hidden()
    named(opened, "RETURN").check()
    expect(reason).to_be_visible()
    expect(reason).to_have_attribute("aria-required", "true")
    expect(named(opened, "Nơi nhận")).to_be_hidden()
    reason.fill("Thiếu số liệu")
    expect(named(opened, "Nơi nhận")).to_be_visible()
    named(opened, "AGREE").check()
    expect(reason).to_be_hidden()
    expect(named(opened, "Nơi nhận")).to_be_hidden()


def test_numbers_and_dates_are_understood_as_the_server_does(opened):
    named(opened, "Tỷ lệ").fill("12,4 %")
    expect(named(opened, "Vì sao thấp")).to_be_visible()
    named(opened, "Tỷ lệ").fill("1.250")
    expect(named(opened, "Vì sao thấp")).to_be_hidden()
    named(opened, "Ngày hoàn thành").fill("2/12/2026")
    expect(named(opened, "Vì sao muộn")).to_be_visible()
    named(opened, "Ngày hoàn thành").fill("1/12/2026")
    expect(named(opened, "Vì sao muộn")).to_be_hidden()


def test_rows_are_added_taken_away_and_sent(opened, desk):
    add = opened.get_by_role("button", name="Thêm dòng")
    cell(opened, 1, "what").fill("một")
    expect(named(opened, "Việc gấp")).to_be_visible()
    add.click()
    expect(cell(opened, 2, "what")).to_be_focused()
    cell(opened, 2, "what").fill("hai")
    add.click()
    expect(add).to_be_disabled()
    cell(opened, 3, "what").fill("ba")
    cell(opened, 3, "kind").select_option("other")
    expect(cell(opened, 3, "other")).to_be_visible()
    expect(cell(opened, 1, "other")).to_be_hidden()
    cell(opened, 3, "other").fill("x")
    opened.get_by_role("button", name="Bỏ dòng 2").click()
    opened.get_by_role("button", name="Hoàn tác").click()
    expect(cell(opened, 2, "what")).to_have_value("hai")
    expect(cell(opened, 3, "what")).to_have_value("ba")
    opened.get_by_role("button", name="Bỏ dòng 2").click()
    expect(opened.get_by_role("button", name="Bỏ dòng 2")).to_be_focused()
    expect(cell(opened, 2, "what")).to_have_value("ba")
    expect(cell(opened, 2, "kind")).to_have_accessible_name("Loại 2")
    expect(cell(opened, 3, "what")).to_have_count(0)
    named(opened, "AGREE").check()
    opened.get_by_role("button", name="Gửi").click()
    expect(opened.get_by_role("heading", name="Đã nhận")).to_be_visible()
    assert desk.stored["rows"] == [
        {"what": "một", "kind": None, "since": None},
        {"what": "ba", "kind": "other", "other": "x", "since": None},
    ]


def test_a_refused_form_keeps_the_input_and_leads_to_the_faults(opened):
    named(opened, "Tỷ lệ").fill("nhiều")
    cell(opened, 1, "kind").select_option("money")
    opened.get_by_role("button", name="Gửi").click()
    summary = opened.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Còn 3 chỗ cần sửa")
    expect(named(opened, "Tỷ lệ")).to_have_value("nhiều")
    summary.get_by_role("link", name="Dòng 1: Chưa nhập nội dung.").click()
    expect(cell(opened, 1, "what")).to_be_focused()
    summary.get_by_role("link", name="Chưa chọn quyết định.").click()
    expect(opened.locator("#field-decision")).to_be_focused()


def test_the_calendar_writes_the_date_as_people_do(opened):
    opened.get_by_role("button", name="Thêm dòng").click()
    expect(opened.get_by_role("button", name="Mở lịch để chọn ngày")).to_have_count(3)
    opened.locator("input[type=date]").first.fill("2026-12-04", force=True)
    expect(named(opened, "Ngày hoàn thành")).to_have_value("04/12/2026")
    expect(named(opened, "Vì sao muộn")).to_be_visible()


def test_a_draft_that_comes_back_finds_its_rows(opened):
    restore = """() => document.querySelector("form").dispatchEvent(new CustomEvent("draft:restore", {
        bubbles: true, detail: {values: [["rows-0-what", "a"], ["rows-2-what", "c"], ["decision", "agree"]]}}))"""
    opened.evaluate(restore)
    expect(cell(opened, 3, "what")).to_be_visible()


def test_nothing_is_in_the_way_of_assistive_technology(opened):
    named(opened, "RETURN").check()
    assert violations(opened, "form") == []
    opened.get_by_role("button", name="Gửi").click()
    expect(opened.get_by_role("alert")).to_be_visible()
    assert violations(opened, "form") == []


def test_a_phone_shows_rows_one_below_the_other(new_phone, desk):
    page = new_phone()
    page.route(f"{ADDRESS}**", desk.answer)
    page.goto(ADDRESS)
    page.get_by_role("button", name="Thêm dòng").click()
    width = page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= 375
    expect(page.locator("label[for=field-rows-0-what]")).to_be_visible()


def test_without_javascript_everything_is_there_and_the_server_decides(new_page, desk):
    page = new_page(java_script_enabled=False)
    page.route(f"{ADDRESS}**", desk.answer)
    page.goto(ADDRESS)
    expect(named(page, "Lý do")).to_be_visible()
    expect(page.get_by_role("button", name="Thêm dòng")).to_be_hidden()
    named(page, "AGREE").check()
    named(page, "Lý do").fill("sẽ bị bỏ qua")
    cell(page, 1, "what").fill("một")
    page.get_by_role("button", name="Gửi").click()
    expect(page.get_by_role("heading", name="Đã nhận")).to_be_visible()
    assert "reason" not in desk.stored
    assert desk.stored["rows"] == [{"what": "một", "kind": None, "since": None}]
