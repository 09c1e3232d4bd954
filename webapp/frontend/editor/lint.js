// bpmnlint's rules on the drawing, in this browser: what makes it hard to read or draws what was hardly meant. What the
// engine refuses, the server says (findings.js); a note of ours on the same thing then gives way.
import { Linter } from "bpmnlint";
import conditionalFlows from "bpmnlint/rules/conditional-flows.js";
import endEventRequired from "bpmnlint/rules/end-event-required.js";
import eventBasedGateway from "bpmnlint/rules/event-based-gateway.js";
import typedStart from "bpmnlint/rules/event-sub-process-typed-start-event.js";
import labelRequired from "bpmnlint/rules/label-required.js";
import noDisconnected from "bpmnlint/rules/no-disconnected.js";
import noDuplicateFlows from "bpmnlint/rules/no-duplicate-sequence-flows.js";
import noJoinFork from "bpmnlint/rules/no-gateway-join-fork.js";
import noImplicitEnd from "bpmnlint/rules/no-implicit-end.js";
import noImplicitSplit from "bpmnlint/rules/no-implicit-split.js";
import noImplicitStart from "bpmnlint/rules/no-implicit-start.js";
import noOverlapping from "bpmnlint/rules/no-overlapping-elements.js";
import singleBlankStart from "bpmnlint/rules/single-blank-start-event.js";
import singleDefinition from "bpmnlint/rules/single-event-definition.js";
import startEventRequired from "bpmnlint/rules/start-event-required.js";
import blankStart from "bpmnlint/rules/sub-process-blank-start-event.js";
import superfluousGateway from "bpmnlint/rules/superfluous-gateway.js";
import { labelOf, nounOf } from "./naming.js";

/** What the server says of the same thing, where it says more. */
const UNCONNECTED = ["unreachable", "dead-end", "arrow-into-start", "arrow-from-end", "no-exit"];

/**
 * The recommended rules, each in Vietnamese. Those are left out that speak against how our procedures are drawn: arrows
 * that meet at a step (fake-join), terminating ends beside rounds that never end (superfluous-termination), inclusive
 * gateways; what people cannot mend here (global, no-bpmndi); and shapes that the server refuses by name anyway.
 */
export const RULES = {
  "conditional-flows": { rule: conditionalFlows, says: (name) => `${name} chưa có điều kiện: ghi điều kiện, hoặc đặt làm nhánh mặc định.`, instead: ["no-condition", "no-default"] },
  "end-event-required": { rule: endEventRequired, says: (name) => `${name} chưa có sự kiện kết thúc: vẽ thêm ở cuối đường đi.`, instead: ["no-end", "subprocess-end"] },
  "event-based-gateway": { rule: eventBasedGateway, says: (name) => `${name} cần ít nhất hai sự kiện, không có điều kiện trên mũi tên.`, instead: ["event-gateway-empty", "event-gateway-target", "condition-here"] },
  "event-sub-process-typed-start-event": { rule: typedStart, says: (name) => `${name} cần nói chờ gì: thông điệp, thời điểm hay tín hiệu.`, instead: ["unsupported-event", "subprocess-start"] },
  "label-required": { rule: labelRequired, says: (name) => `${name} chưa có tên: người xem sơ đồ không biết đây là gì.`, instead: [], except: isEndOfSubProcess },
  "no-disconnected": { rule: noDisconnected, says: (name) => `${name} chưa nối với hình nào: nối vào đường đi, hoặc xóa.`, instead: UNCONNECTED },
  "no-duplicate-sequence-flows": { rule: noDuplicateFlows, says: (name) => `Hai mũi tên giống nhau cùng nối ${name}: bỏ một.`, instead: [] },
  "no-gateway-join-fork": { rule: noJoinFork, says: (name) => `${name} vừa gom vừa tách nhánh: tách thành hai cổng cho dễ hiểu.`, instead: ["stuck", "never-together"], except: isChoice },
  "no-implicit-end": { rule: noImplicitEnd, says: (name) => `${name} không dẫn đến đâu: nối tiếp, hoặc vẽ sự kiện kết thúc.`, instead: UNCONNECTED },
  "no-implicit-split": { rule: noImplicitSplit, says: (name) => `${name} có nhiều mũi tên đi ra: vẽ cổng để thấy nhánh nào được đi.`, instead: ["several-arrows"] },
  "no-implicit-start": { rule: noImplicitStart, says: (name) => `Không có mũi tên nào đến ${name}: nối vào đường đi, hoặc xóa.`, instead: UNCONNECTED },
  "no-overlapping-elements": { rule: noOverlapping, says: (name) => `${name} đè lên hình khác hoặc nằm ngoài khung: kéo ra chỗ trống.`, instead: [] },
  "single-blank-start-event": { rule: singleBlankStart, says: (name) => `${name} có nhiều sự kiện bắt đầu thường: giữ một.`, instead: ["same-start", "subprocess-start"] },
  "single-event-definition": { rule: singleDefinition, says: (name) => `${name} chờ nhiều thứ cùng lúc: tách thành từng sự kiện.`, instead: ["unsupported-event"] },
  "start-event-required": { rule: startEventRequired, says: (name) => `${name} chưa có sự kiện bắt đầu: vẽ thêm ở đầu đường đi.`, instead: ["no-start", "subprocess-start"] },
  "sub-process-blank-start-event": { rule: blankStart, says: (name) => `Quy trình con bắt đầu bằng sự kiện thường: đổi loại ${name}.`, instead: ["subprocess-start"] },
  "superfluous-gateway": { rule: superfluousGateway, says: (name) => `${name} chỉ có một đường vào và một đường ra: bỏ cổng này.`, instead: [] },
};

const config = { rules: Object.fromEntries(Object.keys(RULES).map((name) => [name, "warn"])) };
const resolver = { resolveRule: (_package, name) => RULES[name].rule };

/** A sub-process says itself what its start and its end are. */
function isEndOfSubProcess(object) {
  return ["bpmn:StartEvent", "bpmn:EndEvent"].includes(object?.$type) && object.$parent?.$type === "bpmn:SubProcess";
}

/** Where exactly one way is taken, meeting and parting at one gateway leaves nothing unclear. */
function isChoice(object) {
  return object?.$type === "bpmn:ExclusiveGateway";
}

/** Findings as the server gives them; `find` knows the model's object of an id. */
export async function lint(definitions, find) {
  const reports = await new Linter({ config, resolver }).lint(definitions); // Rules remember what they have seen.
  return Object.entries(reports).flatMap(([code, found]) =>
    found
      .filter(({ id, category }) => category !== "rule-error" && !RULES[code].except?.(find(id)))
      .map(({ id }) => ({ code, severity: "warning", element: id, message: capital(RULES[code].says(called(find(id), id))) })),
  );
}

/** All of the server's, and those of ours that it does not say better. */
export function merged(servers, ours) {
  const known = (note) => servers.some(({ code, element }) => RULES[note.code].instead.includes(code) && (element === note.element || !element));
  const seen = new Set();
  return [...servers, ...ours.filter((note) => !known(note) && !seen.has(note.message) && seen.add(note.message))];
}

/** A noun with every name: a note must say whether it means a step or an arrow. */
const called = (object, id) => (object ? `${nounOf(object)} ${labelOf(object)}` : `phần tử có mã “${id}”`);

const capital = (text) => text[0].toUpperCase() + text.slice(1);
