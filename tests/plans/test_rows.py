"""Rows of the appendix: columns by name, groups, page breaks, numbers."""

import pytest

from tests.plans.samples import HEAD, SEVEN, SIX, read, row, shorts

ONE = row("1", "Trồng cây ven sông", "Phòng Cây xanh", "Các đơn vị thuộc phường", "Năm 2026", "Báo cáo")
TWO = row("2", "Cắt tỉa cây", "Tổ Vườn hoa", "", "Hằng năm", "Biên bản")


def test_columns_are_known_by_their_headings() -> None:
    [task] = read(row("3.6", "Đào hố", "100 hố", "Sở Xây dựng", "", "Thường xuyên", "Khi trời mưa"), header=SEVEN).tasks
    assert (task.ordinal, task.content, task.leads) == ("3.6", "Đào hố", ("Sở Xây dựng",))
    assert (task.product_text, task.timing_text, task.note) == ("100 hố", "Thường xuyên", "Khi trời mưa")


@pytest.mark.parametrize(
    "header",
    [
        ("Stt", "Nhiệm vụ", "Cơ quan chủ trì", "Cơ quan phối hợp", "Tiến độ", "Kết quả"),
        ("TT", "NỘI DUNG NHIỆM VỤ", "ĐƠN VỊ THỰC HIỆN", "ĐƠN VỊ PHỐI HỢP", "THỜI HẠN HOÀN THÀNH", "SẢN PHẨM ĐẦU RA"),
        ("**Số TT**", "**Công việc**", "**Chủ trì**", "**Phối hợp**", "**Thời gian**", "**Sản phẩm dự kiến**"),
        ("STT", "Nội dung", "Đơn vi chu trì", "Đơn vị phối hơp", "Thời gian thực hiên", "Kêt quả/sản phẩm"),
        ("", "Tên nhiệm vụ", "Cơ quan thực hiện", "Phối hợp thực hiện", "Mốc thời gian", "Yêu cầu kết quả"),
    ],
)
def test_headings_are_known_in_several_wordings(header: tuple[str, ...]) -> None:
    [task] = read(ONE, header=header).tasks
    assert (task.content, task.leads, task.product_text) == ("Trồng cây ven sông", ("Phòng Cây xanh",), "Báo cáo")
    assert (task.coordinators, task.timing_text) == (("Các đơn vị thuộc phường",), "Năm 2026")


def test_a_header_of_two_lines_is_read_as_one() -> None:
    header = ("STT", "Nội dung", "Đơn vị thực hiện", "", "Thời gian", "Sản phẩm")
    second = row("", "", "Chủ trì", "Phối hợp", "", "")
    reading = read(second, row(*(f"({number})" for number in range(1, 7))), ONE, header=header)
    assert shorts(reading) == [("", "1", "Trồng cây ven sông", "Phòng Cây xanh")]
    assert len(reading.passed_over) == 3


def test_the_second_line_of_a_header_may_have_lost_its_empty_cells() -> None:
    reading = read(row("Chủ trì", "Phối hợp"), ONE, header=("STT", "Nội dung", "Đơn vị", "Thời gian", "Sản phẩm"))
    assert reading.tasks[0].coordinators == ("Các đơn vị thuộc phường",)


def test_columns_of_other_kinds_are_kept() -> None:
    [task] = read(row("1", "Trồng cây", "Phòng A", "50 triệu"), header=("STT", "Nội dung", "Chủ trì", "Kinh phí")).tasks
    assert task.extra == (("Kinh phí", "50 triệu"),)


def test_lead_and_coordinators_in_one_column_are_parted_by_their_labels() -> None:
    header = ("STT", "Nội dung", "Cơ quan chủ trì, phối hợp", "Thời gian")
    labelled = row("1", "Trồng cây", "Chủ trì: Phòng A; Phối hợp: Trạm Y tế", "2026")
    first, second = read(labelled, row("2", "Tưới cây", "Phòng B", "2026"), header=header).tasks
    assert (first.leads, first.coordinators) == (("Phòng A",), ("Trạm Y tế",))
    assert second.leads == ("Phòng B",)
    assert any("không ghi rõ chủ trì" in warning for warning in second.warnings)


