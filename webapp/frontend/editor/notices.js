// What the editor says above the drawing, until it is answered.

/** Whoever answered goes on at the drawing, or at another control: the button that had the focus goes with the notice. */
export function takeAway(notice, next = notice.closest("[data-procedure-editor]").querySelector(".djs-container > svg")) {
  const held = notice.contains(document.activeElement);
  notice.remove();
  if (held) next.focus({ preventScroll: true });
}
