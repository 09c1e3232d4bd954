// A page of several forms, each of which brings it anew: what was typed in the others goes along with the one that is sent.
//   <form data-along="field">                what is typed here goes along, as "field.label"
//   <form data-takes-along="field head">     with this one
//   <a data-after-saving="2">                and with this link, which then goes on to that field
// Whatever else leaves the page is asked about by the browser.
import { make, on } from "./dom.js";
import { beforeSubmit } from "./gates.js";
import { OFFLINE, SIGNED_OUT, meaningOf } from "./http.js";
import { isDirty } from "./leaving.js";
import { toast } from "./toast.js";

let gathering = false; // Reading a form's values for another one is not sending it.
let sent = null;

const typed = () => [...document.querySelectorAll("form[data-along]")].filter(isDirty);
const takes = (form, other) => form === other || (form.dataset.takesAlong ?? "").split(" ").includes(other.dataset.along);

document.addEventListener("formdata", ({ target: form, formData }) => {
  if (gathering) return;
  gathering = true;
  for (const other of typed()) {
    if (other === form || !takes(form, other)) continue;
    for (const [name, value] of new FormData(other)) formData.append(`${other.dataset.along}.${name}`, value);
  }
  gathering = false;
});

on("click", "a[data-after-saving]", (event, link) => {
  const [form] = typed();
  if (!form || form.dataset.along === "gone" || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const button = make("button", { name: "then", value: link.dataset.afterSaving, hidden: true });
  form.append(button);
  form.requestSubmit(button);
});

/** What keeps a form from arriving, in words; a server that answers at all has its own. */
async function hindrance() {
  try {
    const answer = await fetch(location.href, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(10000) });
    return answer.type === "opaqueredirect" ? meaningOf(SIGNED_OUT) : null;
  } catch {
    return meaningOf(OFFLINE);
  }
}

// In a dead spot the browser would show its own error page in place of what was typed.
beforeSubmit(
  (form) => form.method === "post" && typed().some((other) => takes(form, other)),
  async () => {
    const message = await hindrance();
    if (message) toast(message, { kind: "error" });
    return !message;
  },
);

document.addEventListener("submit", (event) => event.defaultPrevented || (sent = event.target));
window.addEventListener("pageshow", () => (sent = null));
window.addEventListener("beforeunload", (event) => {
  if (typed().some((form) => !sent || !takes(sent, form))) event.preventDefault();
});
