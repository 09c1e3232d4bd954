"""A form's JSON, changed piece by piece; what we do not know of it stays as it is."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from secrets import token_hex
from typing import Any

import orjson

from engine.errors import NotFound, Rejected
from engine.text import fold
from forms.fields import FieldType

Path = tuple[int, ...]
"""Where a component stands: its place among its siblings, from the outside in."""

KINDS: Mapping[str, str] = {
    FieldType.TEXTFIELD: "Một dòng chữ",
    FieldType.TEXTAREA: "Nhiều dòng chữ",
    FieldType.NUMBER: "Số",
    FieldType.DATE: "Ngày",
    FieldType.RADIO: "Chọn một (nút tròn)",
    FieldType.SELECT: "Chọn một (danh sách)",
    FieldType.CHECKLIST: "Chọn nhiều",
    FieldType.CHECKBOX: "Ô đánh dấu",
    FieldType.FILEPICKER: "Tệp đính kèm",
    FieldType.LIST: "Bảng nhiều dòng",
    FieldType.GROUP: "Nhóm",
    FieldType.TEXT: "Tiêu đề, đoạn chữ",
    FieldType.SEPARATOR: "Đường kẻ",
    FieldType.PERSON: "Người",
    FieldType.UNIT: "Đơn vị",
    FieldType.INDICATOR: "Chỉ tiêu",
}
"""What may be put into a form: exactly what the server renders and checks."""
HEADING = "heading"
PALETTE: Mapping[str, str] = {
    name: word
    for kind, said in KINDS.items()
    for name, word in (((HEADING, "Tiêu đề"), (kind, "Đoạn chữ")) if kind is FieldType.TEXT else ((kind, said),))
}
"""What is offered; a heading is a text whose line begins with #."""
HOLDERS = (FieldType.GROUP, FieldType.LIST)
NOT_IN_A_LIST = {FieldType.LIST, FieldType.GROUP, HEADING, FieldType.TEXT, FieldType.SEPARATOR}
LABELS: Mapping[str, str] = {FieldType.DATE: "dateLabel", FieldType.TEXT: "text"}
"""Where form-js keeps the label of these; elsewhere it is `label`."""


class NotThere(Rejected):
    message = "Loại này không đặt vào đây được."


@dataclass(frozen=True, slots=True)
class Row:
    """A component in the outline."""

    path: str  # "2" or "5.0"
    depth: int
    kind: str
    kind_name: str
    label: str
    key: str
    is_first: bool
    is_last: bool
    holds: bool  # whether others may be put into it


class Shape:
    """One form, being changed."""

    def __init__(self, source: bytes) -> None:
        self.raw: dict[str, Any] = orjson.loads(source)

    def to_bytes(self) -> bytes:
        """The form's file."""
        return orjson.dumps(self.raw, option=orjson.OPT_INDENT_2)

    @property
    def submit(self) -> str:
        """What its button says; empty where it has no word of its own."""
        return str((self.raw.get("properties") or {}).get("submit") or "")

    def name(self, title: str, submit: str) -> None:
        """Give it a title, and its button a word."""
        properties = {**(self.raw.get("properties") or {}), "submit": submit}
        kept = {name: value for name, value in properties.items() if name != "submit" or value}
        self.raw.pop("properties", None)
        self.raw |= {"title": title} | ({"properties": kept} if kept else {})

    def outline(self) -> list[Row]:
        """All components, in the order of the page."""
        return list(_rows(self.raw.setdefault("components", []), (), 0))

    def component(self, path: Path) -> dict[str, Any]:
        """Raises NotFound."""
        siblings, place = self._place(path)
        found: dict[str, Any] = siblings[place]
        return found

    def marks(self) -> dict[str, str]:
        """By path, what tells a component from all others wherever it stands; its place too where nothing else does."""
        signs = self._signs()
        often = Counter(chain.from_iterable(signs.values()))
        return {path: next((one for one in own if often[one] == 1), f"{own[-1]} {path}") for path, own in signs.items()}

    def find(self, mark: str) -> Path | None:
        """Where the one component with that mark stands, in whichever state of the form it was made."""
        found = [path for path, own in self._signs().items() if mark in (*own, f"{own[-1]} {path}")]
        return path_of(found[0]) if len(found) == 1 else None

    def _signs(self) -> dict[str, tuple[str, ...]]:
        return {row.path: _signs_of(self.component(path_of(row.path))) for row in self.outline()}

    def choices(self, but: str = "") -> dict[str, dict[str, str]]:
        """Of every field but the one at that path, by its key, what may be chosen in it: value → label."""
        fields = [self.component(path_of(row.path)) for row in self.outline() if row.key and row.path != but]
        return {key_of(raw): choices_of(raw) for raw in fields}

    def add(self, kind: str, inside: Path) -> Path:
        """Put a new component last, at the top or in a group or table; return where it stands. Raises NotFound."""
        siblings = self._inside(inside)
        siblings.append(_new(kind, self._free_key(kind)))
        return (*inside, len(siblings) - 1)

    def remove(self, path: Path) -> None:
        """Raises NotFound."""
        siblings, place = self._place(path)
        del siblings[place]

    def move(self, path: Path, by: int) -> Path:
        """Change places with a neighbour, where there is one. Raises NotFound."""
        siblings, place = self._place(path)
        there = place + (1 if by > 0 else -1)
        if not 0 <= there < len(siblings):
            return path
        siblings[place], siblings[there] = siblings[there], siblings[place]
        return (*path[:-1], there)

    def put(self, path: Path, there: Path) -> Path:
        """Take a component out and put it in before the one that stands there, or last; return where it then stands.

        Raises NotFound, NotThere.
        """
        siblings, place = self._place(path)
        others, before, moved = self._inside(there[:-1]), there[-1], siblings[place]
        if there[:-1][: len(path)] == path or before > len(others):
            raise NotThere
        if len(there) > 1 and self.kind_at(there[:-1]) is FieldType.LIST and moved.get("type") in NOT_IN_A_LIST:
            raise NotThere
        before -= others is siblings and before > place
        del siblings[place]
        others.insert(before, moved)
        return path_of(next(row.path for row in self.outline() if self.component(path_of(row.path)) is moved))

    def kind_at(self, path: Path) -> FieldType:
        """Raises NotFound; ValueError for a kind we do not know."""
        return FieldType(str(self.component(path).get("type")))

    def _inside(self, path: Path) -> list[Any]:
        if not path:
            top: list[Any] = self.raw.setdefault("components", [])
            return top
        holder = self.component(path)
        if holder.get("type") not in HOLDERS:
            raise NotFound
        inner: list[Any] = holder.setdefault("components", [])
        return inner

    def _place(self, path: Path) -> tuple[list[Any], int]:
        if not path:
            raise NotFound
        siblings = self._inside(path[:-1])
        if not 0 <= path[-1] < len(siblings):
            raise NotFound
        return siblings, path[-1]

    def _free_key(self, kind: str) -> str:
        taken = {row.key for row in self.outline()}
        return next(key for n in range(1, 1000) if (key := f"{kind}_{n}") not in taken)


