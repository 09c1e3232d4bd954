"""What a person is told about an answer: what is wrong, and so what to do."""

from collections.abc import Sequence

from forms.fields import CHOICES, Field, FieldType
from forms.file_types import in_words
from forms.notation import shown_number


def named(field: Field) -> str:
    """The label without the signs that belong to its place on the page."""
    return field.label.rstrip(" :*")


def missing(field: Field) -> str:
    """The field's own message, else one by its kind: “Chưa nhập kết quả thực hiện.”"""
    if field.message:
        return field.message
    if field.type is FieldType.CHECKBOX:
        return f"Chưa đánh dấu “{named(field)}”."
    if field.type is FieldType.FILEPICKER:
        return f"Chưa đính kèm {_within(field)}."
    if field.type is FieldType.LIST:
        return f"Chưa có dòng nào ở “{named(field)}”."
    return f"Chưa {'chọn' if field.type in CHOICES else 'nhập'} {_within(field)}."


def _within(field: Field) -> str:
    """The label within a sentence: its first letter small, unless it begins an abbreviation."""
    label = named(field)
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def not_text(field: Field) -> str:
    return f"“{named(field)}” phải là chữ."


def too_long(field: Field, limit: int) -> str:
    return field.limit_message or f"“{named(field)}” dài quá {shown_number(limit)} ký tự; hãy viết ngắn lại."


def too_short(field: Field) -> str:
    return field.limit_message or f"“{named(field)}” phải có ít nhất {shown_number(field.min_length)} ký tự."


def not_email(field: Field) -> str:
    return f"“{named(field)}” chưa đúng dạng địa chỉ thư, ví dụ ten@haiphong.gov.vn."


def not_phone(field: Field) -> str:
    return f"“{named(field)}” chưa đúng dạng số điện thoại, ví dụ 0912 345 678."


def no_fit(field: Field) -> str:
    return field.message or f"“{named(field)}” chưa đúng dạng."


def not_number(field: Field) -> str:
    return f"“{named(field)}” phải là số, ví dụ 1234 hoặc 12,5."


def too_precise(field: Field) -> str:
    if not field.decimals:
        return f"“{named(field)}” phải là số nguyên."
    return f"“{named(field)}” chỉ được có {field.decimals} chữ số sau dấu phẩy."


def below(field: Field, limit: str) -> str:
    word = "không được trước ngày" if field.type is FieldType.DATE else "không được nhỏ hơn"
    return field.limit_message or f"“{named(field)}” {word} {limit}."


def above(field: Field, limit: str) -> str:
    word = "không được sau ngày" if field.type is FieldType.DATE else "không được lớn hơn"
    return field.limit_message or f"“{named(field)}” {word} {limit}."


def not_date(field: Field) -> str:
    return f"“{named(field)}” phải là ngày có thật, viết như 04/12/2026."


def no_choice(field: Field) -> str:
    return f"Lựa chọn ở “{named(field)}” không còn trong danh sách; hãy chọn lại."


def not_checked(field: Field) -> str:
    return f"“{named(field)}” chỉ có thể được đánh dấu hoặc không."


def no_file(field: Field) -> str:
    return f"Tệp ở “{named(field)}” không còn; hãy tải lên lại."


def other_types(field: Field, names: Sequence[str]) -> str:
    """Says which files: one may have come along from an earlier report, under another form."""
    files = ", ".join(f"“{name}”" for name in names)
    taken = in_words(field.accept)
    return f"“{named(field)}” chỉ nhận {taken}, nên không gửi được tệp {files}. Bỏ tệp này, hoặc đính kèm dạng khác."


def one_only(field: Field) -> str:
    return f"Chỉ được chọn một ở “{named(field)}”."


def not_rows(field: Field) -> str:
    return f"“{named(field)}” phải gồm các dòng."


def too_many(field: Field, limit: int) -> str:
    return f"“{named(field)}” chỉ được có {shown_number(limit)} mục."


NOT_A_FORM = "Dữ liệu gửi lên không đúng dạng; hãy tải lại trang."
