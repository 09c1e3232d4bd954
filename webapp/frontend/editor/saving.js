// A draft saves itself: in this browser at once, on the server soon after. Two people are told of each other.
import { make } from "../dom.js";
import { OFFLINE, RequestFailed, SIGNED_OUT, clockTime, csrfToken, dayAndTime, meaningOf, post } from "../http.js";
import { takeAway } from "./notices.js";

const PAUSE = 900; // milliseconds without a change before the server is asked
const RETRY = [3000, 10000, 30000];
const LOOK_AROUND = 15000; // milliseconds between two looks for others
const GONE = 404;
const CONFLICT = 409;

/** What this browser holds of drafts that the server has not confirmed. */
export const shelf = {
  key: (name) => `quytrinh:diagram:${name}`,
  put(name, entry) {
    try {
      localStorage.setItem(this.key(name), JSON.stringify(entry));
      return true;
    } catch {
      return false; // Full, or a private window.
    }
  },
  get(name) {
    try {
      return JSON.parse(localStorage.getItem(this.key(name)));
    } catch {
      return null;
    }
  },
  remove(name) {
    localStorage.removeItem(this.key(name));
  },
};

export function sourceForm(xml, values = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) form.set(name, value);
  form.set("source", new Blob([xml], { type: "application/xml" }), "draft.bpmn");
  return form;
}

export class Saving {
  /** `settle` writes what is being typed, `read` resolves to the drawing, `ask` to the server's, which `show` shows. */
  constructor({ root, urls, draft, version, settle, read, ask, show, shelfName }) {
    Object.assign(this, { root, urls, draft, version, settle, read, ask, show, shelfName });
    this.status = root.querySelector("[data-editor-status]");
    this.notices = root.querySelector("[data-editor-notices]");
    this.failures = 0;
    this.dirty = false;
    this.sequence = 0;
    window.addEventListener("online", () => this.dirty && this.save());
    window.addEventListener("beforeunload", (event) => {
      if (this.dirty && !this.stored) event.preventDefault();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") this.flush();
      else this.lookAround();
    });
    setInterval(() => this.lookAround(), LOOK_AROUND);
    this.lookAround();
  }

  say(text, kind) {
    this.status.dataset.kind = kind;
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.title = text; // A narrow window cuts it off.
  }

  /** Something was drawn: it is in this browser before anything else happens. */
  async changed() {
    this.dirty = true;
    const sequence = ++this.sequence;
    this.say("Đang lưu…", "saving");
    const xml = await this.read();
    if (sequence !== this.sequence) return;
    this.xml = xml;
    this.stored = shelf.put(this.shelfName, { at: Date.now(), version: this.version, xml });
    clearTimeout(this.timer);
    if (this.gone) this.#sayGone();
    else if (!this.conflict) this.timer = setTimeout(() => this.save(), PAUSE);
  }

  /** One request at a time, the last drawing wins. Resolves to whether the server has it. */
  async save({ force = false } = {}) {
    clearTimeout(this.timer);
    while (this.sending) await this.sending;
    if (this.gone) return false;
    if (!this.dirty) return true;
    if (this.conflict && !force) return false;
    this.sending = this.#send(await this.read(), force).finally(() => (this.sending = null));
    return this.sending;
  }

  async #send(xml, force) {
    const sequence = this.sequence;
    try {
      const answer = await sent(this.urls.save, sourceForm(xml, { draft: this.draft, version: this.version, ...(force ? { force: "1" } : {}) }));
      this.version = answer.version;
      this.failures = 0;
      this.#settleConflict();
      if (sequence === this.sequence) {
        this.dirty = false;
        shelf.remove(this.shelfName);
        this.say(`Đã lưu nháp lúc ${clockTime(new Date(answer.saved_at))}`, "saved");
      } else this.timer = setTimeout(() => this.save(), PAUSE);
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  #failed(error) {
    const where = this.stored ? "Bản vẽ được giữ trên máy này." : "Đừng đóng trang này.";
    if (error.status === GONE) return this.#tellGone();
    if (error.status === CONFLICT && error.answer?.version) return this.#tellConflict(error.answer);
    if (error.status === OFFLINE || error.status >= 500) {
      this.say(`${error.status === OFFLINE ? "Mất kết nối." : "Máy chủ chưa nhận được."} ${where} Sẽ tự gửi lại.`, "offline");
      this.timer = setTimeout(() => this.save(), RETRY[Math.min(this.failures++, RETRY.length - 1)]);
      return undefined;
    }
    this.say(`${error.status === SIGNED_OUT ? meaningOf(SIGNED_OUT) : error.message} ${where}`, "stopped");
    return undefined;
  }

  // --- others ---

