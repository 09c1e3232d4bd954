"""Walks of small drawings, saved and restored between all steps."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any

from engine.calendar import Calendar
from engine.spiff import Context, Definition, Walk, compile_bpmn, load_definition
from engine.spiff.codec import decode, to_text

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)  # a Friday, 10:00 in Việt Nam


def context(now: datetime = NOW, **dates: date) -> Context:
    return Context(now, dates, Calendar().functions(now))


def compiled(*sources: bytes) -> dict[str, bytes]:
    """Drawings as they are deployed one after the other, by process id; each may call those before it."""
    versions: dict[str, bytes] = {}
    for source in sources:
        version = compile_bpmn(source, versions)
        versions[load_definition(version).process_id] = version
    return versions


def move_timers(walk: Walk, names: Collection[str]) -> None:
    """What these names hold has changed."""
    for timer in walk.timers_on(names):
        due = walk.reckoned(timer.task_id)
        assert due is not None
        walk.put_off(timer.task_id, due)


class Case:
    """An instance as its owner sees it: bytes between the steps."""

    def __init__(
        self,
        source: bytes,
        *,
        data: Mapping[str, Any] | None = None,
        now: datetime = NOW,
        called: Collection[bytes] = (),
        **start: Any,
    ) -> None:
        self.source = source
        self._begin(compile_bpmn(source, compiled(*called)), now, start.pop("dates", {}))
        self._save(Walk.start(self.definition, data or {}, self.context, **start))

    @classmethod
    def kept(cls, definition: bytes, state: bytes, dates: Mapping[str, date]) -> "Case":
        """An instance of which only the stored bytes are left."""
        case = cls.__new__(cls)
        case._begin(definition, NOW, dict(dates))
        case.state = state
        return case

    def _begin(self, compiled: bytes, now: datetime, dates: dict[str, date]) -> None:
        self.compiled = compiled
        self.definition: Definition = load_definition(compiled)
        self.now = now
        self.dates = dates
        self.sent: list[tuple[str, Mapping[str, object]]] = []
        self.state = b""

    @property
    def context(self) -> Context:
        return context(self.now, **self.dates)

    @property
    def walk(self) -> Walk:
        return Walk.restore(self.definition, self.state, self.context)

    def _save(self, walk: Walk) -> None:
        walk.run()
        self.sent += [(message.message, message.payload) for message in walk.outbox]
        self.state = walk.save()

    @property
    def length(self) -> int:
        """Of the stored state's text: compressed, identifiers make one state some bytes longer than another."""
        return len(to_text(decode(self.state)))

    def waits(self) -> list[tuple[str, str]]:
        waits = self.walk.waits
        found = [("user", w.element_id) for w in waits.user_tasks] + [("service", w.element_id) for w in waits.services]
        found += [("timer", w.element_id) for w in waits.timers] + [
            ("message", w.element_id) for w in waits.subscriptions
        ]
        return sorted(found)

    @property
    def completed(self) -> bool:
        return self.walk.waits.completed

    @property
    def data(self) -> dict[str, Any]:
        return self.walk.data

    def do(self, element: str, **values: Any) -> None:
        """Make one of the waits at an element come true."""
        walk = self.walk
        waits = walk.waits
        groups = {"complete": waits.user_tasks, "complete_service": waits.services, "deliver": waits.subscriptions}
        for verb, group in groups.items():
            for waiting in sorted(group, key=lambda w: w.task_id):
                if waiting.element_id == element:
                    getattr(walk, verb)(waiting.task_id, values)
                    return self._save(walk)
        timer = next(w for w in waits.timers if w.element_id == element)
        walk.fire(timer.task_id)
        return self._save(walk)
