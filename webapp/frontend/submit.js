// A form that is on its way cannot be sent a second time by a second click.
import { toast } from "./toast.js";

const NATIVE = "form:not([method=dialog]):not([hx-post]):not([data-resubmit])";

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches(NATIVE) || form.method !== "post") return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "true";
  // After this turn, so that the button pressed is still part of what is sent.
  setTimeout(() => setSending(form, event.submitter, true));
});

function setSending(form, submitter, sending) {
  submitter?.toggleAttribute("aria-busy", false);
  if (sending) submitter?.setAttribute("aria-busy", "true");
  for (const button of form.elements) {
    if (button.type === "submit") button.disabled = sending;
  }
  if (!sending) delete form.dataset.sending;
}

// The page comes back out of the browser's memory: its forms must work again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sending]")) {
    setSending(form, form.querySelector('[aria-busy="true"]'), false);
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});

let offline;
window.addEventListener("offline", () => {
  offline = toast("Mất kết nối mạng. Bạn vẫn nhập được; đừng đóng trang này.", { kind: "warning" });
});
window.addEventListener("online", () => {
  offline?.remove();
  toast("Đã có mạng lại.", { kind: "success" });
});
