// What people call a shape or an arrow: by its name, else by what it is and where it stands, as engine/spiff/naming.py says.

const NOUNS = {
  UserTask: "bước", ManualTask: "bước", ServiceTask: "bước dịch vụ", ScriptTask: "bước tính toán", SendTask: "bước gửi", ReceiveTask: "bước nhận",
  Task: "bước", BusinessRuleTask: "bước quy tắc", SubProcess: "quy trình con", CallActivity: "bước gọi quy trình", ExclusiveGateway: "cổng rẽ nhánh",
  InclusiveGateway: "cổng rẽ nhánh", ParallelGateway: "cổng song song", EventBasedGateway: "cổng chờ sự kiện", StartEvent: "sự kiện bắt đầu",
  EndEvent: "sự kiện kết thúc", BoundaryEvent: "sự kiện", IntermediateCatchEvent: "sự kiện chờ", IntermediateThrowEvent: "sự kiện gửi",
  SequenceFlow: "mũi tên", MessageFlow: "mũi tên thông điệp", Lane: "làn", Participant: "bên tham gia", Process: "quy trình", TextAnnotation: "ghi chú",
};
const EVENT_NOUNS = { Timer: "hẹn giờ", Message: "sự kiện thông điệp", Signal: "sự kiện tín hiệu", Error: "sự kiện lỗi", Escalation: "sự kiện leo thang" };
const FLOWS = ["SequenceFlow", "MessageFlow"];
const CHOICES = ["ExclusiveGateway", "InclusiveGateway"];
const FARTHEST = 40; // shapes that are looked at for one that has a name
const MOST_FLOWS = 8;

const kindOf = (object) => object?.$type?.replace(/^bpmn:/, "") ?? "";
const words = (text) => (text ?? "").split(/\s+/).filter(Boolean).join(" ");
const nameOf = (object) => words(object?.name || (kindOf(object) === "TextAnnotation" ? object.text : ""));
const quoted = (text) => (text.length <= 80 ? `“${text}”` : `“${text.slice(0, 79)}…”`);
const capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);
const byId = (object) => `có mã ${quoted(object?.id ?? "")}`;
/** Its arrows as the file has them; what shapes say of their arrows themselves is missing in many files. */
const flowsAt = (object, end) => (object?.$parent?.flowElements ?? []).filter((flow) => kindOf(flow) === "SequenceFlow" && flow[end] === object).slice(0, MOST_FLOWS);
const flowsInto = (object) => flowsAt(object, "targetRef");
const flowsFrom = (object) => flowsAt(object, "sourceRef");
const listed = (names) => names.slice(0, 2).map(quoted).join(", ") + (names.length > 2 ? "…" : "");

export function nounOf(object) {
  const kind = kindOf(object);
  if (CHOICES.includes(kind) && flowsInto(object).length > 1 && flowsFrom(object).length <= 1) return "cổng gom nhánh";
  if (["BoundaryEvent", "IntermediateCatchEvent", "IntermediateThrowEvent"].includes(kind)) {
    const kinds = (object.eventDefinitions ?? []).map((definition) => kindOf(definition).replace(/EventDefinition$/, ""));
    const known = kinds.find((one) => EVENT_NOUNS[one]);
    if (known) return EVENT_NOUNS[known];
  }
  return NOUNS[kind] ?? "phần tử";
}

/** What follows the noun for its kind: “Đạt?”, or sau “Kiểm tra kết quả”. */
export const labelOf = (object) => (nameOf(object) ? quoted(nameOf(object)) : where(object));

/** What stands by itself: “Đạt?”, or cổng rẽ nhánh sau “Kiểm tra kết quả”. */
export const phraseOf = (object) => (nameOf(object) ? quoted(nameOf(object)) : `${nounOf(object)} ${where(object)}`);

/** As a list names it: its name without quotation marks; its id where nothing around it has a name either. */
export function titleOf(object) {
  if (nameOf(object)) return nameOf(object);
  const place = where(object);
  return place === byId(object) ? (object?.id ?? "") : capital(`${nounOf(object)} ${place}`);
}

function where(object) {
  if (FLOWS.includes(kindOf(object))) {
    const ends = [["từ", object.sourceRef], ["đến", object.targetRef]].filter(([, end]) => end?.$type && !FLOWS.includes(kindOf(end)));
    return ends.map(([way, end]) => `${way} ${phraseOf(end)}`).join(" ") || byId(object);
  }
  const host = nameOf(object?.attachedToRef);
  return host ? `trên viền ${quoted(host)}` : beside(object);
}

function beside(object) {
  const before = nearest(object, (one) => [...flowsInto(one).map((flow) => flow.sourceRef), one.attachedToRef]);
  if (before.length) {
    const flows = flowsInto(object);
    const branch = flows.length === 1 && nameOf(flows[0].sourceRef) ? flows[0].name : undefined;
    return `sau ${listed(before)}${branch ? `, nhánh ${quoted(branch)}` : ""}`;
  }
  const after = nearest(object, (one) => flowsFrom(one).map((flow) => flow.targetRef));
  if (after.length) return `trước ${listed(after)}`;
  const inside = kindOf(object?.$parent) === "SubProcess" ? nameOf(object.$parent) : "";
  return inside ? `trong ${quoted(inside)}` : byId(object);
}

/** The names of the nearest shapes that have one. */
function nearest(object, neighbours) {
  const seen = new Set([object]);
  let front = object ? [object] : [];
  while (front.length && seen.size < FARTHEST) {
    const ahead = new Set(front.flatMap(neighbours)); // Each once, however many ways lead there.
    front = [...ahead].filter((one) => one?.$type && !seen.has(one));
    const names = new Set(front.map(nameOf).filter(Boolean));
    if (names.size) return [...names].sort();
    for (const one of front) seen.add(one);
  }
  return [];
}
