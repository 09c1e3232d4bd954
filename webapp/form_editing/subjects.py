"""The form that is edited, in its draft: where it stands, who uses it, what may go wrong with a change."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound, Rejected
from engine.models import DeployedForm, ProcessDefinition
from engine.spiff import InvalidDefinition, properties_of, read_xml
from forms.definition import FormDefinition, InvalidForm
from webapp.form_editing.shapes import Shape
from webapp.identity import CurrentPerson
from webapp.procedures.draft_queries import Draft, find_draft, forms_at_hand, own_forms
from webapp.procedures.drafts import FormChanged

NAMES = {
    "min phải là ngày": "Sớm nhất phải là ngày", "max phải là ngày": "Muộn nhất phải là ngày", "min": "Nhỏ nhất",
    "max": "Lớn nhất", "minLength": "Ngắn nhất", "maxLength": "Dài nhất", "pattern": "Mẫu chữ phải khớp",
    "decimalDigits": "Số chữ số sau dấu phẩy", "maxRows": "Nhiều nhất bao nhiêu dòng", "hide": "Điều kiện ẩn",
    "requiredWhen": "Điều kiện bắt buộc", "message": "Câu báo", "limitMessage": "Câu báo khi ngoài giới hạn",
    "description": "Lời giúp", "help": "Lời giúp", "unit_label": "Đơn vị tính", "accept": "Loại tệp nhận",
    "label": "Nhãn", "text": "Nội dung",
}  # fmt: skip
"""What a form's file calls differently from the page that edits it; what comes first is looked for first."""
_NAMED = re.compile(rf"(?<=: )({'|'.join(map(re.escape, NAMES))})(?=[ :])")


class FieldGone(FormChanged):
    """Somebody took the field out that the page was about."""

    def __init__(self, label: str, by: str) -> None:
        what = f"vừa được {by} bỏ khỏi biểu mẫu" if by else "không còn trong biểu mẫu"
        super().__init__(
            f"Trường “{label}” {what}. Những gì bạn nhập vẫn còn dưới đây: chép lại, hoặc thêm lại trường."
        )


class FieldIsUsed(Rejected):
    """A condition of the form names what would go."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A form of a draft."""

    draft: Draft
    form_id: str
    source: bytes
    is_own: bool  # else it ships with the product, and becomes the draft's own with the first change
    used_by: tuple[str, ...]  # names of the steps

    @property
    def version(self) -> str:
        """Tells one state of the form from another."""
        return sha256(self.source).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Listed:
    """A form in the list of a draft's."""

    form_id: str
    title: str
    is_own: bool
    used_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deployed:
    """A version of the procedure in which the form is another than in the one before."""

    definition_id: UUID
    number: int
    at: datetime
    reason: str


def find_subject(read: Session, person: CurrentPerson, key: str, form_id: str) -> Subject:
    """Raises NotFound."""
    draft = the_draft(read, person, key)
    source = forms_at_hand(read, draft.id).get(form_id)
    if source is None:
        raise NotFound("Không có biểu mẫu này trong bản nháp.")
    own = own_forms(read, draft.id)
    return Subject(draft, form_id, source, form_id in own, used_by(draft.source).get(form_id, ()))


def the_draft(read: Session, person: CurrentPerson, key: str) -> Draft:
    """Raises NotFound."""
    draft = find_draft(read, person.tenant_id, key)
    if draft is None:
        raise NotFound("Quy trình này không có bản nháp. Mở trang Quy trình và chọn sửa trước.")
    return draft


def list_forms(read: Session, draft: Draft) -> list[Listed]:
    """Those that the drawing uses first."""
    own, uses = own_forms(read, draft.id), used_by(draft.source)
    listed = [
        Listed(form_id, title_of(source), form_id in own, uses.get(form_id, ()))
        for form_id, source in forms_at_hand(read, draft.id).items()
    ]
    return sorted(listed, key=lambda one: (not one.used_by, not one.is_own, one.title))


def deployed_forms(read: Session, tenant_id: UUID, key: str, form_id: str) -> list[Deployed]:
    """The versions that brought the form or changed it, newest first."""
    rows = read.execute(
        sa.select(DeployedForm.source, ProcessDefinition)
        .join(ProcessDefinition, ProcessDefinition.id == DeployedForm.definition_id)
        .where(
            ProcessDefinition.tenant_id == tenant_id, ProcessDefinition.key == key, DeployedForm.form_id == form_id
        )
        .order_by(ProcessDefinition.version)
    )  # fmt: skip
    changes = [next(same)[1] for _, same in groupby(rows, key=lambda row: row.source)]
    return [Deployed(one.id, one.version, one.deployed_at, one.reason) for one in reversed(changes)]


def title_of(source: bytes) -> str:
    """What a form is called."""
    try:
        return str(Shape(source).raw.get("title") or Shape(source).raw.get("id") or "")
    except ValueError:
        return ""


def used_by(drawing: bytes) -> Mapping[str, tuple[str, ...]]:
    """Form id → the steps that ask it."""
    try:
        root = read_xml(drawing)
    except InvalidDefinition:
        return {}
    uses: dict[str, list[str]] = {}
    for element in root.iter():
        if isinstance(element.tag, str) and (form_id := properties_of(element).get("form")):
            uses.setdefault(form_id, []).append(element.get("name") or element.get("id") or "")
    return {form_id: tuple(dict.fromkeys(names)) for form_id, names in uses.items()}


def in_words(fault: str) -> str:
    """A fault of a form's file in the words of the page."""
    return _NAMED.sub(lambda found: NAMES[found[1]], fault)


def require_sound(before: bytes, after: bytes) -> None:
    """Raises InvalidForm; FieldIsUsed where a condition names a field that is there no more."""
    definition = FormDefinition.parse(after)
    try:
        known = {field.key: field.label for field in FormDefinition.parse(before).fields}
    except InvalidForm:
        return  # It was broken before; what is left is for the list of findings.
    gone = known.keys() - {field.key for field in definition.fields}
    missed = sorted({name.partition(".")[0] for name in definition.outside_names} & gone)
    if missed:
        raise FieldIsUsed(
            f"Điều kiện của trường khác còn dùng trường “{known[missed[0]]}”. Sửa điều kiện đó rồi mới bỏ hoặc đổi mã."
        )
