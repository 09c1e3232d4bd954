"""The plan of the journey, its days, and the people who carry it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.calendar import Calendar
from tests.browser.pages.officer import Officer
from tests.support.browsers import NewPage
from tests.support.clock import BEGINS
from tests.support.mail import SmtpServer
from tests.support.servers import LiveServer

YEAR = BEGINS.year + 1
CALENDAR = Calendar()
UNITS_BY = CALENDAR.last_working_day_before(date(YEAR, 12, 5))
CITY_BY = CALENDAR.last_working_day_before(date(YEAR, 12, 15))
START = CALENDAR.shift(date(YEAR, 10, 31), 1)
TITLE = f"Phát triển dữ liệu số của phường năm {YEAR}"
STORE, SENSORS, HEALTH = "Xây dựng kho dữ liệu dùng chung", "Lắp cảm biến ngập", "Lập hồ sơ sức khỏe điện tử"
KHDT, HCC, YTE = "Phòng Kinh tế, Hạ tầng và Đô thị", "Trung tâm Phục vụ hành chính công", "Trạm Y tế"
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"

PLAN = f"""ỦY BAN NHÂN DÂN PHƯỜNG HẢI ĐÔNG

Số: /KH-UBND

Hải Đông, ngày tháng năm {YEAR}

KẾ HOẠCH

{TITLE}

I. TỔ CHỨC THỰC HIỆN

Các đơn vị báo cáo kết quả thực hiện về Ủy ban nhân dân phường (qua Phòng Văn hóa – Xã hội) trước ngày 05/12 hằng năm.

Phòng Văn hóa – Xã hội tham mưu báo cáo Ủy ban nhân dân thành phố (qua Sở Khoa học và Công nghệ) trước ngày 15/12 hằng năm.

PHỤ LỤC
NHIỆM VỤ PHÁT TRIỂN DỮ LIỆU SỐ

STT\tNội dung\tĐơn vị chủ trì\tĐơn vị phối hợp\tThời gian triển khai\tSản phẩm
I\tDữ liệu\t\t\t\t
1\t{STORE}\t{KHDT}\t{HCC}\tNăm {YEAR}\tBáo cáo
2\t{SENSORS}\t{KHDT}\t\tNăm {YEAR}\t06 điểm đo
II\tSức khỏe\t\t\t\t
1\t{HEALTH}\t{YTE} phường\t\tNăm {YEAR}\tBáo cáo
"""  # noqa: E501  a line of the plan is a paragraph


@dataclass
class Journey:
    """The ward in a live server, and whoever has signed in so far."""

    server: LiveServer
    mail: SmtpServer
    new_page: NewPage
    folder: Path

    def __post_init__(self) -> None:
        self._people: dict[str, Officer] = {}

    def person(self, username: str) -> Officer:
        """Somebody at their own browser."""
        if username not in self._people:
            self._people[username] = Officer(self.new_page(base_url=self.server.url), username)
        return self._people[username]

    @property
    def focal(self) -> Officer:
        return self.person("vhxh.tonghop")

    def move_clock(self, day: date, clock: str) -> None:
        """An administrator puts the clock ahead."""
        admin = self.person("quantri")
        admin.page.goto("/thong-bao")
        admin.follow("Chỉnh đồng hồ")
        admin.fill("Chỉnh tới ngày", f"{day:%d/%m/%Y}")
        admin.fill("Giờ", clock)
        admin.press("Chỉnh đồng hồ")
        admin.notices(f"Đồng hồ diễn tập đã chỉnh tới {clock} {day:%d/%m/%Y}.")

    def mailed(self, username: str, words: str) -> None:
        """A mail with those words reached somebody."""
        address = f"{username}@haidong.example"
        self.mail.wait_until(
            lambda messages: any(address in mail["To"] and words in mail.get_content() for mail in messages)
        )

    def open_cycle_page(self) -> Officer:
        focal = self.focal
        focal.go("Kỳ báo cáo")
        focal.follow(f"Năm {YEAR}")
        return focal