@pytest.mark.parametrize(
    ("header", "content", "timing"),
    [
        (("STT", "Nhóm nhiệm vụ", "Nhiệm vụ cụ thể", "Chủ trì", "Bắt đầu", "Thời hạn"), "b", "e"),
        (("STT", "Nhiệm vụ", "Ghi chú", "Chủ trì", "Thời gian bắt đầu", "Thời gian hoàn thành"), "a", "e"),
    ],
)
def test_of_two_columns_of_a_kind_the_plainer_is_taken(header: tuple[str, ...], content: str, timing: str) -> None:
    [task] = read(row("1", "a", "b", "Phòng A", "d", "e"), header=header).tasks
    assert (task.content, task.timing_text) == (content, timing)
    assert "d" in dict(task.extra).values()


def test_a_lost_header_is_guessed_and_said_so() -> None:
    rows = [row(str(n), f"Chăm sóc vườn hoa số {n} của phường", "Phòng A", "Các đơn vị", "2026") for n in (2, 3, 4)]
    reading = read(*rows, header=("1", "Chăm sóc vườn hoa số 1 của phường", "Phòng A", "Các đơn vị", "2026"))
    assert [task.ordinal for task in reading.tasks] == ["1", "2", "3", "4"]
    assert "đã đoán các cột" in reading.warnings[0]


# Groups


@pytest.mark.parametrize(
    "heading",
    [
        row("II", "Về người trồng cây", "", "", "", ""),
        row("II.", "Về người trồng cây"),
        row("II. Về người trồng cây", "", "", "", "", ""),
        row("", "II. Về người trồng cây", "", "", "", ""),
        "II. Về người trồng cây",
        row("**II**", "**Về người trồng cây**", "", "", "", ""),
        row("Il", "Về người trồng cây", "", "", "", ""),
        row(*["II. Về người trồng cây"] * 6),
        row("II - Về người trồng cây", "", "", "", "", ""),
    ],
)
def test_group_headings_are_known_both_ways(heading: str) -> None:
    reading = read(row("I", "Về cây", "", "", "", ""), ONE, heading, ONE.replace("ven sông", "ven hồ"))
    assert [(group.group, group.title) for group in reading.groups] == [("I", "Về cây"), ("II", "Về người trồng cây")]
    assert [(task.group, task.ordinal) for task in reading.tasks] == [("I", "1"), ("II", "1")]
    assert reading.unread == ()


def test_a_group_heading_cut_off_by_a_page_break_keeps_its_title_and_its_rows() -> None:
    reading = read(
        row("I. CHĂM SÓC CÂY XANH TRÊN", "", "", "", "", ""), "", "- 4 -", "", row(*SIX), row("", "ĐỊA BÀN PHƯỜNG"), ONE
    )
    assert [group.title for group in reading.groups] == ["CHĂM SÓC CÂY XANH TRÊN ĐỊA BÀN PHƯỜNG"]
    assert shorts(reading) == [("I", "1", "Trồng cây ven sông", "Phòng Cây xanh")]


def test_a_numeral_cut_off_from_its_title_opens_its_group() -> None:
    reading = read(
        row("I", "Về hoa"), ONE, row("II", "", "", "", "", ""), "", row(*SIX), row("", "CHĂM SÓC CÂY XANH"), TWO
    )
    assert [group.title for group in reading.groups] == ["Về hoa", "CHĂM SÓC CÂY XANH"]
    assert [task.group for task in reading.tasks] == ["I", "II"]
    assert reading.unread == ()


def test_a_group_heading_repeated_on_the_next_page_opens_no_second_group() -> None:
    heading = row("I", "Về cây xanh đô thị", "", "", "", "")
    reading = read(heading, ONE, "", row(*SIX), heading.replace("đô thị", "đô thị (tiếp theo)"), TWO)
    assert [task.group_index for task in reading.tasks] == [0, 0]
    assert len(reading.groups) == 1


