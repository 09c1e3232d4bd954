"""Plans as wards may write them, made at random from a seed, with the rows that a careful person reads out of them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from webapp.plans.reading.headings import roman

HEADERS = (
    ("STT", "Nội dung", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian triển khai", "Sản phẩm"),
    ("TT", "Nội dung công việc", "Kết quả/sản phẩm dự kiến", "Cơ quan chủ trì", "Cơ quan phối hợp",
     "Thời gian thực hiện", "Ghi chú"),
    ("Stt", "Nhiệm vụ", "Chủ trì", "Phối hợp", "Tiến độ", "Kết quả", "Ghi chú"),
    ("STT", "Nhiệm vụ, giải pháp", "Thời hạn hoàn thành", "Đơn vị thực hiện", "Đơn vị phối hợp", "Sản phẩm đầu ra"),
    ("Số TT", "Tên nhiệm vụ", "Sản phẩm", "Thời gian hoàn thành", "Cơ quan, đơn vị chủ trì",
     "Cơ quan, đơn vị phối hợp", "Ghi chú"),
    ("TT", "Nội dung nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian", "Dự kiến sản phẩm", "Kinh phí"),
)  # fmt: skip
COLUMNS = (
    ("lead", ("chủ trì", "Đơn vị thực hiện", "Chủ trì")),
    ("coordinators", ("phối hợp", "Phối hợp")),
    ("timing", ("Thời gian", "Thời hạn", "Tiến độ")),
    ("product", ("Sản phẩm", "sản phẩm", "Kết quả")),
    ("note", ("Ghi chú", "Kinh phí")),
    ("content", ("Nội dung", "Nhiệm vụ", "nhiệm vụ")),
)
VERBS = ("Xây dựng", "Triển khai", "Tổ chức", "Rà soát", "Tuyên truyền về", "Phối hợp Sở Y tế kiểm tra", "Nâng cao")
THINGS = ("kế hoạch trồng cây", "dữ liệu hộ tịch", "lớp học kỹ năng số", "chợ dân sinh", "nhà văn hóa tổ dân phố",
          "công tác tiêm chủng", "hệ thống loa truyền thanh", "quy chế làm việc")  # fmt: skip
TAILS = ("trên địa bàn phường", "theo chỉ đạo của thành phố, bảo đảm đúng tiến độ", "giai đoạn 2026 - 2030",
         "(nếu có)", "cho 100% hộ dân; báo cáo kết quả", "năm 2026, trong đó ưu tiên hộ nghèo")  # fmt: skip
LEADS = ("Phòng Văn hóa – Xã hội phường", "Phòng Kinh tế, Hạ tầng và Đô thị", "Công an phường", "Trạm Y tế",
         "Văn phòng HĐND và UBND", "Trung tâm Phục vụ hành chính công", "Các đơn vị thuộc phường",
         "Phòng VH-XH; Văn phòng HĐND và UBND")  # fmt: skip
COORDINATORS = ("", "Các đơn vị liên quan", "Trạm Y tế; Công an phường", "Phòng Kinh tế, Hạ tầng và Đô thị, Trạm Y tế",
                "Ủy ban MTTQ và các tổ chức chính trị - xã hội")  # fmt: skip
TIMINGS = ("2026-2030", "Năm 2026", "Thường xuyên", "Hằng năm", "Quý II/2026", "Trước ngày 30/6/2026",
           "Trong tháng 10 năm 2026", "Sau khi có hướng dẫn của thành phố", "Giai đoạn 2026 – 2030")  # fmt: skip
PRODUCTS = ("Báo cáo", "Kế hoạch/Báo cáo", "Tờ trình, Quyết định", "01 lớp/năm", "Đạt 95 %", "Biên bản; Báo cáo")
TITLES = ("Về hạ tầng số", "Về công tác cán bộ", "Nhóm nhiệm vụ về y tế", "Công tác tuyên truyền",
          "Phát triển kinh tế", "Lĩnh vực văn hóa - xã hội")  # fmt: skip


@dataclass(slots=True)
class Varied:
    """A plan's appendix and what must be read out of it."""

    header: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    tasks: list[tuple[str, str, str, str, str]] = field(default_factory=list)  # group, number, content, lead, timing


