"""An administrative document for Word, with real styles, and the same bytes for the same document."""

from __future__ import annotations

import io
from datetime import datetime, time
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm

from webapp.documents.rendering import docx_styles as styles
from webapp.documents.rendering.archives import rearchived
from webapp.documents.rendering.content import (
    AdministrativeDocument,
    Appendix,
    Block,
    BulletList,
    Heading,
    Paragraph,
    appendix_label,
    cleaned,
    lines,
)
from webapp.documents.rendering.docx_tables import add_table, layout_row, rule, write, xml

_A4 = (Mm(210), Mm(297))
_MARGINS = {"top": 20, "right": 15, "bottom": 20, "left": 30}
_LANDSCAPE_MARGINS = {"top": 20, "right": 20, "bottom": 15, "left": 20}
_TEXT_WIDTH, _LANDSCAPE_TEXT_WIDTH = 165.0, 257.0
_HEAD_WIDTHS, _FOOT_WIDTHS = (66.0, 99.0), (78.0, 87.0)
_MOTTO_RULE, _SUBJECT_RULE = 60.0, 40.0
_CAPITAL_WIDTH = 3.0
"""Millimetres that a bold 13-point capital takes on average."""


def render_docx(document: AdministrativeDocument) -> bytes:
    """The document as a `.docx` of A4 pages."""
    document = cleaned(document)
    word = docx.Document()
    styles.apply_styles(word)
    _set_properties(word, document)
    _set_page(word.sections[0], landscape=False)
    _number_pages(word.sections[0])
    _add_head(word, document)
    _add_title(word, document)
    _add_addressees(word, document.addressees)
    _add_blocks(word, document.body, _TEXT_WIDTH)
    _add_foot(word, document)
    for index, appendix in enumerate(document.appendices):
        _add_appendix(word, document, appendix, appendix_label(index, len(document.appendices)))
    buffer = io.BytesIO()
    word.save(buffer)
    return rearchived(buffer.getvalue())


def _set_properties(word: Document, document: AdministrativeDocument) -> None:
    properties = word.core_properties
    properties.title = f"{document.type_name or 'Công văn'}: {document.subject}"[:255]
    properties.subject = document.subject[:255]
    properties.author = properties.last_modified_by = document.issuing_agency[:255]
    properties.language, properties.comments = "vi-VN", ""
    for stale in ("dcterms:created", "dcterms:modified"):
        for element in properties._element.findall(qn(stale)):
            properties._element.remove(element)
    if document.issued is not None:
        properties.created = properties.modified = datetime.combine(document.issued, time())


def _set_page(section: Section, *, landscape: bool) -> None:
    short, long = _A4
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if landscape else (short, long)
    for side, millimetres in (_LANDSCAPE_MARGINS if landscape else _MARGINS).items():
        setattr(section, f"{side}_margin", Mm(millimetres))
    section.header_distance = section.footer_distance = Mm(9)
    section.different_first_page_header_footer = True


def _number_pages(section: Section) -> None:
    paragraph = section.header.paragraphs[0]
    paragraph.style = styles.PAGE_NUMBER
    element: Any = paragraph._p
    element.append(xml("w:fldSimple", instr="PAGE"))


def _restart_numbers(section: Section) -> None:
    properties: Any = section._sectPr
    properties.find(qn("w:pgMar")).addnext(xml("w:pgNumType", start="1"))


def _add_head(word: Document, document: AdministrativeDocument) -> None:
    agency, state = layout_row(word, _HEAD_WIDTHS)
    for line in document.agency_lines:
        write(agency, line, styles.AGENCY)
    rule(agency, _HEAD_WIDTHS[0], 0.4 * _CAPITAL_WIDTH * len(document.agency_lines[-1]))
    write(agency, document.number_line, styles.NUMBER)
    if document.type_name is None:
        write(agency, f"V/v {document.subject}", styles.LETTER_SUBJECT)
    write(state, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", styles.NATION)
    write(state, "Độc lập - Tự do - Hạnh phúc", styles.MOTTO)
    rule(state, _HEAD_WIDTHS[1], _MOTTO_RULE)
    write(state, f"{document.place}, {document.date_phrase}", styles.PLACE)


def _add_title(word: Document, document: AdministrativeDocument) -> None:
    if document.type_name is None:
        return
    write(word, document.type_name.upper(), styles.TITLE)
    write(word, document.subject, styles.SUBJECT)
    rule(word, _TEXT_WIDTH, _SUBJECT_RULE)


def _add_addressees(word: Document, addressees: tuple[str, ...]) -> None:
    if len(addressees) == 1:
        write(word, f"Kính gửi: {addressees[0]}", styles.ADDRESSEE)
        return
    if addressees:
        label = write(word, "Kính gửi:", styles.ADDRESSEE)
        label.paragraph_format.space_after, label.paragraph_format.right_indent = Mm(0), Mm(60)
        for text in _as_list(addressees):
            last = write(word, text, styles.ADDRESSEE_ITEM)
        last.paragraph_format.space_after = Mm(4)


def _add_blocks(word: Document, blocks: tuple[Block, ...], width: float) -> None:
    for block in blocks:
        if isinstance(block, Heading):
            write(word, block.text, f"Heading {block.level}")
        elif isinstance(block, Paragraph):
            for line in lines(block.text):
                write(word, line, styles.BODY)
        elif isinstance(block, BulletList):
            for item in block.items:
                write(word, f"- {item}", styles.ITEM)
        else:
            add_table(word, block, width)


def _add_foot(word: Document, document: AdministrativeDocument) -> None:
    word.paragraphs[-1].paragraph_format.keep_with_next = True  # never a signature alone on its page
    recipients, signer = layout_row(word, _FOOT_WIDTHS)
    write(recipients, "Nơi nhận:", styles.RECIPIENTS_LABEL)
    for text in _as_list(document.recipients):
        write(recipients, text, styles.RECIPIENT)
    for line in (*document.signer.authority.split("\n"), document.signer.title):
        write(signer, line, styles.SIGNER)
    write(signer, document.signer.name, styles.SIGNER_NAME)


def _add_appendix(word: Document, document: AdministrativeDocument, appendix: Appendix, label: str) -> None:
    section = word.add_section(WD_SECTION.NEW_PAGE)
    _set_page(section, landscape=appendix.landscape)
    _restart_numbers(section)
    width = _LANDSCAPE_TEXT_WIDTH if appendix.landscape else _TEXT_WIDTH
    write(word, label, styles.APPENDIX_LABEL)
    write(word, appendix.title.upper(), styles.APPENDIX_TITLE)
    write(word, document.accompanying, styles.ACCOMPANYING)
    rule(word, width, _SUBJECT_RULE, after=10)
    _add_blocks(word, appendix.body, width)


def _as_list(texts: tuple[str, ...]) -> list[str]:
    """Dashed lines that end as the decree has them: semicolons, and a full stop at the last."""
    return [f"- {text}{'.' if index == len(texts) else ';'}" for index, text in enumerate(texts, start=1)]