def test_arabic_and_lettered_groups_are_given_roman_numerals() -> None:
    numbered = read(
        row("1", "Nhóm việc về cây", "", "", "", ""), row("1.1", "Tưới", "Phòng A"), row("1.2", "Tỉa", "Phòng A")
    )
    assert [(task.group, task.ordinal) for task in numbered.tasks] == [("I", "1.1"), ("I", "1.2")]
    lettered = read(row("A", "Về cây", "", "", "", ""), ONE, row("B. Về hoa", "", "", "", "", ""), TWO)
    assert [(task.group, task.ordinal) for task in lettered.tasks] == [("I", "1"), ("II", "2")]
    assert [group.label for group in lettered.groups] == ["A", "B"]


def test_parts_above_the_groups_keep_equal_numerals_apart() -> None:
    reading = read(row("A. PHẦN CÂY"), row("I. Tưới", ""), ONE, row("B. PHẦN HOA", ""), row("I. Tưới", ""), TWO)
    assert [task.group for task in reading.tasks] == ["A.I", "B.I"]
    assert [group.part for group in reading.groups] == ["A. PHẦN CÂY", "B. PHẦN HOA"]


def test_headings_below_a_group_are_sections() -> None:
    rows = [
        row("I", "Về cây", "", ""),
        row("1", "Các lớp học", "", ""),
        row("a)", "Lớp một", "Phòng A"),
        row("2", "Tỉa", "Phòng B"),
    ]
    first, second = read(*rows).tasks
    assert (first.group, first.section, first.ordinal) == ("I", "Các lớp học", "a")
    assert (second.section, second.ordinal) == (None, "2")


def test_groups_without_numbers_are_counted() -> None:
    reading = read(
        row("VIỆC TRỌNG TÂM TRONG NĂM", "", "", "", "", ""), ONE, row("Việc thường xuyên", "", "", "", "", ""), TWO
    )
    assert [(task.group, task.ordinal) for task in reading.tasks] == [("I", "1"), ("II", "2")]


def test_a_heading_above_its_table_opens_a_group() -> None:
    later = ("", "II. Về hoa", "", row(*SIX), TWO)
    reading = read(ONE, *later, head=HEAD + "I. Về cây\n\n")
    assert [(task.group, task.ordinal) for task in reading.tasks] == [("I", "1"), ("II", "2")]
    embedded = read(ONE, head="KẾ HOẠCH\n\nTrồng cây\n\nI. MỤC ĐÍCH\n\nII. VIỆC CỤ THỂ\n\n")
    assert embedded.tasks[0].group == ""


def test_small_numerals_head_groups_too() -> None:
    reading = read(row("i", "Về cây", "", ""), ONE, row("ii", "Về hoa", "", ""), ONE)
    assert [(task.group, task.ordinal) for task in reading.tasks] == [("I", "1"), ("II", "1")]


def test_a_numeral_before_a_whole_row_numbers_a_task() -> None:
    tasks = read(ONE.replace("1", "I", 1), TWO.replace("2", "II", 1)).tasks
    assert [(task.group, task.ordinal) for task in tasks] == [("", "I"), ("", "II")]


def test_what_else_stands_beside_a_group_heading_is_not_lost() -> None:
    reading = read(row("I", "Về cây", "Phòng A", "", "2026-2030"), ONE)
    assert [group.title for group in reading.groups] == ["Về cây"]
    assert [piece.text for piece in reading.unread] == ["Phòng A | 2026-2030"]


def test_a_numbered_heading_after_the_last_task_is_a_task_without_lead() -> None:
    reading = read(ONE, row("2", "Xây nhà kính", "", "", "", ""))
    assert any("chưa có đơn vị chủ trì" in warning for warning in reading.tasks[1].warnings)


def test_words_in_the_column_of_numbers_are_kept_with_a_warning() -> None:
    [task, _] = read(ONE, row("và tiếp", "ven hồ", "", "", "", ""), TWO).tasks
    assert task.content == "Trồng cây ven sông và tiếp ven hồ"
    assert any("Ô STT" in warning for warning in task.warnings)


