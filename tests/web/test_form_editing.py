"""The form editor: each setting goes in and comes back; what would break a form is refused and stays typed."""

import re
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from forms.definition import FormDefinition
from forms.expressions import evaluate
from forms.fields import FieldType
from tests.web.wards import Visitor, Ward, text_of
from webapp.form_editing.conditions import TESTS, Condition, read
from webapp.form_editing.details import apply, values_of
from webapp.form_editing.shapes import NOT_IN_A_LIST, PALETTE, Shape, path_of
from webapp.forms_view import SUBMIT
from webapp.procedures.bundles import deploy_shipped
from webapp.procedures.models import ProcedureDraftForm

FORMS = sorted((Path(__file__).parents[2] / "forms").glob("*.form"))
KEY = "task_lifecycle"
BASE = f"/quy-trinh/{KEY}/bieu-mau"

# --- settings ---


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_saving_a_field_without_a_change_changes_nothing(file: Path) -> None:
    shape = Shape(file.read_bytes())
    before = meaning(shape)
    for row in shape.outline():
        raw = shape.component(path_of(row.path))
        others = shape.choices(but=row.path)
        apply(raw, FieldType(row.kind), values_of(raw, others), others)
    assert meaning(shape) == before


def meaning(shape: Shape) -> list[str]:
    """What the form asks and allows."""
    definition = FormDefinition.parse(shape.to_bytes())
    return [repr(field) for field in definition.components]


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_a_shipped_form_says_what_its_button_does(file: Path) -> None:
    assert FormDefinition.parse(file.read_bytes()).submit not in ("", SUBMIT)


@pytest.mark.parametrize("kind", PALETTE)
def test_whatever_is_added_is_a_form_at_once(kind: str) -> None:
    shape = Shape(b'{"type": "default", "id": "f", "title": "F", "components": []}')
    for _ in range(2):
        shape.add(kind, ())
    columns = shape.add(FieldType.LIST, ())
    if kind not in NOT_IN_A_LIST:
        shape.add(kind, columns)
    assert len(FormDefinition.parse(shape.to_bytes()).components) == 3


def letters(components: list[dict]) -> str:
    """A form by its keys: a field, or a group with what it holds."""
    return " ".join(f"{c['key']}({letters(c['components'])})" if "components" in c else c["key"] for c in components)


@pytest.mark.parametrize(
    ("path", "there", "after"),
    [
        ("0", "3", "b g(c d) a e"), ("3", "0", "e a b g(c d)"), ("0", "4", "b g(c d) e a"), ("0", "0", "a b g(c d) e"),
        ("1", "2.0", "a g(b c d) e"), ("3", "2.2", "a b g(c d e)"), ("2.0", "0", "c a b g(d) e"),
        ("2", "0", "g(c d) a b e"), ("2.1", "2.0", "a b g(d c) e"), ("2.0", "2.2", "a b g(d c) e"),
    ],
)  # fmt: skip
def test_a_dragged_field_stands_where_it_was_put(path: str, there: str, after: str) -> None:
    a, b, c, d, e = ({"type": "textfield", "key": key, "label": key} for key in "abcde")
    group = {"type": "group", "key": "g", "label": "g", "components": [c, d]}
    shape = Shape(orjson.dumps({"components": [a, b, group, e]}))
    moved = shape.component(path_of(path))
    assert shape.component(shape.put(path_of(path), path_of(there))) is moved
    assert letters(shape.raw["components"]) == after


@given(
    st.sampled_from(list(TESTS)), st.text("abc xyz", max_size=5), st.integers(-5, 5),
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.text("abc xyz", max_size=5)),
)  # fmt: skip
def test_a_chosen_condition_reads_back_and_its_opposite_is_its_negation(test, text, number, answer) -> None:
    value = str(number) if test in ("at_least", "less") else text if test in ("is", "is_not") else ""
    condition = Condition("answer", test, value)
    assert read(condition.expression()) == condition
    if value == str(number) and not (isinstance(answer, int) and not isinstance(answer, bool)):
        return
    names = {"answer": answer}
    shown, hidden = (evaluate(one.expression(), names) for one in (condition, condition.opposite()))
    assert bool(shown) is not bool(hidden)


