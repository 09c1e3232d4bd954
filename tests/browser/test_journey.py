"""The main job, end to end, as people do it: a plan goes in, its report reaches the city, and the receipt comes back.

Eleven accounts, each in a browser of its own; reminders and escalations come by the movable clock; mail goes to a real
server. A year hence, so that the plan's days lie as they do each year: units before 05/12, the ward before 15/12.
"""

import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.pages.journey import (
    CALENDAR,
    CITY_BY,
    HEALTH,
    PDF,
    PLAN,
    SENSORS,
    START,
    STORE,
    TITLE,
    UNITS_BY,
    YEAR,
    YTE,
    Journey,
)
from tests.browser.pages.officer import Officer
from tests.support.browsers import PHONE, NewPage, leaving
from tests.support.mail import SmtpServer
from tests.support.servers import StartServer

REASON = "Nêu rõ vì sao Trạm Y tế chưa báo cáo."


@pytest.fixture
def journey(
    start_server: StartServer, organisation_url: str, smtp_server: SmtpServer, new_page: NewPage, tmp_path: Path
) -> Journey:
    server = start_server(organisation_url, "--workers", "2", SMTP_URL=smtp_server.url)
    return Journey(server, smtp_server, new_page, tmp_path)


def test_a_plan_goes_in_and_its_report_reaches_the_city(journey: Journey) -> None:
    journey.move_clock(START, "08:00")
    import_plan(journey)
    confirm_and_issue(journey)
    accept(journey)
    open_cycle(journey)
    contribute(journey)
    execute_with_a_file(journey)
    send_unit_report(journey, "I.1", "I.2")
    return_one_and_take_the_other(journey)
    send_again(journey)
    take(journey)
    be_reminded_then_escalated(journey)
    cut_off_with_one_missing(journey)
    consolidate(journey)
    countersign(journey)
    return_by_the_chair(journey)
    consolidate_again(journey)
    countersign(journey)
    approve(journey)
    number_and_send(journey)
    receive(journey)
    all_is_told_and_nothing_broke(journey)


def import_plan(journey: Journey) -> None:
    file = journey.folder / "ke-hoach.txt"
    file.write_text(PLAN, encoding="utf-8")
    focal = journey.focal
    focal.go("Kế hoạch")
    focal.follow("Nhập kế hoạch")
    focal.page.get_by_label("Tệp kế hoạch").set_input_files(file)
    focal.press("Đọc kế hoạch")
    focal.notices("Đã đọc 3 nhiệm vụ trong ke-hoach.txt.")
    for words in (STORE, SENSORS, HEALTH, TITLE):
        focal.sees(words)


def confirm_and_issue(journey: Journey) -> None:
    focal = journey.focal
    focal.follow("Xác nhận kế hoạch")
    focal.fill("Số, ký hiệu", "45/KH-UBND")
    focal.fill("Ngày ban hành", f"15/01/{YEAR}")
    expect(focal.page.get_by_label("Đơn vị gửi báo cáo chậm nhất")).to_have_value(f"{UNITS_BY:%d/%m/%Y}")
    expect(focal.page.get_by_label("Phường gửi thành phố chậm nhất")).to_have_value(f"{CITY_BY:%d/%m/%Y}")
    focal.pick("Đơn vị đầu mối", "Phòng Văn hóa – Xã hội")
    focal.attach("ke-hoach-da-ky.pdf", PDF, "application/pdf")
    focal.press("Xác nhận 3 nhiệm vụ")
    focal.notices("Đã xác nhận kế hoạch.")
    focal.ask("Giao 3 việc")
    focal.agree("Giao việc")
    focal.sees("45/KH-UBND")


