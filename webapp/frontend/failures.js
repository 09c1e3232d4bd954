// What htmx does with requests that fail: a sentence instead of silence.
import { OFFLINE, csrfToken, messageIn } from "./http.js";
import { toastStatus } from "./toast.js";

document.addEventListener("htmx:config:request", ({ detail }) => {
  if (!/GET|HEAD/.test(detail.ctx.request.method)) detail.ctx.request.headers["X-CSRFToken"] = csrfToken();
});

document.addEventListener("htmx:response:error", ({ detail }) => {
  const { status, headers } = detail.ctx.response;
  if (status === 422) return; // A refused form comes back with its own words.
  toastStatus(status, messageIn(detail.ctx.text, headers.get("Content-Type") ?? ""));
});

// What a page asks by itself (hx-trigger) asks again, and nobody misses the answer: the line's own message is enough.
const isAside = ({ sourceElement }) => sourceElement.matches("[hx-trigger]");

document.addEventListener("htmx:error", ({ detail }) => {
  if (detail.ctx && !detail.ctx.response && !isAside(detail.ctx)) toastStatus(OFFLINE);
});
