"""The form of a submission's JSON, field by field: the source of `submission.schema.json`, checked before sending."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from webapp.documents.rendering.consolidated import ContributionState, Status
from webapp.indicators.models import Operator
from webapp.indicators.standing import IndicatorState

FORMAT = "quytrinh/submission/1"
"""Raised when a reader of the old form would misread the new one."""


def _text(description: str, *, filled: bool = False) -> fields.String:
    length = validate.Length(min=1) if filled else None
    return fields.String(required=True, validate=length, metadata={"description": description})


def _day(description: str, *, blank: bool = False) -> fields.Date:
    return fields.Date(required=True, allow_none=blank, metadata={"description": description})


def _count(description: str, *, blank: bool = False) -> fields.Integer:
    return fields.Integer(required=True, allow_none=blank, strict=True, metadata={"description": description})


def _figure(description: str, *, blank: bool = False) -> fields.Float:
    return fields.Float(required=True, allow_none=blank, metadata={"description": description})


def _many(item: Any, description: str) -> fields.List[Any]:
    return fields.List(item, required=True, metadata={"description": description})


def _texts(description: str) -> fields.List[Any]:
    return _many(fields.String(), description)


class PlanSchema(Schema):
    """The plan reported on (kế hoạch)."""

    title = _text("Title of the plan", filled=True)
    number = _text("Number and code as issued: 45/KH-UBND", filled=True)
    issued = _day("Date of issue")
    agency = _text("Who issued it", filled=True)


class PeriodSchema(Schema):
    """The reporting cycle (kỳ báo cáo)."""

    label = _text("As it ends a sentence: năm 2026", filled=True)
    starts = _day("First day covered")
    ends = _day("Last day covered")
    report_by = _day("Last day in time for the ward's units")
    submit_by = _day("Last day in time for the ward")
    cutoff = _day("Day on which the data was closed (chốt số liệu)")


class SignerSchema(Schema):
    """Who signed (người ký)."""

    authority = _text("By what authority: TM. ỦY BAN NHÂN DÂN; KT. CHỦ TỊCH on a second line")
    title = _text("Title of the signer: CHỦ TỊCH", filled=True)
    name = _text("Name of the signer", filled=True)


class DocumentSchema(Schema):
    """The report as a document (văn bản)."""

    type_name = _text("Type of document: BÁO CÁO", filled=True)
    number = _count("Number taken from the register; null before issue", blank=True)
    code = _text("What follows the number's stroke: BC-UBND", filled=True)
    issued = _day("Date of issue; null before issue", blank=True)
    subject = _text("Subject (trích yếu)", filled=True)
    signer = fields.Nested(SignerSchema, required=True, metadata={"description": "Who signed"})
    content_hash = fields.String(
        required=True,
        validate=validate.Regexp("^[0-9a-f]{64}$"),
        metadata={"description": "SHA-256 of the countersigned content, without number and date"},
    )


class VersionSchema(Schema):
    """One issue of the report (phiên bản)."""

    version = _count("1 for the first issue")
    number = _count("Its number; null before issue", blank=True)
    issued = _day("Its date of issue; null before issue", blank=True)
    reason = _text("Why it replaced the one before it; empty for the first")


class SummarySchema(Schema):
    """How many tasks stand where; one that several units lead counts once, as its slowest unit stands."""

    total = _count("All tasks of the plan")
    done_on_time = _count("Done on time (hoàn thành đúng hạn)")
    done_late = _count("Done late (hoàn thành chậm)")
    in_time = _count("Not done, still in time (chưa hoàn thành, còn trong hạn)")
    overdue = _count("Not done, overdue (chưa hoàn thành, quá hạn)")
    nothing_arose = _count("Nothing arose (không phát sinh)")
    waiting = _count("Waits for a condition (chờ điều kiện)")
    cancelled = _count("Cancelled (đã hủy)")


class ContributionSchema(Schema):
    """What a coordinating unit did (kết quả phối hợp)."""

    unit = _text("Coordinating unit", filled=True)
    state = fields.Enum(
        ContributionState, by_value=True, required=True, metadata={"description": "What came of asking it"}
    )
    text = _text("Its result, or why it has none; may be empty")


class IndicatorSchema(Schema):
    """A target and what was reached (chỉ tiêu)."""

    name = _text("Name of the indicator", filled=True)
    target = _text("Target with operator and unit, as the plan has it; may be empty")
    value = _text("What was reached; empty where no figure was reported")
    unit = _text("Unit of the value; may be empty")
    period = _text("Period or year of the value; may be empty")


class YearValueSchema(Schema):
    """What was reached in a year."""

    year = _count("The year")
    value = _figure("The ward's figure in that year")


class IndicatorStandingSchema(Schema):
    """An indicator of the plan with the figure of the whole ward."""

    name = _text("Name of the indicator", filled=True)
    part_of = _text("Name of the indicator that it is a part of (trong đó); may be empty")
    owner = _text("Unit that answers for it; empty where the plan names none")
    task = _text("Task that it belongs to: I.3; empty where it is the plan's own")
    target = _text("Target in words, as the plan has it; empty where it names no figure")
    operator = fields.String(
        required=True,
        validate=validate.OneOf(["", *Operator]),
        metadata={"description": "How the value is held against the target; empty without a target"},
    )
    amount = _figure("The target's figure, the lower one of a span", blank=True)
    most = _figure("The upper figure of a span", blank=True)
    unit = _text("Unit of the figures; may be empty")
    period = _text("For what time the target holds: mỗi năm, đến năm 2030")
    by_year = _count("Year until which it is to be reached", blank=True)
    denominator = _text("What a share is a share of; may be empty")
    baseline = _figure("Figure from which it starts", blank=True)
    baseline_year = _count("Year of that figure", blank=True)
    cumulative = fields.Boolean(required=True, metadata={"description": "Values count from the beginning (lũy kế)"})
    value = _figure("The ward's figure in the period; null where none was reported", blank=True)
    reached = _text("The same in words; empty where none was reported")
    allowance = _text("How much of what may not be exceeded is used, in words; empty where nothing is limited")
    calculation = _text("How the figure was made of what the units reported; may be empty")
    state = fields.String(
        required=True,
        validate=validate.OneOf(list(IndicatorState)),
        metadata={"description": "How the value stands against the target"},
    )
    state_name = _text("The same in Vietnamese", filled=True)
    years = _many(fields.Nested(YearValueSchema), "The ward's figure by year, the present one last")


class DifficultySchema(Schema):
    """A difficulty and what is asked for (khó khăn, vướng mắc; kiến nghị)."""

    unit = _text("Unit that reported it", filled=True)
    text = _text("The difficulty; empty where something is only asked for")
    recommendation = _text("What it asks for; may be empty")
    answer = _text("What the ward or the city has answered so far; may be empty")
    group = _text("Numeral of the task's group; empty where it is about no single task")
    ordinal = _text("Ordinal of the task; empty where it is about no single task")


class TaskSchema(Schema):
    """A task of the plan's appendix (nhiệm vụ)."""

    group = _text("Numeral of its group in the appendix: I; empty where that has no groups")
    group_title = _text("Title of its group")
    ordinal = _text("Ordinal in the appendix, as text: 3, 3.6; empty where its row has none")
    content = _text("The task as the plan words it", filled=True)
    lead_unit = _text("Lead unit (đơn vị chủ trì); two are joined by a semicolon", filled=True)
    coordinating_units = _texts("Coordinating units (đơn vị phối hợp)")
    due = _day("Last day in time; null for a continuous task without one", blank=True)
    status = fields.Enum(Status, by_value=True, required=True, metadata={"description": "Where the task stands"})
    completed_on = _day("When the work was completed; null where it wasn't", blank=True)
    self_reported = fields.Boolean(
        required=True, metadata={"description": "The unit that consolidates reports on itself (tự báo cáo)"}
    )
    result = _text("What the lead unit reported, as used in the report; may be empty")
    contributions = _many(fields.Nested(ContributionSchema), "What coordinating units reported")
    indicators = _many(fields.Nested(IndicatorSchema), "Targets and what was reached")
    deliverables = _texts("Products (sản phẩm)")
    difficulties = _many(fields.Nested(DifficultySchema), "Difficulties with this task")


