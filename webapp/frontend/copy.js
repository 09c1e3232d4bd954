// data-copy="text" or data-copy-from="#element": puts text on the clipboard.
import { on } from "./dom.js";
import { toast } from "./toast.js";

on("click", "[data-copy], [data-copy-from]", async (event, button) => {
  event.preventDefault();
  const source = button.dataset.copyFrom ? document.querySelector(button.dataset.copyFrom) : null;
  const copied = await copy(source ? (source.value ?? source.textContent) : button.dataset.copy);
  toast(copied ? "Đã chép. Dán vào nơi cần gửi." : "Trình duyệt không cho chép. Chọn chữ rồi bấm Ctrl + C.", {
    kind: copied ? "success" : "warning",
  });
});

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // A ward's server without https has no clipboard interface.
  }
}

function copyBySelection(text) {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}
