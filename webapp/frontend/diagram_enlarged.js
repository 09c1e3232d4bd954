// A diagram in a dialog as large as the screen. There a finger moves it and two fingers magnify it; on the page
// itself they scroll the page, as everywhere.
import { icon, make } from "./dom.js";

const LEAST = 0.2;
const MOST = 4;

/** Fingers on the canvas: one moves, two magnify about the point between them. */
function followFingers(holder, canvas, signal) {
  const fingers = new Map();
  const between = () => {
    const [one, other = one] = fingers.values();
    return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2, spread: Math.hypot(one.x - other.x, one.y - other.y) };
  };
  const listen = (type, work) => holder.addEventListener(type, (event) => event.pointerType === "touch" && work(event), { signal });
  listen("pointerdown", (event) => fingers.set(event.pointerId, { x: event.clientX, y: event.clientY }));
  listen("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = between();
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const now = between();
    canvas.scroll({ dx: now.x - before.x, dy: now.y - before.y });
    if (!before.spread || !now.spread) return;
    const { left, top } = holder.getBoundingClientRect();
    const scale = Math.min(MOST, Math.max(LEAST, (canvas.zoom() * now.spread) / before.spread));
    canvas.zoom(scale, { x: now.x - left, y: now.y - top });
  });
  for (const type of ["pointerup", "pointercancel"]) listen(type, (event) => fingers.delete(event.pointerId));
}

/** Moves the frame into a dialog, and back to its place when that closes; `settle` chooses what is seen first. */
export function enlarge(frame, holder, canvas, settle) {
  const place = document.createComment("");
  const listening = new AbortController();
  const close = make("button", { type: "button", class: "btn q-diagram-close" }, icon("x"), "Đóng");
  const dialog = make("dialog", { class: "q-diagram-dialog", "aria-label": frame.getAttribute("aria-label") }, close);
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    listening.abort();
    place.replaceWith(frame);
    dialog.remove();
    canvas.resized();
    settle();
    frame.querySelector("[data-enlarge]").focus();
  });
  frame.replaceWith(place);
  dialog.append(frame);
  document.body.append(dialog);
  dialog.showModal();
  followFingers(holder, canvas, listening.signal);
  canvas.resized();
  settle();
}