class MissingUnitSchema(Schema):
    """A unit whose report had not come at the cut-off (đơn vị chưa báo cáo)."""

    unit = _text("Name of the unit", filled=True)
    reason = _text("Why, as the focal unit knows it")
    reminded_on = _many(fields.Date(), "Days on which it was reminded (đôn đốc)")
    tasks = _texts("Tasks it owes: I.3")


class SubmissionSchema(Schema):
    """A ward's report on a plan and period."""

    format = fields.String(
        required=True, validate=validate.OneOf([FORMAT]), metadata={"description": "Form and version of this file"}
    )
    agency = _text("The reporting People's Committee", filled=True)
    addressees = _texts("To whom the report goes (kính gửi)")
    plan = fields.Nested(PlanSchema, required=True, metadata={"description": "The plan reported on"})
    period = fields.Nested(PeriodSchema, required=True, metadata={"description": "The reporting cycle"})
    document = fields.Nested(DocumentSchema, required=True, metadata={"description": "The report as a document"})
    versions = _many(fields.Nested(VersionSchema), "Every issue so far, the present one last")
    summary = fields.Nested(SummarySchema, required=True, metadata={"description": "Counts of tasks by standing"})
    tasks = _many(fields.Nested(TaskSchema), "All tasks in the order of the appendix")
    indicators = _many(fields.Nested(IndicatorStandingSchema), "The plan's indicators with the ward's figures")
    difficulties = _many(fields.Nested(DifficultySchema), "Difficulties about no single task")
    recommendations = _texts("The ward's own recommendations (kiến nghị)")
    missing_units = _many(fields.Nested(MissingUnitSchema), "Units whose report had not come at the cut-off")
