// Events: timers, messages, and who may send them.
import { make } from "../dom.js";
import { deskWords } from "../reminder_words.js";
import { SHARED, eventDefinitionOf, is, sharedNames } from "./elements.js";
import { areaField, checkField, groupField, selectInput, textField } from "./fields.js";
import { HELP } from "./help.js";
import { desksByPlace, dueField } from "./panel_parts.js";
import { formField, stageField } from "./panel_steps.js";

const FRESH = "+";
const MESSAGE = { label: "Thông điệp", fresh: "Tên thông điệp mới", help: HELP.message };
const CODED = {
  signal: { label: "Tín hiệu", fresh: "Tên tín hiệu mới", help: HELP.signal },
  error: { label: "Mã lỗi", fresh: "Mã lỗi mới", help: HELP.error },
  escalation: { label: "Mã leo thang", fresh: "Mã leo thang mới", help: HELP.escalation },
};

export function eventSections(context) {
  const { object } = context;
  const isMessageTask = is(object, "bpmn:SendTask") || is(object, "bpmn:ReceiveTask");
  if (!is(object, "bpmn:Event") && !isMessageTask) return [];
  const sections = [];
  const timer = isMessageTask ? undefined : eventDefinitionOf(object, "bpmn:TimerEventDefinition");
  const message = isMessageTask ? object : eventDefinitionOf(object, "bpmn:MessageEventDefinition");
  if (is(object, "bpmn:BoundaryEvent")) sections.push(interrupting(context, "cancelActivity"));
  if (beginsBeside(object)) sections.push(interrupting(context, "isInterrupting"));
  if (timer) sections.push(timerField(context, timer));
  for (const [kind, words] of Object.entries(CODED)) {
    const definition = eventDefinitionOf(object, `bpmn:${kind[0].toUpperCase()}${kind.slice(1)}EventDefinition`);
    if (definition) sections.push(sharedField(context, definition, kind, words));
  }
  if (message) sections.push(sharedField(context, message, "message", MESSAGE), ...(isThrow(object) ? [payloadField(context)] : senders(context)));
  if (is(object, "bpmn:IntermediateCatchEvent") || is(object, "bpmn:StartEvent")) sections.push(stageField(context));
  return sections;
}

const isThrow = (object) => is(object, "bpmn:IntermediateThrowEvent") || is(object, "bpmn:EndEvent") || is(object, "bpmn:SendTask");

/** The start of an event sub-process; an error has no choice. */
const beginsBeside = (object) => is(object, "bpmn:StartEvent") && object.$parent?.triggeredByEvent && !eventDefinitionOf(object, "bpmn:ErrorEventDefinition");

function interrupting({ element, object, changes }, attribute) {
  return checkField("Ngắt việc đang làm", object[attribute] !== false, (on) => changes.modeling.updateProperties(element, { [attribute]: on }), { help: HELP.interrupting });
}

function timerField({ element, changes, choices }, timer) {
  const duration = timer.timeDuration?.body;
  const text = timer.timeDate?.body ?? duration ?? timer.timeCycle?.body ?? "";
  const write = (value) => {
    if (timer.timeDuration) changes.update(element, timer, { timeDuration: undefined });
    changes.expression(element, timer, "timeDate", value);
  };
  return dueField("Đến lúc nào", text, write, { choices, help: HELP.timer });
}

/** Choose what an event is about from what the file has, or name a new one. */
function sharedField({ element, changes, modeler, choices }, carrier, kind, { label, fresh: freshLabel, help }) {
  const shared = SHARED[kind];
  const current = carrier[shared.reference]?.[shared.key] ?? "";
  const names = [...new Set(sharedNames(modeler, shared))].sort();
  const said = kind === "message" ? choices.messages : {};
  const write = (name) => changes.update(element, carrier, { [shared.reference]: changes.shared(shared, name) });
  const fresh = textField(freshLabel, "", (name) => name && write(name), { placeholder: "Ví dụ: Đã gửi báo cáo", spellcheck: false, whole: true });
  fresh.hidden = true;
  const choose = (name) => {
    if (name !== FRESH) return write(name);
    fresh.hidden = false;
    return fresh.querySelector("input").focus();
  };
  const options = [["", "– Chưa chọn –"], ...names.map((name) => [name, said[name] ? `${said[name]} (${name})` : name]), [FRESH, `${freshLabel}…`]];
  return groupField(label, help, selectInput(options, current, choose, label), fresh);
}

function payloadField({ properties, set }) {
  return areaField("Nội dung gửi kèm", (properties.payload ?? "").replaceAll(/;\s*/g, ";\n"), (text) => set({ payload: text.replaceAll(/\s*;\s*/g, "; ").replaceAll("\n", " ").trim() }), { help: HELP.payload, code: true });
}

/** A message that people send: with which form, from which desks. */
function senders(context) {
  const { properties, set, choices } = context;
  const chosen = new Set((properties.senders ?? "").split(/\s+/).filter(Boolean));
  const boxes = [...chosen].map((desk) =>
    checkField(deskWords(choices, desk) || desk, true, () => {
      chosen.delete(desk);
      set({ senders: [...chosen].join(" ") });
    }),
  );
  const add = selectInput([["", "+ Người được gửi"], ...desksByPlace(choices, chosen)], "", (desk) => desk && set({ senders: [...chosen, desk].join(" ") }), "Thêm người được gửi");
  return [
    make(
      "details",
      { class: "q-panel-more", open: Boolean(properties.form || chosen.size) },
      make("summary", {}, "Do người gửi"),
      formField(context, HELP.senderForm),
      groupField("Ai được gửi", HELP.senders, ...boxes, add),
    ),
  ];
}
