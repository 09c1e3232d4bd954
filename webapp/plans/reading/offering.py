"""A plan without its appendix: what its body may mean as tasks, for a person to decide."""

from __future__ import annotations

from typing import Final

from webapp.plans.reading.bodies import BodyReading, Duty, offers
from webapp.plans.reading.deliverables import read_deliverables
from webapp.plans.reading.headings import roman
from webapp.plans.reading.readings import GroupReading, Offer, TaskReading, TaskSource
from webapp.plans.reading.repairs import repairs_in
from webapp.plans.reading.targets import indicators_in
from webapp.plans.reading.timing import read_blocking, read_condition, read_timing
from webapp.plans.reading.units import read_coordinators, read_leads

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
    leads, coordinators = read_leads(duty.unit), read_coordinators(duty.coordinators)
    where, text, timing = str(duty.place), duty.text.strip(" ;"), read_timing(duty.timing)
    return TaskReading(
        group=group, group_index=index, section=duty.section or None, ordinal=str(number), content=text,
        leads=leads.names, coordinators=coordinators.names, vague_leads=leads.vague,
        vague_coordinators=coordinators.vague, timing_text=duty.timing, timing=timing, product_text=duty.product,
        note="", is_conditional=read_condition(text), blocked_until=read_blocking(duty.timing, "", text), extra=(),
        warnings=(_DECIDE.format(where), *leads.warnings, *coordinators.warnings),
        repairs=tuple(repairs_in("content", text)),
        source=TaskSource(
            places=(duty.place,), raw=(duty.text,), ordinal_text="", lead_text=duty.unit,
            coordinators_text=duty.coordinators,
        ),
        deliverables=read_deliverables(duty.product, len(timing.phases)),
        indicators=tuple(indicators_in(text, duty.place)), needs_decision=True,
    )  # fmt: skip
