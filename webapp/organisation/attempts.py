"""Carrying a form out: its answer, or what is to be mended, by field."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from engine.errors import Kind, Rejected
from webapp.organisation.refusals import FieldRefused

Errors = Mapping[str, list[str]]
WHOLE_FORM = "form"
REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY


def attempt(work: Callable[[], ResponseReturnValue]) -> tuple[ResponseReturnValue | None, Errors]:
    """Do the work of a form. What is missing, or may not be seen, is still an error page."""
    try:
        return work(), {}
    except ValidationError as error:
        return None, faults_of(error)
    except Rejected as refusal:
        if refusal.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
            raise
        return None, {refusal.field if isinstance(refusal, FieldRefused) else WHOLE_FORM: [str(refusal)]}


def faults_of(error: ValidationError) -> dict[str, list[str]]:
    """What is wrong with each field."""
    faults: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
    return faults


def all_of(*parts: Callable[[], Any]) -> list[Any]:
    """Every part of a form, read; raises ValidationError with the faults of all of them."""
    values: list[Any] = []
    faults: dict[str, list[str]] = {}
    for part in parts:
        try:
            values.append(part())
        except ValidationError as error:
            faults.update(faults_of(error))
    if faults:
        raise ValidationError(faults)
    return values