  async lookAround() {
    if (document.visibilityState !== "visible" || this.gone) return;
    const open = new FormData();
    open.set("draft", this.draft);
    const state = await post(this.urls.presence, open).catch((error) => error);
    if (state.status === GONE) await this.#tellGone();
    if (state instanceof Error) return;
    this.#tellOthers(state.others);
    if (state.version > this.version && !this.sending) await this.#takeTheirs(state);
  }

  #tellOthers(others) {
    this.others ??= this.notices.appendChild(make("p", { class: "q-editor-others", role: "status" }));
    const text = others.length ? `${others.join(", ")} cũng đang mở bản nháp này.` : "";
    if (this.others.textContent !== text) this.others.textContent = text;
    this.others.hidden = !text;
  }

  /** Show what they drew, unless something of ours is unsaved. */
  async #takeTheirs(state) {
    const fresh = await this.ask();
    if (fresh.draft !== this.draft) return this.#tellGone();
    this.settle();
    if (this.dirty) return this.#tellConflict(state);
    await this.show(fresh);
    this.version = fresh.version;
    return this.say(`${state.saved_by} vừa lưu lúc ${clockTime(new Date(state.saved_at))}; trang đã lấy bản mới.`, "told");
  }

  /** Somebody deployed or dropped the draft: there is nothing left to save to, and what was begun since is another. */
  async #tellGone() {
    if (this.gone) return;
    this.gone = true;
    clearTimeout(this.timer);
    this.#settleConflict();
    this.settle();
    // What the server had of ours went with the draft.
    if (this.sequence) this.stored = shelf.put(this.shelfName, { at: Date.now(), version: this.version, xml: await this.read() });
    this.#sayGone();
    const keep = make("button", { type: "button", class: "btn btn-sm" }, "Tải bản vẽ về máy");
    keep.addEventListener("click", () => this.#download());
    const back = make("a", { class: "btn btn-sm btn-primary", href: this.urls.back }, "Mở trang của quy trình");
    const row = make("div", { class: "q-actions-row" }, back, keep);
    this.notices.append(make("div", { class: "alert alert-warning", role: "alert" }, make("div", {}, make("p", {}, this.#goneWords()), row)));
  }

  #goneWords() {
    return `Bản nháp này vừa được triển khai hoặc bỏ đi.${this.stored ? " Bản vẽ của bạn còn giữ trên máy này." : ""}`;
  }

  #sayGone() {
    this.say(this.#goneWords(), "stopped");
  }

  #tellConflict(state) {
    this.theirs = state;
    this.say("Chưa lưu được vì người khác vừa lưu. Bản của bạn được giữ trên máy này.", "stopped");
    if (this.conflict) return;
    const when = dayAndTime(new Date(state.saved_at));
    const text = `${state.saved_by} đã lưu bản khác lúc ${when}. Chọn giữ bản nào; bản kia không mất.`;
    const mine = make("button", { type: "button", class: "btn btn-sm btn-primary" }, "Giữ bản của tôi");
    const theirs = make("button", { type: "button", class: "btn btn-sm" }, "Lấy bản của họ");
    const keep = make("button", { type: "button", class: "btn btn-sm btn-plain" }, "Tải bản của tôi về máy");
    this.conflict = make("div", { class: "alert alert-warning", role: "alert" }, make("div", {}, make("p", {}, text), make("div", { class: "q-actions-row" }, mine, theirs, keep)));
    this.notices.append(this.conflict);
    mine.addEventListener("click", () => this.save({ force: true }));
    theirs.addEventListener("click", () => this.#giveWay());
    keep.addEventListener("click", () => this.#download());
  }

  async #download() {
    download(await this.read(), `${this.shelfName.split(":").pop()}-cua-toi.bpmn`);
  }

  async #giveWay() {
    await this.#download();
    this.dirty = false;
    shelf.remove(this.shelfName);
    this.#settleConflict();
    await this.#takeTheirs(this.theirs);
  }

  #settleConflict() {
    if (this.conflict) takeAway(this.conflict);
    this.conflict = null;
  }

  /** The page is going out of sight; what does not arrive any more is in this browser. */
  flush() {
    this.settle();
    if (this.dirty && !this.conflict) this.save();
  }
}

/** Like `post`, with the whole answer of a conflict. */
async function sent(url, body) {
  const response = await fetch(url, {
    method: "POST",
    body,
    redirect: "manual",
    signal: AbortSignal.timeout(30000),
    headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
  }).catch(() => {
    throw new RequestFailed(OFFLINE);
  });
  if (response.status === CONFLICT) {
    const answer = await response.json().catch(() => ({}));
    throw Object.assign(new RequestFailed(CONFLICT, answer.message), { answer });
  }
  if (response.ok) return response.json();
  return post(url, body); // Renews a token, reads what a refusal says.
}

export function download(text, name) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/xml" }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
