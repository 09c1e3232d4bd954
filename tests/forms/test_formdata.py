"""What a browser posts becomes raw answers."""

from forms.formdata import parse_form_data
from tests.forms.samples import choices, field, form

DEFINITION = form(
    field("textfield", "a"),
    field("checkbox", "b"),
    {"type": "group", "components": [field("checklist", "c", values=choices("x", "y"))]},
    field("filepicker", "f", multiple=True),
    field(
        "dynamiclist",
        "rows",
        properties={"maxRows": "2"},
        components=[field("textfield", "p"), field("filepicker", "q")],
    ),
)


def test_pairs_become_answers_as_they_were_typed():
    data = {"a": [" x ", "second"], "b": ["on"], "c": ["x", "y"], "csrf_token": ["t"]}
    assert parse_form_data(DEFINITION, data) == {"a": " x ", "b": "on", "c": ["x", "y"], "f": [], "rows": []}


def test_what_was_not_posted_is_missing():
    assert parse_form_data(DEFINITION, {}) == {"a": None, "b": None, "c": [], "f": [], "rows": []}


def test_rows_come_by_number_without_the_blank_ones():
    data = {
        "rows-10-p": ["b"],
        "rows-2-p": ["a"],
        "rows-2-q": ["f1"],
        "rows-3-p": [" "],
        "rows-x-p": ["no"],
        "rows-4-z": ["no"],
    }
    assert parse_form_data(DEFINITION, data)["rows"] == [{"p": "a", "q": ["f1"]}, {"p": "b", "q": []}]


def test_one_row_too_many_is_kept_to_be_refused():
    data = {f"rows-{n}-p": ["x"] for n in range(1000)}
    assert len(parse_form_data(DEFINITION, data)["rows"]) == 3


def test_a_prefix_tells_the_forms_of_a_page_apart():
    data = {"one-a": ["1"], "two-a": ["2"], "two-rows-0-p": ["x"]}
    assert parse_form_data(DEFINITION, data, prefix="one-")["a"] == "1"
    assert parse_form_data(DEFINITION, data, prefix="two-")["rows"] == [{"p": "x", "q": []}]
