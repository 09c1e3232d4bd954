"""`quytrinh mail test`: whether mails go out, and what the mail server says if not."""

from email.message import EmailMessage

from engine.clock import wall_clock
from engine.errors import Rejected
from engine.ids import uuid7
from webapp.notifications.mail import MailServerError, headed, send
from webapp.organisation.contacts import InvalidContact, normalise_email
from webapp.settings import Settings

NOT_SET = "SMTP_URL chưa đặt nên chương trình không gửi thư. Ghi địa chỉ máy chủ thư vào SMTP_URL rồi chạy lại."
SUBJECT = "Thư thử của phần mềm quy trình"
TEXT = """Thư này được gửi bằng lệnh “quytrinh mail test” để thử máy chủ thư. Không cần trả lời.

Địa chỉ của phần mềm: {base_url}
"""


def send_trial(address: str, settings: Settings) -> str:
    """Send one mail; return what to say of it. Raises Rejected, with what the server answered."""
    if settings.smtp_url is None:
        raise Rejected(NOT_SET)
    try:
        send(_compose(normalise_email(address), settings), settings.smtp_url)
    except InvalidContact as wrong:
        raise Rejected(str(wrong)) from wrong
    except MailServerError as refusal:
        raise Rejected(f"Chưa gửi được: {refusal}.") from refusal
    return f"Máy chủ thư đã nhận thư gửi {address}. Nếu không thấy thư, hãy xem cả hộp thư rác."


def _compose(to: str, settings: Settings) -> EmailMessage:
    message = headed(SUBJECT, to, uuid7(), wall_clock(), settings)
    message.set_content(TEXT.format(base_url=settings.base_url))
    return message
