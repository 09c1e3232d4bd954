"""A drawing's steps, read and changed in its XML; what is not asked for stays as it is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.errors import NotFound, Rejected
from engine.spiff import InvalidDefinition, properties_of, read_xml
from webapp.quick_settings.layouts import Layout

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
_Q = f"{{{BPMN}}}"


class CannotChange(Rejected):
    """What was asked for would leave the drawing wrong; the editor can do it with more care."""


@dataclass(frozen=True, slots=True)
class Step:
    """A person's step as its settings show it."""

    element_id: str
    name: str
    assignee: str  # its own desk, "" where the lane says it
    lane_desk: str
    form: str
    due: str
    runs_on_case_clock: bool
    reminders: str


class Drawing:
    """One drawing, being changed."""

    def __init__(self, source: bytes) -> None:
        """Raises CannotChange for what is no drawing."""
        try:
            self._root = read_xml(source)
        except InvalidDefinition as invalid:
            raise CannotChange(str(invalid)) from invalid

    def to_bytes(self) -> bytes:
        """The drawing's file."""
        written: bytes = etree.tostring(self._root, xml_declaration=True, encoding="UTF-8")
        return written

    def steps(self) -> list[Step]:
        """All of people's steps, as they stand in the file."""
        desks = self._lane_desks()
        return [_step(task, desks.get(task.get("id"), "")) for task in self._root.iter(f"{_Q}userTask")]

    def step(self, element_id: str) -> Step:
        """Raises NotFound."""
        found = next((step for step in self.steps() if step.element_id == element_id), None)
        if found is None:
            raise NotFound
        return found

    @property
    def reminders(self) -> str:
        """The table of all steps that run on the case's clock."""
        return "".join(properties_of(process).get("reminders", "") for process in self._root.iter(f"{_Q}process"))

    def set_reminders(self, text: str) -> None:
        """Change that table, on the process that runs."""
        processes = list(self._root.iter(f"{_Q}process"))
        _set_property(next((p for p in processes if p.get("isExecutable") == "true"), processes[0]), "reminders", text)

    def change(self, element_id: str, name: str, properties: Mapping[str, str]) -> None:
        """Give a step another name and properties; an empty value takes the property away. Raises NotFound."""
        task = self._task(element_id)
        task.set("name", name)
        for key, value in properties.items():
            _set_property(task, key, value)

    def add_after(self, element_id: str, name: str, desk: str, form_id: str, *, may_return: bool) -> str:
        """Put a step behind another, in its lane; one who may return sends the case back there. Return its id.

        Raises NotFound; CannotChange where several ways lead on from there.
        """
        before = self._task(element_id)
        onward = self._only_way_on(before)
        task = etree.SubElement(before.getparent(), f"{_Q}userTask", id=self._free_id("duyet"), name=name)
        for key, value in (("form", form_id), ("assignee", desk), ("separate_from", element_id)):
            _set_property(task, key, value)
        added = [task]
        if may_return:
            added.append(etree.SubElement(before.getparent(), f"{_Q}exclusiveGateway", id=self._free_id("dong_y")))
        self._join_lane(element_id, added)
        layout = Layout(self._root)
        layout.make_room(element_id, len(added))
        layout.place_after(element_id, added)
        self._lead(before, task, layout)
        if may_return:
            gateway = added[1]
            gateway.set("name", "Đồng ý?")
            gateway.set("default", onward.get("id"))
            self._lead(task, gateway, layout)
            back = self._lead(gateway, before, layout, name="Trả lại", is_back=True)
            etree.SubElement(back, f"{_Q}conditionExpression").text = f'{task.get("id")}.decision == "return"'
        self._move_start(onward, before, added[-1], layout)
        return str(task.get("id"))

    def remove(self, element_id: str) -> None:
        """Take a step out; whatever led to it leads to what followed. Raises NotFound, CannotChange."""
        task = self._task(element_id)
        onward = self._only_way_on(task)
        if any(event.get("attachedToRef") == element_id for event in self._root.iter(f"{_Q}boundaryEvent")):
            raise CannotChange("Bước này có mốc thời gian hoặc thông điệp gắn vào: hãy bỏ trong trang vẽ sơ đồ.")
        self._require_unnamed(element_id)
        following = self._by_id(onward.get("targetRef"))
        layout = Layout(self._root)
        for flow in self._flows("targetRef", element_id):
            _forget(task, "incoming", flow.get("id"))
            flow.set("targetRef", following.get("id"))
            _mention(following, "incoming", flow.get("id"))
            layout.lead_to(flow.get("id"), following.get("id"))
        _forget(following, "incoming", onward.get("id"))
        for gone in (onward, task):
            layout.drop(gone.get("id"))
            gone.getparent().remove(gone)
        for reference in list(self._root.iter(f"{_Q}flowNodeRef")):
            if reference.text == element_id:
                reference.getparent().remove(reference)

    # --- how it is drawn ---

    def _task(self, element_id: str) -> Any:
        found = next((t for t in self._root.iter(f"{_Q}userTask") if t.get("id") == element_id), None)
        if found is None:
            raise NotFound
        return found

    def _by_id(self, element_id: str) -> Any:
        return next(element for element in self._root.iter() if element.get("id") == element_id)

    def _flows(self, end: str, element_id: str) -> list[Any]:
        return [flow for flow in self._root.iter(f"{_Q}sequenceFlow") if flow.get(end) == element_id]

    def _only_way_on(self, task: Any) -> Any:
        flows = self._flows("sourceRef", task.get("id"))
        if len(flows) != 1:
            raise CannotChange(f"Từ bước “{task.get('name')}” có nhiều hướng đi: hãy sửa trong trang vẽ sơ đồ.")
        return flows[0]

    def _require_unnamed(self, element_id: str) -> None:
        word = re.compile(rf"(?<![\w.]){re.escape(element_id)}(?=[.\s]|$)")
        for text in _expressions(self._root):
            if word.search(text):
                raise CannotChange(
                    f"Điều kiện “{text[:80]}” còn dùng câu trả lời của bước này: hãy sửa điều kiện trước."
                )

    def _lane_desks(self) -> dict[str, str]:
        return {
            reference.text: properties_of(lane).get("assignee", "")
            for lane in self._root.iter(f"{_Q}lane")
            for reference in lane.iterfind(f"{_Q}flowNodeRef")
        }

    def _join_lane(self, element_id: str, added: list[Any]) -> None:
        for reference in list(self._root.iter(f"{_Q}flowNodeRef")):
            if reference.text == element_id:
                for element in added:
                    etree.SubElement(reference.getparent(), f"{_Q}flowNodeRef").text = element.get("id")

    def _free_id(self, stem: str) -> str:
        taken = {element.get("id") for element in self._root.iter()}
        return next(name for n in range(1, 1000) if (name := f"{stem}_{n}") not in taken)

    def _lead(self, source: Any, target: Any, layout: Layout, *, name: str = "", is_back: bool = False) -> Any:
        """A flow from one to the other."""
        flow_id = self._free_id(f"{source.get('id')}_den_{target.get('id')}")
        ends = {"id": flow_id, "sourceRef": source.get("id"), "targetRef": target.get("id")}
        flow = etree.SubElement(source.getparent(), f"{_Q}sequenceFlow", ends)
        if name:
            flow.set("name", name)
        _mention(source, "outgoing", flow_id)
        _mention(target, "incoming", flow_id)
        layout.draw(flow_id, source.get("id"), target.get("id"), is_back=is_back)
        return flow

    def _move_start(self, flow: Any, before: Any, source: Any, layout: Layout) -> None:
        _forget(before, "outgoing", flow.get("id"))
        flow.set("sourceRef", source.get("id"))
        _mention(source, "outgoing", flow.get("id"))
        layout.lead_from(flow.get("id"), source.get("id"))


