// The page of the diagram editor.
//   <div data-procedure-editor data-key="…" data-content="url" data-save="url" data-check="url" data-presence="url">
import { each, icon, make } from "./dom.js";
import { clockTime, dayAndTime } from "./http.js";
import { Findings } from "./editor/findings.js";
import { createModeler, open, written } from "./editor/modeler.js";
import { takeAway } from "./editor/notices.js";
import { Panel } from "./editor/panel.js";
import { reveal } from "./editor/revealing.js";
import { Saving, shelf } from "./editor/saving.js";
import { heedOwnEnter } from "./editor/searching.js";
import { simulationModules, simulationSwitch } from "./editor/simulation.js";
import { ReminderTimers, levelSwitch } from "./reminder_timers.js";
import { toast } from "./toast.js";

async function content(url) {
  const response = await fetch(url, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.json();
}

async function start(root) {
  const { key, person, content: contentUrl, save, check, presence, back } = root.dataset;
  const asked = content(contentUrl);
  const modeler = createModeler(root.querySelector("[data-editor-canvas]"), simulationModules);
  const draft = await asked;
  const { laidOut } = await show(modeler, draft.source);
  const panel = new Panel(modeler, root.querySelector("[data-editor-panel]"), draft);
  const timers = new ReminderTimers(modeler, root, draft, { editing: true });
  const read = () => written(modeler);
  const saving = new Saving({
    root,
    urls: { save, presence, back },
    draft: draft.draft,
    version: draft.version,
    settle: () => panel.typing.write(),
    read,
    ask: () => content(contentUrl),
    show: async (fresh) => {
      Object.assign(panel.choices, fresh);
      await showInPlace(modeler, fresh.source);
      findings.changed();
    },
    shelfName: `${person}:${key}`,
  });
  const findings = new Findings({
    modeler,
    url: check,
    read,
    list: root.querySelector("[data-editor-findings]"),
    count: root.querySelector("[data-editor-count]"),
    show: (id) => reveal(modeler, modeler.get("elementRegistry").get(id)),
  });
  modeler.on("commandStack.changed", () => {
    saving.changed();
    findings.changed();
  });
  heedOwnEnter(modeler.get("canvas").getContainer());
  modeler.on("searchPad.selected", () => reveal(modeler, modeler.get("selection").get()[0])); // Its own scrolling wants a tall window.
  tools(root, modeler, saving);
  levelSwitch(root.querySelector("[data-editor-levels]"), timers);
  arranging(root, modeler, () => {
    saving.changed();
    findings.changed();
  });
  simulationSwitch(root, modeler, root.querySelector("[data-editor-simulate]"));
  saving.say(`Bản nháp lưu lúc ${dayAndTime(new Date(draft.saved_at))}`, "saved");
  panel.show();
  findings.check();
  offerKept(root, modeler, saving, draft, `${person}:${key}`);
  if (laidOut) {
    toast("Tệp không có bố cục nên đã được sắp xếp tự động. Kéo các hình cho dễ đọc nếu cần.");
    saving.changed();
  }
  root.dataset.ready = "";
}

async function show(modeler, xml, options) {
  const opened = await open(modeler, xml, options);
  fit(modeler);
  return opened;
}

/** What was chosen stays chosen, and the view where it was: somebody is reading there. */
async function showInPlace(modeler, xml) {
  const canvas = modeler.get("canvas");
  const chosen = modeler.get("selection").get().map(({ id }) => id);
  const [plane, { x, y, width, height }] = [canvas.getRootElement().id, canvas.viewbox()];
  modeler.get("eventBus").once("import.done", () => {
    const registry = modeler.get("elementRegistry");
    const root = canvas.getRootElements().find(({ id }) => id === plane);
    if (root) canvas.setRootElement(root);
    modeler.get("selection").select(chosen.map((id) => registry.get(id)).filter(Boolean));
    canvas.viewbox({ x, y, width, height });
  });
  await open(modeler, xml);
}

/** The whole drawing, beside the palette and not under it, with room at the right for the menu of what is chosen. */
function fit(modeler) {
  const canvas = modeler.get("canvas");
  const palette = canvas.getContainer().querySelector(".djs-palette")?.offsetWidth ?? 0;
  const { inner, outer } = canvas.viewbox();
  const scale = Math.min(1, (outer.width - palette - 100) / inner.width, (outer.height - 40) / inner.height);
  canvas.viewbox({
    x: inner.x - (palette + 40) / scale,
    y: inner.y - Math.max(20, (outer.height - inner.height * scale) / 2) / scale,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}

function tools(root, modeler, saving) {
  const act = {
    undo: () => modeler.get("commandStack").undo(),
    redo: () => modeler.get("commandStack").redo(),
    find: () => setTimeout(() => modeler.get("searchPad").toggle()), // This click would close it again.
    fit: () => fit(modeler),
    in: () => modeler.get("zoomScroll").stepZoom(1),
    out: () => modeler.get("zoomScroll").stepZoom(-1),
    map: () => modeler.get("minimap").toggle(),
  };
  for (const button of root.querySelectorAll("[data-editor-do]")) button.addEventListener("click", () => act[button.dataset.editorDo]());
  const stack = modeler.get("commandStack");
  const undoable = () => {
    root.querySelector('[data-editor-do="undo"]').disabled = !stack.canUndo();
    root.querySelector('[data-editor-do="redo"]').disabled = !stack.canRedo();
  };
  modeler.on(["commandStack.changed", "import.done"], undoable);
  undoable();
  root.querySelector("[data-editor-deploy]")?.addEventListener("click", async (event) => {
    event.preventDefault();
    const { href } = event.currentTarget;
    if (await saving.save()) location.assign(href);
    else if (saving.gone) toast("Bản nháp này vừa được triển khai hoặc bỏ đi: không còn gì để triển khai.", { kind: "error" });
    else toast("Bản nháp chưa lưu được lên máy chủ nên chưa triển khai được.", { kind: "error" });
  });
}

/** A layout made anew; it is no command, so the one before is offered back instead of being undone. */
function arranging(root, modeler, changed) {
  const button = root.querySelector("[data-editor-arrange]");
  button.addEventListener("click", async () => {
    const before = await written(modeler);
    const back = make("button", { type: "button", class: "btn btn-sm", disabled: true }, "Lấy lại bố cục cũ");
    const said = "Đã sắp xếp lại cả sơ đồ. Bố cục cũ lấy lại được cho tới khi bạn sửa tiếp.";
    const bar = make("div", { class: "alert alert-info", role: "status" }, icon("layout-distribute-horizontal"), make("div", {}, make("p", {}, said), back));
    root.querySelector("[data-editor-notices]").append(bar); // First, as it takes room from the drawing.
    back.addEventListener("click", async () => {
      takeAway(bar, button);
      await show(modeler, before);
      changed();
    });
    await show(modeler, before, { anew: true });
    back.disabled = false; // Before that, the new layout would come after the old one.
    changed();
    modeler.get("eventBus").once("commandStack.changed", () => bar.remove());
  });
}

/** Something drawn here earlier never reached the server: offer it, never put it in unasked. */
function offerKept(root, modeler, saving, draft, name) {
  const entry = shelf.get(name);
  if (!entry || entry.xml === draft.source) return shelf.remove(name);
  const text = `Trên máy này còn bản vẽ lúc ${dayAndTime(entry.at)} mà máy chủ chưa nhận (máy chủ có bản lưu lúc ${clockTime(new Date(draft.saved_at))}).`;
  const yes = make("button", { type: "button", class: "btn btn-sm btn-primary" }, "Lấy lại bản vẽ đó");
  const no = make("button", { type: "button", class: "btn btn-sm" }, "Bỏ đi");
  const bar = make("div", { class: "alert alert-warning", role: "region", "aria-label": "Bản vẽ chưa gửi" }, icon("history"), make("div", {}, make("p", {}, text), make("div", { class: "q-actions-row" }, yes, no)));
  root.querySelector("[data-editor-notices]").append(bar);
  yes.addEventListener("click", async () => {
    takeAway(bar);
    await show(modeler, entry.xml);
    saving.changed();
  });
  return no.addEventListener("click", () => {
    shelf.remove(name);
    takeAway(bar);
  });
}

each("[data-procedure-editor]", (root) => {
  start(root).catch((error) => {
    console.error(error);
    root.querySelector("[data-editor-message]").textContent = "Không mở được sơ đồ. Tải lại trang; nếu vẫn lỗi, tải tệp về và báo người phụ trách.";
  });
});
