"""A plan without its appendix: what its body may mean as tasks, for a person to decide."""

from __future__ import annotations

from typing import Final

from webapp.plans.reading.bodies import BodyReading, Duty, offers
from webapp.plans.reading.headings import roman
from webapp.plans.reading.readings import GroupReading, Offer, TaskReading, TaskSource, Timing
from webapp.plans.reading.repairs import repairs_in
from webapp.plans.reading.targets import indicators_in
from webapp.plans.reading.timing import read_blocking, read_condition
from webapp.plans.reading.units import read_leads

MOST_GROUPS: Final = 39  # what Roman numerals are read up to

_DECIDE: Final = "Lấy từ phần thân kế hoạch ({}) vì tệp không có phụ lục: cần quyết định giữ làm nhiệm vụ hay bỏ."


def offer_of(body: BodyReading) -> Offer:
    """Every task and duty of the body with its sentence, grouped by section and by unit."""
    groups: list[GroupReading] = []
    tasks: list[TaskReading] = []
    for title, duties in [*offers(body)][:MOST_GROUPS]:
        label = roman(len(groups) + 1)
        groups.append(GroupReading(group=label, label="", title=title, part=None, place=duties[0].place))
        made = (_task(duty, label, len(groups) - 1, number) for number, duty in enumerate(duties, start=1))
        tasks.extend(made)
    return Offer(groups=tuple(groups), tasks=tuple(tasks))


def _task(duty: Duty, group: str, index: int, number: int) -> TaskReading:
    leads = read_leads(duty.unit)
    where, text = str(duty.place), duty.text.strip(" ;")
    return TaskReading(
        group=group, group_index=index, section=duty.section or None, ordinal=str(number), content=text,
        leads=leads.names, coordinators=(), vague_leads=leads.vague, vague_coordinators=(), timing_text="",
        timing=Timing(kind="none"), product_text="", note="", is_conditional=read_condition(text),
        blocked_until=read_blocking("", "", text), extra=(), warnings=(_DECIDE.format(where), *leads.warnings),
        repairs=tuple(repairs_in("content", text)),
        source=TaskSource(
            places=(duty.place,), raw=(duty.text,), ordinal_text="", lead_text=duty.unit, coordinators_text=""
        ),
        indicators=tuple(indicators_in(text, duty.place)), needs_decision=True,
    )  # fmt: skip
