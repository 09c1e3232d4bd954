"""The page of a form, and of its answers: what stands on it, read as HTML."""

import pytest

from forms.definition import FormRefused
from forms.formdata import parse_form_data
from tests.forms.samples import CONTEXT, choices, field, form, page_of, posted, rendered, rendered_answers
from webapp.answers_view import build_answers
from webapp.forms_view import build_form

EVERYTHING = form(
    {"type": "text", "text": "## Hướng dẫn\nDòng **đậm** <script>\nhai\n\n- một\n- hai\n\n1. ba"},
    {"type": "separator"},
    field("textfield", "title", label="Tên", description="Ngắn gọn.", validate={"required": True}),
    field("textfield", "mail", label="Thư điện tử", validate={"validationType": "email"}),
    field("textarea", "result", label="Kết quả", conditional={"hide": "=nothing"}),
    field("checkbox", "nothing", label="Không phát sinh"),
    {
        "type": "group",
        "label": "Chi tiết",
        "conditional": {"hide": "=nothing"},
        "components": [
            field("number", "rate", label="Tỷ lệ", properties={"unit_label": "%", "requiredWhen": "not nothing"}),
            field("datetime", "day", label="Ngày", validate={"max": "=today"}),
        ],
    },
    field("select", "kind", label="Loại", values=choices("x", "y")),
    field("radio", "decision", label="Quyết định", values=choices("agree", "return"), validate={"required": True}),
    field("checklist", "areas", label="Lĩnh vực", values=choices("a", "b", "c")),
    field("person", "who", label="Người làm"),
    field("unit", "units", label="Đơn vị", multiple=True),
    field("filepicker", "files", label="Minh chứng", multiple=True, accept=".pdf"),
    field(
        "dynamiclist",
        "rows",
        label="Khó khăn",
        components=[
            field("textfield", "what", label="Nội dung", validate={"required": True}),
            field("radio", "how", label="Mức", values=choices("low", "high")),
            field("filepicker", "proof", label="Tệp"),
        ],
    ),
    field("number", "secret", label="Bí mật", conditional={"hide": "=case.conditional"}),
)
RAW = {
    "title": " ",
    "mail": "không phải <thư>",
    "result": "\nmột\n hai",
    "rate": "101 %%",
    "day": "32/13/2026",
    "kind": "y",
    "decision": None,
    "areas": ["a", "c"],
    "who": "p2",
    "units": ["u1", "u3"],
    "files": ["f1", "f2"],
    "rows": [{"what": "x", "how": "high", "proof": ["f2"]}, {"what": "", "how": "low", "proof": []}],
}


def refused(definition, raw):
    with pytest.raises(FormRefused) as caught:
        definition.load(raw, CONTEXT)
    return caught.value.errors


def page_with_faults():
    errors = refused(EVERYTHING, RAW)
    return page_of(rendered(build_form(EVERYTHING, context=CONTEXT, values=RAW, errors=errors, upload_url="/tep")))


def test_refused_input_stands_as_it_was_typed():
    html = rendered(build_form(EVERYTHING, context=CONTEXT, values=RAW, errors=refused(EVERYTHING, RAW)))
    again = parse_form_data(EVERYTHING, posted(html))
    assert again["mail"] == "không phải <thư>"
    assert again["rate"] == "101 %%"
    assert again["day"] == "32/13/2026"
    assert again["result"].strip() == "một\r\n hai"
    assert {key: again[key] for key in ("kind", "areas", "who", "units", "files", "rows")} == {
        key: RAW[key] for key in ("kind", "areas", "who", "units", "files", "rows")
    }


def test_the_summary_leads_to_every_fault():
    page = page_with_faults()
    (summary,) = page.xpath("//*[@data-error-summary]")
    assert (summary.get("role"), summary.get("tabindex")) == ("alert", "-1")
    links = {link.text: link.get("href") for link in summary.xpath(".//a")}
    assert links["Chưa nhập tên."] == "#field-title"
    assert links["Dòng 2: Chưa nhập nội dung."] == "#field-rows-1-what"
    assert len(links) == 6
    for target in links.values():
        assert page.xpath(f"//*[@id='{target[1:]}']")


