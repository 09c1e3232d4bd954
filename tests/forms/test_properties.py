"""What holds for every form and whatever is answered to it."""

from hypothesis import assume, example, given
from hypothesis import strategies as st

from forms.cleaning import empty
from forms.conditions import decide, in_order
from forms.definition import FormDefinition, FormRefused, InvalidForm
from forms.expressions import ExpressionError
from forms.fields import FieldType
from forms.formdata import parse_form_data
from tests.forms.samples import CONTEXT, choices, field, form, posted, rendered, rendered_answers, source
from webapp.answers_view import build_answers
from webapp.forms_view import build_form

KEYS = ("a", "b", "c", "d", "e", "f")
CONDITIONS = (
    "a",
    "not a",
    "b == 'x'",
    "b != 'x' and c",
    "'x' in d",
    "c > 1",
    "e < today",
    "not rows",
    "case.conditional and a",
    "f / c > 1",
    "d == a",
)
KINDS = (
    "textfield", "textarea", "number", "datetime", "select", "radio", "checklist", "checkbox",
    "filepicker", "person", "unit", "indicator",
)  # fmt: skip
expressions = st.sampled_from(CONDITIONS)
texts = st.sampled_from(["", " ", "x", "y", "1", "2", "1,5", "on", "f1", "p1", "04/12/2026", "<b>", "một\nhai", "%"])
scalars = st.none() | texts | st.text(max_size=12)
anything = st.recursive(
    scalars | st.booleans() | st.integers() | st.floats() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def answered(draw, key):
    """A component for the key, of any kind that can be a column too."""
    kind = draw(st.sampled_from(KINDS))
    more = {"values": choices("x", "y", "1")} if kind in ("select", "radio", "checklist") else {}
    if kind in ("filepicker", "unit", "select"):
        more["multiple"] = draw(st.booleans())
    if kind == "number":
        more["decimalDigits"] = draw(st.none() | st.integers(0, 3))
    validate = draw(st.fixed_dictionaries({}, optional={"required": st.booleans(), "requiredWhen": expressions}))
    if kind in ("textfield", "textarea"):
        validate |= draw(
            st.sampled_from([{}, {"maxLength": 5}, {"pattern": "[a-z0-9,]*"}, {"validationType": "email"}])
        )
    if kind == "number":
        validate |= draw(st.fixed_dictionaries({}, optional={"min": st.integers(-2, 2), "max": st.just("=c")}))
    hide = draw(st.none() | expressions)
    conditional = {"conditional": {"hide": f"={hide}"}} if hide else {}
    return field(kind, key, validate=validate, **more, **conditional)


@st.composite
def forms(draw):
    """A form of up to six fields, some in a group, perhaps with a table; circles among its conditions are left out."""
    fields = [draw(answered(key)) for key in draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=6))]
    split = draw(st.integers(0, len(fields)))
    hide = draw(st.none() | expressions)
    group = {"type": "group", "label": "Nhóm", "components": fields[split:]}
    components = [*fields[:split], group | ({"conditional": {"hide": f"={hide}"}} if hide else {})]
    if draw(st.booleans()):
        columns = [
            draw(answered(key)) for key in draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1, max_size=3))
        ]
        components.append(field("dynamiclist", "rows", components=columns, validate={"required": draw(st.booleans())}))
    try:
        return FormDefinition.parse(source(*components))
    except InvalidForm as refused:
        assume(not all("vòng quanh" in fault for fault in refused.faults))
        raise


plausible = scalars | st.lists(texts, max_size=3)
rows = st.lists(st.dictionaries(st.sampled_from(KEYS), plausible, max_size=3), max_size=3)
sensible = st.fixed_dictionaries({}, optional={**dict.fromkeys(KEYS, plausible), "rows": rows})
wild = st.dictionaries(st.sampled_from((*KEYS, "rows")), anything)


@given(forms(), sensible | wild)
@example(form(field("dynamiclist", "rows", components=[field("indicator", "a")])), {"rows": [{"a": []}]})
def test_answers_are_stored_or_refused_and_can_always_be_shown_again(definition, raw):
    errors = {}
    try:
        definition.load(raw, CONTEXT)
    except FormRefused as refused:
        errors = refused.errors
        assert all(messages and all(messages) for messages in errors.values())
    view = build_form(definition, context=CONTEXT, values=raw, errors=errors)
    assert len(view.summary) == sum(map(len, errors.values()))
    assert all(link.target for link in view.summary)
    rendered(view).encode()


@given(forms(), sensible)
def test_what_was_accepted_is_shown_and_sent_again_the_same(definition, raw):
    try:
        answers = definition.load(raw, CONTEXT)
    except FormRefused:
        assume(False)
    html = rendered(build_form(definition, context=CONTEXT, values=answers))
    assert definition.load(parse_form_data(definition, posted(html)), CONTEXT) == answers
    assert definition.load(answers, CONTEXT) == answers
    rendered_answers(build_answers(definition, answers, CONTEXT)).encode()


@given(forms(), sensible | wild)
def test_what_is_hidden_is_neither_required_nor_stored(definition, raw):
    hidden = decide(in_order(definition.components), raw, CONTEXT, CONTEXT.names).hidden
    try:
        assert not hidden & definition.load(raw, CONTEXT).keys()
    except FormRefused as refused:
        assert not hidden & {name.partition("-")[0] for name in refused.errors}


@given(forms(), sensible)
def test_what_is_shown_and_required_is_never_stored_empty(definition, raw):
    decision = decide(in_order(definition.components), raw, CONTEXT, CONTEXT.names)
    try:
        answers = definition.load(raw, CONTEXT)
    except FormRefused:
        return
    for each in definition.fields:
        if each.key in decision.required:
            assert answers[each.key] != empty(each)
        elif each.type is FieldType.CHECKBOX and each.key in answers:
            assert isinstance(answers[each.key], bool)


def test_the_conditions_drawn_here_are_of_the_language():
    for condition in CONDITIONS:
        try:
            definition = FormDefinition.parse(source(field("number", "z", conditional={"hide": f"={condition}"})))
        except (InvalidForm, ExpressionError) as fault:
            raise AssertionError(condition) from fault
        assert definition.outside_names
