// The properties of what is chosen on the drawing. Plain labelled fields; every change can be undone.
import { make } from "../dom.js";
import { Changes, carrier, documentationOf, is, propertiesOf } from "./elements.js";
import { areaField, groupField, textField } from "./fields.js";
import { HELP } from "./help.js";
import { eventSections } from "./panel_events.js";
import { flowSections } from "./panel_flows.js";
import { loopSections } from "./panel_loops.js";
import { nextSections } from "./panel_next.js";
import { deskField, remindersField } from "./panel_parts.js";
import { stepSections } from "./panel_steps.js";
import { Typing } from "./typing.js";

const KINDS = [
  ["bpmn:UserTask", "Bước do người làm"],
  ["bpmn:ManualTask", "Bước làm ngoài phần mềm"],
  ["bpmn:ServiceTask", "Bước do phần mềm làm"],
  ["bpmn:ScriptTask", "Bước tính toán"],
  ["bpmn:SendTask", "Bước gửi thông điệp"],
  ["bpmn:ReceiveTask", "Bước nhận thông điệp"],
  ["bpmn:SubProcess", "Quy trình con"],
  ["bpmn:CallActivity", "Gọi quy trình khác"],
  ["bpmn:Task", "Bước chưa rõ loại"],
  ["bpmn:ExclusiveGateway", "Cổng chọn một nhánh"],
  ["bpmn:ParallelGateway", "Cổng song song"],
  ["bpmn:InclusiveGateway", "Cổng chọn một hay nhiều nhánh"],
  ["bpmn:EventBasedGateway", "Cổng chờ sự kiện"],
  ["bpmn:StartEvent", "Sự kiện bắt đầu"],
  ["bpmn:EndEvent", "Sự kiện kết thúc"],
  ["bpmn:BoundaryEvent", "Sự kiện trên viền"],
  ["bpmn:IntermediateCatchEvent", "Sự kiện chờ"],
  ["bpmn:IntermediateThrowEvent", "Sự kiện gửi"],
  ["bpmn:SequenceFlow", "Mũi tên"],
  ["bpmn:Lane", "Làn"],
  ["bpmn:Participant", "Bên tham gia"],
  ["bpmn:Process", "Quy trình"],
];

export class Panel {
  constructor(modeler, holder, choices) {
    Object.assign(this, { modeler, holder, choices, changes: new Changes(modeler) });
    this.typing = new Typing(modeler, holder, () => this.later());
    const events = modeler.get("eventBus");
    events.on("selection.changed", () => this.later());
    events.on("commandStack.changed", () => this.later());
    events.on("root.set", () => this.later());
    events.on("import.done", () => this.typing.end()); // What it wrote about is not on the drawing any more.
    // A click must find the button that it began on.
    document.addEventListener("pointerdown", () => (this.pressed = true), true);
    for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, () => this.#released(), true);
  }

