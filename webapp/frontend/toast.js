// Short messages at the edge of the page. From the server: the header HX-Trigger: {"toast": {"message", "kind"}}.
import { icon, make } from "./dom.js";
import { SIGNED_OUT, meaningOf } from "./http.js";

const KINDS = { success: "circle-check", error: "alert-circle", warning: "alert-triangle", info: "info-circle" };
const STAY = 6000; // milliseconds
const RELOAD = { href: "", text: "Tải lại trang" };
const ONWARD = { 400: RELOAD, [SIGNED_OUT]: { href: "/dang-nhap", text: "Đăng nhập", target: "_blank" }, 409: RELOAD };

function region() {
  return document.querySelector(".q-toasts") ?? document.body.appendChild(make("div", { class: "q-toasts" }));
}

/**
 * Show a message; `kind` is success, error, warning or info, `link` {href, text, target}, `undo` what a button takes back.
 * An error stays until it is closed, an undo until it is used or the next one is offered: nobody has to hurry.
 */
export function toast(message, { kind = "info", link, undo } = {}) {
  const close = make("button", { type: "button", class: "q-close", "aria-label": "Đóng thông báo" }, icon("x"));
  const words = make("p", {}, message, ...(link ? [" ", make("a", { href: link.href, target: link.target ?? "_self" }, link.text)] : []));
  const role = kind === "error" ? "alert" : "status";
  const back = undo && make("button", { type: "button", class: "btn btn-sm" }, "Hoàn tác");
  const box = make("div", { class: "q-toast", "data-kind": kind, role }, icon(KINDS[kind] ?? KINDS.info), words, back, close);
  close.addEventListener("click", () => box.remove());
  back?.addEventListener("click", () => {
    box.remove();
    undo();
  });
  for (const shown of region().querySelectorAll(".q-toast")) {
    const repeated = shown.querySelector("p").textContent === words.textContent;
    if (repeated || (undo && shown.querySelector("button:not(.q-close)"))) shown.remove();
  }
  region().append(box);
  if (kind !== "error" && !undo) dismissLater(box);
  return box;
}

/** What the server said of a status, else what it means, and where to go on from there. */
export function toastStatus(status, message) {
  return toast(message ?? meaningOf(status), { kind: "error", link: ONWARD[status] });
}

/** Gone a while after somebody next does something, but not while they point at it or have the focus in it. */
function dismissLater(box) {
  const wait = () => setTimeout(() => (box.matches(":hover, :focus-within") ? wait() : box.remove()), STAY);
  for (const sign of ["pointermove", "pointerdown", "keydown"]) document.addEventListener(sign, wait, { once: true });
}

// Forms import this, also where there is no document.
globalThis.document?.addEventListener("toast", ({ detail }) => toast(detail.message ?? detail.value, { kind: detail.kind }));
