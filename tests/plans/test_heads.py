"""The head and the body of a plan: number, date, issuer, bases, duties; and what stays unread."""

import pytest

from tests.plans.samples import HEAD, SIX, read, row
from webapp.plans.reading import PlanReading, read_plan

ONE = row("1", "Trồng cây", "Phòng A", "", "2026", "Báo cáo")


def body(*lines: str) -> PlanReading:
    return read_plan("a.txt", "\n\n".join(["KẾ HOẠCH", "Chăm sóc cây", *lines]).encode())


def test_a_blank_number_and_date_are_none_and_the_rest_is_read() -> None:
    head = read(ONE).head
    assert (head.number, head.code, head.date, head.place_name) == (None, "KH-UBND", None, "Hoa Sen")
    assert head.date_text == "Hoa Sen, ngày tháng 3 năm 2026"
    assert head.issuer == "Ủy ban nhân dân phường Hoa Sen"
    assert head.title == "Chăm sóc cây xanh trên địa bàn phường"
    assert head.appendix_title == "DANH MỤC VIỆC CHĂM SÓC CÂY XANH"


def test_a_number_and_a_date_are_read() -> None:
    head = read(ONE, head=HEAD.replace("Số: /KH", "Số: 12 /KH").replace("ngày tháng 3", "ngày 05 tháng 3")).head
    assert (head.number, head.date) == ("12/KH-UBND", "2026-03-05")
    assert head.to_json()["document_type"] == "KH"


def test_the_issuer_may_have_to_be_told_from_the_place() -> None:
    lines = ["Số: /KH-UBND", "Hoa Sen, ngày tháng năm 2026", "KẾ HOẠCH", "Trồng cây", "UBND phường Hoa Sen lập:", ""]
    assert read(ONE, head="\n\n".join(lines)).head.issuer == "Ủy ban nhân dân phường Hoa Sen"


def test_an_appendix_alone_is_read_and_names_its_plan() -> None:
    head = "PHỤ LỤC\n(Kèm theo Kế hoạch số 12/KH-UBND ngày 05/3/2026 của UBND phường Hoa Sen)\n\n"
    reading = read(ONE, head=head)
    assert (reading.head.number, reading.head.date) == ("12/KH-UBND", "2026-03-05")
    assert reading.head.issuer == "Ủy ban nhân dân phường Hoa Sen"
    assert len(reading.tasks) == 1


def test_legal_bases_and_replaced_plans_are_named() -> None:
    replaced = "4. Kế hoạch này thay thế Kế hoạch số 9/KH-UBND ngày 01/02/2024 về việc thực hiện Kết luận số 5-KL/TW."
    head = body(
        "I. CĂN CỨ",
        "- Luật Cây xanh số 5/2020/QH14;",
        "- Nghị quyết số 8-NQ/TU ngày 03 tháng 4 năm 2025;",
        "II. VIỆC",
        replaced,
    ).head
    assert [(base.kind, base.number, base.date) for base in head.legal_bases] == [
        ("Luật", "5/2020/QH14", None),
        ("Nghị quyết", "8-NQ/TU", "2025-04-03"),
    ]
    assert [(plan.number, plan.date) for plan in head.replaces] == [("9/KH-UBND", "2024-02-01")]


