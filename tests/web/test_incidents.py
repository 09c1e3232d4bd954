"""Sự cố over HTTP: told, read, tried again or closed with a reason; alone or many at once."""

import json
import re
from html import unescape
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands.incidents import RaiseIncident, ResolveIncident
from engine.ids import uuid7
from engine.models import Incident, IncidentState, Job, JobState, UserTask
from engine.registry import JOB_NAMES
from engine.scheduler import settle
from tests.web.wards import Visitor, Ward, text_of
from webapp.app import CAPABILITIES

MAIL = "Thư không gửi được sau 8 lần thử"


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    return ward.signed_in("quantri")


def broken_jobs(ward: Ward, count: int = 1, message: str = MAIL) -> list[UUID]:
    """Background jobs that failed for good, as the scheduler leaves them; return their incidents."""
    payload = json.dumps({"person_id": str(ward.person("chutich"))})
    ids = [uuid7() for _ in range(count)]
    with ward.runtime.writing() as connection:
        for job_id in ids:
            connection.execute(
                sa.insert(Job).values(
                    id=job_id, tenant_id=ward.demo.tenant_id, instance_id=None, kind="notifications.mail",
                    key=f"t:{job_id}", payload=payload, state=JobState.FAILED, run_at=ward.now(), attempts=8,
                    created_at=ward.now(),
                )
            )  # fmt: skip
    for job_id in ids:
        ward.execute(RaiseIncident(instance_id=None, element_id=None, job_id=job_id, message=message, detail="refused"))
    return [id for (id,) in ward.rows(sa.select(Incident.id).where(Incident.job_id.in_(ids)))]


def run(ward: Ward) -> None:
    with ward.app.app_context():
        settle(ward.runtime)


def jobs(ward: Ward) -> list[JobState]:
    return sorted(state for (state,) in ward.rows(sa.select(Job.state).where(Job.key.like("t:%"))))


def left(ward: Ward) -> int:
    return len(ward.rows(sa.select(Incident.id).where(Incident.state == IncidentState.OPEN)))


def test_work_in_the_background_has_a_name_for_people(ward: Ward) -> None:
    ours = {kind: name for kind, name in JOB_NAMES.items() if kind.partition(".")[0] in ("engine", *CAPABILITIES)}
    assert {"notifications.mail", "engine.start"} <= ours.keys()
    assert [kind for kind, name in ours.items() if name == kind] == []


def test_nothing_broken_says_so(admin: Visitor) -> None:
    assert "Không có sự cố nào." in text_of(admin.get("/su-co"))
    assert "Chưa xử lý sự cố nào." in text_of(admin.get("/su-co?xong=1"))


def test_that_mails_fail_is_not_told_by_mail(ward: Ward) -> None:
    """Each of those would fail in its turn, and be told to every administrator."""
    to_come = sa.select(Job.id).where(Job.kind == "notifications.mail", Job.state == JobState.READY)
    before = len(ward.rows(to_come))
    broken_jobs(ward, 3)
    assert len(ward.rows(to_come)) == before
    ward.execute(RaiseIncident(instance_id=None, element_id=None, message="Việc khác hỏng", detail=""))
    assert len(ward.rows(to_come)) == before + 1


def test_what_says_the_same_is_told_once_until_it_is_settled(ward: Ward, admin: Visitor) -> None:
    def told() -> int:
        return text_of(admin.get("/thong-bao")).count("Có sự cố cần xử lý")

    incidents = broken_jobs(ward, 3)
    broken_jobs(ward, 1, "Việc khác hỏng")
    assert told() == 2
    admin.post("/su-co/nhieu", {"id": [str(id) for id in incidents], "do": "close", "reason": "Đã báo bằng điện thoại"})
    broken_jobs(ward, 2)
    assert told() == 3


