"""Nhập thay: a step entered in the name of somebody who cannot, with the scan of what they gave."""

from collections.abc import Mapping
from dataclasses import dataclass

from forms.definition import FormDefinition
from forms.fields import Attachment, Field, FieldType, FormContext
from forms.formdata import FormData, parse_form_data
from webapp.forms_view import FormView, build_form

PREFIX = "thay-"
IN_PLACE, FOR_WHOM, SCAN = "in_place", "on_behalf_of", "on_behalf_scan"
ACCEPT = ".pdf,.jpg,.jpeg,.png,.heic"


def _form(*, chosen: bool) -> FormDefinition:
    """Where it is `chosen`, it is asked first; else nothing but entering for another is open to the person."""
    hide = f"not {IN_PLACE}" if chosen else None
    when = {"hide": hide, "required_when": IN_PLACE} if chosen else {"required": True}
    box = Field(
        type=FieldType.CHECKBOX, key=IN_PLACE, label="Nhập thay cho người không tự gửi được",
        help="Hồ sơ ghi rõ ai nhập, nhập cho ai.",
    )  # fmt: skip
    whom = Field(
        type=FieldType.TEXTFIELD, key=FOR_WHOM, label="Nhập thay cho", help="Họ tên và đơn vị của người trả lời.",
        message="Chưa nhập người được nhập thay.", max_length=200, **when,
    )  # fmt: skip
    scan = Field(
        type=FieldType.FILEPICKER, key=SCAN, label="Bản chụp phiếu giấy, tin nhắn hoặc biên bản", multiple=True,
        accept=ACCEPT, message="Chưa đính kèm bản chụp.", **when,
    )  # fmt: skip
    return FormDefinition("nhap-thay", "Nhập thay", (box, whom, scan) if chosen else (whom, scan), "")


OFFERED, FORCED = _form(chosen=True), _form(chosen=False)


@dataclass(frozen=True, slots=True)
class InPlace:
    """For whom a step is entered, and the ids of the scan."""

    for_whom: str
    scan: tuple[str, ...]


def show_in_place(
    data: FormData | None,
    errors: Mapping[str, list[str]],
    attachments: Mapping[str, Attachment],
    upload_url: str,
    *,
    forced: bool,
) -> FormView:
    """The part of the page that asks for whom."""
    form = FORCED if forced else OFFERED
    values = parse_form_data(form, data, PREFIX) if data is not None else None
    context = FormContext(attachments=attachments)
    return build_form(form, context=context, values=values, errors=errors, upload_url=upload_url, prefix=PREFIX)


def read_in_place(data: FormData, attachments: Mapping[str, Attachment], *, forced: bool) -> InPlace | None:
    """For whom the step is entered; None where it is the person's own word. Raises FormRefused."""
    form = FORCED if forced else OFFERED
    answers = form.load(parse_form_data(form, data, PREFIX), FormContext(attachments=attachments))
    if not forced and not answers.get(IN_PLACE):
        return None
    scan = answers.get(SCAN)
    return InPlace(str(answers[FOR_WHOM]), tuple(scan) if isinstance(scan, list) else ())
