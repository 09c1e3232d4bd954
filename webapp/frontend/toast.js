// Short messages at the edge of the page. From the server: the header HX-Trigger: {"toast": {"message", "kind"}}.
import { icon, make } from "./dom.js";

const KINDS = { success: "circle-check", error: "alert-circle", warning: "alert-triangle", info: "info-circle" };
const STAY = 6000; // milliseconds; errors stay until closed

function region() {
  return document.querySelector(".q-toasts") ?? document.body.appendChild(make("div", { class: "q-toasts" }));
}

/** Show a message; `kind` is success, error, warning or info, `link` {href, text}, `undo` what a button takes back. */
export function toast(message, { kind = "info", link, undo } = {}) {
  const close = make("button", { type: "button", class: "q-close", "aria-label": "Đóng thông báo" }, icon("x"));
  const words = make("p", {}, message, ...(link ? [" ", make("a", { href: link.href }, link.text)] : []));
  const role = kind === "error" ? "alert" : "status";
  const back = undo && make("button", { type: "button", class: "btn btn-sm" }, "Hoàn tác");
  const box = make("div", { class: "q-toast", "data-kind": kind, role }, icon(KINDS[kind] ?? KINDS.info), words, back, close);
  close.addEventListener("click", () => box.remove());
  back?.addEventListener("click", () => {
    box.remove();
    undo();
  });
  for (const shown of region().querySelectorAll(".q-toast")) {
    if (shown.querySelector("p").textContent === words.textContent) shown.remove();
  }
  region().append(box);
  if (kind !== "error") dismissLater(box);
  return box;
}

/** Gone after a while, but not while somebody points at it or has the focus in it. */
function dismissLater(box) {
  setTimeout(() => (box.matches(":hover, :focus-within") ? dismissLater(box) : box.remove()), STAY);
}

// Forms import this, also where there is no document.
globalThis.document?.addEventListener("toast", ({ detail }) => toast(detail.message ?? detail.value, { kind: detail.kind }));