def test_what_is_settled_is_new_to_nobody(ward: Ward, admin: Visitor) -> None:
    first, second = broken_jobs(ward, 2)
    broken_jobs(ward, 1, "Việc khác hỏng")

    def new() -> int:
        return text_of(admin.get("/thong-bao")).count("Có sự cố cần xử lý Mới")

    assert new() == 2
    ward.execute(ResolveIncident(incident_id=first, retry=False, reason="Đã báo"))
    assert new() == 2, "The other one says the same."
    ward.execute(ResolveIncident(incident_id=second, retry=True, reason=""))
    assert new() == 1


def test_enter_in_a_reason_closes_and_does_not_try_again(ward: Ward, admin: Visitor) -> None:
    broken_jobs(ward, 2)
    page = admin.get("/su-co").get_data(as_text=True).partition("<main")[2]
    firsts = [re.search(r"<button[^>]* value=\"(\w+)\"", form) for form in page.split("<form")[1:]]
    assert [first[1] for first in firsts if first] == ["close", "close"], "one for all alike, one for the ticked"


def test_an_incident_is_told_read_and_tried_again(ward: Ward, admin: Visitor) -> None:
    (incident,) = broken_jobs(ward)
    assert "Có sự cố cần xử lý" in text_of(admin.get("/thong-bao"))
    assert f'href="/su-co/{incident}"' in admin.get("/su-co").get_data(as_text=True)
    page = text_of(admin.get(f"/su-co/{incident}"))
    for words in (MAIL, "refused", "Việc nền: gửi thư", "Thư gửi Chủ tịch UBND", "Số lần đã thử 8"):
        assert words in page
    assert "sự cố khác cùng lỗi" not in page
    assert "Thư gửi Chủ tịch UBND" in text_of(admin.get("/su-co"))
    answer = admin.post(f"/su-co/{incident}", {"do": "retry"}, follow_redirects=True)
    assert "Đang thử lại." in text_of(answer)
    assert "Không có sự cố nào." in text_of(answer)
    run(ward)
    assert jobs(ward) == [JobState.DONE]


def test_closing_needs_a_reason_which_is_kept(ward: Ward, admin: Visitor) -> None:
    (incident,) = broken_jobs(ward)
    refused = admin.post(f"/su-co/{incident}", {"do": "close", "reason": " "})
    assert (refused.status_code, "Chưa nhập lý do" in text_of(refused)) == (422, True)
    closed = admin.post(f"/su-co/{incident}", {"do": "close", "reason": "Đã báo qua điện thoại"}, follow_redirects=True)
    assert "Đã đóng sự cố." in text_of(closed)
    settled = text_of(admin.get("/su-co?xong=1"))
    assert "Đã báo qua điện thoại" in settled
    assert "Quản trị viên" in settled
    assert "Đã báo qua điện thoại" in text_of(admin.get(f"/su-co/{incident}"))


def test_an_incident_that_somebody_just_settled_stays_settled(ward: Ward, admin: Visitor) -> None:
    (incident,) = broken_jobs(ward)
    admin.post(f"/su-co/{incident}", {"do": "close", "reason": "Xong"})
    assert admin.post(f"/su-co/{incident}", {"do": "retry"}).status_code == 302
    assert jobs(ward) == [JobState.FAILED]


def test_several_are_tried_again_or_closed_at_once(ward: Ward, admin: Visitor) -> None:
    first, second, third = broken_jobs(ward, 3)
    answer = admin.post("/su-co/nhieu", {"id": [str(first), str(second)], "do": "retry"}, follow_redirects=True)
    assert "Đang thử lại 2 sự cố." in text_of(answer)
    run(ward)
    assert jobs(ward) == [JobState.DONE, JobState.DONE, JobState.FAILED]
    refused = admin.post("/su-co/nhieu", {"id": [str(third)], "do": "close", "reason": ""})
    assert (refused.status_code, "Chưa nhập lý do" in text_of(refused)) == (422, True)
    assert f'value="{third}" data-bulk-item' in refused.get_data(as_text=True)
    assert admin.post("/su-co/nhieu", {"do": "retry"}).status_code == 422
    admin.post("/su-co/nhieu", {"id": [str(third)], "do": "close", "reason": "Bỏ"})
    assert left(ward) == 0


