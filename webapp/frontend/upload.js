// Files go up as soon as they are chosen; the form then carries only their ids.
//   <div data-upload data-upload-url="…" data-upload-name="evidence" data-upload-max="26214400">
//     <input type="file" …>  <ul class="q-files" data-upload-list></ul>
//   </div>
// The server answers {"id", "name", "size"}, or refuses with {"message"}.
import { each, icon, make, on } from "./dom.js";
import { beforeSubmit } from "./gates.js";
import { OFFLINE, RequestFailed, csrfToken, messageIn } from "./http.js";
import { toast } from "./toast.js";

const sizeText = (bytes) =>
  bytes < 1024 * 1024 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1048576).toFixed(1).replace(".0", "").replace(".", ",")} MB`;

/** POST one file, telling how far it has come (0–1). XMLHttpRequest, as fetch does not say. */
function send(url, file, progressed) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("file", file);
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progressed(event.loaded / event.total));
    request.addEventListener("error", () => reject(new RequestFailed(OFFLINE, "Mất mạng, tệp chưa tải lên.")));
    request.addEventListener("load", () => {
      const type = request.getResponseHeader("Content-Type") ?? "";
      if (request.status < 300 && type.includes("json")) resolve(JSON.parse(request.responseText));
      else reject(new RequestFailed(request.status < 300 ? 401 : request.status, messageIn(request.responseText, type)));
    });
    request.send(body);
  });
}

/** As the server's forms.file_types has it; where the browser does not know what a file is, the server alone decides. */
function isTaken({ name, type }, accept) {
  const alike = (suffix) => suffix.replace(/^\.jpeg$/, ".jpg");
  const suffix = alike(name.slice(name.lastIndexOf(".")).toLowerCase());
  return accept.split(",").some((one) => (one.includes("/") ? !type || type.startsWith(one.replace("*", "")) : alike(one) === suffix));
}

function refusal(area, file) {
  const { uploadTakes: takes } = area.dataset;
  if (takes && !isTaken(file, area.querySelector("input[type=file]").accept)) return `Ở đây chỉ nhận ${takes}.`;
  const limit = Number(area.dataset.uploadMax ?? Infinity);
  if (file.size > limit) return `Tệp ${sizeText(file.size)} vượt quá ${sizeText(limit)}.`;
  return file.size === 0 ? "Tệp rỗng." : null;
}

const removeButton = (name) =>
  make("button", { type: "button", class: "btn btn-sm btn-plain", "data-upload-remove": true, "aria-label": `Bỏ tệp ${name}` }, "Bỏ");

function changed(area) {
  area.dispatchEvent(new Event("change", { bubbles: true }));
}

function showDone(area, row, { id, name, size }) {
  const field = make("input", { type: "hidden", name: area.dataset.uploadName, value: id });
  const words = make("span", { class: "q-file-name" }, name, make("span", { class: "q-file-meta" }, `${sizeText(size)} · đã tải lên`));
  row.replaceChildren(icon("file-check"), words, field, removeButton(name));
  delete row.dataset.uploading;
  changed(area);
}

/** A draft that comes back knows the files by their ids only. */
function bringBack(area, ids) {
  const present = new Set([...area.querySelectorAll("input[type=hidden]")].map(({ value }) => value));
  for (const id of ids.filter((id) => !present.has(id))) {
    const field = make("input", { type: "hidden", name: area.dataset.uploadName, value: id });
    const words = make("span", { class: "q-file-name" }, "Tệp đã tải lên trước đó");
    const row = make("li", {}, icon("file-check"), words, field, removeButton("đã tải lên trước đó"));
    area.querySelector("[data-upload-list]").append(row);
  }
}

/** What the server refuses for good is not offered again: another file is chosen instead. */
function showFailed(area, row, file, message, again) {
  again?.addEventListener("click", () => void upload(area, file, row));
  const words = make("span", { class: "q-file-name" }, file.name);
  const told = make("span", { class: "q-file-error", role: "alert" }, message);
  row.replaceChildren(...[icon("file-x"), words, again, removeButton(file.name), told].filter(Boolean));
  delete row.dataset.uploading;
}

async function upload(area, file, row) {
  const bar = make("progress", { max: "1", value: "0", "aria-label": `Đang tải lên ${file.name}` });
  const words = make("span", { class: "q-file-name" }, file.name, make("span", { class: "q-file-meta" }, sizeText(file.size)));
  row.replaceChildren(icon("file"), words, bar);
  row.dataset.uploading = "true";
  try {
    const stored = await send(area.dataset.uploadUrl, file, (share) => (bar.value = share));
    showDone(area, row, { name: file.name, size: file.size, ...stored });
  } catch (error) {
    const lasting = error.status >= 400 && error.status < 500 && ![401, 408, 429].includes(error.status);
    const again = lasting ? undefined : make("button", { type: "button", class: "btn btn-sm" }, "Thử lại");
    showFailed(area, row, file, error.message, again);
  }
}

function take(area, files) {
  const list = area.querySelector("[data-upload-list]");
  const single = area.dataset.uploadSingle !== undefined;
  for (const file of single ? [...files].slice(0, 1) : files) {
    if (single) list.replaceChildren();
    const row = list.appendChild(make("li"));
    const fault = refusal(area, file);
    if (fault) showFailed(area, row, file, fault);
    else void upload(area, file, row);
  }
}

on("change", "[data-upload] input[type=file]", (event, input) => {
  event.stopPropagation(); // The form's values have not changed yet.
  take(input.closest("[data-upload]"), [...input.files]);
  input.value = ""; // The file itself is not sent again with the form.
});

on("click", "[data-upload-remove]", (event, button) => {
  const area = button.closest("[data-upload]");
  const row = button.closest("li");
  const next = row.nextElementSibling ?? row.previousElementSibling;
  row.remove();
  changed(area);
  (next?.querySelector("[data-upload-remove]") ?? area.querySelector("input[type=file]")).focus();
  if (row.querySelector("input[type=hidden]")) toast("Đã bỏ một tệp.", { undo: () => putBack(area, row) });
});

function putBack(area, row) {
  const list = area.querySelector("[data-upload-list]");
  if (area.dataset.uploadSingle !== undefined) list.replaceChildren();
  list.append(row);
  changed(area);
  row.querySelector("[data-upload-remove]").focus();
}

on("draft:restore", "form", ({ detail }, form) => {
  for (const area of form.querySelectorAll("[data-upload]")) {
    bringBack(area, detail.values.filter(([name]) => name === area.dataset.uploadName).map(([, id]) => id));
  }
});

on("dragover", "[data-upload]", (event, area) => {
  event.preventDefault();
  area.dataset.dragging = "true";
});
on("dragleave", "[data-upload]", (event, area) => delete area.dataset.dragging);
on("drop", "[data-upload]", (event, area) => {
  event.preventDefault();
  delete area.dataset.dragging;
  take(area, event.dataTransfer.files);
});

// Only a script makes the choosing of a file enough: say so to forms that otherwise send the file themselves.
each("[data-upload] input[type=file]", (input) => input.removeAttribute("name"));

beforeSubmit(
  (form) => form.querySelector("[data-uploading]"),
  async () => {
    toast("Còn tệp đang tải lên. Chờ tải xong rồi gửi.", { kind: "warning" });
    return false;
  },
);