def test_one_numeral_for_two_groups_is_said() -> None:
    reading = read(row("I", "Về cây", ""), ONE, "", "PHỤ LỤC II", "", row(*SIX), row("I", "Về hoa", ""), ONE)
    assert [task.group_index for task in reading.tasks] == [0, 1]
    assert "Số nhóm I dùng cho nhiều nhóm." in reading.warnings


# Page breaks


def test_a_row_continued_with_an_empty_number_is_joined() -> None:
    reading = read(
        row("1", "Trồng cây ven", "Phòng Cây", "Các đơn", "Năm 2026", "Báo"),
        "",
        row("", "sông", "xanh", "vị", "", "cáo"),
        TWO,
    )
    [task, _] = reading.tasks
    assert (task.content, task.leads, task.coordinators) == ("Trồng cây ven sông", ("Phòng Cây xanh",), ("Các đơn vị",))
    assert [place.line for place in task.source.places] == [22, 24]


def test_a_header_in_the_middle_of_a_row_is_passed_over() -> None:
    reading = read(row("1", "Trồng cây ven", "Phòng A"), "", row(*SIX), row("", "sông", "", "", "", "Báo cáo"))
    assert shorts(reading) == [("", "1", "Trồng cây ven sông", "Phòng A")]


def test_a_header_with_other_columns_on_the_next_page_is_obeyed() -> None:
    reading = read(
        row("1", "Trồng cây", "Phòng A"), "", row("STT", "Chủ trì", "Nội dung", "Hạn"), row("", "", "ven sông", "2026")
    )
    assert (reading.tasks[0].content, reading.tasks[0].timing_text) == ("Trồng cây ven sông", "2026")


def test_words_of_a_header_in_a_continued_row_are_not_taken_for_a_header() -> None:
    reading = read(
        row("1", "Viết", "Phòng A", "", "2026", "Báo cáo"),
        "",
        row(*SIX),
        row("", "nội dung", "", "", "", "kết quả thực hiện"),
    )
    assert (reading.tasks[0].content, reading.tasks[0].product_text) == ("Viết nội dung", "Báo cáo kết quả thực hiện")


def test_a_number_repeated_on_the_next_page_is_the_same_row() -> None:
    [task] = read(row("1", "Trồng cây ven", "Phòng A", "", "2026"), "", row("1", "sông", "", "", "")).tasks
    assert task.content == "Trồng cây ven sông"
    assert any("lặp lại" in warning for warning in task.warnings)


def test_a_word_repeated_at_the_break_is_kept_and_its_repair_proposed() -> None:
    [task] = read(row("1", "Trồng cây", "Sở Cây và Hoa", "Các đơn vị"), "", row("", "", "Hoa", ", các đơn vị")).tasks
    assert task.source.lead_text == "Sở Cây và Hoa Hoa"
    assert task.source.coordinators_text == "Các đơn vị , các đơn vị"
    repairs = {repair.field: (repair.before, repair.after) for repair in task.repairs}
    assert repairs == {"leads": ("Hoa Hoa", "Hoa"), "coordinators": ("Các đơn vị , các đơn vị", "Các đơn vị")}


def test_a_row_without_number_that_is_whole_becomes_a_task_with_a_warning() -> None:
    first, second = read(ONE, row("", "Nhổ cỏ", "Tổ Vườn hoa", "", "Năm 2027", "Báo cáo")).tasks
    assert (second.content, second.ordinal) == ("Nhổ cỏ", "")
    assert any("không có STT" in warning for warning in second.warnings)
    assert first.warnings == ()


def test_a_row_that_lost_its_first_tab_is_moved_right() -> None:
    [task] = read(row("1", "Trồng cây ven", "Phòng A", "", "2026", "Báo"), "", row("sông", "", "", "", "cáo")).tasks
    assert (task.content, task.product_text) == ("Trồng cây ven sông", "Báo cáo")
    assert any("thiếu ô STT" in warning for warning in task.warnings)


