"""Steps that have a page of their own: other packages register what leads there."""

from collections.abc import Callable
from uuid import UUID

from engine.spiff import Definition

PageOf = Callable[[UUID, UUID], str]
"""From the user task and its instance to the address of the page."""
STEP_PAGES: dict[str, PageOf] = {}
"""By the `records` property that the drawing gives a step, or a message that people send."""
SIGNING_RECORDS = frozenset({"mark_content", "mark_form", "mark_opinion", "approval"})
"""What steps record in which somebody puts their name to a document."""


def records_of(definition: Definition, element_id: str) -> str:
    """What the drawing says that a step's submission stands for; empty where it says nothing."""
    element = definition.elements.get(element_id)
    return element.properties.get("records", "") if element else ""


def has_own_page(definition: Definition, element_id: str) -> bool:
    """Whether somebody registered a page for the step."""
    return records_of(definition, element_id) in STEP_PAGES


def own_page(definition: Definition, element_id: str, user_task_id: UUID, instance_id: UUID) -> str | None:
    """The address of a step's own page; None where the step page does."""
    page = STEP_PAGES.get(records_of(definition, element_id))
    return page(user_task_id, instance_id) if page else None
