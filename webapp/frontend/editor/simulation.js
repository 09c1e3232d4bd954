// Tokens that walk the drawing, to see where it leads. What the engine makes of it, a rehearsal shows.
import simulation from "bpmn-js-token-simulation";
import { make } from "../dom.js";

const WORDS = {
  "Set Sequence Flow": "Chọn nhánh đi tiếp",
  "Trigger Event": "Cho xảy ra",
  "Add pause point": "Dừng ở đây",
  "Remove pause point": "Thôi dừng ở đây",
  "Reset Simulation": "Bắt đầu lại",
  "Play/Pause Simulation": "Chạy hoặc tạm dừng",
  "Play Simulation": "Chạy tiếp",
  "Pause Simulation": "Tạm dừng",
  "Finished": "Xong",
  "Not supported": "Không mô phỏng được",
  "Found unsupported elements": "Có hình không mô phỏng được",
  "Set animation speed = Slow": "Chạy chậm",
  "Set animation speed = Normal": "Chạy vừa",
  "Set animation speed = Fast": "Chạy nhanh",
};
const inVietnamese = (text) => WORDS[text.trim()] ?? text.replace(/^Focus process instance/, "Xem lần chạy");

/** The list of what happened is in English and of no use beside the drawing. */
const noLog = { log: ["value", { log() {}, clear() {}, toggle() {}, isShown: () => false }] };

export const simulationModules = [simulation, noLog];

/** The parts that come and go while tokens walk, in Vietnamese. */
function translateParts(container) {
  const visit = (root) => {
    for (const part of root.querySelectorAll('[class^="bts-"][title]')) {
      const words = inVietnamese(part.title);
      if (words !== part.title) part.title = words;
      if (!part.hasAttribute("aria-label") && part.matches("button")) part.setAttribute("aria-label", words);
    }
    for (const part of root.querySelectorAll(".bts-text")) {
      const words = inVietnamese(part.textContent);
      if (words !== part.textContent) part.textContent = words;
    }
  };
  new MutationObserver(() => visit(container)).observe(container, { childList: true, subtree: true, attributeFilter: ["title"] });
  visit(container);
}

/** A button switches it; while it is on, nothing can be changed. */
export function simulationSwitch(root, modeler, button) {
  const container = root.querySelector("[data-editor-canvas]");
  translateParts(container);
  const note = make("p", { class: "q-editor-others", role: "status", hidden: true }, "Đang mô phỏng: bấm dấu chạy ở sự kiện bắt đầu để thả một hồ sơ thử, bấm vào cổng để chọn nhánh. Tắt mô phỏng để vẽ tiếp.");
  root.querySelector("[data-editor-notices]").append(note);
  modeler.on("tokenSimulation.toggleMode", ({ active }) => {
    button.setAttribute("aria-pressed", String(active));
    note.hidden = !active;
    root.querySelector("[data-editor-panel]").inert = active;
  });
  button.addEventListener("click", () => modeler.get("toggleMode").toggleMode());
}
