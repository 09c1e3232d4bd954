"""The shipped procedures, walked as people do: every step answered through its form, saved and restored in between."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from engine.calendar import LOCAL, Calendar
from engine.spiff import Context, Definition, Walk, compile_bpmn, load_definition
from forms.definition import FormDefinition
from forms.fields import Attachment, FormContext, Option
from tests.engine.spiff.cases import move_timers

ROOT = Path(__file__).parents[2]
PROCEDURES = ("task_lifecycle", "contribution", "report_cycle", "difficulty")
FRIDAY = datetime(2026, 11, 20, 3, tzinfo=UTC)  # 10:00 in Việt Nam
REPORT_BY, SUBMIT_BY = date(2026, 12, 4), date(2026, 12, 14)
OFFICER = "0199a000-0000-7000-8000-000000000001"
OTHER_UNIT = "0199a000-0000-7000-8000-000000000002"
FILE = "0199a000-0000-7000-8000-000000000003"
OPTIONS = {
    "person": (Option(OFFICER, "Chuyên viên"),),
    "vice_chairs": (Option(OFFICER, "Phó Chủ tịch"),),
    "unit": (Option(OTHER_UNIT, "Trạm Y tế"),),
    "indicator": (Option("budget", "Chi cho KH&CN"),),
    "cycle_tasks": (Option("1", "Nhiệm vụ 1"),),
}


def drawing(key: str) -> bytes:
    return (ROOT / "workflows" / f"{key}.bpmn").read_bytes()


def form(form_id: str) -> FormDefinition:
    return FormDefinition.parse((ROOT / "forms" / f"{form_id}.form").read_bytes())


_definitions: dict[str, Definition] = {}


def definition(key: str) -> Definition:
    if key not in _definitions:
        _definitions[key] = load_definition(compile_bpmn(drawing(key)))
    return _definitions[key]


class Rehearsal:
    """One instance of a shipped procedure; only its bytes live from one act to the next."""

    def __init__(self, key: str, *, data: Mapping[str, Any], dates: Mapping[str, date], **start: Any) -> None:
        self.definition = definition(key)
        self.now, self.dates = FRIDAY, dict(dates)
        self.sent: list[str] = []
        self.payloads: dict[str, Mapping[str, object]] = {}
        self._keep(Walk.start(self.definition, dict(data), self._context(), **start))

    def _context(self) -> Context:
        return Context(self.now, self.dates, Calendar().functions(self.now))

    def restored(self) -> Walk:
        return Walk.restore(self.definition, self.state, self._context())

    def _keep(self, walk: Walk) -> None:
        walk.run()
        self.sent += [message.message for message in walk.outbox]
        self.payloads |= {message.message: message.payload for message in walk.outbox}
        self.state = walk.save()

    # ── looking ──

    @property
    def steps(self) -> set[str]:
        """The steps that people have before them."""
        return {waiting.element_id for waiting in self.restored().waits.user_tasks}

    @property
    def services(self) -> set[str]:
        return {waiting.element_id for waiting in self.restored().waits.services}

    @property
    def messages(self) -> set[str]:
        """The messages that somebody waits for."""
        return {waiting.message for waiting in self.restored().waits.subscriptions}

    @property
    def timers(self) -> dict[str, datetime]:
        """When each waiting timer is due, in local time."""
        return {waiting.element_id: waiting.due_at.astimezone(LOCAL) for waiting in self.restored().waits.timers}

    @property
    def ended(self) -> bool:
        return self.restored().waits.completed

    @property
    def data(self) -> dict[str, Any]:
        return self.restored().data

    def due(self, step: str) -> object:
        """What a step's due expression gives now; instants in local time."""
        value = self.restored().evaluate(self.definition.steps[step].due or "deadline")
        return value.astimezone(LOCAL) if isinstance(value, datetime) else value

    def person(self, step: str) -> object:
        return self.restored().evaluate(self.definition.steps[step].person or "null")

    # ── acting ──

    def do(self, step: str, **answers: object) -> None:
        """Answer a step's form, as its page would post it."""
        walk = self.restored()
        entered = self._entered(walk, self.definition.steps[step].form, answers)
        waiting = next(waiting for waiting in walk.waits.user_tasks if waiting.element_id == step)
        walk.complete(waiting.task_id, entered)
        self._keep(walk)

    def serve(self, element: str, **result: object) -> None:
        """A service has done its work."""
        walk = self.restored()
        waiting = next(waiting for waiting in walk.waits.services if waiting.element_id == element)
        walk.complete_service(waiting.task_id, result)
        self._keep(walk)

    def fire(self, timer: str) -> None:
        """A timer of the drawing is due; the clock stands at that moment."""
        walk = self.restored()
        waiting = next(waiting for waiting in walk.waits.timers if waiting.element_id == timer)
        self.now = max(self.now, waiting.due_at)
        walk = self.restored()
        walk.fire(waiting.task_id)
        self._keep(walk)

    def tell(self, message: str, **payload: object) -> None:
        """A message comes; where its event has a form, a person has filled it."""
        walk = self.restored()
        waiting = next(waiting for waiting in walk.waits.subscriptions if waiting.message == message)
        form_id = self.definition.elements[waiting.element_id].properties.get("form")
        walk.deliver(waiting.task_id, self._entered(walk, form_id, payload) if form_id else payload)
        self._keep(walk)

    def move(self, **dates: date) -> None:
        """The instance's dates move, and its timers with them."""
        self.dates |= dates
        walk = self.restored()
        move_timers(walk, dates)
        self.state = walk.save()

    def _entered(self, walk: Walk, form_id: str, answers: Mapping[str, object]) -> dict[str, object]:
        names = {**walk.data, **self.dates, "today": self.now.astimezone(LOCAL).date()}
        files = {FILE: Attachment(FILE, "minh-chung.pdf", 1)}
        definition = form(form_id)
        return definition.variables(
            definition.load(answers, FormContext(names=names, options=OPTIONS, attachments=files))
        )
