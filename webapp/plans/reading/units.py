"""Units named in a cell: cut apart only where it is plain that another name begins, never expanded."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from webapp.plans.reading.wording import fold, one_line


@dataclass(frozen=True, slots=True)
class UnitNames:
    """The names found in a cell, those of them that name no single unit, and what a person must look at."""

    names: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


_DOUBTFUL: Final = "Không chắc “{}” là một hay nhiều đơn vị phối hợp; giữ nguyên, cần kiểm tra."
_REFERRING: Final = "Đơn vị chủ trì “{}” dẫn sang văn bản khác; cần chọn đơn vị trước khi giao."
_OPENED: Final = "Đơn vị chủ trì “{}” là một nhóm, chưa phải đơn vị cụ thể; cần chọn đơn vị trước khi giao."
_JOINED: Final = "“{}” có thể là nhiều đơn vị chủ trì; giữ nguyên, cần kiểm tra."

# Names of units that hold "," or "và" themselves, folded; longest first.
_KNOWN_PARTS: Final = (
    "hoi dong nhan dan va uy ban nhan dan",
    "hdnd va ubnd",
    "hdnd uy ban nhan dan",
    "kinh te ha tang va do thi",
    "kinh te ha tang va moi truong",
    "lao dong thuong binh va xa hoi",
    "van hoa the thao va du lich",
    "van hoa the thao va truyen thong",
    "van hoa thong tin va the thao",
    "van hoa thong tin the thao va du lich",
    "nong nghiep va phat trien nong thon",
    "nong nghiep va moi truong",
    "tai nguyen va moi truong",
    "khoa hoc va cong nghe",
    "khoa hoc cong nghe va doi moi sang tao",
    "giao duc va dao tao",
    "thong tin va truyen thong",
    "van hoa va thong tin",
    "van hoa va xa hoi",
    "ke hoach va dau tu",
    "dan toc va ton giao",
    "kinh te va ha tang",
    "quan ly va phat trien",
    "tai chinh va ke hoach",
)

# What the name of a unit begins with; in the middle of a cell it must be written with a capital.
_BEGINNINGS = (
    r"(?:Văn phòng|Phòng|Trung tâm|TT|Công an|CA|Trạm|Ủy ban|Uỷ ban|UBND|UBMTTQ|UBMT|UB|MTTQ|Mặt trận|Hội|Liên đoàn|"
    r"Công đoàn|Đoàn|Trường|Sở|Ban|BCH|Ban|Bộ phận|Bộ|Các|Chi cục|Cục|Viện|Bệnh viện|Đảng ủy|Đảng uỷ|Đài|Tổ|Thành đoàn|"
    r"Thanh tra|Thuế|Kho bạc|Quỹ|Hiệp hội|Doanh nghiệp|Công ty|Tổng công ty|Tập đoàn|Ngân hàng|Bưu điện|Điện lực|Đội|"
    r"Thường trực|HĐND|Hội đồng|Liên minh|Hợp tác xã|HTX|Thành ủy|Thành uỷ|Văn phòng|Lãnh đạo|Cơ quan|Đơn vị|Quân sự|"
    r"Thủ trưởng|Người đứng đầu|Trưởng (?:các|phòng|ban)|Hiệu trưởng|Giám đốc|Chủ tịch)"
)
_LOWER_BEGINNINGS = r"(?:các|những|phòng|văn phòng|trung tâm|trạm|công an|trường|hội|đoàn thanh niên|ban chỉ)"
_GENERIC = r"(?:đơn vị|doanh nghiệp|cơ quan|nhà mạng|tổ chức|nhà trường)"
# "Các Sở, Ban, ngành" goes on after the comma: a beginning alone is no name.
_NO_NAME = r"(?!(?:Sở|Ban|Hội|Đoàn|Bộ|Cục|Viện)\s*(?:[,;.]|ngành\b|thể\b|và\b|$))(?!Đoàn thể\b|Ban ngành\b)"
_CUT = re.compile(
    rf"\s*(?:,\s*(?:và\s+)?|\s+và\s+|\s*\+\s*)(?={_NO_NAME}{_BEGINNINGS}\b|{_LOWER_BEGINNINGS}\s+\w)",
)
_GENERIC_CUT = re.compile(rf"\s*(?:,\s*(?:và\s+)?|\s+và\s+)(?={_GENERIC}\s+\w)")
# Two names with nothing between them, as lines of one cell are left by extraction.
_TWO = re.compile(r"(?:Phòng|Trung tâm|Trạm|Sở|Văn phòng|Hội|Đoàn)\s.*\s(?:Phòng|Trung tâm|Trạm|Sở|Văn phòng)\s")
_STARTS_LIKE_UNIT = re.compile(rf"(?:[-–+•*]\s*)?(?:{_BEGINNINGS}|{_LOWER_BEGINNINGS}|{_GENERIC})\b")
_PLURAL = re.compile(
    r"((thu truong|truong|nguoi dung dau|lanh dao|hieu truong|giam doc|chu tich|bi thu) )?"
    r"(cac|nhung|toan the|mot so|moi|tung|so ban nganh|so nganh|doan the) ?"
)
_OPEN = re.compile(
    r"^(don vi|doanh nghiep|co quan|to chuc|nha mang|truong dai hoc|truong hoc|nha truong|vien nghien cuu|so nganh|"
    r"ubnd cac|uy ban nhan dan cac|ca nhan|nha dau tu|to dan pho$|hop tac xa|truong pho thong)|lien quan|^theo "
)
_BY_REFERENCE = re.compile(
    r"theo (phân công|phân giao|sự phân công|kế hoạch|quyết định|chức năng|nhiệm vụ)", re.IGNORECASE
)


_OF_MANY = re.compile(
    r"^(?:(?!\bvà\b)[^,;])*\bcác\s+(?:thôn|tổ dân phố|khu dân cư|khu phố|xã|phường|đặc khu|trường|chi hội|chi đoàn)\b",
    re.IGNORECASE,
)
"""One of each of several: "Tổ trưởng các tổ dân phố"."""


def starts_like_unit(text: str) -> bool:
    """Whether a cell opens with what names of units begin with."""
    return bool(_STARTS_LIKE_UNIT.match(text))


def is_vague(name: str) -> bool:
    """Whether a name stands for a group that a person must resolve."""
    words = fold(name)
    return bool(_PLURAL.match(words) or _OPEN.search(words) or _BY_REFERENCE.search(name) or _OF_MANY.match(name))


def read_leads(text: str) -> UnitNames:
    """The leading units of a cell: parted by ";" alone, since one lead too many changes who answers."""
    names = _listed(text)
    vague = tuple(name for name in names if is_vague(name))
    return UnitNames(names, vague, (*_reference_warnings(names), *_open_warnings(vague), *_joined_warnings(names)))


def read_coordinators(text: str) -> UnitNames:
    """The coordinating units of a cell: parted by ";", and by "," or "và" where another name begins."""
    found = (name for piece in _listed(text) for name in _names_in(piece))
    names = tuple({name.casefold(): name for name in reversed([*found])}.values())[::-1]
    vague = tuple(name for name in names if is_vague(name))
    doubtful = [name for name in names if name not in vague and _may_be_several(name)]
    return UnitNames(names, vague, tuple(map(_DOUBTFUL.format, doubtful)))


def _listed(text: str) -> tuple[str, ...]:
    """The pieces between ";", and the lines of a cell where each begins with a unit."""
    pieces: list[str] = []
    for line in text.split("\n"):
        if pieces and not starts_like_unit(line):
            line = f"{pieces.pop()} {line}"
        pieces.extend(line.split(";"))
    return tuple(filter(None, map(_bare, pieces)))


def _bare(piece: str) -> str:
    """A name without the sign of its list; what ends it stays, since it may belong to the text."""
    return re.sub(r"^\s*[-–+•*](?:\s+|$)", "", one_line(piece)).strip()


def _unpointed(name: str) -> str:
    name = name.lstrip(" ,")
    return name if name.endswith("...") else name.rstrip(" .,;")


def _names_in(piece: str) -> list[str]:
    """Cut one piece, leaving whole the names that hold "," or "và"."""
    guarded, kept = _guard(piece)
    names: list[str] = []
    for part in _CUT.split(guarded):
        starts = [part] if is_vague(part) else _GENERIC_CUT.split(part)
        names.extend(starts)
    return list(filter(None, (_unpointed(_bare(_restore(name, kept))) for name in names)))


_GUARD: Final = "\ue000"


def _guard(piece: str) -> tuple[str, list[str]]:
    """Replace each known compound by a mark, so that no cut falls inside it."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return _GUARD

    return _KNOWN.sub(keep, piece.replace(_GUARD, "")), kept


