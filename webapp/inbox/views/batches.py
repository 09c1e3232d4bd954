"""Xử lý cùng lúc: one decision for several steps, each its own command and record."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine.command import Actor
from engine.commands.user_tasks import CompleteUserTask
from webapp.cases.submissions import decision_label
from webapp.database import db
from webapp.execution import execute
from webapp.identity import current_actor, signed_in_person
from webapp.inbox.batches import Answers, Batch, Errors, make_batches, read_batch, show_batch
from webapp.inbox.blueprint import bp
from webapp.inbox.selections import Chosen, Outcome, chosen_steps, each
from webapp.inbox.views.bulk import answer, home_of
from webapp.security import runs


@bp.get("/hop-viec/cung-luc")
@runs(CompleteUserTask)
def batch() -> ResponseReturnValue:
    """The forms of the chosen steps, each kind once."""
    person, read = signed_in_person(), db.session()
    batches, single = make_batches(read, person, chosen_steps(read, person.tenant_id, request.args.getlist("viec")))
    return _page(batches, single, {})


@bp.post("/hop-viec/cung-luc")
@runs(CompleteUserTask)
def complete_batch() -> ResponseReturnValue:
    """Complete every step, or, where an answer may not be taken, none."""
    person, read = signed_in_person(), db.session()
    steps = chosen_steps(read, person.tenant_id, request.form.getlist("viec"))
    batches, single = make_batches(read, person, steps)
    data = request.form.to_dict(flat=False)
    filled = [read_batch(read, one, data) for one in batches]
    if any(errors for _, errors in filled):
        refused = {one.prefix: errors for one, (_, errors) in zip(batches, filled, strict=True)}
        return _page(batches, single, refused, data), 422
    ready = [step for one in batches for step in one.steps]
    answers = {id: given for given_by_step, _ in filled for id, given in given_by_step.items()}
    outcomes = _complete(ready, answers, current_actor())
    outcomes += [_not_done(step, person.id) for step in single]
    done = _done(batches, [given_by_step for given_by_step, _ in filled])
    return answer(outcomes, lambda n: f"Đã {done} {n} việc.", lambda n: f"{n} việc chưa gửi được.")


def _done(batches: Sequence[Batch], filled: Sequence[Mapping[UUID, Answers]]) -> str:
    """What was done to the steps: one decision by its name, else that they were sent."""
    answered = zip(batches, filled, strict=True)
    decided = {decision_label(one.form, given) for one, by_step in answered for given in by_step.values()}
    return f"ghi “{decided.pop()}” cho" if len(decided) == 1 and all(decided) else "gửi"


def _complete(steps: Sequence[Chosen], answers: Mapping[UUID, Answers], actor: Actor) -> list[Outcome]:
    return each(
        steps,
        lambda step: execute(CompleteUserTask(user_task_id=step.id, answers=answers[step.id]), actor=actor),
    )


def _not_done(step: Chosen, person_id: UUID) -> Outcome:
    """What is done already, perhaps by the same person in another tab, is no fault."""
    title = f"{step.step}: {step.title}"
    if before := step.done_before(person_id):
        return Outcome(step.id, title, "", before)
    return Outcome(step.id, title, "Phải mở riêng để xử lý." if step.is_open else "Việc này không còn chờ xử lý.")


def _page(
    batches: Sequence[Batch],
    single: Sequence[Chosen],
    errors: Mapping[str, Errors],
    data: Mapping[str, Sequence[str]] | None = None,
) -> str:
    shown = [(one, show_batch(one, data, errors.get(one.prefix, {}))) for one in batches]
    alone = [_not_done(step, signed_in_person().id) for step in single]
    return render_template("inbox/batch.html", batches=shown, single=alone, home=home_of(()))
