"""The places of a drawing at which a case can wait, and which of another drawing they may be carried to."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import CannotMigrate, NoSuchPlace, OtherKindOfPlace, PlaceNotMapped, StructureDiffers
from engine.spiff.drawing import Drawing, Node
from engine.spiff.naming import capital
from engine.text import fold

PERSON, SERVICE, MESSAGE, TIMER, INSIDE = "person", "service", "message", "timer", "inside"
WORDS = {
    PERSON: "bước của người", SERVICE: "bước dịch vụ", MESSAGE: "chờ thông điệp", TIMER: "chờ thời điểm",
    INSIDE: "quy trình con", "error": "chờ lỗi", "escalation": "chờ leo thang",
}  # fmt: skip
KINDS = {
    "userTask": PERSON, "manualTask": PERSON, "serviceTask": SERVICE, "receiveTask": MESSAGE, "subProcess": INSIDE,
    "callActivity": INSIDE,
}  # fmt: skip
TOLD = {"signal": MESSAGE, "error": "error", "escalation": "escalation"}
EVENTS = ("intermediateCatchEvent", "boundaryEvent")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a token stays until something comes from outside."""

    element_id: str
    name: str
    kind: str
    host: str | None  # the activity on whose border it sits
    gateway: str | None  # the event gateway behind which it waits
    begins: str | None  # the event sub-process that it begins


def places_of(drawing: Drawing) -> dict[str, Place]:
    """Every such place, in the file's order."""
    return {node.id: _place(node, kind, drawing) for node in drawing.nodes.values() if (kind := kind_of(node))}


def kind_of(node: Node) -> str | None:
    """What a shape waits for, None where a token never stays."""
    if node.kind in EVENTS or (node.kind == "startEvent" and node.triggered):
        return TOLD.get(node.event) or (MESSAGE if node.message else TIMER if node.timer else None)
    return KINDS.get(node.kind)


def _place(node: Node, kind: str, drawing: Drawing) -> Place:
    begins = node.scope if node.kind == "startEvent" else None
    return Place(node.id, node.title, kind, node.attached_to, gateway_before(node.id, drawing), begins)


def gateway_before(element_id: str, drawing: Drawing) -> str | None:
    """The event gateway that opens an event."""
    sources = [drawing.nodes[flow.source] for flow in drawing.incoming(element_id)]
    return next((node.id for node in sources if node.kind == "eventBasedGateway"), None)


def proposed(old: Drawing, new: Drawing) -> dict[str, str]:
    """Each place to the one with the same id and of the same kind, else to the one of its name; a person may differ."""
    here, there = places_of(old), places_of(new)
    same = {id: id for id, place in here.items() if id in there and there[id].kind == place.kind}
    left, free = _by_name(here, same, old), _by_name(there, same, new)
    return same | {left[name]: free[name] for name in left.keys() & free.keys()}


def _by_name(places: Mapping[str, Place], same: Mapping[str, str], drawing: Drawing) -> dict[tuple[str, str], str]:
    """The places that were not told by their ids, by kind and name where no two of them share it."""
    rest = [place for id, place in places.items() if id not in same and drawing.nodes[id].name.strip()]
    keys = Counter((place.kind, fold(place.name)) for place in rest)
    return {(p.kind, fold(p.name)): p.element_id for p in rest if keys[p.kind, fold(p.name)] == 1}


def can_be_let_go(place: Place, mapping: Mapping[str, str]) -> bool:
    """Whether a case may lose this wait: its step goes on without the event, or another event still waits."""
    beside = place.gateway is not None or place.begins is not None
    return beside or (place.host is not None and place.host in mapping)


def check_place(element_id: str, mapping: Mapping[str, str], old: Drawing, new: Drawing) -> None:
    """Raises PlaceNotMapped, NoSuchPlace, OtherKindOfPlace, StructureDiffers: no case can be carried from there so."""
    here = old.nodes[element_id]
    if element_id not in mapping:
        raise PlaceNotMapped(f"Bước {here.label} chưa chọn bước tương ứng trong bản mới.", element_id)
    there = new.nodes.get(mapping[element_id])
    if there is None or kind_of(there) is None:
        raise NoSuchPlace(f"Bản mới không có bước chờ “{mapping[element_id]}” để nhận {here.phrase}.", element_id)
    if kind_of(here) != kind_of(there):
        kinds = f"{WORDS[kind_of(here) or '']} không thay bằng {WORDS[kind_of(there) or '']} được"
        raise OtherKindOfPlace(f"{capital(here.phrase)} → {there.phrase}: {kinds}.", element_id)
    _check_surroundings(here, there, mapping, (old, new))


def _check_surroundings(here: Node, there: Node, mapping: Mapping[str, str], versions: tuple[Drawing, Drawing]) -> None:
    fault = None
    scope = mapping.get(here.scope) if here.scope in versions[0].nodes else versions[1].process_id
    host = mapping.get(here.attached_to) if here.attached_to else None
    if there.scope != scope:
        fault = "một bên nằm trong quy trình con, bên kia không"
    elif there.attached_to != host:
        fault = "sự kiện viền phải gắn vào bước tương ứng"
    elif here.triggered != there.triggered:
        fault = "một bên thuộc quy trình con theo sự kiện, bên kia không"
    elif _repetition(here) != _repetition(there):
        fault = "một bên lặp cho nhiều người, bên kia lặp khác"
    if fault is not None:
        raise StructureDiffers(f"{capital(here.phrase)} → {there.phrase}: {fault}.", here.id)


def _repetition(node: Node) -> tuple[bool, bool] | None:
    """How an activity is done several times: again and again, one after the other, all at once, or not at all."""
    return (node.loop.standard, node.loop.sequential) if node.loop is not None else None


def faults_of(mapping: Mapping[str, str], old: Drawing, new: Drawing) -> dict[str, CannotMigrate]:
    """What is wrong with each row of a mapping that a person has filled."""
    found: dict[str, CannotMigrate] = {}
    for element_id in mapping.keys() & places_of(old).keys():
        try:
            check_place(element_id, mapping, old, new)
        except CannotMigrate as fault:
            found[element_id] = fault
    return found
