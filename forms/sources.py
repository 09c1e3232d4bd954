"""One component as it stands in the JSON, read with suspicion: every getter checks the type and notes a fault."""

from collections.abc import Mapping
from decimal import Decimal
from unicodedata import normalize

from forms.expressions import check
from forms.fields import FieldType, Option
from forms.notation import read_date

MAX_SHORT = 500
# A name with a slip of the pen in it would otherwise silently check nothing.
KNOWN: Mapping[str, frozenset[str]] = {
    "validate": frozenset(
        {"required", "requiredWhen", "min", "max", "minLength", "maxLength", "pattern", "validationType"}
    ),
    "properties": frozenset(
        {
            "variable",
            "help",
            "unit_label",
            "requiredWhen",
            "message",
            "limitMessage",
            "options",
            "maxRows",
            "title",
            "submit",
        }
    ),
    "conditional": frozenset({"hide"}),
}


class Source:
    """Typed reading of one JSON object; faults carry the place where they were found."""

    def __init__(self, raw: Mapping[str, object], where: str, faults: list[str]) -> None:
        self.raw = raw
        label = raw.get("label") or raw.get("dateLabel") or raw.get("key")
        self.where = f"“{label[:60]}”" if isinstance(label, str) else where
        self.faults = faults

    @property
    def validate(self) -> "Source":
        return self._section("validate")

    @property
    def properties(self) -> "Source":
        return self._section("properties")

    @property
    def conditional(self) -> "Source":
        return self._section("conditional")

    def _section(self, name: str) -> "Source":
        raw = self.raw.get(name)
        if raw is not None and not isinstance(raw, Mapping):
            self.fault(f"{name} phải là một nhóm")
        section = Source(raw if isinstance(raw, Mapping) else {}, self.where, self.faults)
        section.where = self.where
        for unknown in section.raw.keys() - KNOWN[name]:
            self.fault(f"{name} không có mục “{str(unknown)[:40]}”")
        return section

    def fault(self, message: str) -> None:
        """Note what is wrong, once."""
        sentence = f"{self.where}: {message}."
        if sentence not in self.faults:
            self.faults.append(sentence)

    def refuse(self, name: str, message: str) -> None:
        """Note a fault where the name is set."""
        if self.raw.get(name):
            self.fault(message)

    def text(self, name: str, limit: int = MAX_SHORT) -> str:
        value = self.raw.get(name)
        if value is None:
            return ""
        if not isinstance(value, str) or not _printable(value):
            self.fault(f"{name} phải là chữ")
            return ""
        if len(value) > limit:
            self.fault(f"{name} dài quá {limit} ký tự")
        return normalize("NFC", value.strip())  # As answers are, whatever machine the form was written on.

    def label(self) -> str:
        """Dates have theirs under another name in form-js."""
        return self.text("label") or self.text("dateLabel")

    def flag(self, name: str) -> bool:
        """True or false, as JSON or as text (the editor's properties are always text)."""
        value = self.raw.get(name)
        if value in (None, "", False, "false"):
            return False
        if value is not True and value != "true":
            self.fault(f"{name} phải là true hoặc false")
        return True

    def whole(self, name: str, default: int, most: int) -> int:
        value = self.raw.get(name)
        if value in (None, ""):
            return default
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            self.fault(f"{name} phải là số từ 0 đến {most}")
            return default
        return value

    def expression(self, name: str, *, marked: bool = False) -> str | None:
        """An expression without its leading `=`, which some places require as form-js does."""
        text = self.text(name, limit=1_001)
        if not text:
            return None
        if marked and not text.startswith("="):
            self.fault(f"{name} phải bắt đầu bằng dấu =")
        expression = text.removeprefix("=").strip()
        for fault in check(expression):
            self.fault(f"{name}: {fault.removesuffix('.')}")
        return expression

    def limit(self, name: str, kind: FieldType) -> str | None:
        """The least or greatest answer: a number, an ISO date, or an expression."""
        value = self.validate.raw.get(name)
        if value in (None, ""):
            return None
        if isinstance(value, str) and value.startswith("="):
            return f"={self.validate.expression(name)}"
        literal = _date(value) if kind is FieldType.DATE else _number(value)
        if literal is None:
            self.fault(f"{name} phải là {'ngày' if kind is FieldType.DATE else 'số'} hoặc biểu thức")
        return literal

    def option(self, raw: object) -> Option | None:
        """One of the static options."""
        item = Source(raw if isinstance(raw, Mapping) else {}, self.where, self.faults)
        item.where = self.where
        value, label = item.text("value"), item.text("label")
        if not value:
            self.fault("mỗi lựa chọn phải có value và label là chữ")
            return None
        return Option(value, label or value)

    def default(self) -> object:
        """What stands in the field before anything was entered; text that begins with "=" is an expression."""
        value = self.raw.get("defaultValue")
        if isinstance(value, str) and value.startswith("="):
            return f"={self.expression('defaultValue')}"
        texts = isinstance(value, list) and all(isinstance(item, str) for item in value)
        if value is None or isinstance(value, str | bool | int | float):
            return value
        if not texts or not isinstance(value, list):
            self.fault("defaultValue không đúng dạng")
            return None
        return tuple(value)


def _printable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _number(value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return str(number) if number.is_finite() and abs(number) < 10**15 else None


def _date(value: object) -> str | None:
    day = read_date(value) if isinstance(value, str) else None
    return day.isoformat() if day else None
