"""What people call the shapes and arrows of a file: by their names, else by what they are and where they stand.

The editor says the same of what is drawn but not yet sent (frontend/editor/naming.js); a test compares the two.
"""

from collections.abc import Callable, Iterator
from typing import Any

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
NOUNS = {
    "userTask": "bước", "manualTask": "bước", "serviceTask": "bước dịch vụ", "scriptTask": "bước tính toán",
    "sendTask": "bước gửi", "receiveTask": "bước nhận", "task": "bước", "businessRuleTask": "bước quy tắc",
    "subProcess": "quy trình con", "callActivity": "bước gọi quy trình", "exclusiveGateway": "cổng rẽ nhánh",
    "inclusiveGateway": "cổng rẽ nhánh", "parallelGateway": "cổng song song", "eventBasedGateway": "cổng chờ sự kiện",
    "startEvent": "sự kiện bắt đầu", "endEvent": "sự kiện kết thúc", "boundaryEvent": "sự kiện trên viền",
    "intermediateCatchEvent": "sự kiện chờ", "intermediateThrowEvent": "sự kiện gửi", "sequenceFlow": "mũi tên",
    "messageFlow": "mũi tên thông điệp", "lane": "làn", "participant": "bên tham gia", "process": "quy trình",
    "textAnnotation": "ghi chú", "message": "thông điệp",
}  # fmt: skip
EVENT_NOUNS = {
    "timer": "hẹn giờ", "message": "sự kiện thông điệp", "signal": "sự kiện tín hiệu", "error": "sự kiện lỗi",
    "escalation": "sự kiện leo thang",
}  # fmt: skip
CHOICES = ("exclusiveGateway", "inclusiveGateway")
FLOWS = ("sequenceFlow", "messageFlow")
FARTHEST = 40
"""How many shapes are looked at for one that has a name."""
MOST_FLOWS = 8
"""How many of a shape's arrows are."""


class Naming:
    """The elements of a file by their ids, as people speak of them."""

    def __init__(self, root: Any) -> None:
        self._elements: dict[str, Any] = {}
        self._incoming: dict[str, list[Any]] = {}
        self._outgoing: dict[str, list[Any]] = {}
        for element in root.iter():
            if local(element) and element.get("id"):
                self._elements.setdefault(element.get("id"), element)
        for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
            self._outgoing.setdefault(flow.get("sourceRef", ""), []).append(flow)
            self._incoming.setdefault(flow.get("targetRef", ""), []).append(flow)

    def name(self, element_id: str) -> str:
        """Its name, or the text of a note; empty where it has none."""
        element = self._elements.get(element_id)
        if element is None:
            return ""
        text = element.find(f"{{{BPMN}}}text") if local(element) == "textAnnotation" else None
        return " ".join((element.get("name") or ("".join(text.itertext()) if text is not None else "")).split())

    def label(self, element_id: str) -> str:
        """What follows the noun for its kind: “Đạt?”, or sau “Kiểm tra kết quả”."""
        name = self.name(element_id)
        return quoted(name) if name else self._where(element_id)

    def phrase(self, element_id: str) -> str:
        """What stands by itself: “Đạt?”, or cổng rẽ nhánh sau “Kiểm tra kết quả”."""
        name = self.name(element_id)
        return quoted(name) if name else f"{self.noun(element_id)} {self._where(element_id)}"

    def title(self, element_id: str) -> str:
        """As a list names it: its name without quotation marks; its id where nothing around it has a name either."""
        if name := self.name(element_id):
            return name
        where = self._where(element_id)
        return element_id if where == _by_id(element_id) else capital(f"{self.noun(element_id)} {where}")

    def noun(self, element_id: str) -> str:
        """What kind of thing it is."""
        element = self._elements.get(element_id)
        tag = local(element) if element is not None else ""
        ways = [len(self._flows(by_end, element_id)) for by_end in (self._incoming, self._outgoing)]
        if tag in CHOICES and ways[0] > 1 >= ways[1]:
            return "cổng gom nhánh"
        if tag in ("boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"):
            kinds = (local(child).removesuffix("EventDefinition") for child in self._elements[element_id])
            instead = "sự kiện" if tag == "boundaryEvent" else NOUNS[tag]
            return next((EVENT_NOUNS[kind] for kind in kinds if kind in EVENT_NOUNS), instead)
        return NOUNS.get(tag, "phần tử")

    def _where(self, element_id: str) -> str:
        element = self._elements.get(element_id)
        if element is None:
            return _by_id(element_id)
        if local(element) in FLOWS:
            ends = (("từ", element.get("sourceRef")), ("đến", element.get("targetRef")))
            shapes = ((way, end) for way, end in ends if local(self._elements.get(end)) not in ("", *FLOWS))
            return " ".join(f"{way} {self.phrase(end)}" for way, end in shapes) or _by_id(element_id)
        host = self.name(element.get("attachedToRef", ""))
        return f"trên viền {quoted(host)}" if host else self._beside(element_id, element)

    def _beside(self, element_id: str, element: Any) -> str:
        if before := self._nearest(element_id, self._sources):
            flows = self._flows(self._incoming, element_id)
            branch = flows[0].get("name") if len(flows) == 1 and self.name(flows[0].get("sourceRef", "")) else None
            return f"sau {_listed(before)}{f', nhánh {quoted(branch)}' if branch else ''}"
        if after := self._nearest(element_id, self._targets):
            return f"trước {_listed(after)}"
        around = element.getparent()
        inside = self.name(around.get("id") or "") if local(around) == "subProcess" else ""
        return f"trong {quoted(inside)}" if inside else _by_id(element_id)

    def _sources(self, element_id: str) -> Iterator[str]:
        yield from (flow.get("sourceRef", "") for flow in self._flows(self._incoming, element_id))
        if host := self._elements[element_id].get("attachedToRef"):
            yield host

    def _targets(self, element_id: str) -> Iterator[str]:
        yield from (flow.get("targetRef", "") for flow in self._flows(self._outgoing, element_id))

    def _flows(self, by_end: dict[str, list[Any]], element_id: str) -> list[Any]:
        return by_end.get(element_id, [])[:MOST_FLOWS]

    def _nearest(self, element_id: str, neighbours: Callable[[str], Iterator[str]]) -> list[str]:
        """The names of the nearest shapes that have one."""
        seen, front = {element_id}, [element_id]
        while front and len(seen) < FARTHEST:
            ahead = {
                one: None for each in front for one in neighbours(each)
            }  # Each once, however many ways lead there.
            front = [one for one in ahead if one in self._elements and one not in seen]
            if names := {name for one in front if (name := self.name(one))}:
                return sorted(names)
            seen.update(front)
        return []


def local(element: Any) -> str:
    """The tag without its namespace, empty for tags of other vocabularies."""
    prefix = f"{{{BPMN}}}"
    tag = element.tag if element is not None else None
    return tag[len(prefix) :] if isinstance(tag, str) and tag.startswith(prefix) else ""


def quoted(text: str) -> str:
    """Between quotation marks, as much of it as anybody reads."""
    return f"“{text}”" if len(text) <= 80 else f"“{text[:79]}…”"


def capital(text: str) -> str:
    """As a sentence begins."""
    return text[:1].upper() + text[1:]


def _by_id(element_id: str) -> str:
    return f"có mã {quoted(element_id)}"


def _listed(names: list[str]) -> str:
    return ", ".join(map(quoted, names[:2])) + ("…" if len(names) > 2 else "")