def _restore(name: str, kept: list[str]) -> str:
    return re.sub(_GUARD, lambda _: kept.pop(0), name)


_FOLDABLE: Final = {
    "a": "aàáảãạăằắẳẵặâầấẩẫậ",
    "d": "dđ",
    "e": "eèéẻẽẹêềếểễệ",
    "i": "iìíỉĩị",
    "o": "oòóỏõọôồốổỗộơờớởỡợ",
    "u": "uùúủũụưừứửữự",
    "y": "yỳýỷỹỵ",
}


def _spelled(words: str) -> str:
    """A pattern for folded words with any diacritics, and "," or "-" between them."""
    letters = "".join(f"[{_FOLDABLE[char]}]" if char in _FOLDABLE else char for char in words)
    return letters.replace(" ", r"[\s,–-]+")


_BY_LENGTH: Final = sorted(_KNOWN_PARTS, key=len, reverse=True)
_KNOWN: Final = re.compile("|".join(rf"\b{_spelled(part)}\b" for part in _BY_LENGTH), re.IGNORECASE)


def _may_be_several(name: str) -> bool:
    rest = _guard(name)[0]
    return bool(re.search(r",|\svà\s|/", rest) or _TWO.match(name))


def _reference_warnings(names: tuple[str, ...]) -> list[str]:
    referring = [name for name in names if _BY_REFERENCE.search(name)]
    return list(map(_REFERRING.format, referring))


def _open_warnings(vague: tuple[str, ...]) -> list[str]:
    opened = [name for name in vague if not _BY_REFERENCE.search(name)]
    return list(map(_OPENED.format, opened))


def _joined_warnings(names: tuple[str, ...]) -> list[str]:
    joined = [name for name in names if not is_vague(name) and (len(_names_in(name)) > 1 or _TWO.match(name))]
    return list(map(_JOINED.format, joined))
