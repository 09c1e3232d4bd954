// Calls of other procedures, and activities that repeat for each item of a list.
import { make } from "../dom.js";
import { is } from "./elements.js";
import { areaField, checkField, groupField, selectField, textField } from "./fields.js";
import { HELP } from "./help.js";

export function loopSections(context) {
  const { object } = context;
  const loop = object.loopCharacteristics;
  return [
    ...(is(object, "bpmn:CallActivity") ? callFields(context) : []),
    ...(loop && is(loop, "bpmn:MultiInstanceLoopCharacteristics") ? [repeatFields(context, loop)] : []),
    ...(loop && is(loop, "bpmn:StandardLoopCharacteristics") ? [againFields(context, loop)] : []),
  ];
}

function callFields({ element, object, changes, choices, properties, set }) {
  const options = [["", "– Chưa chọn –"], ...Object.entries(choices.procedures)];
  const lines = (name) => (properties[name] ?? "").replaceAll(/;\s*/g, ";\n");
  const write = (name) => (text) => set({ [name]: text.replaceAll(/\s*;\s*/g, "; ").replaceAll("\n", " ").trim() });
  return [
    selectField("Quy trình được gọi", options, object.calledElement ?? "", (key) => changes.update(element, object, { calledElement: key || undefined }), { help: HELP.called }),
    areaField("Dữ liệu đưa vào", lines("inputs"), write("inputs"), { help: HELP.callInputs, code: true }),
    areaField("Kết quả lấy ra", lines("outputs"), write("outputs"), { help: HELP.callOutputs, code: true }),
  ];
}

function againFields({ element, changes }, loop) {
  const update = (values) => changes.update(element, loop, values);
  const most = (text) => update({ loopMaximum: Math.trunc(Number(text)) > 0 ? Math.trunc(Number(text)) : undefined });
  return make(
    "details",
    { class: "q-panel-more", open: true },
    make("summary", {}, "Lặp"),
    groupField(
      "Làm lại",
      HELP.again,
      textField("Làm lại khi", loop.loopCondition?.body, (text) => changes.expression(element, loop, "loopCondition", text), { spellcheck: false, placeholder: 'check.decision == "return"' }),
      textField("Nhiều nhất mấy lần", loop.loopMaximum, most, { spellcheck: false, placeholder: "3" }),
      checkField("Xét trước lần đầu", Boolean(loop.testBefore), (on) => update({ testBefore: on })),
    ),
  );
}

function repeatFields({ element, changes }, loop) {
  const update = (values) => changes.update(element, loop, values);
  // A list is an expression here; BPMN writes it where other tools name a data object.
  const reference = (id) => (id ? { id } : undefined);
  const item = (name) => {
    const made = name ? changes.bpmnFactory.create("bpmn:DataInput", { name }) : undefined;
    if (made) made.$parent = loop;
    update({ inputDataItem: made });
  };
  return make(
    "details",
    { class: "q-panel-more", open: true },
    make("summary", {}, "Lặp"),
    groupField(
      "Lặp cho từng mục",
      HELP.loop,
      textField("Danh sách", loop.loopDataInputRef?.id, (text) => update({ loopDataInputRef: reference(text) }), { spellcheck: false, placeholder: "open_cycle.units" }),
      textField("Tên của một mục", loop.inputDataItem?.name, item, { spellcheck: false, placeholder: "unit" }),
      textField("Hoặc số lần", loop.loopCardinality?.body, (text) => changes.expression(element, loop, "loopCardinality", text), { spellcheck: false, placeholder: "3" }),
      textField("Gom kết quả vào", loop.loopDataOutputRef?.id, (text) => update({ loopDataOutputRef: reference(text) }), { spellcheck: false }),
      textField("Dừng sớm khi", loop.completionCondition?.body, (text) => changes.expression(element, loop, "completionCondition", text), { spellcheck: false }),
      checkField("Lần lượt, không cùng lúc", Boolean(loop.isSequential), (on) => update({ isSequential: on })),
    ),
  );
}
