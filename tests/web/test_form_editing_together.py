"""One form edited on two pages at once, and what was typed elsewhere on the page than in the form that is sent."""

from collections.abc import Callable

import lxml.html
import orjson
import pytest
import sqlalchemy as sa

from engine.command import Actor, EnginePermission
from tests.web.wards import Visitor, Ward, text_of
from webapp.form_editing.shapes import Shape, path_of
from webapp.procedures.bundles import deploy_shipped
from webapp.procedures.drafts import FormChanged, PutDraftForm
from webapp.procedures.models import ProcedureDraftForm

KEY = "task_lifecycle"
FORM = f"/quy-trinh/{KEY}/bieu-mau/xem"
COMPONENTS = (
    {"type": "textarea", "id": "a", "key": "y_kien", "label": "Ý kiến"},
    {"type": "textfield", "id": "b", "key": "nguyen_nhan", "label": "Nguyên nhân"},
    {"type": "textfield", "key": "de_xuat", "label": "Đề xuất"},
)
OTHER = "vhxh.truong"


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    visitor = ward.signed_in("quantri")
    visitor.post(f"/quy-trinh/{KEY}/ban-nhap")
    put(ward, lambda shape: None, orjson.dumps({"id": "xem", "title": "Xem", "components": COMPONENTS}))
    return visitor


def put(
    ward: Ward, change: Callable[[Shape], object], source: bytes | None = None, made_from: bytes | None = None
) -> None:
    """Somebody else changes the form."""
    shape = Shape(source or stored(ward).to_bytes())
    change(shape)
    permissions = frozenset({EnginePermission.DEPLOY})
    actor = Actor(id=ward.person(OTHER), tenant_id=ward.demo.tenant_id, permissions=permissions)
    command = PutDraftForm(key=KEY, form_id="xem", source=shape.to_bytes(), made_from=made_from)
    ward.runtime.execute(command, actor=actor)


def stored(ward: Ward) -> Shape:
    ((source,),) = ward.rows(sa.select(ProcedureDraftForm.source).where(ProcedureDraftForm.form_id == "xem"))
    return Shape(source)


def labels(ward: Ward) -> list[str]:
    return [row.label for row in stored(ward).outline()]


def filled(page: str, along: str = "field") -> tuple[str, dict[str, str]]:
    """One form of the page as a browser would send it: where to, and what."""
    (form,) = lxml.html.fromstring(page).xpath(f"//form[@data-along='{along}']")
    return str(form.action), {name: str(value) for name, value in form.form_values()}


def along(values: dict[str, str], **typed: str) -> dict[str, str]:
    """As another form takes them along."""
    return {f"field.{name}": value for name, value in {**values, **typed}.items()}


# --- two pages ---


def test_what_was_typed_stays_with_its_field_wherever_it_was_moved(admin: Visitor, ward: Ward) -> None:
    address, values = filled(admin.get(f"{FORM}?truong=1").text)
    put(ward, lambda shape: shape.move((1,), 1))
    answer = admin.post(address, {**values, "label": "Nguyên nhân chính"})
    assert answer.status_code == 422
    assert "Những gì bạn nhập vẫn còn dưới đây" in text_of(answer)
    address, values = filled(answer.text)
    assert (address, values["label"]) == (f"{FORM}/truong/2", "Nguyên nhân chính")
    assert admin.post(address, values).status_code == 302
    assert labels(ward) == ["Ý kiến", "Đề xuất", "Nguyên nhân chính"]


def test_a_field_taken_out_meanwhile_overwrites_no_other_and_can_be_added_again(admin: Visitor, ward: Ward) -> None:
    address, values = filled(admin.get(f"{FORM}?truong=1").text)
    put(ward, lambda shape: shape.remove((1,)))
    answer = admin.post(address, {**values, "help": "Vì sao chậm?", "need": "always"})
    assert answer.status_code == 422
    ((name,),) = ward.rows(sa.text("SELECT name FROM people WHERE username = :u").bindparams(u=OTHER))
    assert f"Trường “Nguyên nhân” vừa được {name} bỏ khỏi biểu mẫu." in text_of(answer)
    address, values = filled(answer.text, "gone")
    assert values["help"] == "Vì sao chậm?"
    assert labels(ward) == ["Ý kiến", "Đề xuất"]
    answer = admin.post(address, values)
    assert answer.location.endswith("truong=2#truong")
    assert labels(ward) == ["Ý kiến", "Đề xuất", "Nguyên nhân"]
    added = stored(ward).component((2,))
    assert (added["key"], added["description"], added["validate"]) == (
        "nguyen_nhan",
        "Vì sao chậm?",
        {"required": True},
    )