def accept(journey: Journey) -> None:
    """Two at once by one head, the other by the health station's."""
    head = journey.person("khdt.truong")
    head.go("Hộp việc")
    head.waits_for(head.page.get_by_role("link", name=f"Nhận việc: {STORE}"))
    for words in (STORE, SENSORS):
        head.page.get_by_role("checkbox", name=f"Chọn: Nhận việc, {words}").check()
    head.press("Xử lý cùng lúc")
    head.choose("Nhận việc")
    for words in (STORE, SENSORS):
        head.pick(f"Giao cho: {words}", "Chuyên viên KT-HT-ĐT 1")
    head.press("Gửi tất cả")
    head.notices("Đã ghi “Nhận việc” cho 2 việc.")
    station = journey.person("yte.truong")
    station.open_step("Nhận việc", HEALTH)
    station.choose("Nhận việc")
    station.pick("Giao cho", "Viên chức Trạm Y tế 1")
    station.press("Xác nhận")
    station.notices("đã ghi “Nhận việc”. Chuyển đến Viên chức Trạm Y tế 1")


def open_cycle(journey: Journey) -> None:
    focal = journey.focal
    focal.go("Kỳ báo cáo")
    focal.follow("Mở kỳ báo cáo")
    focal.pick("Kế hoạch", f"45/KH-UBND · {TITLE}")
    focal.fill("Tên kỳ", f"Năm {YEAR}")
    focal.fill("Năm của các nhiệm vụ", str(YEAR))
    focal.press("Mở kỳ")
    focal.open(focal.waits_for(focal.page.get_by_role("link", name="Mở kỳ", exact=True)))
    expect(focal.page.get_by_label("Kính gửi")).to_have_value("Sở Khoa học và Công nghệ thành phố Hải Phòng")
    focal.choose("Chủ tịch (TM. Ủy ban nhân dân)")
    focal.press("Mở kỳ")
    focal.notices("Đã mở kỳ.")
    focal.waits_for(focal.page.get_by_text("3 nhiệm vụ được hỏi"))


def contribute(journey: Journey) -> None:
    unit = journey.person("hcc.cv1")
    unit.open_step("Gửi kết quả phối hợp", STORE)
    unit.choose("Có kết quả")
    unit.fill("Kết quả phối hợp", "Đã chuyển 1.200 hồ sơ vào kho dữ liệu.")
    unit.press("Gửi kết quả phối hợp")
    unit.notices("Đã gửi")


def execute_with_a_file(journey: Journey) -> None:
    officer = journey.person("khdt.cv1")
    officer.open_step("Thực hiện, báo kết quả", STORE)
    officer.sees("Đã chuyển 1.200 hồ sơ vào kho dữ liệu.")
    officer.press("Gửi báo cáo")
    officer.sees("Chưa chọn tình trạng.")
    report(officer, "Kho dữ liệu đã chạy với 12 bộ dữ liệu.")
    officer.attach("bien-ban-nghiem-thu.pdf", PDF, "application/pdf")
    officer.press("Gửi báo cáo")
    officer.notices("Đã gửi")
    officer.open_step("Thực hiện, báo kết quả", SENSORS)
    report(officer, "Đã lắp 06 điểm đo.")
    officer.press("Gửi báo cáo")
    officer.notices("Đã gửi")


def report(officer: Officer, result: str) -> None:
    officer.choose("Đã hoàn thành")
    officer.fill("Kết quả", result)
    officer.fill("Ngày hoàn thành", f"{START:%d/%m/%Y}")


def send_unit_report(journey: Journey, *rows: str) -> None:
    """One page, one check, one send."""
    head = journey.person("khdt.truong")
    head.go("Báo cáo của đơn vị")
    for row in rows:
        article = head.page.get_by_role("article").filter(has=head.page.get_by_role("link", name=row, exact=True))
        head.waits_for(article.get_by_role("checkbox", name="Chọn nội dung này")).check()
        head.choose("Gửi báo cáo", article)
    head.press("Gửi báo cáo")
    head.notices(f"Đã gửi {len(rows)} nội dung")


