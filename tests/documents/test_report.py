"""The consolidated report says what the units said, in the order of the appendix, and who said nothing."""

from dataclasses import replace

from tests.documents.samples import BUDGET, DATA, KTHT, REPORT, TRAINING, VHXH
from webapp.documents.rendering.consolidated import Contribution, ContributionState, GroupResult, Statement, Status
from webapp.documents.rendering.content import BulletList, Heading, Paragraph, Table
from webapp.documents.rendering.report import consolidated_report


def texts(document):
    """Every text of the body, in order."""
    found = []
    for block in document.body:
        if isinstance(block, Heading | Paragraph):
            found.append(block.text)
        elif isinstance(block, BulletList):
            found += block.items
    return found


def headings(document, level):
    return [block.text for block in document.body if isinstance(block, Heading) and block.level == level]


def test_groups_of_the_appendix_are_headings():
    assert headings(REPORT, 2) == ["1. Nhóm I: Về cơ chế, chính sách", "2. Nhóm III: Về đào tạo"]
    assert headings(REPORT, 3)[2] == "Nhiệm vụ 3.6. Tổ chức tập huấn kỹ năng số cho cán bộ, công chức, viên chức"


def test_a_task_that_several_units_lead_has_one_heading():
    both = (replace(BUDGET, lead_unit="Trạm Y tế"), replace(BUDGET, lead_unit="Công an phường"))
    group = GroupResult("I", "Về cơ chế, chính sách", (*both, TRAINING))
    report = consolidated_report(replace(DATA, groups=(group,)))
    assert headings(report, 3) == [f"Nhiệm vụ 1. {BUDGET.content}", f"Nhiệm vụ 3.6. {TRAINING.content}"]
    led = [text.partition(".")[0] for text in texts(report) if text.startswith("Đơn vị chủ trì: ")]
    assert led == [
        "Đơn vị chủ trì: Trạm Y tế",
        "Đơn vị chủ trì: Công an phường",
        f"Đơn vị chủ trì: {VHXH} (tự báo cáo)",
    ]


def test_the_summary_counts_the_four_buckets_and_what_stands_beside_them():
    table = next(block for block in REPORT.body if isinstance(block, Table))
    assert table.rows[0][2:] == ("2", "0", "0", "0", "1", "1")
    assert table.rows[-1][1:] == ("Tổng cộng", "3", "1", "0", "0", "1", "1")
    assert "trong đó 02 nhiệm vụ phải thực hiện trong kỳ" in " ".join(texts(REPORT))


def test_a_task_that_several_units_lead_counts_once_and_is_done_when_all_have_done_it():
    both = (replace(BUDGET, status=Status.DONE_ON_TIME), replace(BUDGET, lead_unit="Công an phường"))
    report = consolidated_report(replace(DATA, groups=(GroupResult("I", "Về cơ chế, chính sách", both),)))
    table = next(block for block in report.body if isinstance(block, Table))
    assert table.rows[-1][1:] == ("Tổng cộng", "1", "0", "0", "0", "1", "0")
    assert "Kế hoạch có 01 nhiệm vụ thuộc 01 nhóm, trong đó 01 nhiệm vụ" in " ".join(texts(report))


def test_the_one_group_of_a_plan_without_groups_is_named_by_its_title_alone():
    report = consolidated_report(replace(DATA, groups=(GroupResult("", "Nhiệm vụ", (BUDGET,)),)))
    assert "1. Nhiệm vụ" in texts(report)
    assert report.appendices[0].body[0].rows[0] == ("Nhiệm vụ",)


def test_the_lead_speaks_first_then_the_coordinating_units():
    said = texts(REPORT)
    lead = said.index("Bổ sung cho kỳ 6 tháng đầu năm 2026: Đã tổ chức 02 lớp tập huấn:")
    assert said[lead + 1 : lead + 4] == [
        "Lớp thứ nhất: 60 người.",
        "Lớp thứ hai: 52 người.",
        "Công an phường (phối hợp): Cử 12 cán bộ dự tập huấn.",
    ]


def test_self_reporting_is_marked_in_the_text_and_in_the_annex():
    assert any(f"{VHXH} (tự báo cáo). Tình trạng: hoàn thành đúng hạn" in text for text in texts(REPORT))
    assert f"{VHXH}\n(tự báo cáo)" in REPORT.appendices[0].body[0].rows[-1]