def make(seed: int, tasks: int = 0) -> Varied:
    """A plan with its own columns, groups, numbers and wordings; of some tasks, or of so many in groups of six."""
    chance = random.Random(seed)
    plan = Varied(chance.choice(HEADERS))
    style = chance.choice(("roman", "joined", "letter", "none", "number", "shouted", "sections"))
    ordinal = chance.choice(("plain", "dotted", "running", "zero", "point", "holes"))
    if style == "number":
        ordinal = "dotted"
    at = 0
    for group in range(1, 1 if style == "none" else tasks // 6 + 1 if tasks else chance.randint(2, 5)) or (0,):
        label = roman(group) if group else ""
        if group:
            plan.rows.append(_heading(style, group, chance, len(plan.header)))
        at = at if ordinal == "running" else 0
        for _ in range((6 if group else tasks) if tasks else chance.randint(2, 6)):
            at += 1 if ordinal != "holes" or chance.random() < 0.8 else 2
            _task(plan, chance, label, _number(ordinal, group, at))
    return plan


def _heading(style: str, group: int, chance: random.Random, width: int) -> tuple[str, ...]:
    title = f"{chance.choice(TITLES)} phần {group}"
    blank = [""] * (width - 2)
    if style == "joined":
        return (f"{roman(group)}. {title.upper()}", "", *blank)
    if style == "shouted":
        return (title.upper(), "", *blank)
    label = {"letter": "ABCDEFGH"[group - 1], "number": str(group)}.get(style, roman(group))
    return (label, title, *blank)


def _number(ordinal: str, group: int, at: int) -> str:
    if ordinal == "dotted" and group:
        return f"{group}.{at}"
    return {"zero": f"{at:02}", "point": f"{at}."}.get(ordinal, str(at))


def _task(plan: Varied, chance: random.Random, group: str, number: str) -> None:
    content = f"{chance.choice(VERBS)} {chance.choice(THINGS)} {chance.choice(TAILS)}"
    if chance.random() < 0.2:
        content += ": - Phần một cho các hộ dân; - Phần hai cho cơ quan"
    told = {
        "content": content, "lead": chance.choice(LEADS), "coordinators": chance.choice(COORDINATORS),
        "timing": chance.choice(TIMINGS), "product": chance.choice(PRODUCTS), "note": "",
    }  # fmt: skip
    cells = [number, *(told[_kind(heading)] for heading in plan.header[1:])]
    plan.rows.append(tuple(cells))
    plan.tasks.append((group, number.rstrip("."), content, told["lead"], told["timing"]))


def _kind(heading: str) -> str:
    return next(kind for kind, words in COLUMNS if any(word in heading for word in words))


HEAD = "Số: /KH-UBND\n\nHoa Sen, ngày tháng 5 năm 2026\n\nKẾ HOẠCH\n\nThực hiện Đề án phát triển phường Hoa Sen\n"
BODY = (
    "\nI. MỤC ĐÍCH\n\n1. Nâng cao đời sống.\n\nTrên đây là Kế hoạch./.\n\n"
    "Nơi nhận:\n- Như trên;\n- Lưu: VT.\n\nNguyễn Văn A\n"
)


def as_text(plan: Varied, seed: int, *, paged: bool) -> str:
    """The plan as extraction leaves it: rows cut at pages, headers again, page numbers, a total and a note."""
    chance = random.Random(seed)
    lines = ["\t".join(plan.header)]
    if chance.random() < 0.3:
        lines.append("\t".join(f"({n})" for n in range(1, len(plan.header) + 1)))
    for cells in plan.rows:
        if paged and chance.random() < 0.25 and any(cells[1:]) and cells[0][:1].isdigit():
            lines.extend(_cut(cells, plan.header, chance))
        else:
            lines.append("\t".join(cells))
    foot = "\n\nNơi nhận:\n- UBND phường;\n- Lưu: VT.\n" if chance.random() < 0.5 else ""
    return f"{HEAD}{BODY}\nPHỤ LỤC\nDANH MỤC NHIỆM VỤ THỰC HIỆN ĐỀ ÁN\n\n" + "\n".join(lines) + foot


def _cut(cells: tuple[str, ...], header: tuple[str, ...], chance: random.Random) -> list[str]:
    split = [(text.split(" "), chance.randint(1, max(1, len(text.split(" "))))) for text in cells[1:]]
    upper = "\t".join([cells[0], *(" ".join(words[:at]) for words, at in split)])
    rest = [" ".join(words[at:]) for words, at in split]
    if not any(rest):
        return [upper]
    between = chance.choice([[""], ["", "- 5 -", ""], ["", "Trang 3/8", "\t".join(header)], ["", "\t".join(header)]])
    return [upper, *between, "\t".join(["", *rest])]