def return_one_and_take_the_other(journey: Journey) -> None:
    focal = journey.open_cycle_page()
    focal.follow("Kiểm tra")
    store, sensors = (focal.page.get_by_role("article").filter(has_text=words) for words in (STORE, SENSORS))
    focal.waits_for(sensors.get_by_role("checkbox", name="Chọn nội dung này")).check()
    expect(store).to_contain_text("bien-ban-nghiem-thu.pdf")
    focal.choose("Đạt, đưa vào tổng hợp", sensors)
    store.get_by_role("checkbox", name="Chọn nội dung này").check()
    focal.choose("Trả lại để bổ sung", store)
    focal.press("Ghi nhận")
    focal.sees("Chưa nhập lý do trả lại.")
    focal.fill("Lý do trả lại", "Chưa nêu số hồ sơ đã nhập kho.", store)
    focal.press("Ghi nhận")
    focal.notices("Đã trả lại 1 nội dung: I.1.")


def send_again(journey: Journey) -> None:
    officer = journey.person("khdt.cv1")
    officer.open_step("Thực hiện, báo kết quả", STORE)
    officer.sees("Chưa nêu số hồ sơ đã nhập kho.")
    expect(officer.field("Kết quả")).to_have_value("Kho dữ liệu đã chạy với 12 bộ dữ liệu.")
    officer.fill("Kết quả", "Kho dữ liệu đã chạy với 12 bộ dữ liệu, 1.200 hồ sơ.")
    officer.press("Gửi báo cáo")
    officer.notices("Đã gửi")
    send_unit_report(journey, "I.1")


def take(journey: Journey) -> None:
    focal = journey.open_cycle_page()
    focal.follow("Kiểm tra")
    focal.waits_for(focal.page.get_by_role("checkbox", name="Chọn nội dung này")).check()
    focal.sees("Đã trả lại 1 lần")
    focal.choose("Đạt, đưa vào tổng hợp")
    focal.press("Ghi nhận")
    focal.notices("Đã ghi nhận")


def be_reminded_then_escalated(journey: Journey) -> None:
    """Told in the application at once; what is not read there is mailed with all else of its minute."""
    journey.move_clock(CALENDAR.shift(UNITS_BY, -10), "08:05")
    holder, reminder = journey.person("yte.cv1"), "Còn 10 ngày làm việc: Thực hiện, báo kết quả"
    expect(holder.told(reminder)).to_contain_text(HEALTH)
    journey.move_clock(CALENDAR.shift(UNITS_BY, 1), "08:05")
    journey.mailed("yte.cv1", reminder)
    holder.open(holder.told(reminder))
    expect(holder.page.get_by_role("heading", name="Thực hiện, báo kết quả")).to_be_visible()
    head = journey.person("yte.truong")
    expect(head.told("Quá hạn 1 ngày làm việc: Thực hiện, báo kết quả")).to_contain_text(HEALTH)


def cut_off_with_one_missing(journey: Journey) -> None:
    focal = journey.open_cycle_page()
    expect(focal.page.get_by_role("row", name=YTE)).to_contain_text("Quá hạn")
    focal.press(f"Đôn đốc {YTE}")
    expect(focal.page.get_by_role("row", name=YTE)).to_contain_text("Đã nhắc")
    focal.follow("Chốt tổng hợp")
    focal.fill("Vì sao chốt bây giờ", "Đã quá hạn, cần tổng hợp để kịp trình ký.")
    focal.press("Chốt tổng hợp")
    focal.notices("Đã ghi nhận")
    journey.open_cycle_page()
    focal.open(focal.waits_for(focal.page.get_by_role("link", name="Xác nhận chốt")))
    focal.sees("Còn 1 đơn vị chưa gửi. Vẫn chốt?")
    focal.sees(YTE)
    focal.fill("Lý do chưa có báo cáo", "Trạm đang đối chiếu số liệu với bệnh viện")
    focal.page.get_by_role("checkbox", name="Chốt số liệu với các báo cáo đã có").check()
    focal.press("Chốt số liệu")
    focal.notices("Đã chốt")


