"""Small plans of our own wording, as text and as Word files, from which the tests build the faults they are about."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence

import docx

from webapp.plans.reading import PlanReading, TaskReading, read_plan

SIX = ("STT", "Nội dung", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian triển khai", "Sản phẩm")
SEVEN = (
    "STT",
    "Nội dung công việc",
    "Kết quả/sản phẩm dự kiến",
    "Cơ quan chủ trì",
    "Cơ quan phối hợp",
    "Thời gian thực hiện",
    "Ghi chú",
)
HEAD = """ỦY BAN NHÂN DÂN
PHƯỜNG HOA SEN

Số: /KH-UBND

Hoa Sen, ngày tháng 3 năm 2026

KẾ HOẠCH

Chăm sóc cây xanh trên địa bàn phường

Thực hiện Công văn số 77/SXD-CX ngày 02/3/2026 của Sở Xây dựng về cây xanh đô thị;

I. MỤC ĐÍCH

Giữ cho đường phố xanh, sạch.

PHỤ LỤC
DANH MỤC VIỆC CHĂM SÓC CÂY XANH

"""


def row(*cells: str) -> str:
    return "\t".join(cells)


def text(*rows: str, header: Sequence[str] = SIX, head: str = HEAD) -> bytes:
    """A plan as extracted text: the head, the header of the table, its rows."""
    return (head + "\n".join([row(*header), *rows]) + "\n").encode()


def read(*rows: str, header: Sequence[str] = SIX, head: str = HEAD) -> PlanReading:
    return read_plan("ke-hoach.txt", text(*rows, header=header, head=head))


def word(
    tables: Iterable[Sequence[Sequence[str]]], paragraphs: Iterable[str] = ("KẾ HOẠCH", "Chăm sóc cây xanh")
) -> bytes:
    """A Word file with paragraphs and then tables of plain cells."""
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    for rows in tables:
        table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
        for cells, made in zip(rows, table.rows, strict=True):
            for cell_text, cell in zip(cells, made.cells, strict=False):
                cell.text = cell_text
        document.add_paragraph("")
    return saved(document)


def saved(document: docx.document.Document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """A Word file with one part added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            if item != name:
                new.writestr(item, old.read(item))
        new.writestr(name, content)
    return out.getvalue()


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name)


def short(task: TaskReading) -> tuple[str, str, str, str]:
    """A task as its group, number, content and lead, on one line."""
    return task.group, task.ordinal, " ".join(task.content.split()), task.source.lead_text


def shorts(reading: PlanReading) -> list[tuple[str, str, str, str]]:
    return [short(task) for task in reading.tasks]