def _step(task: Any, lane_desk: str) -> Step:
    properties = properties_of(task)
    return Step(
        element_id=task.get("id"), name=task.get("name") or task.get("id"), lane_desk=lane_desk,
        assignee=properties.get("assignee", ""), form=properties.get("form", ""), due=properties.get("due", ""),
        runs_on_case_clock=properties.get("clock") == "case", reminders=properties.get("reminders", ""),
    )  # fmt: skip


def _expressions(root: Any) -> Iterator[str]:
    for tag in ("conditionExpression", "script", "timeDuration", "timeDate", "completionCondition"):
        yield from (element.text or "" for element in root.iter(f"{_Q}{tag}"))
    for element in root.iter(f"{{{SPIFF}}}property"):
        yield element.get("value") or ""


def _set_property(element: Any, name: str, value: str) -> None:
    extension = element.find(f"{_Q}extensionElements")
    if extension is None:
        extension = etree.Element(f"{_Q}extensionElements")
        documented = element.find(f"{_Q}documentation")
        element.insert(0 if documented is None else element.index(documented) + 1, extension)
    holder = extension.find(f"{{{SPIFF}}}properties")
    if holder is None:
        holder = etree.SubElement(extension, f"{{{SPIFF}}}properties", nsmap={"spiffworkflow": SPIFF})
    found = next((p for p in holder.iterfind(f"{{{SPIFF}}}property") if p.get("name") == name), None)
    if not value:
        if found is not None:
            holder.remove(found)
    elif found is not None:
        found.set("value", value)
    else:
        etree.SubElement(holder, f"{{{SPIFF}}}property", name=name, value=value)


def _mention(element: Any, way: str, flow_id: str) -> None:
    """BPMN names a node's flows in the node too, before what it does."""
    made = etree.Element(f"{_Q}{way}")
    made.text = flow_id
    heads = [
        child
        for child in element
        if child.tag in {f"{_Q}{t}" for t in ("documentation", "extensionElements", "incoming", "outgoing")}
    ]
    element.insert(element.index(heads[-1]) + 1 if heads else 0, made)


def _forget(element: Any, way: str, flow_id: str) -> None:
    for mention in element.findall(f"{_Q}{way}"):
        if mention.text == flow_id:
            element.remove(mention)
