"""Whether every expression of a drawing can be read, and speaks of things that will be there."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain

from engine.calendar import Calendar
from engine.spiff.check_events import TELLING
from engine.spiff.clock import is_duration, is_literal
from engine.spiff.drawing import Drawing, Node
from engine.spiff.expressions import DATES, FUNCTIONS, LAST_DOER, RESERVED, overlap
from engine.spiff.findings import Finding, error, warning
from engine.spiff.repeats import IN_LOOPS, MOST_INSTANCES
from forms.expressions import ExpressionError, check, check_script, compared_texts, evaluate, kind_given, names_in
from forms.values import kind_of

MOMENT, DAY, TIMES, LIST = "thời điểm", "ngày hoặc thời điểm", f"số từ 0 đến {MOST_INSTANCES}", "danh sách"
ACCEPTED = {MOMENT: (), DAY: ("chữ",), TIMES: ("số",), LIST: ("danh sách",)}
"""What may be computed or written out where a kind is wanted; what a case's data gives is seen when it runs."""
SAMPLE_NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
EMPTY, DATED = kind_of(None), (kind_of(SAMPLE_NOW), kind_of(SAMPLE_NOW.date()))
UNFIT = {MOMENT: (EMPTY,), TIMES: (EMPTY, *DATED), LIST: (EMPTY, *DATED)}
"""What dates and functions may give instead, which stops each case."""
SAMPLE = {**dict.fromkeys(DATES, date(2026, 12, 4)), "now": SAMPLE_NOW, "today": SAMPLE_NOW.date()}
"""What is there in any case that has its dates."""
SAMPLE_COUNT = {"count": lambda field, value: 0}


@dataclass(frozen=True, slots=True)
class Written:
    """An expression, and where it stands."""

    element: str
    place: str  # in the author's words
    text: str
    is_script: bool = False  # lines of `name = expression`
    local: frozenset[str] = frozenset()  # names and functions that are there in this place only
    elsewhere: bool = False  # its names are those of a called process
    wanted: str = ""  # the kind of what it has to give, as far as one expects a certain one

    @property
    def cannot_do_without(self) -> bool:
        """Whether a case stops here when a name holds nothing: a moment to wait for, a list to go through."""
        return self.wanted in (MOMENT, TIMES, LIST) and " or " not in self.text


def expression_findings(drawing: Drawing, forms: Mapping[str, Collection[str]] | None) -> Iterator[Finding]:
    """Expressions that don't parse, fields that no form has, names that nothing gives."""
    names = _Names(drawing, forms)
    for written in expressions(drawing):
        faults = (check_script if written.is_script else check)(written.text, None, (*FUNCTIONS, *written.local))
        if faults:
            yield error("bad-expression", written.element, f"{written.place}: {' '.join(faults)}")
            continue
        yield from [*_kind_findings(written)] or _failing_findings(written)
        if not written.elsewhere:
            yield from names.findings(written)
    for node in drawing.nodes.values():
        for name in sorted(_given(node) & RESERVED):
            what = f"{node.phrase} đặt “{name}”, tên dành riêng cho hệ thống"
            yield error("reserved-name", node.id, f"{what}: đặt tên khác.")


def _kind_findings(written: Written) -> Iterator[Finding]:
    """Expressions that give something else, whatever the data holds: `5` as a moment, `2.5` as how often."""
    given = kind_given(written.text) if written.wanted else None
    if given is not None and (given not in ACCEPTED[written.wanted] or not _is_times(written)):
        yield _wrong_kind(written, given)


def _failing_findings(written: Written) -> Iterator[Finding]:
    """What fails in every case, as it hangs on none of the case's data: `10 / 0`, `deadline` as how often."""
    for expression in _texts(written):
        if names_in(expression) <= SAMPLE.keys():
            try:
                value = evaluate(expression, SAMPLE, {**SAMPLE_COUNT, **Calendar().functions(SAMPLE_NOW)})
            except ExpressionError as fault:
                message = f"{written.place} không tính được: {fault} Sửa biểu thức."
                yield error("never-computed", written.element, message)
            else:
                if written.cannot_do_without and kind_of(value) in UNFIT[written.wanted]:
                    yield _wrong_kind(written, kind_of(value))


def _wrong_kind(written: Written, given: str) -> Finding:
    what = f"{written.place} cho ra {given} chứ không phải {written.wanted}"
    return error("wrong-kind", written.element, f"{what}: sửa biểu thức.")


def _texts(written: Written) -> list[str]:
    lines = (line.strip() for line in written.text.splitlines())
    return (
        [line.partition("=")[2] for line in lines if line and line[0] != "#"] if written.is_script else [written.text]
    )


def _is_times(written: Written) -> bool:
    if written.wanted != TIMES or names_in(written.text):
        return True
    try:
        return evaluate(written.text, {}) in range(MOST_INSTANCES + 1)
    except ExpressionError:
        return False


def _given(node: Node) -> set[str]:
    """The names that a shape gives a value; of the system's own nobody would ever see it."""
    loop, inputs = node.loop, node.properties.get("inputs", "").split(";") if node.kind == "callActivity" else ()
    named = {*_targets((node.script or "").splitlines()), *_targets(inputs)}
    return {name.split(".")[0] for name in named} | ({loop.item or "", loop.output or ""} if loop else set())


def expressions(drawing: Drawing) -> Iterator[Written]:
    """Every expression of a drawing."""
    for flow in drawing.flows.values():
        if flow.condition is not None:
            yield Written(flow.id, f"Điều kiện của nhánh {flow.label}", flow.condition)
    for node in drawing.nodes.values():
        yield from _of_node(node)


PLACES = {"person": "“Giao đích danh”", "due": "Hạn"}
"""What the editor calls the properties of a step that are expressions."""