@pytest.mark.parametrize(
    ("sentence", "date_text", "day", "month", "recipient", "via", "frequency"),
    [
        (
            "Các đơn vị báo cáo UBND phường (qua Phòng Văn hóa – Xã hội) trước ngày 05/12 hằng năm.",
            "trước ngày 05/12", 5, 12, "UBND phường", "Phòng Văn hóa – Xã hội", "yearly",
        ),
        (
            "Hằng năm, trước ngày 15/12, báo cáo UBND thành phố kết quả (gửi Sở Khoa học và Công nghệ để tổng hợp).",
            "trước ngày 15/12", 15, 12, "UBND thành phố", "Sở Khoa học và Công nghệ", "yearly",
        ),
        (
            "Báo cáo 6 tháng gửi về Sở Xây dựng chậm nhất ngày 10 tháng 6.",
            "chậm nhất ngày 10 tháng 6", 10, 6, "Sở Xây dựng", None, "half_yearly",
        ),
        ("Báo cáo quý gửi Văn phòng HĐND và UBND trước ngày 20 tháng cuối quý.",
         "trước ngày 20 tháng cuối quý", 20, None, "Văn phòng HĐND và UBND", None, "quarterly"),
        ("Định kỳ hằng năm báo cáo UBND phường.", None, None, None, "UBND phường", None, "yearly"),
        ("Gửi báo cáo về UBND phường trước 15/01/2031.", "trước 15/01/2031", 15, 1, "UBND phường", None, "once"),
    ],
)  # fmt: skip
def test_duties_to_report_are_found(
    sentence: str,
    date_text: str | None,
    day: int | None,
    month: int | None,
    recipient: str,
    via: str | None,
    frequency: str,
) -> None:
    [duty] = body("V. TỔ CHỨC THỰC HIỆN", sentence).head.reporting_duties
    assert (duty.date_text, duty.day, duty.month) == (date_text, day, month)
    assert (duty.recipient, duty.via, duty.frequency) == (recipient, via, frequency)
    assert duty.excludes_day == bool(date_text and date_text.startswith("trước"))


def test_each_day_in_a_sentence_is_a_duty() -> None:
    sentence = "Báo cáo 6 tháng trước ngày 10/6, báo cáo năm trước ngày 05/12 gửi UBND phường."
    duties = body(sentence).head.reporting_duties
    assert [(duty.frequency, duty.day, duty.month, duty.recipient) for duty in duties] == [
        ("half_yearly", 10, 6, "UBND phường"),
        ("yearly", 5, 12, "UBND phường"),
    ]


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Báo cáo quý trước ngày 20/3, 20/6, 20/9 và 20/12 gửi UBND phường.",
         [("quarterly", 20, month, None) for month in (3, 6, 9, 12)]),
        ("Báo cáo trước ngày 15/6 và 15/12 hằng năm gửi UBND phường.",
         [("half_yearly", 15, 6, None), ("half_yearly", 15, 12, None)]),
        ("Báo cáo định kỳ (quý I trước ngày 15/3; 9 tháng trước ngày 15/9; năm trước ngày 05/12).",
         [("quarterly", 15, 3, None), ("nine_monthly", 15, 9, None), ("yearly", 5, 12, None)]),
        ("Báo cáo quý trước ngày 05 của tháng đầu quý sau, báo cáo tháng trước ngày 03 tháng sau.",
         [("quarterly", 5, None, 4), ("monthly", 3, None, 2)]),
        ("Hằng quý, 6 tháng, năm báo cáo trước ngày 20 của tháng cuối kỳ báo cáo.",
         [("quarterly", 20, None, 3), ("half_yearly", None, None, None), ("yearly", None, None, None)]),
        ("Định kỳ hằng quý, 6 tháng, 9 tháng và năm báo cáo UBND phường.",
         [(each, None, None, None) for each in ("quarterly", "half_yearly", "nine_monthly", "yearly")]),
    ],
)  # fmt: skip
def test_each_period_is_a_duty_with_its_day_where_it_has_one(sentence: str, told: list[object]) -> None:
    duties = body(sentence).head.reporting_duties
    assert [(duty.frequency, duty.day, duty.month, duty.month_of_period) for duty in duties] == told


@pytest.mark.parametrize(
    "sentence",
    [
        "Báo cáo kết quả.",
        "Thực hiện trước ngày 05/12.",
        "Báo cáo trước ngày 45/13.",
        "Kế hoạch số 2/KH ngày 15/9/2025.",
    ],
)
def test_other_sentences_are_no_duties(sentence: str) -> None:
    assert body(sentence).head.reporting_duties == ()


def test_a_plan_without_appendix_has_no_tasks_and_says_so() -> None:
    reading = body("I. MỤC TIÊU", "Mỗi năm 100 cây.", "Trên đây là Kế hoạch (Phụ lục kèm theo)./.")
    assert reading.tasks == ()
    assert reading.unread[0].reason.startswith("Kế hoạch nhắc đến phụ lục")
    assert str(reading.unread[0].place) == "dòng 9"
    assert "không có phụ lục" in reading.warnings[0]


def test_a_plan_that_never_speaks_of_an_appendix_says_so_too() -> None:
    assert body("Mỗi năm 100 cây.").unread[0].place is None


