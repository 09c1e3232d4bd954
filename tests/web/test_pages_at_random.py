"""What people may press, pressed by chance for months: no page fails, no typed word is lost, the log holds."""

import io
import random
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import urlencode, urljoin

import lxml.html
import pytest
import sqlalchemy as sa
from lxml.html import FormElement, HtmlElement
from werkzeug.test import TestResponse

from engine.audit import differences, verify
from engine.models import Incident, IncidentState, Job, JobState
from engine.scheduler import settle
from tests.support.databases import Databases
from tests.support.demo import LoadedDemo
from tests.web.demo_wards import WorkingWard, working_ward

pytestmark = pytest.mark.prove
WALKS, ACTS, ACTS_A_DAY = 3, 2_500, 100
PEOPLE = (
    "vhxh.tonghop", "vhxh.truong", "vhxh.cv1", "khdt.truong", "khdt.cv1", "hcc.truong", "hcc.cv1", "doan.cv1",
    "yte.truong", "yte.cv1", "ca.truong", "pct.vhxh", "chutich", "vanphong", "vanthu", "quantri", "quantri",
)  # fmt: skip
WORDS = (
    "Đã hoàn thành", "12", "3,5", "100%", "15/12/2026", "", " ", "“Kế hoạch” số 05/KH-UBND – phường",
    "x" * 300, "-1", "một\nhai\nba", "1.234.567", "<b>đậm</b>", "=1+1", "{{ 7*7 }}", "e\u0302\u0301",
)  # fmt: skip
FILES = ((b"x,y\n1,2\n", "a.csv"), (b"%PDF-1.4 x", "b.pdf"), (b"", "c.docx"), (b"PK\x03\x04xx", "d.xlsx"))
ENTRIES = ("/", "/hop-viec", "/ke-hoach", "/thong-bao", "/ky-bao-cao")
LEFT_OUT = re.compile(r"^/(dang-xuat|vai-tro|dang-nhap|static|dong-ho)|mat-khau|phien|ngung$")
"""These change who asks, take the others' accounts away, or move the clock."""
PARTLY = re.compile(r"Đã (gửi|ghi nhận|trả lại|xác nhận) \d")
"""Of several forms on a page some were sent, and are not shown again."""
MOOT = re.compile(r"/thay-doi/[^/]*/huy$|^/hop-viec/giao$")
"""What is done or gone meanwhile needs no reason any more."""
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[?#].*")


class Hands:
    """Everybody of the ward, each before the page that they saw last."""

    def __init__(self, ward: WorkingWard, seed: int) -> None:
        self.ward, self.chance, self.people = ward, random.Random(seed), list(PEOPLE)
        self.pages: dict[str, tuple[str, HtmlElement]] = {}
        self.pressed = Counter[str]()

    def act(self) -> None:
        """Somebody follows a link or sends a form; what has been pressed least is pressed first."""
        who = self.chance.choice(self.people)
        address, page = self.pages.get(who, ("", None))
        if page is None or self.chance.random() < 0.08:
            self._open(who, self.chance.choice(ENTRIES))
            return
        part = next(page.iter("main"), page) if self.chance.random() < 0.9 else page
        forms: list[Any] = [form for form in part.iter("form") if not LEFT_OUT.search(_target(address, form))]
        links = [urljoin(address, link) for link in part.xpath(".//a/@href")]
        links = [link for link in links if link.startswith("/") and not LEFT_OUT.search(link)]
        if forms and (self.chance.random() < 0.6 or not links):
            self._send(who, address, self._least_pressed(forms, lambda form: _target(address, form)))
        elif links:
            self._open(who, self._least_pressed(links, str))
        else:
            del self.pages[who]

    def _least_pressed(self, choices: list[Any], address_of: Any) -> Any:
        def worn(choice: Any) -> tuple[float, float]:
            return self.pressed[IDS.sub("*", address_of(choice))] * self.chance.random(), self.chance.random()

        chosen = min(choices, key=worn)
        self.pressed[IDS.sub("*", address_of(chosen))] += 1
        return chosen

    def _open(self, who: str, address: str) -> None:
        with self.ward.at(who).get(address, follow_redirects=True) as answer:
            self._see(who, answer)

    def _send(self, who: str, address: str, form: Any, data: dict[str, list[Any]] | None = None) -> None:
        target, data = _target(address, form), self._filled(who, form) if data is None else data
        if (form.get("method") or "get").lower() == "get":
            asked = [(name, value) for name, values in data.items() for value in values if isinstance(value, str)]
            self._open(who, f"{target.partition('?')[0]}?{urlencode(asked)}")
            return
        kind = {"content_type": "multipart/form-data"} if form.get("enctype") else {}
        with self.ward.at(who).post(target, data, follow_redirects=True, **kind) as answer:
            shown = _shown(answer) if answer.status_code == 422 else ""
            if shown and not PARTLY.search(shown) and not MOOT.search(target):
                lost = [word for word in _typed(form, data) if word not in shown]
                assert not lost, f"{who} {target}: {lost} {data}"
            self._see(who, answer, data)

    def _see(self, who: str, answer: TestResponse, data: object = None) -> None:
        assert answer.status_code < 500, f"{who} {answer.request.path} {data}"
        if answer.mimetype == "text/html" and answer.data.strip():
            self.pages[who] = answer.request.path, lxml.html.fromstring(answer.get_data(as_text=True))
        else:
            self.pages.pop(who, None)

    # --- forms ---

    def _filled(self, who: str, form: Any) -> dict[str, list[Any]]:
        """As it stands, or with other values; one of its buttons."""
        data: dict[str, list[Any]] = {}
        for field in form.xpath(".//input|.//select|.//textarea|.//button"):
            in_template = any(one.tag == "template" for one in field.iterancestors())
            if not in_template and field.get("name") not in (None, "csrf_token") and field.get("disabled") is None:
                data.setdefault(field.get("name"), []).extend(self._values(field))
        for name in {field.get("name") for field in form.xpath(".//input[@type='radio']|.//button[@name]")}:
            data[name] = self.chance.sample(data[name], 1) if data.get(name) else []
        return data

    def _values(self, field: Any) -> list[Any]:
        kind = field.get("type", "text") if field.tag == "input" else field.tag
        own = (field.text or "") if field.tag == "textarea" else field.get("value", "")
        if kind in ("radio", "button", "submit"):
            return [own]
        if kind == "checkbox":
            return [own or "on"] if self.chance.random() < 0.5 else []
        if kind == "select":
            options = [option.get("value", option.text_content()) for option in field.iter("option")]
            return self.chance.sample(options, min(len(options), 1))
        if kind == "file":
            content, name = self.chance.choice(FILES)
            return [(io.BytesIO(content), name)] if self.chance.random() < 0.4 else []
        kept = 0.97 if kind == "hidden" else 0.6 if own else 0
        return [own if self.chance.random() < kept else self.chance.choice(WORDS)]


def _target(address: str, form: FormElement) -> str:
    return urljoin(address, form.get("action") or address)


def _plain(text: str) -> str:
    return " ".join(normalize("NFC", text).split())


def _typed(form: Any, data: dict[str, list[Any]]) -> set[str]:
    """The words in fields for words; where what others saved meanwhile is shown instead, without what stood there."""
    fields = form.xpath(".//textarea|.//input[not(@type) or @type='text']")
    values = [value for field in fields for value in data.get(field.get("name"), ())]
    stood = [field.text or field.get("value", "") for field in fields] if form.xpath(".//input[@name='seen']") else []
    return {_plain(value) for value in values} - {_plain(value) for value in stood} - {""}


def _shown(answer: TestResponse) -> str:
    page = lxml.html.fromstring(answer.get_data(as_text=True))
    return _plain(" ".join([*page.xpath("//input/@value"), page.text_content()]))


@pytest.mark.parametrize("seed", range(WALKS))
def test_whatever_is_pressed_no_page_fails(
    loaded_demo: LoadedDemo, databases: Databases, tmp_path: Path, seed: int
) -> None:
    with working_ward(loaded_demo, databases, tmp_path) as ward:
        hands = Hands(ward, seed)
        for number in range(ACTS):
            hands.act()
            if number % ACTS_A_DAY == 0:
                ward.move_clock(ward.now() + timedelta(hours=hands.chance.choice((1, 5, 30, 80))))
                with ward.app.app_context():
                    settle(ward.runtime)
        assert len(hands.pressed) > 80
        assert ward.rows(sa.select(Incident.message).where(Incident.state == IncidentState.OPEN)) == []
        assert ward.rows(sa.select(Job.kind).where(Job.state == JobState.FAILED)) == []
        with ward.runtime.reading() as connection:
            assert (list(verify(connection)), differences(connection)) == ([], [])
