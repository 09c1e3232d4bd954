"""What was typed on the page: in the form that was sent, and in the others, which `along.js` adds to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from engine.errors import NotFound
from forms.definition import MAX_SUBMIT, FormDefinition, InvalidForm
from forms.fields import FieldType
from webapp.form_editing.details import Values, apply
from webapp.form_editing.shapes import KINDS, Path, Shape, path_of, written
from webapp.organisation.fields import Form, Text


class HeadForm(Form):
    """What is said of the form as a whole."""

    title = Text("Đặt tên cho biểu mẫu.", most=120)
    submit = Text(most=MAX_SUBMIT)


@dataclass(frozen=True, slots=True)
class Settings:
    """Those of one field, which may stand elsewhere, or nowhere, by the time they arrive."""

    path: str  # where it stood when the page was drawn
    values: Values

    @property
    def kind(self) -> FieldType:
        """Raises NotFound."""
        kind = self.values.get("kind", "")
        if kind not in KINDS:
            raise NotFound
        return FieldType(kind)

    @property
    def inside(self) -> list[Any]:
        """What a group or table held when the page was drawn. Raises InvalidForm."""
        held = self.values.get("inside") or "[]"
        try:
            found: list[Any] = orjson.loads(held)
        except orjson.JSONDecodeError as fault:
            raise InvalidForm(["Không đọc được các cột của bảng đã bị bỏ."]) from fault
        FormDefinition.parse(orjson.dumps({"id": "inside", "title": "", "components": found}))
        return found

    def place_in(self, shape: Shape) -> Path | None:
        """Where the field stands now; None where somebody has taken it out. Raises NotFound."""
        mark = self.values.get("mark", "")
        return shape.find(mark) if mark else path_of(self.path)

    def put_into(self, shape: Shape, place: Path) -> None:
        """Raises NotFound, NoSuchChoice."""
        apply(shape.component(place), shape.kind_at(place), self.values, shape.choices(but=written(place)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """All that a page sends; what nobody touched is None."""

    settings: Settings | None = None
    head: Mapping[str, str] | None = None

    def place_in(self, shape: Shape) -> Path | None:
        """Where the field stands whose settings were typed. Raises NotFound."""
        return self.settings.place_in(shape) if self.settings else None

    def put_into(self, shape: Shape) -> None:
        """Raises NotFound, NoSuchChoice, ValidationError."""
        if self.settings is not None:
            self.settings.put_into(shape, self.settings.place_in(shape) or ())
        if self.head is not None:
            head = HeadForm().load(self.head)
            shape.name(head["title"], head["submit"])


UNTOUCHED = Typed()


def settings_along(sent: Values) -> Settings | None:
    """The settings of a field, where another form was sent."""
    values = _part(sent, "field")
    return Settings(values.get("path", ""), values) if values else None


def head_along(sent: Values) -> Values | None:
    """The form's name and its button's word, where another form was sent."""
    return _part(sent, "head") or None


def _part(sent: Values, name: str) -> dict[str, str]:
    return {key.removeprefix(f"{name}."): value for key, value in sent.items() if key.startswith(f"{name}.")}