def consolidate(journey: Journey) -> None:
    focal = journey.open_cycle_page()
    focal.open(focal.waits_for(focal.page.get_by_role("link", name="Tổng hợp", exact=True)))
    focal.sees("1.200 hồ sơ.")
    focal.sees("Trạm đang đối chiếu số liệu với bệnh viện")
    focal.ask("Dùng tất cả nội dung chưa xét")
    focal.agree("Dùng tất cả")
    focal.notices("Đã đưa 2 nội dung vào báo cáo.")
    focal.follow("Xem văn bản và trình ký")
    focal.sees("Lắp cảm biến ngập")
    focal.fill("Tóm tắt cho người ký", "Hoàn thành 2/3 nhiệm vụ, một đơn vị chưa gửi.")
    focal.press("Trình ký")
    focal.notices("Đã trình ký")


def decide(officer: Officer, cycle: str, decision: str) -> None:
    """From the queue to the document and its decision."""
    officer.go("Duyệt và ký")
    officer.open(officer.waits_for(officer.page.get_by_role("link", name="Mở xem và quyết định")))
    officer.sees(cycle)
    officer.sees("1.200 hồ sơ")
    officer.choose(decision)


def decide_by_keyboard(officer: Officer) -> None:
    """O opens the first document, D agrees, G sends."""
    officer.go("Duyệt và ký")
    officer.waits_for(officer.page.get_by_role("link", name="Mở xem và quyết định"))
    with leaving(officer.page):
        officer.page.keyboard.press("o")
    expect(officer.page.get_by_role("radio", name="Ký nháy")).to_be_visible()
    officer.page.keyboard.press("d")
    expect(officer.page.get_by_role("radio", name="Ký nháy")).to_be_checked()
    with leaving(officer.page):
        officer.page.keyboard.press("g")
    officer.notices("Đã ghi nhận: Ký nháy nội dung")


def countersign(journey: Journey) -> None:
    """The head for the content, the office for the form, the vice chair in charge."""
    decide_by_keyboard(journey.person("vhxh.truong"))
    agreed = (("vanphong", "Ký tắt", "Gửi quyết định"), ("pct.vhxh", "Đồng ý, trình Chủ tịch", "Gửi ý kiến"))
    for username, decision, button in agreed:
        officer = journey.person(username)
        decide(officer, f"Năm {YEAR}", decision)
        officer.press(button)
        officer.notices("Đã ghi nhận")


def return_by_the_chair(journey: Journey) -> None:
    chair = journey.person("chutich")
    decide(chair, f"Năm {YEAR}", "Trả lại")
    for fact in ("Chưa có đủ báo cáo: Trạm Y tế", "Ký nháy nội dung", "Ký tắt thể thức", "Cho ý kiến"):
        chair.sees(fact)
    chair.press("Gửi quyết định")
    chair.sees("Chưa nhập lý do trả lại.")
    chair.pick("Trả về", "Người soạn")
    chair.fill_kept("Lý do trả lại", REASON)
    read_on_the_way(journey)
    chair.press("Gửi quyết định")
    chair.notices("Đã trả lại kèm lý do")


def read_on_the_way(journey: Journey) -> None:
    """What the chair typed at the desk is there on their telephone."""
    phone = Officer(journey.new_page(base_url=journey.server.url, **PHONE), "chutich")
    phone.page.goto("/duyet-ky")
    phone.sees("Bạn đang nhập dở")
    phone.follow("Mở xem và quyết định")
    phone.sees("Bản nháp lưu lúc")
    expect(phone.page.get_by_label("Lý do trả lại")).to_have_value(REASON)


def consolidate_again(journey: Journey) -> None:
    focal = journey.open_cycle_page()
    focal.open(focal.waits_for(focal.page.get_by_role("link", name="Tổng hợp", exact=True)))
    focal.sees(REASON)
    focal.fill("Đánh giá", "Trạm Y tế đang đối chiếu số liệu, sẽ báo cáo bổ sung.")
    focal.press("Lưu lời văn")
    focal.notices("Đã lưu lời văn của báo cáo.")
    focal.follow("Xem văn bản và trình ký")
    focal.sees("sẽ báo cáo bổ sung.")
    focal.fill("Tóm tắt cho người ký", "Đã bổ sung phần đánh giá.")
    focal.press("Trình ký")
    focal.notices("Đã trình ký")


