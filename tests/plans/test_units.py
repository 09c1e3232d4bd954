"""Units in a cell: cut only where another name begins, never expanded."""

import pytest

from webapp.plans.reading import read_coordinators, read_leads


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("Phòng Kinh tế, Hạ tầng và Đô thị", ("Phòng Kinh tế, Hạ tầng và Đô thị",)),
        ("Phòng Kinh tế, Hạ tầng và Đô thị; Trạm Y tế", ("Phòng Kinh tế, Hạ tầng và Đô thị", "Trạm Y tế")),
        (
            "Phòng Kinh tế, Hạ tầng và Đô thị phường và các đơn vị",
            ("Phòng Kinh tế, Hạ tầng và Đô thị phường", "các đơn vị"),
        ),
        ("Văn phòng HĐND và UBND phường, Trạm Y tế", ("Văn phòng HĐND và UBND phường", "Trạm Y tế")),
        ("Văn phòng HĐND và UBND và đơn vị cấp nước", ("Văn phòng HĐND và UBND", "đơn vị cấp nước")),
        (
            "Văn phòng Hội đồng nhân dân và Ủy ban nhân dân và Công an phường",
            ("Văn phòng Hội đồng nhân dân và Ủy ban nhân dân", "Công an phường"),
        ),
        ("Sở Văn hóa, Thể thao và Du lịch, Sở Y tế", ("Sở Văn hóa, Thể thao và Du lịch", "Sở Y tế")),
        ("Sở Khoa học và Công nghệ và Sở Tài chính", ("Sở Khoa học và Công nghệ", "Sở Tài chính")),
        ("Hội LH Phụ nữ, Đoàn Thanh niên và Hội Nông dân", ("Hội LH Phụ nữ", "Đoàn Thanh niên", "Hội Nông dân")),
        ("Các Sở, ban, ngành, đơn vị, địa phương liên quan", ("Các Sở, ban, ngành, đơn vị, địa phương liên quan",)),
        ("Các Sở, Ban, ngành; UBND các xã, phường", ("Các Sở, Ban, ngành", "UBND các xã, phường")),
        ("Các đơn vị và các trường học.", ("Các đơn vị", "các trường học")),
        ("Các cơ quan và đơn vị có liên quan", ("Các cơ quan và đơn vị có liên quan",)),
        ("Ủy ban MTTQ và các tổ chức chính trị - xã hội", ("Ủy ban MTTQ", "các tổ chức chính trị - xã hội")),
        ("Trường Tiểu học Hoa Sen, Trường THCS Hoa Sen", ("Trường Tiểu học Hoa Sen", "Trường THCS Hoa Sen")),
        ("Trạm Y tế ; , Các đơn vị, các đơn vị", ("Trạm Y tế", "Các đơn vị")),
        ("Viện Cây, trường đại học, Hiệp hội Hoa...", ("Viện Cây", "trường đại học", "Hiệp hội Hoa...")),
    ],
)
def test_coordinators_are_parted_where_names_begin(text: str, names: tuple[str, ...]) -> None:
    assert read_coordinators(text).names == names


def test_what_may_be_several_coordinators_stays_whole_with_a_warning() -> None:
    named = read_coordinators("Phòng Hoa, Cỏ và Nước")
    assert named.names == ("Phòng Hoa, Cỏ và Nước",)
    assert "một hay nhiều" in named.warnings[0]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Phòng A; Phòng B", ("Phòng A", "Phòng B")),
        ("Phòng A, Phòng B", ("Phòng A, Phòng B",)),
        ("Phòng Kinh tế, Hạ tầng và Đô thị", ("Phòng Kinh tế, Hạ tầng và Đô thị",)),
        ("Phòng A;", ("Phòng A",)),
        ("- Phòng A\n- Phòng B", ("Phòng A", "Phòng B")),
        (" ; ", ()),
    ],
)
def test_leads_are_parted_by_semicolons_alone(text: str, names: tuple[str, ...]) -> None:
    assert read_leads(text).names == names


def test_two_leads_without_a_semicolon_are_pointed_out() -> None:
    assert "nhiều đơn vị chủ trì" in read_leads("Phòng A, Phòng B").warnings[0]
    assert read_leads("Phòng Kinh tế, Hạ tầng và Đô thị").warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "Các đơn vị thuộc phường",
        "Các trường học trên địa bàn",
        "Đơn vị liên quan",
        "Doanh nghiệp trên địa bàn",
        "UBND các xã, phường",
        "Người canh vườn các thôn",
        "Nhà đầu tư",
        "Các sở theo phân công tại Kế hoạch số 9/KH-UBND",
    ],
)
def test_an_open_group_as_lead_stays_one_name_and_is_flagged(text: str) -> None:
    named = read_leads(text)
    assert named.names == named.vague == (text,)
    assert "cần chọn đơn vị" in named.warnings[0]


@pytest.mark.parametrize(
    "text",
    [
        "Phòng A",
        "Trường Tiểu học Hoa Sen",
        "Công an phường",
        "Tổ dân phố số 3",
        "Hội Nông dân",
        "Ban Quản lý các khu vườn",
    ],
)
def test_a_single_unit_is_not_vague(text: str) -> None:
    assert read_leads(text).vague == ()