def test_faults_without_a_field_stand_in_the_summary_too():
    errors = {"": ["Việc này vừa được người khác xử lý."]}
    page = page_of(rendered(build_form(EVERYTHING, context=CONTEXT, errors=errors)))
    assert page.xpath("//*[@data-error-summary]//li")[0].text == "Việc này vừa được người khác xử lý."


def test_every_input_is_labelled_and_ids_are_unique():
    page = page_with_faults()
    ids = [element.get("id") for element in page.xpath("//*[@id]")]
    assert len(ids) == len(set(ids))
    for control in page.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        labelled = control.xpath("ancestor::label") or page.xpath(f"//label[@for='{control.get('id')}']")
        assert labelled, control.attrib
    for element in page.xpath("//*[@aria-describedby or @aria-labelledby]"):
        for id in f"{element.get('aria-describedby', '')} {element.get('aria-labelledby', '')}".split():
            assert id in ids, id


def test_faults_are_tied_to_their_inputs():
    page = page_with_faults()
    (title,) = page.xpath("//input[@name='title']")
    assert title.get("aria-invalid") == "true"
    assert title.get("aria-required") == "true"
    assert title.get("aria-describedby") == "help-field-title error-field-title"
    (fieldset,) = page.xpath("//fieldset[@id='field-decision']")
    assert fieldset.get("role") == "radiogroup"
    assert fieldset.get("aria-describedby") == "error-field-decision"
    (proof,) = page.xpath("//input[@id='field-rows-0-proof']")
    assert page.xpath("//input[@type='hidden'][@name='rows-0-proof']/@value") == ["f2"]
    assert proof.get("type") == "file"


def test_conditions_go_along_as_data():
    page = page_of(rendered(build_form(EVERYTHING, context=CONTEXT)))
    (result,) = page.xpath("//*[@data-key='result']")
    assert result.get("data-hide-when") == '{"name": ["nothing"]}'
    (rate,) = page.xpath("//*[@data-key='rate']")
    assert rate.get("data-required-when") == '{"not": {"name": ["nothing"]}}'
    assert page.xpath("//*[@data-form]/@data-form-names") == ['{"case": {"conditional": true}, "today": "2026-12-01"}']


def test_what_the_surroundings_hide_is_not_on_the_page():
    assert not page_of(rendered(build_form(EVERYTHING, context=CONTEXT))).xpath("//*[@data-key='secret']")


def test_without_script_what_the_form_itself_hides_is_on_the_page():
    page = page_of(rendered(build_form(EVERYTHING, context=CONTEXT, values={"nothing": True})))
    assert page.xpath("//textarea[@name='result']")
    assert not page.xpath("//*[@data-key='result'][@hidden]")


def test_texts_are_markdown_but_never_html():
    page = page_of(rendered(build_form(EVERYTHING, context=CONTEXT)))
    (prose,) = page.xpath("//*[@class='q-prose']")
    assert prose.xpath(".//h3/text()") == ["Hướng dẫn"]
    assert prose.xpath(".//strong/text()") == ["đậm"]
    assert prose.xpath(".//ul/li/text()") == ["một", "hai"]
    assert prose.xpath(".//ol/li/text()") == ["ba"]
    assert not prose.xpath(".//script")


def test_a_blank_row_is_offered_until_the_most():
    definition = form(field("dynamiclist", "r", properties={"maxRows": 2}, components=[field("number", "n")]))

    def names(values):
        return page_of(rendered(build_form(definition, context=CONTEXT, values=values))).xpath("//input/@name")

    assert names({}) == ["r-0-n"]
    assert names({"r": [{"n": "1"}]}) == ["r-0-n", "r-1-n"]
    assert names({"r": [{"n": "1"}, {"n": "2"}]}) == ["r-0-n", "r-1-n"]


