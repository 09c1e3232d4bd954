"""Files that go up as they are chosen, in a real browser."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.workshop import Workshop, received


def test_a_file_goes_up_at_once_and_only_its_id_is_sent(desk: Page, tmp_path: Path) -> None:
    good, bad, big = tmp_path / "anh.txt", tmp_path / "virus.exe", tmp_path / "to.bin"
    good.write_text("minh chứng")
    bad.write_text("MZ")
    big.write_bytes(bytes(2_000_001))
    desk.goto("/step")
    desk.get_by_label("Minh chứng").set_input_files([good, bad, big])
    expect(desk.get_by_text("đã tải lên")).to_be_visible()
    expect(desk.get_by_text("Không nhận tệp chương trình.")).to_be_visible()
    expect(desk.get_by_text("vượt quá 1,9 MB")).to_be_visible()
    expect(desk.get_by_role("button", name="Thử lại")).to_have_count(0)
    desk.get_by_role("button", name="Bỏ tệp anh.txt").click()
    desk.get_by_role("button", name="Hoàn tác").click()
    desk.get_by_role("button", name="Gửi báo cáo").click()
    assert received(desk)["evidence"] == ["9", "id-anh.txt"]


def test_a_file_of_another_type_is_turned_away_by_the_types_of_its_field(desk: Page) -> None:
    """Its chooser hides such files until one asks it for all; what is dragged in does not pass it."""
    desk.goto("/step")
    good, other = ({"name": name, "mimeType": "", "buffer": b"x"} for name in ("anh.JPEG", "nen.zip"))
    desk.get_by_label("Bản chụp").set_input_files(other)
    expect(desk.get_by_text("Ở đây chỉ nhận JPG, PDF.")).to_be_visible()
    desk.get_by_label("Bản chụp").set_input_files(good)
    expect(desk.get_by_text("đã tải lên")).to_be_visible()
    desk.get_by_role("button", name="Gửi báo cáo").click()
    assert received(desk)["scan"] == ["id-anh.JPEG"]


def test_an_uploaded_file_comes_back_with_the_draft(desk: Page, workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "anh.txt").write_text("minh chứng")
    workshop.refusing = 503
    desk.goto("/step")
    desk.get_by_label("Minh chứng").set_input_files(tmp_path / "anh.txt")
    expect(desk.get_by_text("Máy chủ chưa nhận được. Đã giữ trên máy này")).to_be_visible()
    desk.reload()
    desk.get_by_role("button", name="Lấy lại nội dung đó").click()
    expect(desk.get_by_text("Tệp đã tải lên trước đó")).to_be_visible()
    expect(desk.get_by_text("không còn trong biểu mẫu")).to_have_count(0)
    workshop.refusing = None
    desk.get_by_role("button", name="Gửi báo cáo").click()
    assert received(desk)["evidence"] == ["9", "id-anh.txt"]