def test_silence_is_said():
    assert "Không có nội dung báo cáo trong kỳ." in texts(REPORT)
    assert "Chỉ tiêu tỷ lệ chi ngân sách: chưa có số liệu, mục tiêu ≥ 3%." in texts(REPORT)


def test_difficulties_and_recommendations_name_unit_and_task():
    said = texts(REPORT)
    assert "Phòng Kinh tế, Hạ tầng và Đô thị (nhiệm vụ I.1): Chưa có hướng dẫn phân bổ." in said
    assert "Trạm Y tế: Thiếu thiết bị." in said
    assert "Bổ sung kinh phí cho các phường." in said
    assert "Phòng Kinh tế, Hạ tầng và Đô thị (nhiệm vụ I.1): Sớm ban hành hướng dẫn." in said


def test_missing_units_stand_in_an_annex_with_reason_and_reminders():
    rows = REPORT.appendices[1].body[0].rows
    assert rows[0] == (
        "1",
        "Phòng Kinh tế, Hạ tầng và Đô thị",
        "I.1",
        "Đang rà soát số liệu",
        "01/12/2026\n07/12/2026",
    )
    assert rows[1][3:] == ("Không phản hồi", "Chưa đôn đốc")


def test_a_unit_that_sent_some_of_its_reports_is_not_called_silent():
    assert "còn 02 đơn vị chưa có đủ báo cáo được tiếp nhận (danh sách tại Phụ lục II)" in " ".join(texts(REPORT))
    assert REPORT.appendices[1].title == "Danh sách đơn vị chưa có đủ báo cáo"


def test_nothing_missing_needs_no_annex():
    document = consolidated_report(replace(DATA, missing=(), difficulties=(), recommendations=()))
    assert len(document.appendices) == 1
    assert "Trong kỳ, các đơn vị không báo cáo khó khăn, vướng mắc." in texts(document)
    assert "Không có kiến nghị, đề xuất." in texts(document)


def test_the_drafters_own_words_take_the_place_of_the_worded_ones():
    words = {"introduction": "Lời dẫn riêng.", "assessment": "Đánh giá chung.", "next_steps": "- Việc tới."}
    document = consolidated_report(replace(DATA, subject="Trích yếu", **words))
    assert document.subject == "Trích yếu"
    assert texts(document)[0] == "Lời dẫn riêng."
    assert "Đánh giá chung." in texts(document)
    assert headings(document, 1)[-1] == "V. NHIỆM VỤ TRỌNG TÂM THỜI GIAN TỚI"


def test_statements_that_are_only_a_list_or_empty_still_name_their_source():
    came = Contribution("Đoàn Thanh niên", ContributionState.RESULT, "- một\n- hai")
    task = replace(TRAINING, statements=(Statement(VHXH, ""),), contributions=(came,))
    document = consolidated_report(replace(DATA, groups=(GroupResult("I", "Nhóm", (task, BUDGET)),)))
    said = texts(document)
    start = said.index("Đoàn Thanh niên (phối hợp):")
    assert said[start + 1 : start + 3] == ["một", "hai"]
    assert "" not in said


def test_a_coordinating_unit_that_did_nothing_is_told_of_too():
    others = (
        Contribution("Trạm Y tế", ContributionState.NOTHING_AROSE),
        Contribution("Công an phường", ContributionState.NOT_OUR_DUTY, "Thuộc phòng khác"),
        Contribution("Hội LH Phụ nữ", ContributionState.ABSENT), Contribution(KTHT, ContributionState.ABSENT),
    )  # fmt: skip
    document = consolidated_report(
        replace(DATA, groups=(GroupResult("I", "Nhóm", (replace(TRAINING, contributions=others),)),))
    )
    said = texts(document)
    assert "Trạm Y tế (phối hợp): không phát sinh." in said
    assert "Công an phường (phối hợp): trả lời không thuộc nhiệm vụ của đơn vị (thuộc phòng khác)." in said
    assert f"Chưa có kết quả phối hợp của: Hội LH Phụ nữ; {KTHT}." in said
