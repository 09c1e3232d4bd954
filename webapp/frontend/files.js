// The browser's own button for files speaks the browser's language; ours lies under it and says what was chosen.
import { announce, each, make, on } from "./dom.js";

each("input[type=file].form-control", (input) => {
  const chosen = make("span", { class: "q-pick-name", "data-pick-name": true, "aria-live": "polite" });
  const face = make("span", { class: "q-pick-face", "aria-hidden": "true" }, input.multiple ? "Chọn các tệp" : "Chọn tệp");
  const box = make("span", { class: "form-control q-pick" });
  box.classList.toggle("is-invalid", input.classList.contains("is-invalid"));
  input.replaceWith(box);
  box.append(face, chosen, input);
  say(input);
});

function say(input) {
  const names = [...input.files].map(({ name }) => name).join(", ");
  const takesDrops = input.closest("[data-upload]") && matchMedia("(pointer: fine)").matches;
  const none = takesDrops ? "hoặc kéo tệp vào đây" : "Chưa chọn tệp nào";
  announce(input.closest(".q-pick").querySelector("[data-pick-name]"), names || none);
}

// Where files go up at once the list below names them.
on("change", ".q-pick input[type=file]", (event, input) => input.closest("[data-upload]") || say(input));