def test_an_expression_that_only_its_author_reads_stays_as_it_is() -> None:
    raw = {"type": "textfield", "key": "a", "label": "A", "conditional": {"hide": "=b or c == 1"}}
    values = values_of(raw, {"b": {}, "c": {}})
    assert values["show_expression"] == "b or c == 1"
    apply(raw, FieldType.TEXTFIELD, values, {"b": {}, "c": {}})
    assert raw["conditional"] == {"hide": "=b or c == 1"}


def test_a_condition_on_what_is_no_field_of_the_form_stays_too() -> None:
    raw = {"type": "textfield", "key": "a", "label": "A", "conditional": {"hide": "=not blocked"}}
    values = values_of(raw, {"b": {}})
    assert values["show_expression"] == "not blocked"
    apply(raw, FieldType.TEXTFIELD, values, {"b": {}})
    assert raw["conditional"] == {"hide": "=not blocked"}


# --- pages ---


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    visitor = ward.signed_in("quantri")
    visitor.post(f"/quy-trinh/{KEY}/ban-nhap")
    return visitor


def form_of(ward: Ward, form_id: str) -> dict:
    rows = ward.rows(sa.select(ProcedureDraftForm.source).where(ProcedureDraftForm.form_id == form_id))
    return orjson.loads(rows[0][0])


def send(admin: Visitor, path: str, form_id: str = "accept", **data: str):
    version = re.findall(r'name="version" value="(\w+)"', admin.get(f"{BASE}/{form_id}").text)[0]
    return admin.post(f"{BASE}/{form_id}{path}", {"version": version, **data})


def added(admin: Visitor, kind: str) -> str:
    """The place of a new field; its settings come next."""
    place, _, anchor = send(admin, "/truong", kind=kind).location.partition("=")[2].partition("#")
    assert anchor == "truong"
    return place


def test_a_form_is_made_filled_and_reordered(admin: Visitor, ward: Ward) -> None:
    assert admin.post(BASE, {"title": "Xem báo cáo", "form_id": "xem_bao_cao"}).status_code == 302
    assert send(admin, "/truong", "xem_bao_cao", kind="radio").status_code == 302
    answer = send(
        admin, "/truong/1", "xem_bao_cao", label="Đồng ý không?", options="Đồng ý\nkhong_dong_y = Chưa đồng ý",
        need="always", variable="on", message="Chưa chọn.",
    )  # fmt: skip
    assert answer.status_code == 302
    assert send(admin, "/truong/1/chuyen", "xem_bao_cao", by="len").status_code == 302
    first = form_of(ward, "xem_bao_cao")["components"][0]
    assert first["key"] == "dong_y_khong"
    assert [option["value"] for option in first["values"]] == ["dong_y", "khong_dong_y"]
    page = admin.get(f"{BASE}/xem_bao_cao/xem").text
    assert page.index("Đồng ý không?") < page.index("Ý kiến")
    assert send(admin, "/truong/0/chuyen", "xem_bao_cao", to="2").status_code == 302
    assert form_of(ward, "xem_bao_cao")["components"][1] == first


def test_limits_have_a_message_of_their_own(admin: Visitor, ward: Ward) -> None:
    place = added(admin, "number")
    sent = {"label": "Số hộ", "need": "always", "min": "1", "max": "500", "message": "Chưa ghi số hộ."}
    assert send(admin, f"/truong/{place}", limit_message="Ghi từ 1 đến 500.", **sent).status_code == 302
    field = FormDefinition.parse(orjson.dumps(form_of(ward, "accept"))).fields[-1]
    assert (field.message, field.limit_message) == ("Chưa ghi số hộ.", "Ghi từ 1 đến 500.")
    assert 'value="Ghi từ 1 đến 500."' in admin.get(f"{BASE}/accept?truong={place}").text
    assert "Thông báo khi ngoài giới hạn" not in admin.get(f"/quy-trinh/{KEY}/trien-khai").text, ()


def test_a_change_that_breaks_the_form_is_refused_and_stays_typed(admin: Visitor) -> None:
    send(admin, "/truong", kind="number")
    place = re.findall(r"truong=(\d+)#truong\"[^>]*>Số<", admin.get(f"{BASE}/accept").text)[-1]
    answer = send(admin, f"/truong/{place}", label="Số hộ", min="nhiều")
    assert answer.status_code == 422
    assert '<a href="#truong">“Số hộ”: Nhỏ nhất phải là số' in answer.text
    assert 'value="nhiều"' in answer.text


