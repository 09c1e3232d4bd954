// What is wrong with the drawing, on its elements and in a list; asked anew shortly after each change.
import { icon, make } from "../dom.js";
import { post } from "../http.js";
import { lint, merged } from "./lint.js";
import { sourceForm } from "./saving.js";

const PAUSE = 250; // milliseconds; with the check itself the answer stands there within a second

export class Findings {
  constructor({ modeler, url, read, list, count, show }) {
    Object.assign(this, { modeler, url, read, list, count, show, findings: [], servers: [], sequence: 0 });
  }

  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), PAUSE);
  }

  async check() {
    const sequence = ++this.sequence;
    const notes = await this.#notes();
    if (sequence !== this.sequence) return;
    if (this.findings.length) this.#tell(merged(this.servers, notes));
    const xml = await this.read();
    const answer = await post(this.url, sourceForm(xml)).catch(() => null);
    if (sequence !== this.sequence) return;
    if (answer) this.servers = answer.findings;
    this.#tell(merged(this.servers, notes));
    if (!answer) this.list.dataset.stale = "";
  }

  #notes() {
    const registry = this.modeler.get("elementRegistry");
    return lint(this.modeler.getDefinitions(), (id) => registry.get(id)?.businessObject).catch(() => []);
  }

  of(elementId) {
    return this.findings.filter((finding) => finding.element === elementId);
  }

  #tell(findings) {
    this.findings = findings;
    delete this.list.dataset.stale;
    this.#list();
    this.#mark();
  }

  #list() {
    const errors = this.findings.filter(({ severity }) => severity === "error").length;
    const notes = this.findings.length - errors;
    this.count.textContent = this.findings.length ? `${errors} lỗi, ${notes} lưu ý` : "Không có lỗi";
    this.count.dataset.kind = errors ? "bad" : notes ? "warn" : "good";
    if (!this.findings.length) {
      this.list.replaceChildren(make("li", { class: "q-finding", "data-kind": "good" }, icon("circle-check"), make("span", {}, "Sơ đồ không có lỗi nào.")));
      return;
    }
    this.list.replaceChildren(...this.findings.map((finding) => this.#entry(finding)));
  }

  #entry({ severity, element, message }) {
    const bad = severity === "error";
    const words = make("span", {}, make("strong", {}, bad ? "Lỗi: " : "Lưu ý: "), message);
    const known = element && this.modeler.get("elementRegistry").get(element);
    const body = known ? make("button", { type: "button", class: "q-finding-link" }, words) : words;
    if (known) body.addEventListener("click", () => this.show(element));
    return make("li", { class: "q-finding", "data-kind": bad ? "bad" : "warn" }, icon(bad ? "alert-circle" : "alert-triangle"), body);
  }

  #mark() {
    const overlays = this.modeler.get("overlays");
    const registry = this.modeler.get("elementRegistry");
    overlays.remove({ type: "finding" });
    for (const [id, found] of byElement(this.findings)) {
      if (!id || !registry.get(id)) continue;
      const bad = found.some(({ severity }) => severity === "error");
      const text = found.map(({ message }) => message).join("\n");
      const mark = make("span", { class: "q-finding-mark", "data-kind": bad ? "bad" : "warn", role: "img", title: text, "aria-label": text }, icon(bad ? "alert-circle" : "alert-triangle"));
      overlays.add(id, "finding", { position: { top: -12, left: -8 }, html: mark });
    }
  }
}

function byElement(findings) {
  const groups = new Map();
  for (const finding of findings) groups.set(finding.element, [...(groups.get(finding.element) ?? []), finding]);
  return groups;
}
