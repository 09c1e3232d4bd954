"""The ward's consolidated report, drafted from what the units said, in the order of the plan's appendix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from webapp.documents.rendering.annexes import indicator_table, missing_annex, result_annex, summary_table
from webapp.documents.rendering.consolidated import (
    BESIDE,
    BUCKETS,
    ConsolidatedData,
    ContributionState,
    Difficulty,
    IndicatorResult,
    Statement,
    Status,
    TaskResult,
    count_by_status,
)
from webapp.documents.rendering.content import (
    AdministrativeDocument,
    Block,
    BulletList,
    Heading,
    Paragraph,
    blocks_of,
    lines,
    long_date,
    roman,
)

SELF_REPORTED = "tự báo cáo"


def consolidated_report(data: ConsolidatedData) -> AdministrativeDocument:
    """The report before it has a number and a date."""
    annexes = [result_annex(data)]
    if data.missing:
        annexes.append(missing_annex(data))
    return AdministrativeDocument(
        issuing_agency=data.agency,
        code=data.code,
        place=data.place,
        type_name="BÁO CÁO",
        subject=data.subject or _subject(data),
        addressees=data.addressees,
        body=_body(data),
        recipients=data.recipients,
        signer=data.signer,
        appendices=tuple(annexes),
        year=data.period.submit_by.year,
    )


def _plan(data: ConsolidatedData) -> str:
    return f"Kế hoạch số {data.plan.number} {long_date(data.plan.issued)} của {data.plan.agency}"


def _subject(data: ConsolidatedData) -> str:
    if data.period.label.startswith("("):
        return f"Kết quả thực hiện {_plan(data)} {data.period.label}"
    return f"Kết quả {data.period.label} thực hiện {_plan(data)}"


def _body(data: ConsolidatedData) -> tuple[Block, ...]:
    sections = [
        ("TÌNH HÌNH CHUNG", _overview(data)),
        ("KẾT QUẢ THỰC HIỆN NHIỆM VỤ", _results(data)),
        *([("KẾT QUẢ THỰC HIỆN CHỈ TIÊU", _targets(data))] if data.indicators else []),
        *((title.upper(), iter(blocks_of(text))) for title, text in data.sections if lines(text)),
        ("KHÓ KHĂN, VƯỚNG MẮC", _difficulties(data)),
        ("KIẾN NGHỊ, ĐỀ XUẤT", _recommendations(data)),
    ]
    if data.next_steps:
        sections.append(("NHIỆM VỤ TRỌNG TÂM THỜI GIAN TỚI", iter(blocks_of(data.next_steps))))
    blocks = list(_introduction(data))
    for number, (title, content) in enumerate(sections, start=1):
        blocks += [Heading(1, f"{roman(number)}. {title}"), *content]
    return (*blocks, *_closing(data))


def _introduction(data: ConsolidatedData) -> tuple[Block, ...]:
    if data.introduction:
        return blocks_of(data.introduction)
    return (
        Paragraph(
            f"Thực hiện {_plan(data)} về “{data.plan.title}”, {data.agency} báo cáo kết quả thực hiện "
            f"{data.period.label} như sau (số liệu chốt đến {long_date(data.period.cutoff)}):"
        ),
    )


def _closing(data: ConsolidatedData) -> Iterator[Block]:
    if data.replaces:
        code, day = data.replaces
        yield Paragraph(f"Báo cáo này thay thế Báo cáo số {code} {long_date(day)} của {data.agency}.")
    addressee = f", kính gửi {' và '.join(data.addressees)} tổng hợp" if data.addressees else ""
    yield Paragraph(f"Trên đây là kết quả thực hiện Kế hoạch {data.period.label} của {data.agency}{addressee}./.")


def _overview(data: ConsolidatedData) -> Iterator[Block]:
    yield Paragraph(_counts(data))
    yield summary_table(data)
    yield from blocks_of(data.assessment)
    own = sum(task.self_reported for task in data.tasks)
    if own:
        yield Paragraph(
            f"{data.focal_unit} vừa chủ trì thực hiện, vừa là đơn vị tổng hợp đối với {_number(own)} nhiệm vụ; "
            f"các nhiệm vụ này được ghi “{SELF_REPORTED}”."
        )
    if data.missing:
        yield Paragraph(
            f"Đến thời điểm chốt số liệu còn {_number(len(data.missing))} đơn vị chưa có đủ báo cáo "
            "được tiếp nhận (danh sách tại Phụ lục II)."
        )


def _counts(data: ConsolidatedData) -> str:
    counts = count_by_status(data.groups)
    due = sum(counts[bucket] for bucket in BUCKETS)
    sentence = (
        f"Kế hoạch có {_number(counts.total())} nhiệm vụ thuộc {_number(len(data.groups))} nhóm, trong đó "
        f"{_number(due)} nhiệm vụ phải thực hiện trong kỳ: {_listed(counts, BUCKETS)}."
    )
    beside = _listed(counts, [status for status in BESIDE if counts[status]])
    return f"{sentence} Ngoài ra có {beside}." if beside else sentence


def _listed(counts: dict[Status, int], statuses: tuple[Status, ...] | list[Status]) -> str:
    return "; ".join(f"{_number(counts[status])} nhiệm vụ {_lower_first(status.label)}" for status in statuses)


def _number(count: int) -> str:
    """A count as offices write it: below 10 with a zero before it."""
    return f"{count:02d}" if count else "0"


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _results(data: ConsolidatedData) -> Iterator[Block]:
    for number, group in enumerate(data.groups, start=1):
        named = f"Nhóm {group.numeral}: {group.title}" if group.numeral else group.title
        yield Heading(2, f"{number}. {named}")
        for of_one in group.by_task:
            yield Heading(3, f"Nhiệm vụ {of_one[0].ordinal}. {' '.join(lines(of_one[0].content))}")
            for task in of_one:
                yield from _task(task)
        if not group.tasks:
            yield Paragraph("Nhóm này không có nhiệm vụ trong kỳ.")


def _task(task: TaskResult) -> Iterator[Block]:
    """What one lead did; of a task that several units lead, each on its own, follows the next."""
    yield Paragraph(_standing(task))
    said = [one for one in task.statements if lines(one.text)]
    for statement in said:
        yield from _said(statement)
    yield from _contributed(task)
    if not said and task.status not in BESIDE:
        yield Paragraph("Không có nội dung báo cáo trong kỳ.")
    if task.indicators:
        yield BulletList(tuple(_indicator(one) for one in task.indicators))
    if task.deliverables:
        yield Paragraph(f"Sản phẩm: {'; '.join(task.deliverables)}.")


def _standing(task: TaskResult) -> str:
    own = f" ({SELF_REPORTED})" if task.self_reported else ""
    done = f" ({long_date(task.completed_on)})" if task.completed_on else ""
    return f"Đơn vị chủ trì: {task.lead_unit}{own}. Tình trạng: {_lower_first(task.status.label)}{done}."


def _said(statement: Statement) -> Iterator[Block]:
    late = f"Bổ sung cho kỳ {_lower_first(statement.supplements)}: " if statement.supplements else ""
    return _introduced(late, statement.text)


def _introduced(source: str, text: str) -> Iterator[Block]:
    """The text, with who says it before its first words."""
    first, *others = blocks_of(text)
    if isinstance(first, Paragraph):
        yield Paragraph(f"{source}{first.text}")
    else:
        if source:
            yield Paragraph(source.strip())
        yield first
    yield from others


_SHORT = {
    ContributionState.NOTHING_AROSE: "không phát sinh",
    ContributionState.NOT_OUR_DUTY: "trả lời không thuộc nhiệm vụ của đơn vị",
}


def _contributed(task: TaskResult) -> Iterator[Block]:
    """What coordinating units did; from whom nothing came, where there was something to do."""
    for one in task.contributions:
        if one.state is ContributionState.RESULT and lines(one.text):
            yield from _introduced(f"{one.unit} (phối hợp): ", one.text)
        elif one.state in _SHORT:
            reason = f" ({_lower_first(' '.join(lines(one.text)))})" if lines(one.text) else ""
            yield Paragraph(f"{one.unit} (phối hợp): {_SHORT[one.state]}{reason}.")
    absent = [one.unit for one in task.contributions if one.state is ContributionState.ABSENT]
    if absent and task.status not in BESIDE:
        yield Paragraph(f"Chưa có kết quả phối hợp của: {'; '.join(absent)}.")


def _targets(data: ConsolidatedData) -> Iterator[Block]:
    """How many stand where; each; and how figures that join several units' were made."""
    counts = Counter(one.state_name for one in data.indicators)
    listed = "; ".join(f"{_number(count)} chỉ tiêu {_lower_first(name)}" for name, count in counts.items())
    yield Paragraph(f"Kế hoạch có {_number(len(data.indicators))} chỉ tiêu: {listed}.")
    yield indicator_table(data)
    joined = tuple(f"{one.name}: {_lower_first(one.calculation)}" for one in data.indicators if one.calculation)
    if joined:
        yield Paragraph("Cách tính số liệu chung của phường từ số liệu các đơn vị:")
        yield BulletList(joined)


