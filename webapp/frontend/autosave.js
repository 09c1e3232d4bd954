// form[data-draft-url]: what is typed is kept in this browser at once and on the server soon after.
//   data-draft-url   receives the form's fields by POST; answers {"saved_at": ISO time} or 204
//   data-draft-key   names the draft in this browser: the person's id and the step's id
//   data-draft-at    when the server's draft shown here was saved (ISO), if there is one
import { each, icon, make } from "./dom.js";
import { forget, forgetOld, keep, kept, keyOf, markSent, onKeptElsewhere, restore, sameValues, settleSent, shownBy, valuesOf } from "./drafts.js";
import { beforeSubmit } from "./gates.js";
import { OFFLINE, SIGNED_OUT, clockTime, dayAndTime, post } from "./http.js";
import { toast, toastStatus } from "./toast.js";

const PAUSE = 1500; // milliseconds without typing before the server is asked
const RETRY = [5000, 15000, 30000, 60000];
const UNSENT = "Chưa gửi được vì mất mạng. Nội dung đã giữ trên máy này; có mạng thì bấm gửi lại.";
const drafts = new Map();

class Draft {
  constructor(form) {
    this.form = form;
    this.key = keyOf(form);
    this.saved = valuesOf(form);
    this.failures = 0;
    this.status = form.querySelector("[data-draft-status]") ?? form.appendChild(make("p", { class: "q-draft-status" }));
    this.status.setAttribute("role", "status");
    this.stopped = false;
    this.offerKept();
    form.addEventListener("input", () => this.changed());
    form.addEventListener("change", () => this.changed());
  }

  get dirty() {
    return !sameValues(valuesOf(this.form), this.saved);
  }

  say(text, kind = "saved") {
    this.status.dataset.kind = kind;
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  changed() {
    if (this.stopped || !this.dirty) return;
    this.stored = keep(this.key, valuesOf(this.form));
    this.later(PAUSE);
  }

  later(delay) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), delay);
  }

  /** Send the draft; resolves to whether the server can be reached. One request at a time, the last state wins. */
  async save({ always = false, ...options } = {}) {
    clearTimeout(this.timer);
    if (this.saving) await this.saving;
    if (this.stopped || !(this.dirty || always)) return true;
    this.saving = this.send(valuesOf(this.form), options);
    try {
      return await this.saving;
    } finally {
      this.saving = null;
    }
  }

  async send(values, options) {
    try {
      const answer = await post(this.form.dataset.draftUrl, new URLSearchParams([...shownBy(this.form), ...values]), options);
      this.confirmed(values, answer.saved_at ? new Date(answer.saved_at) : new Date());
      return true;
    } catch (error) {
      this.failed(error);
      return error.status !== OFFLINE;
    }
  }

  confirmed(values, at) {
    this.saved = values;
    this.refusal = null;
    this.failures = 0;
    if (this.dirty) this.later(PAUSE);
    else forget(this.key);
    this.say(`Đã lưu nháp lúc ${clockTime(at)}`);
  }

  failed(error) {
    const where = this.stored ? `Đã giữ trên máy này lúc ${clockTime(new Date())}.` : "Đừng đóng trang này.";
    this.refusal = error.status;
    if (error.status !== OFFLINE && error.status < 500) {
      this.stopped = error.status !== SIGNED_OUT; // Asking again would not help: the step is another person's now.
      this.say(`${error.message} ${where}`, "stopped");
      return;
    }
    this.say(`${error.status === OFFLINE ? "Mất mạng." : "Máy chủ chưa nhận được."} ${where}`, "offline");
    this.later(RETRY[Math.min(this.failures++, RETRY.length - 1)]);
  }

  /** The same step is open elsewhere in this browser: each page would write over the other's draft without a word. */
  overtaken() {
    if (this.stopped) return;
    this.stopped = true;
    clearTimeout(this.timer);
    this.say("Thẻ này thôi lưu nháp.", "stopped");
    const text = "Bạn đang nhập chính việc này ở một thẻ khác của trình duyệt. Chỉ một bản nháp được giữ: chọn làm tiếp ở đâu.";
    const there = make("button", { type: "button", class: "btn btn-sm btn-primary" }, "Lấy bản ở thẻ kia");
    const here = make("button", { type: "button", class: "btn btn-sm" }, "Làm tiếp ở thẻ này");
    const words = make("div", {}, make("p", {}, text), make("div", { class: "q-actions-row" }, there, here));
    const bar = make("div", { class: "alert alert-warning", role: "alert" }, icon("copy"), words);
    this.form.before(bar);
    there.addEventListener("click", () => location.reload());
    here.addEventListener("click", () => {
      bar.remove();
      this.stopped = false;
      keep(this.key, valuesOf(this.form));
      this.save({ always: true });
    });
  }

  /** Something typed here earlier never reached the server: offer it, never put it in unasked. */
  offerKept() {
    const entry = kept(this.key);
    if (!entry || sameValues(entry.values, this.saved)) {
      forget(this.key);
      return;
    }
    const serverAt = Date.parse(this.form.dataset.draftAt ?? "");
    const newer = serverAt > entry.at ? ` Máy chủ có bản mới hơn, lưu lúc ${dayAndTime(serverAt)}.` : "";
    const text = `Trên máy này còn nội dung bạn nhập lúc ${dayAndTime(entry.at)} mà máy chủ chưa nhận.${newer}`;
    const yes = make("button", { type: "button", class: "btn btn-sm btn-primary" }, "Lấy lại nội dung đó");
    const no = make("button", { type: "button", class: "btn btn-sm" }, "Bỏ đi");
    const words = make("div", {}, make("p", {}, text), make("div", { class: "q-actions-row" }, yes, no));
    const bar = make("div", { class: "alert alert-warning", role: "region", "aria-label": "Bản nháp chưa gửi" }, icon("history"), words);
    this.form.before(bar);
    yes.addEventListener("click", () => this.takeBack(entry, bar));
    no.addEventListener("click", () => {
      forget(this.key);
      bar.remove();
    });
  }

  takeBack(entry, bar) {
    const lost = restore(this.form, entry.values);
    bar.remove();
    this.changed();
    this.form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
    if (lost) toast(`Có ${lost} ô không còn trong biểu mẫu nên không lấy lại được.`, { kind: "warning" });
  }
}