def test_earlier_versions_of_a_form_are_seen_with_why_they_came(admin: Visitor) -> None:
    send(admin, "/truong", kind="indicator")
    assert "Chỉ tiêu của nhiệm vụ (ví dụ)" in admin.get(f"{BASE}/accept/xem").text
    (draft,) = re.findall(r'name="version" value="(\d+)"', admin.get(f"/quy-trinh/{KEY}/trien-khai").text)
    admin.post(f"/quy-trinh/{KEY}/trien-khai", {"version": draft, "reason": "Thêm chỉ tiêu"})
    admin.post(f"/quy-trinh/{KEY}/ban-nhap")
    page = admin.get(f"{BASE}/accept")
    assert re.search(r"Từ phiên bản 2, [^:]+:\d\d [^:]+: Thêm chỉ tiêu .* Từ phiên bản 1", text_of(page))
    assert "Từ phiên bản 2" not in text_of(admin.get(f"{BASE}/execute")), "It has not changed since the first."
    new, old = (admin.get(link) for link in re.findall(r'href="(/quy-trinh/[^"]+/xem-bieu-mau/accept)"', page.text))
    assert ("(ví dụ)" in new.text, "(ví dụ)" in old.text) == (True, False)
    assert f'href="/quy-trinh/{KEY}?ban=1"' in old.text
    assert admin.get(str(new.request.path).replace("accept", "nowhere")).status_code == 404


def test_a_group_is_not_dragged_into_a_table_nor_into_itself(admin: Visitor) -> None:
    table, group = (added(admin, kind) for kind in ("dynamiclist", "group"))
    for place in (table, group):
        refused = send(admin, f"/truong/{group}/chuyen", to=f"{place}.0")
        assert refused.status_code == 422
        assert "Loại này không đặt vào đây được." in text_of(refused)


def test_a_field_that_a_condition_needs_is_not_taken_out(admin: Visitor) -> None:
    answer = send(admin, "/truong/0/bo")
    assert answer.status_code == 422
    assert "còn dùng trường “Nhận hay trả lại”" in text_of(answer)


def test_a_condition_speaks_of_labels_and_the_file_of_keys(admin: Visitor, ward: Ward) -> None:
    page = admin.get(f"{BASE}/accept?truong=3").text
    assert '<option value="decision" selected>Nhận hay trả lại</option>' in page
    assert page.count('name="show_value" value="Trả lại"') == 1
    settings = {"label": "Lý do", "key": "reason", "show_field": "decision", "show_test": "is"}
    assert send(admin, "/truong/3", show_value="nhận việc", **settings).status_code == 302
    assert form_of(ward, "accept")["components"][3]["conditional"] == {"hide": '=decision != "accept"'}
    refused = send(admin, "/truong/3", show_value="Nhan", **settings)
    assert refused.status_code == 422
    assert "“Nhan” không phải là một lựa chọn. Các lựa chọn: Nhận việc, Trả lại." in text_of(refused)
    changed = admin.get(f"/quy-trinh/{KEY}/trien-khai")
    assert "chỉ hiện khi Nhận hay trả lại là Trả lại Nhận hay trả lại là Nhận việc" in text_of(changed)


def test_a_page_gone_stale_changes_nothing(admin: Visitor, ward: Ward) -> None:
    old = re.findall(r'name="version" value="(\w+)"', admin.get(f"{BASE}/accept").text)[0]
    send(admin, "/ten", title="Nhận việc, giao người")
    answer = admin.post(f"{BASE}/accept/truong/0", {"version": old, "label": "Ghi đè"})
    assert answer.status_code == 422
    assert "vừa được sửa ở một trang khác" in text_of(answer)
    assert form_of(ward, "accept")["title"] == "Nhận việc, giao người"


def test_a_choice_keeps_its_value_when_only_its_label_is_typed_again(admin: Visitor, ward: Ward) -> None:
    typed = "Nhận việc\nTrả lại\nXin ý kiến"
    send(admin, "/truong/0", label="Quyết định", key="decision", options=typed, variable="on", need="always")
    values = [option["value"] for option in form_of(ward, "accept")["components"][0]["values"]]
    assert values == ["accept", "hand_back", "xin_y_kien"]