def approve(journey: Journey) -> None:
    """Told of by mail, since the chair did not look."""
    journey.move_clock(CALENDAR.shift(UNITS_BY, 1), "09:00")
    journey.mailed("chutich", "Ký TM. UBND")
    chair = journey.person("chutich")
    decide(chair, f"Năm {YEAR}", "Phê duyệt")
    chair.sees(f"“{REASON}”")
    chair.sees("Phần đánh giá chung")
    chair.press("Gửi quyết định")
    chair.notices("Đã ghi nhận: Ký TM. UBND")
    chair.sees("Không có văn bản nào chờ bạn.")


def number_and_send(journey: Journey) -> None:
    clerk = journey.person("vanthu")
    clerk.go("Phát hành")
    clerk.open(clerk.waits_for(clerk.page.get_by_role("link", name="Cấp số, phát hành")))
    clerk.choose("Cấp số, phát hành")
    clerk.choose("Lấy số tiếp theo trong sổ")
    clerk.fill("Ngày văn bản", f"{CALENDAR.shift(UNITS_BY, 1):%d/%m/%Y}")
    clerk.attach("bao-cao-da-ky.pdf", PDF, "application/pdf")
    clerk.press("Xác nhận")
    clerk.notices("đã ghi “Cấp số, phát hành”")
    clerk.go("Phát hành")
    clerk.open(clerk.waits_for(clerk.page.get_by_role("link", name="Gửi Sở KH&CN")))
    clerk.choose("Đã gửi")
    clerk.pick("Gửi qua", "Hệ thống quản lý văn bản")
    clerk.press("Ghi kết quả gửi")
    clerk.notices("Đã gửi")


def receive(journey: Journey) -> None:
    """The package is there to download; the city's receipt is recorded."""
    clerk = journey.person("vanthu")
    clerk.go("Phát hành")
    package = clerk.waits_for(clerk.page.locator("a[href^='/tep/']"))
    with clerk.page.expect_download() as download:
        package.click()
    names = zipfile.ZipFile(BytesIO(Path(download.value.path()).read_bytes())).namelist()
    assert {name.rpartition(".")[2] for name in names} >= {"pdf", "docx", "xlsx", "json"}
    expect(clerk.page.get_by_role("row", name="01/BC-UBND – ")).to_contain_text("Chưa xác nhận")
    clerk.follow("Ghi nhận đã nhận")
    clerk.fill("Sở nhận ngày", f"{CALENDAR.shift(UNITS_BY, 1):%d/%m/%Y}")
    clerk.fill("Số đến", "118")
    clerk.press("Ghi nhận")
    clerk.notices("Đã ghi nhận")
    clerk.go("Phát hành")
    clerk.waits_for(clerk.page.get_by_role("row", name="01/BC-UBND – ").get_by_text("Đã nhận"))


def all_is_told_and_nothing_broke(journey: Journey) -> None:
    focal = journey.open_cycle_page()
    focal.waits_for(focal.page.get_by_text("Thành phố đã nhận"))
    officer = journey.person("khdt.cv1")
    officer.go("Kế hoạch")
    officer.follow(TITLE)
    officer.sees(STORE)
    journey.move_clock(CITY_BY + timedelta(days=1), "08:00")
    journey.mailed("yte.truong", "Quá hạn 1 ngày làm việc")
    admin = journey.person("quantri")
    admin.go("Sự cố")
    admin.sees("Không có sự cố nào.")
    assert "Nhật ký nguyên vẹn." in journey.server.run("audit", "verify")
    assert "Traceback" not in journey.server.log.read_text()