def _of_node(node: Node) -> Iterator[Written]:
    if node.kind in ("userTask", "manualTask"):
        for name in PLACES:
            if node.properties.get(name):
                place, text = f"{PLACES[name]} của bước {node.label}", node.properties[name]
                if name == "due":
                    yield Written(node.id, place, text, wanted=DAY)
                else:
                    yield Written(node.id, place, text, local=frozenset({LAST_DOER}))
    kind, timer = node.timer or ("", "")
    if timer and kind != "timeCycle" and not is_literal(timer) and not is_duration(timer):
        yield Written(node.id, f"Hẹn giờ {node.label}", timer, wanted=MOMENT)
    if node.script:
        yield Written(node.id, f"Lệnh của bước {node.label}", node.script, is_script=True)
    yield from _entries(node)
    if node.loop is not None:
        loop = node.loop
        parts = ((loop.cardinality, TIMES), (loop.collection, LIST), (loop.until, ""), (loop.again, ""))
        for part, wanted in parts:
            if part:
                yield Written(node.id, f"Phần lặp của bước {node.label}", part, local=IN_LOOPS, wanted=wanted)


def _entries(node: Node) -> Iterator[Written]:
    """Properties of the form `name = expression; …`."""
    places = {"payload": f"Nội dung thông điệp của {node.phrase}"}
    if node.kind == "callActivity":
        places = {"inputs": f"Dữ liệu đưa vào của {node.phrase}", "outputs": f"Kết quả lấy ra của {node.phrase}"}
    for name, place in places.items():
        if node.properties.get(name):
            text = "\n".join(node.properties[name].split(";"))
            yield Written(node.id, place, text, is_script=True, elsewhere=name == "outputs")


class _Names:
    """What the steps, events and scripts of a drawing put into its data."""

    def __init__(self, drawing: Drawing, forms: Mapping[str, Collection[str]] | None) -> None:
        self.forms = forms
        self.steps = {node.id: node for node in drawing.nodes.values() if node.kind in ("userTask", "manualTask")}
        loops = [node.loop for node in drawing.nodes.values() if node.loop is not None]
        self.known = {
            *DATES, "now", "today", *drawing.properties.get("inputs", "").split(),
            *(node.id for node in drawing.nodes.values() if _gets_data(node)),
            *(name for loop in loops for name in (loop.item, loop.output) if name),
            *(name for node in drawing.nodes.values() for name in _assigned(node)),
        }  # fmt: skip

    def findings(self, written: Written) -> Iterator[Finding]:
        """What an expression asks for and nothing gives."""
        for name in sorted(read_names(written)):
            head, _, rest = name.partition(".")
            if head in self.steps:
                yield from self._field_findings(written, self.steps[head], rest.split(".")[0])
            elif not any(overlap(name, known) for known in self.known | written.local):
                mend = "sửa tên, hoặc khai ở “Dữ liệu có sẵn” của quy trình nếu có từ khi bắt đầu"
                message = f"{written.place} dùng “{name}” mà không bước nào đặt: {mend}."
                yield (error if written.cannot_do_without else warning)("unknown-name", written.element, message)
        for name, value in sorted(set(chain.from_iterable(map(compared_texts, _texts(written))))):
            yield from self._choice_findings(written, name, value)

    def _choice_findings(self, written: Written, name: str, value: str) -> Iterator[Finding]:
        """A branch that is taken on an answer which nobody can give: each case would go the other way, unseen."""
        head, _, field = name.partition(".")
        step = self.steps.get(head)
        fields = (self.forms or {}).get(step.properties.get("form", "")) if step else None
        offered = fields.get(field) if isinstance(fields, Mapping) else None
        if step and offered and value not in offered:
            mend = f"ghi lựa chọn đó với mã “{value}” trong biểu mẫu, hoặc sửa biểu thức"
            asked = f"{written.place} chờ lựa chọn mang mã “{value}” ở trường “{field}” của bước {step.label}"
            yield error("unknown-choice", written.element, f"{asked}, mà không còn: {mend}.")

    def _field_findings(self, written: Written, step: Node, field: str) -> Iterator[Finding]:
        form = step.properties.get("form", "")
        if self.forms is None or form not in self.forms or not field:
            return
        if field not in self.forms[form]:
            mend = f"thêm trường vào biểu mẫu “{form}”, đánh dấu để quy trình dùng câu trả lời, hoặc sửa biểu thức"
            message = f"{written.place} dùng trường “{field}” mà bước {step.label} không cho: {mend}."
            yield error("unknown-field", written.element, message)


def _gets_data(node: Node) -> bool:
    """Whether something other than a form puts data under a shape's id."""
    return node.kind in ("serviceTask", "callActivity") or bool(node.message) or node.event in ("signal", *TELLING)


def _assigned(node: Node) -> set[str]:
    """The names that a script gives a value."""
    if node.kind != "scriptTask" or not node.script or check_script(node.script, None, FUNCTIONS):
        return set()
    return _targets(node.script.splitlines())


def _targets(script: Iterable[str]) -> set[str]:
    lines = (line.strip() for line in script)
    return {line.partition("=")[0].strip() for line in lines if line and line[0] != "#"}


def read_names(written: Written) -> set[str]:
    """The names that are read; a script may use what its lines above have assigned."""
    if not written.is_script:
        return names_in(written.text)
    read: set[str] = set()
    assigned: set[str] = set()
    for line in written.text.splitlines():
        target, sign, expression = line.partition("=")
        if sign and not line.strip().startswith("#"):
            read |= {name for name in _names_or_none(expression) if name.split(".")[0] not in assigned}
            assigned.add(target.strip().split(".")[0])
    return read


def _names_or_none(expression: str) -> set[str]:
    try:
        return names_in(expression)
    except ExpressionError:
        return set()