def test_a_value_that_a_branch_asks_for_is_missed_before_it_is_deployed(admin: Visitor, ward: Ward) -> None:
    changed = "accept = Nhận việc\ntra_viec = Trả lại"
    send(admin, "/truong/0", label="Quyết định", key="decision", options=changed, variable="on", need="always")
    page = text_of(admin.get(f"/quy-trinh/{KEY}/trien-khai"))
    assert "Trường “Quyết định”: mã của lựa chọn accept; hand_back accept; tra_viec" in page
    assert page.count("“Lý do trả lại” chờ lựa chọn mang mã “hand_back” ở “Quyết định”, mà không còn") == 1
    assert "“Trả lại việc” chờ lựa chọn mang mã “hand_back” ở trường “decision” của bước “Nhận việc”" in page


def test_an_answer_that_only_the_software_reads_is_missed_too(admin: Visitor, ward: Ward) -> None:
    page = f"/quy-trinh/{KEY}/trien-khai"
    typed = "dong_y = Đồng ý\nrefuse = Không đồng ý"
    admin.get(f"{BASE}/extension_review")
    send(admin, "/truong/0", "extension_review", label="Quyết định", key="decision", options=typed, variable="on")
    said = "“Quyết định” không còn lựa chọn mang mã approve, có mã mới dong_y. Phần mềm nhận ra câu trả lời theo mã"
    assert said in text_of(admin.get(page))
    typed = "approve = Đồng ý\nxem = Xem lại\nrefuse = Không đồng ý"
    send(admin, "/truong/0", "extension_review", label="Quyết định", key="decision", options=typed, variable="on")
    assert "Phần mềm nhận ra" not in text_of(admin.get(page))


def test_a_field_that_the_software_may_read_is_missed_too(admin: Visitor, ward: Ward) -> None:
    page, said = f"/quy-trinh/{KEY}/trien-khai", "Biểu mẫu “extension_review” không còn “Lý do không cho” (reason)."
    admin.get(f"{BASE}/extension_review")
    assert said not in text_of(admin.get(page))
    assert send(admin, "/truong/2/bo", "extension_review").status_code == 302
    assert said in text_of(admin.get(page))


def test_the_word_on_its_button_is_shown_changed_kept_and_taken_away(admin: Visitor, ward: Ward) -> None:
    assert 'name="submit" value="Xác nhận"' in admin.get(f"{BASE}/accept").text
    send(admin, "/ten", title="Nhận việc", submit="Nhận, giao người")
    send(admin, "/truong/0", label="Ý của trưởng đơn vị", options="accept = Nhận\nhand_back = Trả", variable="on")
    assert form_of(ward, "accept")["properties"] == {"submit": "Nhận, giao người"}
    assert "Nhận, giao người</button>" in admin.get(f"{BASE}/accept/xem").text
    assert "Chữ trên nút gửi" in admin.get(f"/quy-trinh/{KEY}/trien-khai").text
    assert send(admin, "/ten", title="Nhận việc", submit="x" * 41).status_code == 422
    send(admin, "/ten", title="Nhận việc", submit=" ")
    assert "properties" not in form_of(ward, "accept")
    assert "Gửi</button>" in admin.get(f"{BASE}/accept/xem").text


@pytest.mark.parametrize("path", ["/truong/99", "/truong/0.0/bo", "/truong/a/chuyen"])
def test_a_place_that_is_not_there_is_not_found(admin: Visitor, path: str) -> None:
    assert send(admin, path, label="x").status_code == 404


def test_markup_in_a_label_stays_text(admin: Visitor) -> None:
    send(admin, "/truong", kind="textfield")
    place = re.findall(r"truong=(\d+)#truong\"[^>]*>Một dòng chữ<", admin.get(f"{BASE}/accept").text)[-1]
    assert send(admin, f"/truong/{place}", label="<script>alert(1)</script>").status_code == 302
    for page in ("", "/xem"):
        assert "<script>alert" not in admin.get(f"{BASE}/accept{page}").text


def test_only_administrators_change_forms(admin: Visitor, ward: Ward) -> None:
    assert ward.signed_in("vhxh.tonghop").get(f"{BASE}/accept").status_code == 403
