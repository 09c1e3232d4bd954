// A button that shows what is typed, beside each password field that asks for one with data-reveal.
import { each, icon, make } from "./dom.js";

each("input[type=password][data-reveal]", (field) => {
  const button = make("button", { type: "button", "aria-label": "Hiện mật khẩu", "aria-pressed": "false" }, icon("eye"));
  const frame = make("div", { class: "q-password" });
  field.replaceWith(frame);
  frame.append(field, button);
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    button.replaceChildren(icon(shown ? "eye-off" : "eye"));
  };
  button.addEventListener("click", () => show(field.type === "password"));
  // Sent hidden again, so that no browser remembers it as ordinary text.
  field.form?.addEventListener("submit", () => show(false));
});
