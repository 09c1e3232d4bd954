// The reminders and escalations of a step, drawn on its border as BPMN draws a timer that interrupts nothing: a clock in
// two dashed circles. They are drawn from the step's table, over the drawing: its model holds none of them.
import { is, propertiesOf } from "./editor/elements.js";
import { titleOf } from "./editor/naming.js";
import { readReminders } from "./editor/notations.js";
import { make } from "./dom.js";
import { levelMark, levelWords } from "./reminder_words.js";

const OVERLAY = "reminder-timers";
const SVG = "http://www.w3.org/2000/svg";
const SIZE = 24; // of a symbol that stands for several levels
const SMALL = 18; // of one level's
const WIDEST = 26; // from the middle of one symbol to the next
const KEYS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** A level's place in time, in hours from the end of the due day. */
const hours = ({ before, count, unit, clock }) => (before ? -count : count) * (unit === "h" ? 1 : 24) + (unit === "h" ? 0 : Number.parseInt(clock, 10) - 24);

function processOf(object) {
  return !object || is(object, "bpmn:Process") ? object : processOf(object.$parent);
}

/** All levels that fire while a step is open, in time; none where a table is written as nobody can read it. */
function levelsOf({ businessObject: step }) {
  const { reminders, clock } = propertiesOf(step);
  const own = readReminders(reminders) ?? [];
  const process = clock === "case" && processOf(step);
  const ofCase = process ? (readReminders(propertiesOf(process).reminders) ?? []) : [];
  return [...own, ...ofCase.map((level) => ({ ...level, ofCase: true }))].sort((one, other) => hours(one) - hours(other));
}

/** The symbols of a step: one for what comes until the due day and one for what comes after, or one for each level. */
function symbolsOf(levels, each) {
  if (each) return levels.map((level) => ({ late: !level.before, levels: [level], mark: levelMark(level) }));
  const sides = [true, false].map((before) => ({ late: !before, levels: levels.filter((level) => level.before === before) }));
  return sides.filter((side) => side.levels.length);
}

/** Where the middles of `count` symbols are on a border: to the right where they are few. */
function middles(count, width, size) {
  const step = Math.min(WIDEST, count > 1 ? width / (count - 1) : 0);
  const first = Math.max(0, width - size / 2 - step * (count - 1));
  return Array.from({ length: count }, (_, index) => first + index * step);
}

function drawn(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

export function symbol(late) {
  const svg = drawn("svg", { viewBox: "0 0 36 36", "aria-hidden": "true", class: `q-timer-symbol${late ? " is-late" : ""}` });
  for (const r of [17, 13.5]) svg.append(drawn("circle", { cx: 18, cy: 18, r, "stroke-dasharray": "4 2.4" }));
  svg.append(drawn("circle", { cx: 18, cy: 18, r: 9, class: "q-timer-face" }), drawn("path", { d: "M18 12v6l4.5 2.5" }));
  return svg;
}

/** A button that shows all levels one by one, or no longer. */
export function levelSwitch(button, timers) {
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    timers.everyLevel = !timers.each;
    button.setAttribute("aria-pressed", String(timers.each));
  });
}

export class ReminderTimers {
  /**
   * `names` says what desks are called; `frame` holds the drawing. `editing`: a symbol chooses its step, whose levels are
   * then drawn one by one. `still`: nothing but a picture.
   */
  constructor(viewer, frame, names, { editing = false, still = false } = {}) {
    Object.assign(this, { viewer, frame, names, editing, still, each: false, shown: new Map() });
    this.overlays = viewer.get("overlays");
    viewer.on("import.done", () => this.shown.clear()); // The overlays went with the drawing.
    if (editing) viewer.on(["commandStack.changed", "selection.changed", "import.done"], () => this.draw());
    if (!still) this.#speak();
    this.draw();
  }

  /** Whether all levels stand there one by one. */
  set everyLevel(on) {
    this.each = on;
    this.draw();
  }

  draw() {
    this.tip?.setAttribute("hidden", "");
    const chosen = this.editing ? this.viewer.get("selection").get() : [];
    const steps = this.viewer.get("elementRegistry").filter((one) => !one.labelTarget && (is(one, "bpmn:UserTask") || is(one, "bpmn:ManualTask")));
    for (const step of steps) this.#drawOn(step, symbolsOf(levelsOf(step), this.each || chosen.includes(step)), chosen.includes(step));
    if (!this.editing) this.#rove(this.#parts()[0]);
  }