def _indicator(indicator: IndicatorResult) -> str:
    period = f" ({indicator.period})" if indicator.period else ""
    reached = f"đạt {_measured(indicator)}" if indicator.value else "chưa có số liệu"
    target = f", mục tiêu {indicator.target}" if indicator.target else ""
    return f"Chỉ tiêu {_lower_first(indicator.name)}{period}: {reached}{target}."


def _measured(indicator: IndicatorResult) -> str:
    return f"{indicator.value}{'' if indicator.unit == '%' else ' '}{indicator.unit}".strip()


def _difficulties(data: ConsolidatedData) -> Iterator[Block]:
    if met := [one for one in data.difficulties if one.text]:
        yield BulletList(tuple(_attributed(one, _difficulty(one)) for one in met))
    else:
        yield Paragraph("Trong kỳ, các đơn vị không báo cáo khó khăn, vướng mắc.")


def _difficulty(one: Difficulty) -> str:
    answer = f" (đã trả lời: {' '.join(lines(one.answer))})" if one.answer else ""
    return f"{one.text}{answer}"


def _recommendations(data: ConsolidatedData) -> Iterator[Block]:
    asked = [_attributed(one, one.recommendation) for one in data.difficulties if one.recommendation]
    items = (*data.recommendations, *asked)
    yield BulletList(items) if items else Paragraph("Không có kiến nghị, đề xuất.")


def _attributed(difficulty: Difficulty, text: str) -> str:
    about = f" (nhiệm vụ {difficulty.group}.{difficulty.ordinal})" if difficulty.ordinal else ""
    return f"{difficulty.unit}{about}: {' '.join(lines(text))}"
