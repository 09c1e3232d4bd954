"""Forms to test with, and the page that a form is shown on, read as a browser would."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import lxml.html
import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from forms.definition import FormDefinition
from forms.fields import Attachment, FormContext, Option
from webapp.answers_view import AnswersView
from webapp.assets import drawn_icon
from webapp.forms_view import FormView

ROOT = Path(__file__).parents[2]
CONTEXT = FormContext(
    names={"today": date(2026, 12, 1), "case": {"conditional": True}},
    options={
        "person": (Option("p1", "Nguyễn Văn A"), Option("p2", "Trần Thị B")),
        "unit": (Option("u1", "Công an phường"), Option("u2", "Trạm Y tế"), Option("u3", "Văn phòng")),
        "indicator": (Option("i1", "Số hồ sơ"),),
        "desks": (Option("d1", "Chuyên viên"), Option("d2", "Văn phòng")),
    },
    attachments={id: Attachment(id, f"tệp {id}.pdf", size) for id, size in (("f1", 1_500_000), ("f2", 820_000))},
)
TEMPLATES = Environment(
    loader=FileSystemLoader(ROOT / "webapp" / "templates"), autoescape=True, undefined=StrictUndefined
)
TEMPLATES.globals["asset"] = lambda name: f"/static/{name}"
TEMPLATES.globals["kept_part"] = lambda macro, *values: macro(*values)
TEMPLATES.globals["icon_by_name"] = lambda name: drawn_icon("/static/icons.svg", name)
_FORM = TEMPLATES.from_string('{% import "components/form.html" as forms %}{{ forms.render_form(view) }}')
_ANSWERS = TEMPLATES.from_string('{% import "components/form.html" as forms %}{{ forms.render_answers(view) }}')


def form(*components: object, **head: object) -> FormDefinition:
    """A form of these components."""
    return FormDefinition.parse(source(*components, **head))


def source(*components: object, **head: object) -> bytes:
    return orjson.dumps({"type": "default", "id": "sample", "components": components, **head})


def field(kind: str, key: str, **more: object) -> dict[str, object]:
    """A component whose label is its key."""
    return {"type": kind, "key": key, "label": key.capitalize(), **more}


def choices(*values: str) -> list[dict[str, str]]:
    return [{"value": value, "label": value.upper()} for value in values]


def rendered(view: FormView) -> str:
    return _FORM.render(view=view)


def rendered_answers(view: AnswersView) -> str:
    return _ANSWERS.render(view=view)


def page_of(html: str) -> lxml.html.HtmlElement:
    """The page without what its script would copy."""
    page = lxml.html.fromstring(f"<form>{html}</form>")
    for template in page.xpath("//template"):
        template.drop_tree()
    return page


def posted(html: str) -> dict[str, list[str]]:
    """What a browser posts when the form is sent as it stands, without scripts."""
    data: dict[str, list[str]] = {}
    for name, value in _successful(page_of(html)):
        data.setdefault(name, []).append(value)
    return data


def _successful(page: lxml.html.HtmlElement) -> Iterator[tuple[str, str]]:
    for control in page.xpath("//input[@name] | //select[@name] | //textarea[@name]"):
        attributes: Mapping[str, str] = control.attrib
        kind = attributes.get("type")
        if control.tag == "select":
            chosen = control.xpath("./option[@selected]") or control.xpath("./option")
            yield attributes["name"], chosen[0].get("value")
        elif control.tag == "textarea":
            yield attributes["name"], (control.text or "").replace("\n", "\r\n")
        elif kind != "file" and (kind not in ("checkbox", "radio") or "checked" in attributes):
            yield attributes["name"], attributes.get("value", "on")