  get any() {
    return [...this.shown.values()].some(({ html }) => html);
  }

  #drawOn(step, symbols, chosen) {
    const before = this.shown.get(step.id);
    const looks = JSON.stringify([symbols, step.width, titleOf(step.businessObject), chosen]);
    if (before?.looks === looks) return;
    const focused = before?.html?.contains(document.activeElement);
    this.overlays.remove({ element: step, type: OVERLAY });
    const html = symbols.length ? this.#row(step, symbols, chosen) : undefined;
    this.shown.set(step.id, { looks, html });
    if (!html) return;
    this.overlays.add(step, OVERLAY, { position: { top: 0, left: 0 }, html });
    if (focused) html.querySelector("[tabindex]")?.focus({ preventScroll: true });
  }

  #row(step, symbols, chosen) {
    const size = symbols.some(({ mark }) => mark) ? SMALL : SIZE;
    const places = middles(symbols.length, step.width, size);
    const parts = symbols.map((one, index) => {
      const part = this.#part(step, one, chosen);
      Object.assign(part.style, { left: `${places[index] - size / 2}px`, top: `${-size / 2}px`, width: `${size}px`, height: `${size}px` });
      return part;
    });
    return make("div", { class: "q-timers" }, ...parts);
  }

  #part(step, { late, levels, mark }, chosen) {
    const children = [symbol(late), ...(mark ? [make("span", { class: "q-timer-mark", "aria-hidden": "true" }, mark)] : [])];
    if (this.still) return make("span", { class: "q-timer", "aria-hidden": "true" }, ...children);
    const words = levels.map((level) => levelWords(level, this.names));
    const label = `${titleOf(step.businessObject)}. ${words.join("; ")}`;
    // Not a button: all it does is tell, and whoever clicks on it means the step below.
    const part = make("span", { class: "q-timer", role: "img", "aria-label": label, tabindex: chosen ? "0" : "-1" }, ...children);
    part.words = words;
    if (this.editing) part.addEventListener("click", () => this.viewer.get("selection").select(step));
    return part;
  }

  #parts() {
    const all = this.viewer.get("canvas").getContainer().querySelectorAll(".q-timer[tabindex]");
    return [...all].filter((part) => part.getClientRects().length); // Others are inside of what is folded.
  }

  /** One stop of the tabulator for all; arrows go from one to the next. */
  #rove(part) {
    for (const one of this.#parts()) one.tabIndex = one === part ? 0 : -1;
  }

  /** What a symbol means stands beside it for a mouse, a finger and the keyboard. */
  #speak() {
    const container = this.viewer.get("canvas").getContainer();
    this.tip = this.frame.appendChild(make("div", { class: "q-timer-tip", hidden: true, "aria-hidden": "true" }));
    const hide = () => this.tip.setAttribute("hidden", "");
    const over = (event) => event.target.closest?.(".q-timer[tabindex]");
    for (const type of ["pointerover", "focusin", "click"]) container.addEventListener(type, (event) => over(event) && this.#tell(over(event)));
    for (const type of ["pointerout", "focusout"]) container.addEventListener(type, (event) => over(event) && hide());
    this.viewer.on("canvas.viewbox.changing", hide);
    container.addEventListener("keydown", (event) => over(event) && this.#key(event, hide));
  }

  #tell(part) {
    this.tip.replaceChildren(...part.words.map((words) => make("p", {}, words)));
    this.tip.removeAttribute("hidden");
    const at = part.getBoundingClientRect();
    const { width, height } = this.tip.getBoundingClientRect();
    const below = at.bottom + 6;
    this.tip.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - width - 8))}px`;
    this.tip.style.top = `${below + height > window.innerHeight ? at.top - height - 6 : below}px`;
  }

  #key(event, hide) {
    if (event.key === "Escape") hide();
    const by = this.editing ? undefined : KEYS[event.key];
    if (!by) return;
    const parts = this.#parts();
    const next = parts[(parts.indexOf(event.target) + by + parts.length) % parts.length];
    event.preventDefault();
    event.stopPropagation();
    this.#rove(next);
    next.focus();
  }
}