  #released() {
    this.pressed = false;
    if (this.waiting) this.later();
  }

  later() {
    this.waiting = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (!this.pressed && !this.typing.field) this.show();
    }, 0);
  }

  /** The chosen element; the process where nothing, or several things, are chosen. */
  get element() {
    const chosen = this.modeler.get("selection").get();
    const root = this.modeler.get("canvas").getRootElement();
    if (chosen.length === 1) return chosen[0].labelTarget ?? chosen[0];
    if (!is(root, "bpmn:Collaboration")) return root;
    const pools = root.children.filter((child) => is(child, "bpmn:Participant") && child.businessObject.processRef);
    return pools.find((pool) => pool.businessObject.processRef.isExecutable) ?? pools[0] ?? root;
  }

  show() {
    this.waiting = false;
    const { element } = this;
    if (!element) return;
    const focused = [...this.#focusable()].indexOf(document.activeElement);
    const { selectionStart: from, selectionEnd: to } = document.activeElement ?? {};
    const same = this.shown === element || this.shown?.id === element.id; // Loaded anew, it is another object.
    this.shown = element;
    this.typing.removes(() => this.holder.replaceChildren(...this.#sections(element)));
    if (this.led) this.#focusable()[0]?.focus();
    else if (focused >= 0 && same) focusAt(this.#focusable()[focused], from, to);
    this.led = false;
  }

  #focusable() {
    return this.holder.querySelectorAll("input, select, textarea, button, summary");
  }

  #sections(element) {
    const context = { element, object: carrier(element), properties: propertiesOf(carrier(element)), changes: this.changes, choices: this.choices, modeler: this.modeler };
    context.set = (values) => this.changes.set(element, values);
    context.leads = () => (this.led = true); // To the first field of what is chosen next.
    const heading = make("h2", { class: "q-panel-kind" }, kindOf(context.object));
    const parts = [
      this.#name(context),
      ...ownSections(context),
      ...stepSections(context),
      ...flowSections(context),
      ...eventSections(context),
      ...loopSections(context),
      ...nextSections(context),
      this.#technical(context),
    ];
    return [heading, ...parts.filter(Boolean)];
  }

  #name({ element, object }) {
    if (is(object, "bpmn:Collaboration") || is(object, "bpmn:Association") || is(object, "bpmn:TextAnnotation")) return null;
    const label = is(object, "bpmn:SequenceFlow") ? "Chữ trên mũi tên" : "Tên";
    if (is(object, "bpmn:Process")) {
      return textField(label, object.name, (name) => this.changes.update(element, object, { name: name || undefined }), { help: HELP.processName });
    }
    return textField(label, object.name, (name) => this.changes.rename(element, name), { help: is(object, "bpmn:UserTask") ? HELP.stepName : undefined });
  }

  #technical({ element, object }) {
    if (is(object, "bpmn:Collaboration")) return null;
    const fields = [];
    if (!is(object, "bpmn:Process") && !is(object, "bpmn:SequenceFlow")) {
      fields.push(areaField("Mô tả", documentationOf(object), (text) => this.changes.document(element, text), { help: HELP.documentation }));
    }
    const fixed = is(object, "bpmn:Process");
    fields.push(
      textField("Mã", object.id, (id) => this.#newId(element, id), { help: fixed ? HELP.processId : HELP.id, disabled: fixed, spellcheck: false, whole: true }),
    );
    return make("details", { class: "q-panel-more", open: this.moreOpen }, make("summary", {}, "Mô tả và mã"), ...fields);
  }

  #newId(element, id) {
    const taken = this.modeler.get("elementRegistry").get(id);
    if (/^[A-Za-z_][\w.-]*$/.test(id) && !taken) this.changes.modeling.updateProperties(element, { id });
    else this.later();
  }
}

function focusAt(control, from, to) {
  control?.focus({ preventScroll: true });
  if (typeof from === "number" && typeof control?.selectionStart === "number") control.setSelectionRange(from, to);
}

const kindOf = (object) => KINDS.find(([type]) => is(object, type))?.[1] ?? "Hình vẽ";

function ownSections(context) {
  const { object } = context;
  if (is(object, "bpmn:Process")) return processSections(context);
  if (is(object, "bpmn:Lane")) return [deskField(context, { help: HELP.laneDesk, blank: "– Mỗi bước tự chọn –" })];
  return [];
}

function processSections(context) {
  const { object, element, properties, changes, set } = context;
  return [
    areaField("Dùng để làm gì", documentationOf(object), (text) => changes.document(element, text), { help: HELP.purpose }),
    remindersField(context, { label: "Nhắc theo hạn của nhiệm vụ", help: HELP.processReminders }),
    make(
      "details",
      { class: "q-panel-more" },
      make("summary", {}, "Nâng cao"),
      groupField("Dữ liệu có sẵn", HELP.inputs, textField("Các tên, cách nhau bằng dấu cách", properties.inputs, (inputs) => set({ inputs }), { spellcheck: false })),
    ),
  ];
}
