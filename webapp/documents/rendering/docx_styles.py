"""Word styles with the sizes and spaces of Nghị định 30/2020/NĐ-CP, Phụ lục I, so that an officer can go on in Word."""

from __future__ import annotations

from dataclasses import dataclass, replace

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

FONT = "Times New Roman"

AGENCY = "Cơ quan ban hành"
NATION, MOTTO = "Quốc hiệu", "Tiêu ngữ"
NUMBER, PLACE, LETTER_SUBJECT = "Số ký hiệu", "Địa danh ngày tháng", "Trích yếu công văn"
TITLE, SUBJECT, ADDRESSEE, ADDRESSEE_ITEM = "Title", "Subtitle", "Kính gửi", "Nơi gửi"
BODY, ITEM = "Body Text", "List Bullet"
CELL, CENTRED_CELL, HEADER_CELL, GROUP_CELL = "Ô bảng", "Ô bảng giữa", "Đầu bảng", "Nhóm trong bảng"
RECIPIENTS_LABEL, RECIPIENT, SIGNER, SIGNER_NAME = (
    "Nơi nhận",
    "Danh sách nơi nhận",
    "Chức vụ người ký",
    "Họ tên người ký",
)
APPENDIX_LABEL, APPENDIX_TITLE, ACCOMPANYING = "Số phụ lục", "Tên phụ lục", "Kèm theo"
RULE, PAGE_NUMBER = "Đường kẻ", "Header"


@dataclass(frozen=True, slots=True)
class _Look:
    """One style; sizes and spaces in points, indents in millimetres."""

    size: float = 14
    bold: bool = False
    italic: bool = False
    centred: bool = False
    justified: bool = False
    before: float = 0
    after: float = 0
    left: float = 0
    first_line: float = 0
    spacing: float = 1.0
    keeps_with_next: bool = False


_RUNNING = _Look(justified=True, after=6, first_line=12.7, spacing=1.15)
_HEADING = replace(_RUNNING, bold=True, keeps_with_next=True)

_LOOKS = {
    "Normal": _Look(),
    AGENCY: _Look(size=13, bold=True, centred=True),
    NATION: _Look(size=13, bold=True, centred=True),
    MOTTO: _Look(bold=True, centred=True),
    NUMBER: _Look(size=13, centred=True, before=6),
    PLACE: _Look(italic=True, centred=True, before=6),
    LETTER_SUBJECT: _Look(size=13, centred=True, before=3),
    TITLE: _Look(bold=True, centred=True, before=20),
    SUBJECT: _Look(bold=True, centred=True),
    ADDRESSEE: _Look(centred=True, before=12, after=12),
    ADDRESSEE_ITEM: _Look(left=70),
    "Heading 1": _HEADING,
    "Heading 2": _HEADING,
    "Heading 3": replace(_HEADING, italic=True),
    BODY: _RUNNING,
    ITEM: _RUNNING,
    CELL: _Look(size=12, before=2, after=2),
    CENTRED_CELL: _Look(size=12, before=2, after=2, centred=True),
    GROUP_CELL: _Look(size=12, before=2, after=2, bold=True, keeps_with_next=True),
    HEADER_CELL: _Look(size=12, before=2, after=2, bold=True, centred=True),
    RECIPIENTS_LABEL: _Look(size=12, bold=True, italic=True),
    RECIPIENT: _Look(size=11),
    SIGNER: _Look(bold=True, centred=True, keeps_with_next=True),
    SIGNER_NAME: _Look(bold=True, centred=True, before=74),
    APPENDIX_LABEL: _Look(bold=True, centred=True, keeps_with_next=True),
    APPENDIX_TITLE: _Look(bold=True, centred=True, keeps_with_next=True),
    ACCOMPANYING: _Look(italic=True, centred=True, keeps_with_next=True),
    RULE: _Look(size=3, before=2),
    PAGE_NUMBER: _Look(centred=True),
}
_OUTLINE = {APPENDIX_TITLE: 0}
"""Styles beside the headings that belong in Word's navigation pane, with their level."""


def apply_styles(document: Document) -> None:
    """Give the document every style named here, in place of the template's blue ones."""
    for name, look in _LOOKS.items():
        style = _style(document, name)
        _set_font(style, look)
        _set_paragraph(style, look)
        if name in _OUTLINE:
            _set_outline(style, _OUTLINE[name])


def _style(document: Document, name: str) -> ParagraphStyle:
    if name in document.styles:
        style = document.styles[name]
    else:
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles["Normal"]
        style.quick_style = True
    assert isinstance(style, ParagraphStyle)
    return style


def _set_font(style: ParagraphStyle, look: _Look) -> None:
    # The template's own run properties name theme fonts, colours and spacing that would win over ours.
    properties = style.element.get_or_add_rPr()
    for child in list(properties):
        properties.remove(child)
    style.font.name = FONT
    for script in ("w:eastAsia", "w:cs"):
        properties.rFonts.set(qn(script), FONT)
    style.font.size = Pt(look.size)
    style.font.bold = look.bold
    style.font.italic = look.italic
    style.font.color.rgb = RGBColor(0, 0, 0)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "vi-VN")
    properties.append(language)


def _set_paragraph(style: ParagraphStyle, look: _Look) -> None:
    outline = style.element.get_or_add_pPr().find(qn("w:outlineLvl"))
    properties = style.element.get_or_add_pPr()
    for child in list(properties):
        if child is not outline:
            properties.remove(child)
    form = style.paragraph_format
    form.alignment = _alignment(look)
    form.space_before, form.space_after = Pt(look.before), Pt(look.after)
    form.left_indent, form.first_line_indent = Mm(look.left), Mm(look.first_line)
    form.line_spacing = look.spacing
    form.keep_with_next = look.keeps_with_next
    form.widow_control = True


def _alignment(look: _Look) -> WD_ALIGN_PARAGRAPH:
    if look.centred:
        return WD_ALIGN_PARAGRAPH.CENTER
    return WD_ALIGN_PARAGRAPH.JUSTIFY if look.justified else WD_ALIGN_PARAGRAPH.LEFT


def _set_outline(style: ParagraphStyle, level: int) -> None:
    element = OxmlElement("w:outlineLvl")
    element.set(qn("w:val"), str(level))
    style.element.get_or_add_pPr().append(element)
