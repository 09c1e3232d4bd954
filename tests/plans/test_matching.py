"""Names in a plan and the units of the ward: the very name, letters that stand for it, likely ones, and none."""

from uuid import UUID

import pytest

from webapp.plans.assigning import assignment_of
from webapp.plans.matching import ABBREVIATED, KnownUnit, UnitMatcher
from webapp.plans.models import UnitPart

NAMES = (
    ("Phòng Văn hóa – Xã hội", "Phòng VH-XH", ("Phòng Văn hóa và Thông tin",)),
    ("Phòng Kinh tế, Hạ tầng và Đô thị", "Phòng KT, HT và ĐT", ()),
    ("Văn phòng HĐND và UBND", "Văn phòng", ()),
    ("Trung tâm Phục vụ hành chính công", "TTPVHCC", ()),
    ("Công an phường", "Công an", ()),
    ("Ban Chỉ huy Quân sự phường", "Quân sự", ()),
    ("Hội Liên hiệp Phụ nữ", "Hội LH Phụ nữ", ()),
    ("Trường Tiểu học Hoa Sen", "TH Hoa Sen", ()),
    ("Trường Mầm non Hoa Sen", "MN Hoa Sen", ()),
)
UNITS = {name: KnownUnit(UUID(int=at), name, short, other) for at, (name, short, other) in enumerate(NAMES, start=1)}
MATCHER = UnitMatcher(UNITS.values(), ward="Hoa Sen")


def told(name: str) -> tuple[str, float] | None:
    found = MATCHER.match(name)
    return (found.unit_name, found.confidence) if found else None


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Phòng Văn hoá - Xã hội phường", "Phòng Văn hóa – Xã hội"),
        ("phòng VH-XH phường Hoa Sen", "Phòng Văn hóa – Xã hội"),
        ("Phòng Văn hóa & Thông tin", "Phòng Văn hóa – Xã hội"),  # its former name
        ("Phòng Kinh tế - Hạ tầng và Đô thị", "Phòng Kinh tế, Hạ tầng và Đô thị"),
        ("Công an", "Công an phường"),
    ],
)
def test_the_very_name_is_certain(name: str, unit: str) -> None:
    assert told(name) == (unit, 1)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Phòng VHXH", "Phòng Văn hóa – Xã hội"),
        ("P. VH-XH", "Phòng Văn hóa – Xã hội"),
        ("Phòng KTHTĐT", "Phòng Kinh tế, Hạ tầng và Đô thị"),
        ("VP HĐND&UBND", "Văn phòng HĐND và UBND"),
        ("TT Phục vụ HCC", "Trung tâm Phục vụ hành chính công"),
        ("Hội LHPN phường", "Hội Liên hiệp Phụ nữ"),
        ("BCH Quân sự phường", "Ban Chỉ huy Quân sự phường"),
    ],
)
def test_letters_that_stand_for_words_are_all_but_certain(name: str, unit: str) -> None:
    assert told(name) == (unit, ABBREVIATED)


@pytest.mark.parametrize("name", ["Các đơn vị thuộc phường", "Trường Hoa Sen", "Sở Y tế", "Phòng", "PH", ""])
def test_groups_outsiders_and_what_may_be_several_match_nothing(name: str) -> None:
    assert told(name) is None


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("Phòng Kinh tế, Hạ tầng và Đô thị", ["Phòng Kinh tế, Hạ tầng và Đô thị"]),
        ("Công an, Quân sự", ["Công an", "Quân sự"]),
        ("Phòng VH-XH và Phòng Kinh tế, Hạ tầng và Đô thị", ["Phòng VH-XH", "Phòng Kinh tế, Hạ tầng và Đô thị"]),
        ("Văn phòng HĐND và UBND và Công an", ["Văn phòng HĐND và UBND", "Công an"]),
        ("Công an và các đoàn thể", ["Công an", "các đoàn thể"]),
        ("Phòng Hoa, Cỏ và Nước", ["Phòng Hoa, Cỏ và Nước"]),
        ("Công an, Cỏ", ["Công an, Cỏ"]),
    ],
)
def test_names_are_cut_only_where_each_piece_is_known(name: str, pieces: list[str]) -> None:
    assert list(MATCHER.cut(name)) == pieces


def test_two_known_leads_without_a_semicolon_are_two_and_said() -> None:
    found = assignment_of(["Công an, Quân sự"], ["Phòng VH-XH và Văn phòng"], MATCHER)
    assert [part for part, _ in found.parts] == [
        UnitPart.LEAD, UnitPart.SECOND_LEAD, UnitPart.COORDINATOR, UnitPart.COORDINATOR,
    ]  # fmt: skip
    assert "được hiểu là 2 đơn vị chủ trì" in found.warnings[0]