@pytest.mark.parametrize("kind", ["dynamiclist", "group"])
def test_a_table_or_group_that_is_added_again_holds_what_it_held(admin: Visitor, ward: Ward, kind: str) -> None:
    columns = [{"type": "textfield", "key": key, "label": key, "id": key} for key in ("ten_viec", "ket_qua")]
    holder = {"type": kind, "id": "viec", "label": "Các việc", "components": columns}
    holder |= {"path": "viec"} if kind == "dynamiclist" else {}
    put(ward, lambda shape: shape.raw["components"].append(holder))
    address, values = filled(admin.get(f"{FORM}?truong=3").text)
    put(ward, lambda shape: shape.remove((3,)))
    address, values = filled(admin.post(address, {**values, "label": "Việc đã làm"}).text, "gone")
    assert admin.post(address, {**values, "inside": "[1]"}).status_code == 422
    assert admin.post(address, {**values, "inside": "[" * 3_000}).status_code == 422
    assert admin.post(address, values).status_code == 302
    assert stored(ward).component((3,))["components"] == columns
    assert labels(ward)[3:] == ["Việc đã làm", "ten_viec", "ket_qua"]


def test_what_cannot_be_added_again_stays_typed(admin: Visitor, ward: Ward) -> None:
    address, values = filled(admin.get(f"{FORM}?truong=1").text)
    put(ward, lambda shape: shape.remove((1,)))
    address, values = filled(admin.post(address, {**values, "key": "de_xuat"}).text, "gone")
    answer = admin.post(address, values)
    assert answer.status_code == 422
    assert filled(answer.text, "gone")[1]["key"] == "de_xuat"


@pytest.mark.parametrize(
    "change",
    [
        lambda shape: shape.component((1,)).update(key="ly_do"),
        lambda shape: shape.component((1,)).update(label="Lý do"),
        lambda shape: shape.put((1,), (2, 0)),
    ],
)
def test_a_field_that_was_changed_itself_is_found(
    admin: Visitor, ward: Ward, change: Callable[[Shape], object]
) -> None:
    put(ward, lambda shape: shape.raw["components"].insert(2, {"type": "group", "label": "Nhóm", "components": []}))
    address, values = filled(admin.get(f"{FORM}?truong=1").text)
    put(ward, change)
    answer = admin.post(address, {**values, "label": "Nguyên nhân chính"})
    assert filled(answer.text)[1]["label"] == "Nguyên nhân chính"


def test_a_conflict_of_a_button_keeps_what_was_typed_too(admin: Visitor, ward: Ward) -> None:
    _, values = filled(admin.get(f"{FORM}?truong=1").text)
    put(ward, lambda shape: shape.move((1,), -1))
    sent = {"version": values["version"], "kind": "number", **along(values, help="Vì sao chậm?")}
    address, values = filled(admin.post(f"{FORM}/truong", sent).text)
    assert (address, values["help"]) == (f"{FORM}/truong/0", "Vì sao chậm?")


def test_of_two_who_save_at_once_the_second_is_refused(admin: Visitor, ward: Ward) -> None:
    """Both have looked at the form before either of them saves."""
    before, label = stored(ward).to_bytes(), "Ý kiến của tôi"
    put(ward, lambda shape: shape.remove((1,)), before, made_from=before)
    with pytest.raises(FormChanged):
        put(ward, lambda shape: shape.component((0,)).update(label=label), before, made_from=before)
    assert labels(ward) == ["Ý kiến", "Đề xuất"]
    with pytest.raises(FormChanged):
        put(ward, lambda shape: None, made_from=b"")


# --- what tells fields apart ---


SAME = {"type": "text", "id": "t", "text": "Như nhau"}


@pytest.mark.parametrize(
    "components",
    [
        [{"type": "textfield", "key": key, "label": "Ô"} for key in "ab"],
        [{"type": "text", "id": "t", "text": text} for text in "ab"],
        [SAME, SAME],
        [{"type": "separator"}, {"type": "separator"}],
    ],
)
def test_each_component_has_a_mark_of_its_own(components: list[dict[str, str]]) -> None:
    shape = Shape(orjson.dumps({"components": components}))
    marks = shape.marks()
    assert [shape.find(mark) for mark in marks.values()] == [path_of(path) for path in marks]