def named(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Fields by their keys as people know them: by the label, with the key where two have the same."""
    rows = list(rows)
    often = Counter(row.label for row in rows)
    return [(row.key, row.label if often[row.label] == 1 else f"{row.label} ({row.key})") for row in rows]


def path_of(text: str) -> Path:
    """ "5.0" as a path. Raises NotFound."""
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){0,6}", text):
        raise NotFound
    return tuple(map(int, text.split(".")))


def written(path: Path) -> str:
    """A path as addresses hold it."""
    return ".".join(map(str, path))


def key_from(label: str, taken: set[str]) -> str:
    """A key that reads like the label, not yet used."""
    base = re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")[:40] or "truong"
    base = base if base[0].isalpha() else f"t_{base}"
    return next(key for n in range(1, 1000) if (key := base if n == 1 else f"{base}_{n}") not in taken)


def label_of(raw: Mapping[str, Any]) -> str:
    """What a component is called on the page."""
    return str(raw.get(LABELS.get(str(raw.get("type")), "label")) or raw.get("label") or "")


def choices_of(raw: Mapping[str, Any]) -> dict[str, str]:
    """What may be chosen in a component: value → label."""
    offered = raw.get("values")
    found = offered if isinstance(offered, list) else []
    return {str(one.get("value")): str(one.get("label")) for one in found if isinstance(one, dict)}


def key_of(raw: Mapping[str, Any]) -> str:
    """Under which name its answer is kept; tables have theirs elsewhere in form-js."""
    return str(raw.get("key") or raw.get("path") or "")


def _signs_of(raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The surest first: forms drawn elsewhere, and what is not answered, may lack an id or a key."""
    named = {"id": raw.get("id"), "key": key_of(raw), "all": sha256(orjson.dumps(raw)).hexdigest()}
    return tuple(f"{name}:{value}" for name, value in named.items() if value)


def _rows(components: list[Any], above: Path, depth: int) -> Iterator[Row]:
    for place, raw in enumerate(components):
        path, kind = (*above, place), str(raw.get("type"))
        yield Row(
            path=written(path), depth=depth, kind=kind, kind_name=KINDS.get(kind, kind),
            label=label_of(raw), key=key_of(raw), is_first=place == 0, is_last=place == len(components) - 1,
            holds=kind in HOLDERS,
        )  # fmt: skip
        yield from _rows(raw.get("components") or [], path, depth + 1)


def _new(name: str, key: str) -> dict[str, Any]:
    kind = FieldType.TEXT if name == HEADING else FieldType(name)
    made: dict[str, Any] = {"type": kind.value, "id": f"field_{token_hex(4)}"}
    if kind is FieldType.SEPARATOR:
        return made
    made[LABELS.get(kind, "label")] = f"# {PALETTE[name]}" if name == HEADING else PALETTE[name]
    if kind in (FieldType.TEXT, FieldType.GROUP):
        return made | ({"components": []} if kind is FieldType.GROUP else {})
    made["path" if kind is FieldType.LIST else "key"] = key
    if kind is FieldType.LIST:
        made["components"] = [
            {"type": "textfield", "id": f"{made['id']}_noi_dung", "key": "noi_dung", "label": "Nội dung"}
        ]
    if kind in (FieldType.RADIO, FieldType.SELECT, FieldType.CHECKLIST):
        made["values"] = [{"label": "Có", "value": "co"}, {"label": "Không", "value": "khong"}]
    if kind is FieldType.DATE:
        made["subtype"] = "date"
    return made
