// Dialogs: data-open="#id" opens a <dialog>, data-close closes it, data-confirm="sentence" asks before going on.
import { make, on } from "./dom.js";
import { beforeSubmit } from "./gates.js";

on("click", "[data-open]", (event, opener) => {
  event.preventDefault();
  document.querySelector(opener.dataset.open)?.showModal();
});

on("click", "dialog [data-close]", (event, button) => {
  event.preventDefault();
  button.closest("dialog").close("");
});

// Who clicks twice on what opens a dialog means the opener both times: the second click neither closes nor answers it.
const isSecond = (event) => event.detail > 1;

// A click on the backdrop, which is the dialog itself outside its content.
on("mousedown", "dialog.q-dialog", (event, dialog) => {
  if (event.target === dialog && !isSecond(event)) dialog.close("");
});

/** Ask; resolves to whether the person goes on. `dangerous` colours the button that does. */
export function ask(question, { title = "Xác nhận", go = "Đồng ý", dangerous = false } = {}) {
  const heading = make("h2", { id: "q-ask-title" }, title);
  const body = make("div", { class: "q-dialog-body" }, make("p", {}, question));
  const yes = make("button", { class: `btn ${dangerous ? "btn-danger" : "btn-primary"}`, value: "yes" }, go);
  const no = make("button", { class: "btn", value: "", autofocus: dangerous }, "Thôi");
  const form = make(
    "form",
    { method: "dialog" },
    make("div", { class: "q-dialog-head" }, heading),
    body,
    make("div", { class: "q-dialog-foot" }, no, yes),
  );
  const dialog = make("dialog", { class: "q-dialog", "aria-labelledby": "q-ask-title" }, form);
  form.addEventListener("click", (event) => isSecond(event) && event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
  if (!dangerous) yes.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

function wordsOf(element) {
  const { confirm: question, confirmTitle: title, confirmGo: go, confirmDangerous } = element.dataset;
  return [question, { title, go, dangerous: confirmDangerous !== undefined }];
}

const askingOf = (form, submitter) => [submitter, form].find((element) => element?.dataset.confirm);

beforeSubmit(askingOf, (form, submitter) => ask(...wordsOf(askingOf(form, submitter))));

on("click", "a[data-confirm]", async (event, link) => {
  event.preventDefault();
  if (await ask(...wordsOf(link))) location.assign(link.href);
});

document.addEventListener("htmx:confirm", async (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  event.preventDefault();
  const agreed = await ask(ctx.confirm, wordsOf(ctx.sourceElement)[1]);
  (agreed ? issueRequest : dropRequest)();
});