def test_cells_lost_at_the_end_of_a_row_are_empty() -> None:
    [task] = read(row("1", "Trồng cây", "Phòng A")).tasks
    assert (task.timing_text, task.product_text) == ("", "")
    assert task.warnings == ("Dòng 22 chưa có thời gian thực hiện.", "Dòng 22 chưa có sản phẩm.")


def test_a_cell_with_line_breaks_of_its_own_is_put_together() -> None:
    reading = read("1\tTrồng:\n- Hoa;\n- Cỏ\tPhòng A\tTrạm Y tế\nTổ Vườn hoa\t2026\tBáo cáo", TWO)
    assert shorts(reading)[0] == ("", "1", "Trồng: - Hoa; - Cỏ", "Phòng A")
    assert reading.tasks[0].coordinators == ("Trạm Y tế", "Tổ Vườn hoa")


def test_more_cells_than_headings_are_kept_and_said() -> None:
    [task] = read(ONE + "\tviết thêm").tasks
    assert task.extra == (("Ô thừa", "viết thêm"),)
    assert any("nhiều ô hơn" in warning for warning in task.warnings)


# Numbers


def test_holes_and_doubles_are_said_and_change_nothing() -> None:
    rows = [
        row(number, f"Việc {number}{at}", "Phòng A", "", "2026", "Báo cáo")
        for at, number in enumerate(["1", "2", "4", "4", "5"])
    ]
    tasks = read(*rows).tasks
    assert [task.ordinal for task in tasks] == ["1", "2", "4", "4", "5"]
    assert [len(task.warnings) for task in tasks] == [0, 0, 1, 1, 0]


def test_numbering_may_restart_or_run_on() -> None:
    restarted = read(row("I", "Về cây", ""), ONE, TWO, row("II", "Về hoa", ""), ONE, TWO)
    running = read(
        row("I", "Về cây", ""), ONE, TWO, row("II", "Về hoa", ""), ONE.replace("1", "3", 1), TWO.replace("2", "4", 1)
    )
    assert [task.ordinal for task in restarted.tasks] == ["1", "2", "1", "2"]
    assert [task.ordinal for task in running.tasks] == ["1", "2", "3", "4"]
    assert not any(task.warnings for task in (*restarted.tasks, *running.tasks) if task.ordinal in ("1", "3"))


@pytest.mark.parametrize(
    ("written", "number"), [("1.", "1"), ("01", "01"), ("(2)", "2"), ("1.1.", "1.1"), ("a)", "a"), ("**3**", "3")]
)
def test_a_number_is_read_without_its_signs(written: str, number: str) -> None:
    [task] = read(row(written, "Trồng cây", "Phòng A")).tasks
    assert (task.ordinal, task.source.ordinal_text) == (number, written.strip("*"))


def test_a_number_in_the_cell_of_the_text_is_told_from_it() -> None:
    [task] = read(row("1. Trồng cây", "Phòng A", "2026"), header=("Nội dung", "Đơn vị chủ trì", "Thời gian")).tasks
    assert (task.ordinal, task.content) == ("1", "Trồng cây")


def test_a_number_of_another_group_tells_of_a_lost_heading() -> None:
    rows = [
        row("I", "Về cây", ""),
        row("1.1", "Tưới", "Phòng A"),
        row("1.2", "Tỉa", "Phòng A"),
        row("2.1", "Bón", "Phòng A"),
    ]
    assert any("tiêu đề nhóm" in warning for warning in read(*rows).tasks[2].warnings)


def test_items_under_a_task_are_joined_to_it() -> None:
    [task, _] = read(ONE, row("a)", "Cây phượng", "", ""), row("-", "Cây bàng", "", ""), TWO).tasks
    assert task.content == "Trồng cây ven sông a) Cây phượng - Cây bàng"