def test_of_two_that_are_the_same_none_is_taken_for_the_other() -> None:
    shape = Shape(orjson.dumps({"components": [SAME, SAME, {"type": "separator", "id": "s"}]}))
    second = shape.marks()["1"]
    shape.remove((0,))
    assert shape.find(second) is None


def test_what_is_added_is_told_from_what_was_there_before() -> None:
    shape = Shape(b'{"components": []}')
    before = shape.add("textfield", ())
    mark = shape.marks()["0"]
    shape.remove(before)
    shape.add("textfield", ())
    assert shape.find(mark) is None


# --- what goes along ---


def test_settings_are_saved_by_whichever_button_is_pressed(admin: Visitor, ward: Ward) -> None:
    _, values = filled(admin.get(f"{FORM}?truong=1").text)
    sent = {"version": values["version"], "head.title": "Xem báo cáo", **along(values, label="Lý do")}
    assert admin.post(f"{FORM}/truong/1/chuyen", {**sent, "by": "xuong"}).status_code == 302
    assert labels(ward) == ["Ý kiến", "Đề xuất", "Lý do"]
    assert stored(ward).raw["title"] == "Xem báo cáo"
    assert "Đã lưu trường." in text_of(admin.get(f"{FORM}?truong=2"))


def test_settings_that_cannot_be_saved_stop_the_button_and_stay(admin: Visitor, ward: Ward) -> None:
    _, values = filled(admin.get(f"{FORM}?truong=1").text)
    sent = {"version": values["version"], "kind": "number", "head.title": "", **along(values, min_length="nhiều")}
    answer = admin.post(f"{FORM}/truong", sent)
    assert answer.status_code == 422
    assert filled(answer.text)[1]["min_length"] == "nhiều"
    assert filled(answer.text, "head")[1]["title"] == ""
    assert len(labels(ward)) == 3


def test_saving_goes_on_to_the_field_that_was_chosen(admin: Visitor) -> None:
    address, values = filled(admin.get(f"{FORM}?truong=1").text)
    assert admin.post(address, {**values, "then": "2"}).location.endswith("?truong=2#truong")


def test_a_field_stays_chosen_when_what_it_is_known_by_is_changed(admin: Visitor) -> None:
    address, values = filled(admin.get(f"{FORM}?truong=2").text)
    assert admin.post(address, {**values, "key": "kien_nghi", "label": "Kiến nghị"}).location.endswith("?truong=2")


def test_a_field_is_taken_out_with_the_name_saved_but_not_its_settings(admin: Visitor, ward: Ward) -> None:
    _, values = filled(admin.get(f"{FORM}?truong=1").text)
    sent = {"version": values["version"], "head.title": "Xem báo cáo", **along(values, min_length="nhiều")}
    assert admin.post(f"{FORM}/truong/1/bo", sent).status_code == 302
    assert (stored(ward).raw["title"], labels(ward)) == ("Xem báo cáo", ["Ý kiến", "Đề xuất"])


# --- where the focus goes ---


@pytest.mark.parametrize(
    ("path", "by", "focused"),
    [
        ("0", "xuong", "xuong-1"), ("1", "xuong", "len-2"), ("2", "len", "len-1"), ("1", "len", "xuong-0"),
        ("3.0", "len", "ten-3.0"),
    ],
)  # fmt: skip
def test_after_moving_there_is_a_button_to_go_on_with(admin: Visitor, ward: Ward, path, by, focused) -> None:
    inner = {"type": "textfield", "key": "mot", "label": "Một"}
    put(ward, lambda shape: shape.raw["components"].append({"type": "group", "label": "Nhóm", "components": [inner]}))
    if path != "3.0":
        put(ward, lambda shape: shape.remove((3,)))
    version = filled(admin.get(f"{FORM}?truong=0").text)[1]["version"]
    answer = admin.post(f"{FORM}/truong/{path}/chuyen", {"version": version, "by": by})
    anchor = answer.location.partition("#")[2]
    assert anchor == focused
    (target,) = lxml.html.fromstring(admin.get(answer.location).text).xpath(f"//*[@id='{anchor}']")
    assert "disabled" not in target.attrib
