"""The demo ward, loaded once into an empty database."""

from collections.abc import Iterator
from contextlib import suppress

import sqlalchemy as sa
from flask import Flask

from engine.runtime import Runtime
from webapp.demo.organisation import PASSWORD, PEOPLE, load_organisation
from webapp.demo.plan import load_plan
from webapp.organisation.models import Committee
from webapp.organisation.whole_ward import WardExists, load_whole
from webapp.procedures.bundles import deploy_shipped
from webapp.runtime import runtime
from webapp.settings import Settings

GOOD_FOR = {
    "vhxh.tonghop": "đầu mối: nhập và giao kế hoạch, kiểm tra báo cáo, mở kỳ, tổng hợp",
    "vhxh.truong": "ký nháy nội dung báo cáo tổng hợp",
    "vhxh.cv1": "chuyên viên của đơn vị đầu mối: đơn vị tự báo cáo",
    "khdt.truong": "trưởng đơn vị: một việc chờ nhận, một việc quá hạn",
    "khdt.cv1": "chuyên viên có việc quá hạn, đang xin gia hạn",
    "hcc.truong": "trưởng đơn vị: xác nhận báo cáo của đơn vị cùng chủ trì",
    "doan.cv1": "chuyên viên có báo cáo bị trả lại để bổ sung",
    "yte.truong": "trưởng đơn vị có báo cáo chờ duyệt",
    "th.vanthu": "văn thư trường học, đăng nhập bằng số điện thoại; việc sắp đến hạn",
    "pct.vhxh": "phó chủ tịch: quyết định việc bị đề nghị giao lại, cho ý kiến, ký thay",
    "chutich": "chủ tịch: duyệt và ký",
    "vanphong": "văn phòng: ký tắt thể thức; cũng là trưởng Văn phòng HĐND và UBND",
    "vanthu": "văn thư: cấp số, phát hành, gửi thành phố",
    "quantri": "quản trị: đơn vị, người dùng, quy trình, đồng hồ diễn tập",
}


def load(app: Flask) -> str:
    """Load the demo ward unless a ward is there already; return what an operator wants to read."""
    with app.app_context():
        rt, settings = runtime(), app.config["SETTINGS"]
        present = _present(rt)
        if present is None:
            with suppress(WardExists):  # Somebody else was quicker.
                load_whole(rt, settings, _fill)
        elif not present[1]:
            return f"Cơ sở dữ liệu đã có {present[0]}; giữ nguyên, không nạp phường mẫu."
        return "\n".join(_words(settings))


def _present(rt: Runtime) -> tuple[str, bool] | None:
    """The ward that is there: its name, and whether it is the demo ward."""
    with rt.reading() as connection:
        row = connection.execute(sa.select(Committee.name, Committee.is_demo).limit(1)).first()
    return (row.name, row.is_demo) if row else None


def _fill(rt: Runtime) -> None:
    with rt.reading() as connection:
        now = rt.now(connection)
    ward = load_organisation(rt, now)
    deploy_shipped(rt, ward.tenant_id)
    load_plan(rt, ward, now)


def _words(settings: Settings) -> Iterator[str]:
    yield f"Địa chỉ: {settings.base_url}"
    yield f"Mật khẩu của mọi tài khoản mẫu: {PASSWORD}"
    yield ""
    for username, use in GOOD_FOR.items():
        person = next(person for person in PEOPLE if person.username == username)
        yield f"  {person.phone or username:<14} {person.name}: {use}"
    others = [person.phone or person.username for person in PEOPLE if person.username not in GOOD_FOR]
    yield f"  Khác: {', '.join(others)}"