def test_a_number_that_a_cell_cut_out_of_a_date_is_no_task_s() -> None:
    reading = read(
        row("2.4", "Thực hiện Kế hoạch số 5/KH-UBND ngày 22/10/20", "Phòng A", "", "2026", "Báo cáo"),
        row("25", "về trồng hoa", "", "", "", ""),
        row("2.5", "Tưới hoa", "Phòng A", "", "2026", "Báo cáo"),
    )
    assert [task.ordinal for task in reading.tasks] == ["2.4", "2.5"]
    assert reading.tasks[0].content.endswith("22/10/20 25 về trồng hoa")
    assert any("25" in warning for warning in reading.tasks[0].warnings)


@pytest.mark.parametrize("written", ["{}", "**{}**", "### {}", "<b>{}</b>"])
def test_lines_between_rows_without_number_or_capitals_head_their_groups(written: str) -> None:
    reading = read(
        written.format("Trồng cây, trồng hoa"), row("1", "Trồng cây", "Tổ Cây", "", "2026", "Báo cáo"),
        row("2", "Trồng hoa", "Tổ Cây", "", "2026", "Báo cáo"), "", written.format("Tưới và tỉa"),
        row("3", "Tưới hoa", "Tổ Nước", "", "2026", "Báo cáo"), row("4", "Tỉa cành", "Tổ Cây", "", "2026", "Báo cáo"),
    )  # fmt: skip
    assert [(group.group, group.title) for group in reading.groups] == [
        ("I", "Trồng cây, trồng hoa"), ("II", "Tưới và tỉa"),
    ]  # fmt: skip
    assert [(task.group, task.ordinal) for task in reading.tasks] == [("I", "1"), ("I", "2"), ("II", "3"), ("II", "4")]
    assert reading.unread == ()


def test_a_line_between_rows_that_none_stands_above_the_first_for_is_no_heading() -> None:
    reading = read(
        row("1", "Trồng cây", "Tổ Cây", "", "2026", "Báo cáo"), "Biên bản nghiệm thu",
        row("2", "Tưới hoa", "Tổ Nước", "", "2026", "Báo cáo"), "Biên bản bàn giao",
        row("3", "Tỉa cành", "Tổ Nước", "", "2026", "Báo cáo"), row("4", "Rào vườn", "Tổ Cây", "", "2026", ""),
    )  # fmt: skip
    assert (reading.groups, len(reading.tasks)) == ((), 4)
    assert [piece.text for piece in reading.unread] == ["Biên bản nghiệm thu", "Biên bản bàn giao"]


def test_a_title_in_capitals_right_below_the_header_heads_the_first_rows() -> None:
    one, two = (row(number, "Trồng cây", "Tổ Cây", "", "2026", "Báo cáo") for number in "12")
    reading = read("CÔNG TÁC CHUẨN BỊ", one, "KIỂM TRA, XỬ LÝ VI PHẠM", two)
    assert [group.title for group in reading.groups] == ["CÔNG TÁC CHUẨN BỊ", "KIỂM TRA, XỬ LÝ VI PHẠM"]


@pytest.mark.parametrize(("name", "group"), [("PHỤ LỤC II", ""), ("PHỤ LỤC I", "I"), ("PHỤ LỤC", "I")])
def test_rows_of_another_annex_are_not_in_the_last_group_of_the_one_before(name: str, group: str) -> None:
    one, two = (row(number, "Trồng cây", "Tổ Cây", "", "2026", "Báo cáo") for number in "12")
    reading = read(row("I", "Về cây", "", "", "", ""), one, "", name, "", row(*SIX), two, head="PHỤ LỤC I\n\n" + HEAD)
    assert [(task.group, task.ordinal) for task in reading.tasks] == [("I", "1"), (group, "2")]


def test_a_row_cut_in_the_middle_of_a_span_of_years_is_joined() -> None:
    reading = read(
        row("1", "Phối hợp", "Văn phòng", "Trạm Y", "Giai đoạn 2026", "Báo cáo"),
        row("", "Sở Y tế trồng cây thuốc", "HĐND và UBND", "tế", "– 2030", ""),
    )
    [task] = reading.tasks
    assert (task.leads, task.timing.to_year) == (("Văn phòng HĐND và UBND",), 2030)
