// A case's diagram: where it is, where it was. Everything it shows is also in the list of steps beside it.
//   <div data-diagram-url="…" data-current="id id" data-visited="id id" data-failed="id" data-names-url="…" data-marks='{"id": "added"}'>
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { hangCounts } from "./diagram_counts.js";
import { enlarge } from "./diagram_enlarged.js";
import { each, icon, make } from "./dom.js";
import { OFFLINE, RequestFailed } from "./http.js";
import { ReminderTimers, levelSwitch, symbol } from "./reminder_timers.js";

const words = (text) => (text ?? "").split(/\s+/).filter(Boolean);

async function fetched(url, accept) {
  const response = await fetch(url, { headers: { Accept: accept } }).catch(() => {
    throw new RequestFailed(OFFLINE);
  });
  if (!response.ok) throw new RequestFailed(response.status);
  return response;
}

function mark(viewer, ids, marker) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  for (const id of ids) if (registry.get(id)) canvas.addMarker(id, marker);
}

/** A flow was taken when the case has been at both its ends. */
function markFlows(viewer, reached) {
  for (const flow of viewer.get("elementRegistry").filter((element) => element.type === "bpmn:SequenceFlow")) {
    if (reached.has(flow.source?.id) && reached.has(flow.target?.id)) viewer.get("canvas").addMarker(flow, "is-visited");
  }
}

/** Timers of the tables of reminders; what they mean is asked of the server where there are any. */
function drawTimers(viewer, frame, names) {
  const still = !names;
  const timers = new ReminderTimers(viewer, frame, names, { still });
  if (still || !timers.any) return undefined;
  const entries = [["Nhắc trước hạn", false], ["Đôn đốc khi quá hạn", true]].map(([words, late]) => make("li", {}, symbol(late), words));
  frame.querySelector("[data-diagram-canvas]").after(make("ul", { class: "q-diagram-legend" }, ...entries));
  return timers;
}

function tools(viewer, frame, holder, settle, timers) {
  const canvas = viewer.get("canvas");
  const button = (label, name, key, work) => {
    const made = make("button", { type: "button", class: "btn", "aria-label": label, title: label, "data-key": key }, icon(name));
    made.addEventListener("click", work);
    return made;
  };
  const whole = button("Mở sơ đồ toàn màn hình", "arrows-maximize", undefined, () => enlarge(frame, holder, canvas, settle));
  whole.setAttribute("data-enlarge", "");
  return make(
    "div",
    { class: "q-diagram-tools", role: "group", "aria-label": "Phóng to, thu nhỏ sơ đồ" },
    button("Phóng to sơ đồ", "zoom-in", "+", () => viewer.get("zoomScroll").stepZoom(1)),
    button("Thu nhỏ sơ đồ", "zoom-out", "-", () => viewer.get("zoomScroll").stepZoom(-1)),
    button("Xem cả sơ đồ", "zoom-reset", "0", () => canvas.zoom("fit-viewport", "auto")),
    ...(timers ? [everyLevel(timers)] : []),
    whole,
  );
}

function everyLevel(timers) {
  const made = make("button", { type: "button", class: "btn", "aria-label": "Hiện mọi mốc nhắc", title: "Hiện mọi mốc nhắc" }, icon("clock"));
  levelSwitch(made, timers);
  return made;
}

/** No taller than the drawing needs. */
function settleHeight(viewer, holder) {
  const { width, height } = viewer.get("canvas").viewbox().inner;
  const scale = Math.min(1, holder.clientWidth / width);
  const needed = Math.max(height * scale + 80, 224);
  if (needed < holder.clientHeight) holder.style.height = `${needed}px`;
  viewer.get("canvas").resized();
}

/** The whole drawing where it stays legible; else the present step in the middle. */
function settleView(viewer, current) {
  const canvas = viewer.get("canvas");
  const fitted = canvas.zoom("fit-viewport", "auto");
  const shape = current.map((id) => viewer.get("elementRegistry").get(id)).find(Boolean);
  if (fitted >= 0.5 || !shape) return;
  canvas.zoom(0.7);
  canvas.scrollToElement(shape, { top: 80, bottom: 80, left: 120, right: 120 });
}

/** On paper the whole drawing, as wide as a sheet of A4 is between its margins. */
function printWhole(canvas, holder) {
  let seen;
  addEventListener("beforeprint", () => {
    seen = canvas.viewbox();
    holder.style.width = "178mm";
    canvas.resized();
    canvas.zoom("fit-viewport", "auto");
  });
  addEventListener("afterprint", () => {
    holder.style.width = "";
    canvas.resized();
    canvas.viewbox(seen);
  });
}

async function draw(frame) {
  const current = words(frame.dataset.current);
  const visited = words(frame.dataset.visited);
  const holder = frame.querySelector("[data-diagram-canvas]");
  const { diagramUrl, namesUrl } = frame.dataset;
  const [drawing, names] = await Promise.all([
    fetched(diagramUrl, "application/xml").then((answer) => answer.text()),
    namesUrl && fetched(namesUrl, "application/json").then((answer) => answer.json()),
  ]);
  // The wheel scrolls the page: a drawing that took it would be a trap for who only reads on.
  const viewer = new NavigatedViewer({ container: holder, zoomScroll: { enabled: false } });
  await viewer.importXML(drawing);
  mark(viewer, visited, "is-visited");
  mark(viewer, current, "is-current");
  mark(viewer, words(frame.dataset.failed), "is-failed");
  markFlows(viewer, new Set([...visited, ...current]));
  for (const [id, kind] of Object.entries(JSON.parse(frame.dataset.marks || "{}"))) mark(viewer, [id], `is-${kind}`);
  const timers = drawTimers(viewer, frame, names);
  hangCounts(viewer, JSON.parse(frame.dataset.counts || "{}"));
  const settle = () => settleView(viewer, current);
  settleHeight(viewer, holder);
  settle();
  printWhole(viewer.get("canvas"), holder);
  frame.querySelector("[data-diagram-message]")?.remove();
  frame.prepend(tools(viewer, frame, holder, settle, timers));
}

each("[data-diagram-url]", (frame) => {
  draw(frame).catch((error) => {
    if (!(error instanceof RequestFailed)) console.error(error); // The browser itself tells of those.
    const message = frame.querySelector("[data-diagram-message]");
    if (message) message.textContent = "Không vẽ được sơ đồ. Tải lại trang, hoặc xem danh sách các bước.";
  });
});