def test_what_has_nothing_to_try_again_stays_open_among_others(ward: Ward, admin: Visitor) -> None:
    """A step that did not go on: its person sends it anew, an administrator closes what is told of it."""
    (mail,) = broken_jobs(ward)
    step = ward.open_step("vhxh")
    [(case,)] = ward.rows(sa.select(UserTask.instance_id).where(UserTask.id == step))
    ward.execute(RaiseIncident(instance_id=case, element_id="write", message="Không tính được hạn.", detail=""))
    [(stuck,)] = ward.rows(sa.select(Incident.id).where(Incident.instance_id == case))
    answer = admin.post("/su-co/nhieu", {"id": [str(mail), str(stuck)], "do": "retry"}, follow_redirects=True)
    assert "Đang thử lại 1 sự cố." in text_of(answer)
    assert "1 sự cố không có gì để thử lại nên vẫn chờ" in text_of(answer)
    assert ward.rows(sa.select(Incident.id).where(Incident.state == IncidentState.OPEN)) == [(stuck,)]


def test_what_was_ticked_on_a_later_page_is_still_ticked_there(ward: Ward, admin: Visitor) -> None:
    broken_jobs(ward, 53)
    first = admin.get("/su-co").get_data(as_text=True)
    after = unescape(first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0])
    page = admin.get(after).get_data(as_text=True)
    [action] = re.findall(r'action="(/su-co/nhieu[^"]*)"', page)
    ticked = re.findall(r'name="id" value="([^"]+)"', page)[1]
    refused = admin.post(unescape(action), {"id": [ticked], "do": "close", "reason": ""})
    assert re.search(f'value="{ticked}"[^>]* checked', refused.get_data(as_text=True))


def test_all_that_say_the_same_are_settled_together(ward: Ward, admin: Visitor) -> None:
    one, *_ = broken_jobs(ward, 12)
    broken_jobs(ward, 1, "Tệp không dựng được")
    page = text_of(admin.get("/su-co"))
    assert "12 sự cố từ" in page
    assert "Còn 11 sự cố khác cùng lỗi" in text_of(admin.get(f"/su-co/{one}"))
    assert admin.post("/su-co/cung-loi", {"message": MAIL, "do": "close"}).status_code == 422
    answer = admin.post("/su-co/cung-loi", {"message": MAIL, "do": "retry"}, follow_redirects=True)
    assert "Đang thử lại tất cả sự cố cùng lỗi." in text_of(answer)
    run(ward)
    assert left(ward) == 1
    assert jobs(ward) == [JobState.DONE] * 12 + [JobState.FAILED]
    assert admin.post("/su-co/cung-loi", {"message": "Khác", "do": "retry"}).status_code == 404


def test_a_long_list_is_paged_without_losing_any(ward: Ward, admin: Visitor) -> None:
    made = {str(id) for id in broken_jobs(ward, 53)}
    first = admin.get("/su-co").get_data(as_text=True)
    after = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    both = first + admin.get(after).get_data(as_text=True)
    assert {id for id in made if f"/su-co/{id}" in both} == made


def test_only_administrators_see_incidents(ward: Ward) -> None:
    (incident,) = broken_jobs(ward)
    for username in ("chutich", "vhxh.tonghop", "khdt.truong"):
        visitor = ward.signed_in(username)
        for path in ("/su-co", f"/su-co/{incident}"):
            assert visitor.get(path).status_code == 403
        for path in (f"/su-co/{incident}", "/su-co/nhieu", "/su-co/cung-loi"):
            assert visitor.post(path, {"do": "retry", "message": MAIL, "id": str(incident)}).status_code == 403
    assert left(ward) == 1
