// What is typed in the panel is written while it is typed: a page that is left, or loaded anew, loses none of it.
const PAUSE = 400; // milliseconds without a key
const TYPED = "textarea, input:not([type=checkbox])";

export class Typing {
  /** `left` is called when nobody types in a field any more: until then it must stay as it is. */
  constructor(modeler, holder, left) {
    Object.assign(this, { stack: modeler.get("commandStack"), left, changes: 0 });
    modeler.on("commandStack.changed", () => {
      this.changes += 1; // Nothing is returned: others listen too.
    });
    holder.addEventListener("input", ({ target }) => target.matches(TYPED) && this.#typed(target));
    holder.addEventListener("change", (event) => this.#before(event), true);
    holder.addEventListener("change", (event) => this.#after(event));
    holder.addEventListener("focusout", ({ target }) => target === this.field && this.end());
  }

  #typed(field) {
    if (field !== this.field) Object.assign(this, { field, written: undefined, own: undefined });
    clearTimeout(this.timer);
    // An emptied one may be about to get another text; one like an id means something only when it is whole.
    if (field.value.trim() && !("whole" in field.dataset)) this.timer = setTimeout(() => this.write(), PAUSE);
  }

  /** As leaving the field does. */
  write() {
    this.field?.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** Before the field writes: what it wrote at an earlier pause is taken back, so that the whole edit is one change. */
  #before(event) {
    if (this.removing) event.stopPropagation();
    if (!this.field) return;
    if (event.target !== this.field) {
      this.write(); // Another control builds the panel anew.
      this.end();
      return;
    }
    clearTimeout(this.timer);
    if (this.field.value === this.written) {
      event.stopPropagation();
      if (event.isTrusted) this.end();
      return;
    }
    if (this.own === this.changes) this.stack.undo();
    this.written = this.field.value;
    this.seen = this.changes;
  }

  #after(event) {
    if (event.target !== this.field) return;
    if (this.changes > this.seen) this.own = this.changes;
    if (event.isTrusted) this.end();
  }

  end() {
    clearTimeout(this.timer);
    this.field = undefined;
    this.left();
  }

  /** A browser says `change` once more for a field that is taken off the page: that is nobody's. */
  removes(work) {
    this.removing = true;
    work();
    this.removing = false;
  }
}