settleSent();
forgetOld();
each("form[data-draft-url]", (form) => drafts.set(form, new Draft(form)));

// Before sending: in a dead spot the browser would show its own error page in place of what was typed.
beforeSubmit(
  (form) => drafts.has(form),
  async (form) => {
    const draft = drafts.get(form);
    keep(draft.key, valuesOf(form));
    // Asked of the server itself: what the browser believes about the line is often wrong.
    const reachable = await draft.save({ always: true, timeout: 10000 });
    if (reachable && draft.refusal !== SIGNED_OUT) {
      // A refusal of this page, or a line that breaks now, must still find the words.
      keep(draft.key, valuesOf(form));
      markSent(draft.key);
      draft.stopped = true;
      return true;
    }
    if (reachable) toastStatus(SIGNED_OUT);
    else toast(UNSENT, { kind: "error" });
    return false;
  },
);

// A page of several forms: sending one of them must not leave behind what was just typed in the others.
const othersThan = (form) => [...drafts.values()].filter((draft) => draft.form !== form && draft.form.isConnected && !draft.stopped && draft.dirty);

beforeSubmit(
  (form) => othersThan(form).length > 0,
  async (form) => {
    await Promise.all(othersThan(form).map((draft) => draft.save({ timeout: 5000 })));
    return true;
  },
);

const everyDraft = (work) => [...drafts.values()].filter(({ form }) => form.isConnected).forEach(work);

onKeptElsewhere((key) => everyDraft((draft) => draft.key === key && draft.overtaken()));
window.addEventListener("online", () => everyDraft((draft) => draft.save()));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") everyDraft((draft) => draft.save({ keepalive: true }));
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) everyDraft((draft) => (draft.stopped = false));
});
window.addEventListener("beforeunload", (event) => {
  everyDraft((draft) => {
    if (!draft.stored && !draft.stopped && draft.dirty) event.preventDefault();
  });
});
