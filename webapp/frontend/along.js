// A page of several forms, each of which brings it anew: what was typed in the others goes along with the one that is sent.
//   <form data-along="field">                what is typed here goes along, as "field.label"
//   <form data-takes-along="field head">     with this one
//   <a data-after-saving="2">                and with this link, which then goes on to that field
// Whatever else leaves the page is asked about by the browser.
import { make, on } from "./dom.js";
import { isDirty } from "./leaving.js";

let gathering = false; // Reading a form's values for another one is not sending it.
let sent = null;

const typed = () => [...document.querySelectorAll("form[data-along]")].filter(isDirty);
const takes = (form, other) => form === other || (form.dataset.takesAlong ?? "").split(" ").includes(other.dataset.along);

/** Whether sending this form sends what was typed here, or in those that go along. */
export const carries = (form) => typed().some((other) => takes(form, other));

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

document.addEventListener("submit", (event) => event.defaultPrevented || (sent = event.target));
window.addEventListener("pageshow", () => (sent = null));
window.addEventListener("beforeunload", (event) => {
  if (typed().some((form) => !sent || !takes(sent, form))) event.preventDefault();
});
