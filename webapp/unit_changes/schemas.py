"""The forms of a change: renamed, merged, split; and who of the successors takes what."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import ValidationError

from webapp.organisation.fields import Day, Form, Identifier, Text, rows_of
from webapp.unit_changes.models import ChangeKind, SubjectKind
from webapp.unit_changes.planning import Choice, NamedSuccessor

MOST_SUCCESSORS = 4
NEW = "new"
_NAME, _SHORT = "Nhập tên đơn vị mới.", "Nhập tên gọi tắt của đơn vị mới."


class _Ground(Form):
    from_day = Day("Nhập ngày có hiệu lực.")
    reason = Text("Nhập căn cứ, ví dụ số và ngày của quyết định.", most=300)


class RenameForm(_Ground):
    name = Text(_NAME, most=150)
    short_name = Text(_SHORT, most=50)


class MergeForm(_Ground):
    into_id = Identifier("Chọn đơn vị nhận.")


class _NewUnit(Form):
    name = Text(_NAME, most=150)
    short_name = Text(_SHORT, most=50)


def read_change(kind: ChangeKind, form: Mapping[str, str]) -> dict[str, Any]:
    """Day, ground and successors as typed. Raises ValidationError."""
    if kind is ChangeKind.SPLIT:
        return _split(form)
    values: dict[str, Any] = (RenameForm if kind is ChangeKind.RENAME else MergeForm)().load(form)
    ground = {"from_day": values["from_day"], "reason": values["reason"]}
    if kind is ChangeKind.RENAME:
        return {**ground, "successors": (NamedSuccessor(None, values["name"], values["short_name"]),)}
    return {**ground, "successors": (NamedSuccessor(values["into_id"]),)}


def _split(form: Mapping[str, str]) -> dict[str, Any]:
    faults: dict[str, Any] = {}
    ground: dict[str, Any] = {}
    successors: tuple[NamedSuccessor, ...] = ()
    try:
        ground = _Ground().load(form)
    except ValidationError as error:
        faults.update(error.normalized_messages())  # type: ignore[no-untyped-call]
    rows = rows_of(form, "successors", ("unit_id", "name", "short_name"))[:MOST_SUCCESSORS]
    try:
        successors = tuple(_successor(number, row) for number, row in enumerate(rows, 1))
    except ValidationError as error:
        faults["successors"] = error.messages
    if faults:
        raise ValidationError(faults)
    return {**ground, "successors": successors}


def _successor(number: int, row: Mapping[str, str]) -> NamedSuccessor:
    """A unit of the list, or the names of a new one. Raises ValidationError that names the row."""
    try:
        if row["unit_id"] and row["unit_id"] != NEW:
            return NamedSuccessor(UUID(row["unit_id"]))
        values = _NewUnit().load(row)
    except ValidationError as error:
        said = next(iter(error.normalized_messages().values()))  # type: ignore[no-untyped-call]
        raise ValidationError(f"Dòng {number}: {said[0]}") from error
    except ValueError:
        raise ValidationError(f"Dòng {number}: chọn lại đơn vị trong danh sách.") from None
    return NamedSuccessor(None, values["name"], values["short_name"])


def read_choices(form: Mapping[str, str]) -> tuple[Choice, ...]:
    """Who takes what, sent as `person-<id>`, `plan-<id>`, `task-<id>`, `case-<id>`; nothing chosen is nothing said.

    Raises ValidationError.
    """
    found = []
    for name, value in form.items():
        kind, _, subject = name.partition("-")
        if value and kind in set(SubjectKind):
            try:
                found.append((SubjectKind(kind), UUID(subject), UUID(value)))
            except ValueError:
                raise ValidationError("Có lựa chọn không hợp lệ. Hãy chọn lại.", "form") from None
    return tuple(found)
