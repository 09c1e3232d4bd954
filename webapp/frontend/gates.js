// What must be settled before a form is sent: files still on their way, a question to answer, a draft to save.

const gates = [];

/** `applies(form, submitter)` says whether the gate stands before this form; `pass(form, submitter)` promises yes or no. */
export function beforeSubmit(applies, pass) {
  gates.push({ applies, pass });
}

// In the capturing phase: before htmx or the browser sends anything.
document.addEventListener(
  "submit",
  (event) => {
    const { target: form, submitter } = event;
    if (form.dataset.passed) return;
    const standing = gates.filter((gate) => gate.applies(form, submitter));
    if (!standing.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!form.dataset.waiting) void walk(form, submitter, standing);
  },
  true,
);

async function walk(form, submitter, standing) {
  form.dataset.waiting = "true";
  try {
    for (const gate of standing) {
      if (!(await gate.pass(form, submitter))) return;
    }
  } finally {
    delete form.dataset.waiting;
  }
  form.dataset.passed = "true";
  form.requestSubmit(submitter);
  delete form.dataset.passed;
}
