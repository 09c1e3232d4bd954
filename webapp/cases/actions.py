"""What people may tell a case beside its steps: the messages that it waits for and that have a form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import url_for
from sqlalchemy.orm import Session

from engine.desks import sender_desks
from engine.spiff import Element
from webapp.cases.diagrams import Wait
from webapp.cases.queries import Case
from webapp.database import connection_of
from webapp.identity import CurrentPerson
from webapp.runtime import runtime


@dataclass(frozen=True, slots=True)
class MessageAction:
    """A message that the person may send now."""

    title: str
    url: str
    subscription_id: UUID


def message_actions(read: Session, person: CurrentPerson, case: Case, waits: Iterable[Wait]) -> list[MessageAction]:
    """The messages that a desk of the person may send, as their forms are called; in the order of the drawing."""
    connection = connection_of(read)
    elements = runtime().definition(case.definition_id, connection).elements
    order = list(elements)
    return [
        MessageAction(
            runtime().form(case.definition_id, elements[wait.element_id].properties["form"], connection).title,
            url_for("inbox.message", instance_id=case.id, element_id=wait.element_id),
            wait.id,
        )
        for wait in sorted(waits, key=lambda wait: order.index(wait.element_id))
        if case.is_running and may_send(read, person, elements[wait.element_id], case.parties)
    ]


def may_send(read: Session, person: CurrentPerson, element: Element, parties: Mapping[str, str]) -> bool:
    """Whether the element has a form that one of the person's desks sends (`senders`)."""
    if not element.properties.get("form"):
        return False
    return bool(person.desks & sender_desks(read.connection(), person.tenant_id, element, parties))