def test_page_numbers_and_signatures_are_no_tasks() -> None:
    foot = ["", "Nơi nhận:\tTM. ỦY BAN NHÂN DÂN", "- Như trên;\tCHỦ TỊCH", "- Lưu: VT.", "", "Người Ký"]
    reading = read(ONE, "", "- 7 -", "Trang 8/9", "", row("2", "Tưới cây", "Phòng A"), *foot)
    assert [task.ordinal for task in reading.tasks] == ["1", "2"]
    assert reading.unread == ()
    assert [piece.reason for piece in reading.passed_over[1:]] == ["Số trang hoặc dấu ký số."] * 2


def test_stray_lines_and_totals_stay_unread_with_their_place() -> None:
    reading = read(ONE, "", "Ảnh chụp mờ", "", row("2", "Tưới", "Phòng A"), row("", "Tổng cộng", "", "", "", "2"))
    assert [(piece.text, str(piece.place)) for piece in reading.unread] == [
        ("Ảnh chụp mờ", "dòng 24"),
        ("\tTổng cộng\t\t\t\t2", "dòng 27"),
    ]


def test_a_stray_line_in_mid_sentence_is_pointed_out_on_the_task_before() -> None:
    reading = read(ONE, "", "ven hồ", "", row("2", "Tưới", "Phòng A"))
    assert any("“ven hồ” ở dòng 24" in warning for warning in reading.tasks[0].warnings)


def test_a_line_in_mid_sentence_right_below_a_row_goes_on_in_its_last_cell() -> None:
    [task] = read(row("1", "Trồng cây", "Phòng A", "", "2026", "Báo cáo"), "cuối năm").tasks
    assert " ".join(task.product_text.split()) == "Báo cáo cuối năm"
    assert any("Đã ghép" in warning for warning in task.warnings)


def test_a_row_without_a_lead_is_a_warning_on_that_row() -> None:
    first, second = read(ONE, row("2", "Tưới cây", "", "Trạm Y tế", "2026", "Báo cáo")).tasks
    assert first.warnings == ()
    assert second.warnings[0] == "Dòng 23 chưa có đơn vị chủ trì (“Tưới cây”); cần chọn đơn vị trước khi giao."


def test_ditto_marks_are_explained_and_not_resolved() -> None:
    _, second = read(ONE, row("2", "Tưới cây", "-nt-", "", "nt", "Như trên")).tasks
    assert second.leads == ("-nt-",)
    assert [(repair.field, repair.after) for repair in second.repairs] == [
        ("leads", "Phòng A"), ("timing_text", "2026"), ("product_text", "Báo cáo"),
    ]  # fmt: skip


def test_the_json_has_its_contract() -> None:
    read_out = read(row("I", "Về cây", ""), ONE).to_json()
    assert set(read_out) >= {"plan", "tasks", "unread"}
    assert set(read_out["tasks"][0]) >= {
        "group", "ordinal", "content", "leads", "coordinators", "timing_text", "product_text", "note",
        "warnings", "source", "repairs", "conditional", "blocked_until", "timing",
    }  # fmt: skip
    assert read_out["tasks"][0]["source"]["raw"] == [ONE]
    assert len(SIX) == 6


def test_bars_part_cells_as_tabs_do() -> None:
    lines = [
        "| STT | Nội dung | Đơn vị chủ trì | Thời gian |",
        "|---|:--|---|---|",
        "| 1 | Trồng cây | Phòng A | 2026 |",
    ]
    assert [task.leads for task in read_plan("a.txt", "\n".join(lines).encode()).tasks] == [("Phòng A",)]


def test_lines_of_an_annex_that_no_table_holds_are_named() -> None:
    lines = "PHỤ LỤC\nVIỆC CHĂM SÓC CÂY\n(Kèm theo Kế hoạch số 5/KH-UBND)\n\nSTT\n\n1 Trồng cây\n\nPhòng A\n"
    reading = read_plan("a.txt", f"KẾ HOẠCH\n\nVề cây\n\nNơi nhận:\n- Như trên.\n\n{lines}".encode())
    left = [piece.text for piece in reading.unread if piece.place and piece.place.line > 11]
    assert left == ["STT", "1 Trồng cây", "Phòng A"]