def test_defaults_stand_in_a_fresh_form_only():
    definition = form(
        field("number", "n", defaultValue=1.5), field("checklist", "c", values=choices("a"), defaultValue=["a"])
    )
    assert posted(rendered(build_form(definition, context=CONTEXT))) == {"n": ["1,5"], "c": ["a"]}
    assert posted(rendered(build_form(definition, context=CONTEXT, values={}))) == {"n": [""]}


def test_a_default_may_come_from_what_is_known_of_the_case():
    definition = form(
        field("datetime", "day", defaultValue="=today"), field("textfield", "t", defaultValue="=asked.by.whom")
    )
    assert definition.outside_names == {"today", "asked.by.whom"}
    assert posted(rendered(build_form(definition, context=CONTEXT))) == {"day": ["01/12/2026"], "t": [""]}


def test_a_prefix_keeps_the_forms_of_a_page_apart():
    view = build_form(EVERYTHING, context=CONTEXT, values=RAW, errors={"title": ["Chưa nhập tên."]}, prefix="k1-")
    html = rendered(view)
    assert view.summary[0].target == "field-k1-title"
    assert parse_form_data(EVERYTHING, posted(html), prefix="k1-")["rows"] == RAW["rows"]


def test_files_show_their_size():
    page = page_with_faults()
    sizes = page.xpath("//*[@data-key='files']//*[@class='q-file-meta']/text()")
    assert sizes == ["1,4 MB", "801 kB"]
    assert page.xpath("//*[@data-key='files']//@data-upload-url") == ["/tep"]
    assert page.xpath("//*[@data-key='files']//@data-upload-takes") == ["PDF"]
    assert page.xpath("//*[@data-key='files']//*[@id='help-field-files']/text()") == ["Chỉ nhận PDF."]
    assert not page.xpath("//*[@data-key='files']//@capture"), "A camera gives pictures, which are not taken here."


def test_answers_are_shown_as_people_write_them():
    answers = {
        "title": "Tên <b>",
        "result": "một\nhai",
        "nothing": False,
        "rate": 99.5,
        "day": "2026-12-01",
        "kind": "y",
        "decision": "return",
        "areas": ["a", "c"],
        "who": "p2",
        "units": ["u1", "gone"],
        "files": ["f1"],
        "rows": [{"what": "x", "how": None, "proof": []}],
    }
    view = build_answers(EVERYTHING, answers, CONTEXT, file_url=lambda id: f"/tep/{id}")
    page = page_of(rendered_answers(view))
    shown = {term.text: term.getnext() for term in page.xpath("//dt")}
    text = {label: element.text_content().strip() for label, element in shown.items()}
    assert text["Tên"] == "Tên <b>"
    assert text["Kết quả"] == "một\nhai"
    assert text["Không phát sinh"] == "Không"
    assert (text["Tỷ lệ"], text["Ngày"], text["Loại"]) == ("99,5%", "01/12/2026", "Y")
    assert text["Người làm"] == "Trần Thị B"
    assert shown["Đơn vị"].xpath(".//li/text()") == ["Công an phường", "(không còn trong danh sách)"]
    assert shown["Minh chứng"].xpath(".//a/@href") == ["/tep/f1"]
    assert shown["Khó khăn"].xpath(".//td/@data-label") == ["Nội dung", "Mức", "Tệp"]
    assert "Bí mật" not in shown
    assert "Thư điện tử" not in shown


def test_no_answers_say_so():
    assert "Không có nội dung nào được nhập." in rendered_answers(build_answers(EVERYTHING, {}, CONTEXT))


@pytest.mark.parametrize(
    "values",
    [
        {"title": 5, "areas": {"a": 1}, "rows": "x", "files": [1, None], "kind": ["x", 2], "nothing": []},
        {"title": "\ud800\x00x", "rows": [None, 5, {"what": ["x"]}], "rate": True, "day": 5},
    ],
)
def test_any_values_can_be_shown(values):
    rendered(build_form(EVERYTHING, context=CONTEXT, values=values, errors={"nowhere": ["x"]})).encode()
    rendered_answers(build_answers(EVERYTHING, values, CONTEXT)).encode()
