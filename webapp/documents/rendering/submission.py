"""What the city receives as data: the same facts as the signed report, to be read by a program."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from webapp.documents.rendering.consolidated import (
    ConsolidatedData,
    Contribution,
    Difficulty,
    GroupResult,
    IndicatorResult,
    IndicatorStanding,
    MissingUnit,
    Period,
    PlanReference,
    Status,
    TaskResult,
    count_by_status,
)
from webapp.documents.rendering.content import AdministrativeDocument, Signer, cleaned, content_hash
from webapp.documents.rendering.submission_schemas import FORMAT, SubmissionSchema


@dataclass(frozen=True, slots=True)
class Version:
    """An issue of the report: the first, or one that replaced it."""

    version: int
    number: int | None
    issued: date | None
    reason: str = ""
    """Why it replaced the one before it; empty for the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedDocument:
    """The report as a document."""

    type_name: str
    number: int | None
    code: str
    issued: date | None
    subject: str
    signer: Signer
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedTask:
    """A task of the plan's appendix with its result."""

    group: str
    group_title: str
    ordinal: str
    content: str
    lead_unit: str
    coordinating_units: tuple[str, ...]
    due: date | None
    status: Status
    completed_on: date | None
    self_reported: bool
    result: str
    contributions: tuple[Contribution, ...]
    indicators: tuple[IndicatorResult, ...]
    deliverables: tuple[str, ...]
    difficulties: tuple[Difficulty, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionData:
    """A ward's report on a plan and period; everything that the JSON of a submission holds."""

    agency: str
    addressees: tuple[str, ...]
    plan: PlanReference
    period: Period
    document: SubmittedDocument
    versions: tuple[Version, ...]
    summary: dict[str, int]
    tasks: tuple[SubmittedTask, ...]
    indicators: tuple[IndicatorStanding, ...]
    """The plan's indicators with the figures of the whole ward."""
    difficulties: tuple[Difficulty, ...]
    """Those that are about no single task."""
    recommendations: tuple[str, ...]
    missing_units: tuple[MissingUnit, ...]
    format: str = FORMAT


def submission_of(
    data: ConsolidatedData, document: AdministrativeDocument, versions: tuple[Version, ...]
) -> SubmissionData:
    """The data that goes with an issued report; `versions` holds every issue so far, this one last."""
    return SubmissionData(
        agency=data.agency,
        addressees=document.addressees,
        plan=data.plan,
        period=data.period,
        document=_document(document),
        versions=versions,
        summary=_summary(data),
        tasks=tuple(_task(data, group, task) for group in data.groups for task in group.tasks),
        indicators=data.indicators,
        difficulties=tuple(one for one in data.difficulties if not one.ordinal),
        recommendations=data.recommendations,
        missing_units=data.missing,
    )


def to_json(submission: SubmissionData) -> bytes:
    """UTF-8 JSON in the form of `submission.schema.json`. Raises ValueError where the data doesn't fit it."""
    plain = SubmissionSchema().dump(cleaned(submission))
    if faults := SubmissionSchema().validate(plain):
        raise ValueError(f"The submission doesn't fit its schema: {faults}")
    return json.dumps(plain, ensure_ascii=False, indent=2).encode() + b"\n"


def _document(document: AdministrativeDocument) -> SubmittedDocument:
    return SubmittedDocument(
        type_name=document.type_name or "CÔNG VĂN",
        number=document.number,
        code=document.code,
        issued=document.issued,
        subject=document.subject,
        signer=document.signer,
        content_hash=content_hash(document),
    )


def _summary(data: ConsolidatedData) -> dict[str, int]:
    counts = count_by_status(data.groups)
    return {"total": counts.total(), **{status.value: counts[status] for status in Status}}


def _task(data: ConsolidatedData, group: GroupResult, task: TaskResult) -> SubmittedTask:
    return SubmittedTask(
        group=group.numeral,
        group_title=group.title,
        ordinal=task.ordinal,
        content=task.content,
        lead_unit=task.lead_unit,
        coordinating_units=task.coordinating_units,
        due=task.due,
        status=task.status,
        completed_on=task.completed_on,
        self_reported=task.self_reported,
        result="\n".join(one.text for one in task.statements),
        contributions=task.contributions,
        indicators=task.indicators,
        deliverables=task.deliverables,
        difficulties=tuple(one for one in data.difficulties if one.is_about(group, task)),
    )
