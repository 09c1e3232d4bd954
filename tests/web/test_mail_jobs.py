"""Each notification goes out in one mail; what is sent again, since nobody knew that it had gone, is the same mail."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.commands.incidents import ResolveIncident
from engine.ids import uuid7
from engine.jobs import LONGEST_BACKOFF, MOST_ATTEMPTS, run_due_jobs
from engine.models import Clock, Incident, IncidentState, Job, JobState
from engine.scheduler import settle
from engine.transaction import Transaction
from tests.support.mail import SmtpServer
from tests.support.nursery import Nursery
from tests.support.processes import stop, wait_until
from tests.support.servers import environment_for
from tests.web.wards import Ward
from webapp.app import create_app
from webapp.notifications import telling
from webapp.notifications.models import Notification
from webapp.notifications.telling import MAIL, MAIL_DELAY, Notice
from webapp.settings import Settings

GATHERED = timedelta(minutes=1) + MAIL_DELAY
"""How long after it was told something has gone out at the latest."""
LONG = timedelta(days=1)
"""How long the lease of a worker lasts that was killed, however slow this machine is."""
OFFICER = "khdt.cv1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellOfficer(Command):
    """Tell one person of something."""

    permission = EnginePermission.SYSTEM

    person_id: UUID
    what: str


@handles(TellOfficer)
def tell_officer(command: TellOfficer, tx: Transaction) -> None:
    notice = Notice(
        kind="test", about=f"{uuid7()}", title=command.what, body="Nội dung", path="/hop-viec", instance_id=None
    )
    telling.tell(tx, [command.person_id], notice)


@pytest.fixture
def environment(ward: Ward, smtp_server: SmtpServer) -> dict[str, str]:
    settings = ward.app.config["SETTINGS"]
    return environment_for(settings.database_url, settings.data_dir, SMTP_URL=smtp_server.url)


@pytest.fixture
def mailing(ward: Ward, environment: dict[str, str], smtp_server: SmtpServer) -> Iterator[Ward]:
    """The ward, with a mail server; that somebody stands in for another has been told."""
    app = create_app(Settings.from_environment(environment))
    made = Ward(app, ward.demo)
    wait(made)
    work(made)
    smtp_server.messages.clear()
    yield made
    app.extensions["quytrinh"].close()


@pytest.fixture
def killed(
    mailing: Ward, environment: dict[str, str], smtp_server: SmtpServer, nursery: Nursery, tmp_path: Path
) -> Callable[[], None]:
    """Lets a real worker send what is due, and kills it while the server has the mail and has not answered."""

    def send_and_die() -> None:
        before, log = len(smtp_server.messages), tmp_path / "worker.log"
        smtp_server.may_answer.clear()
        worker = nursery.start(["worker"], log, environment)
        wait_until(lambda: len(smtp_server.messages) > before, worker, log)
        stop(worker, signal.SIGKILL)
        smtp_server.may_answer.set()
        change(mailing, sa.update(Job).where(Job.lease_owner.is_not(None)).values(run_at=mailing.now() + LONG))

    return send_and_die


def change(ward: Ward, statement: Any) -> None:
    with ward.runtime.writing() as connection:
        connection.execute(statement)


def tell(ward: Ward, what: str) -> None:
    """At another minute than what was told before."""
    ward.move_clock(ward.now() + timedelta(minutes=1))
    ward.execute(TellOfficer(person_id=ward.person(OFFICER), what=what))


def wait(ward: Ward, how_long: timedelta = GATHERED) -> None:
    ward.move_clock(ward.now() + how_long)


def work(ward: Ward, limit: int | None = None) -> None:
    """As a scheduler does what is due."""
    with ward.app.app_context():
        if limit is None:
            settle(ward.runtime)
        else:
            run_due_jobs(ward.runtime, "another", limit)


def told(server: SmtpServer) -> list[str]:
    """What each mail to the officer tells of."""
    mine = [message for message in server.messages if message["To"] == f"{OFFICER}@haidong.example"]
    return [" ".join(name for name in ("Tin A", "Tin B") if name in message.get_content()) for message in mine]


def mail_jobs(ward: Ward) -> list[JobState]:
    """Of those that mail the officer."""
    mine = Job.kind == MAIL, Job.payload.contains(str(ward.person(OFFICER)))
    return [state for (state,) in ward.rows(sa.select(Job.state).where(*mine).order_by(Job.id))]


def open_incidents(ward: Ward) -> list[Any]:
    return ward.rows(sa.select(Incident.id, Incident.message).where(Incident.state == IncidentState.OPEN))


def nothing_is_left(ward: Ward) -> bool:
    left = Notification.mailed_at.is_(None) | Notification.mail_job_id.is_not(None)
    return ward.rows(sa.select(Notification.id).where(Notification.recipient_id == ward.person(OFFICER), left)) == []


@pytest.mark.both_databases
def test_two_workers_send_one_person_each_thing_once(mailing: Ward, smtp_server: SmtpServer) -> None:
    tell(mailing, "Tin A")
    tell(mailing, "Tin B")
    wait(mailing)
    smtp_server.may_answer.clear()
    with ThreadPoolExecutor(1) as pool:
        one = pool.submit(work, mailing, 1)
        smtp_server.wait_for(1)
        work(mailing, 1)  # The other job, while the first mail is on its way.
        smtp_server.may_answer.set()
        one.result()
    assert told(smtp_server) == ["Tin A Tin B"]
    assert mail_jobs(mailing) == [JobState.DONE] * 2
    assert nothing_is_left(mailing)


@pytest.mark.both_databases
def test_a_mail_that_was_cut_off_is_sent_again_as_it_was(
    mailing: Ward, smtp_server: SmtpServer, killed: Callable[[], None]
) -> None:
    """Whatever was told, or read, while its worker's lease went on: that has a mail of its own."""
    tell(mailing, "Tin A")
    wait(mailing)
    killed()
    tell(mailing, "Tin B")
    mailing.signed_in(OFFICER).post("/thong-bao/da-doc")
    tell(mailing, "Tin B")
    wait(mailing)
    work(mailing)
    assert told(smtp_server) == ["Tin A", "Tin B"]
    wait(mailing, LONG)
    work(mailing)
    first, _, again = smtp_server.messages
    assert told(smtp_server) == ["Tin A", "Tin B", "Tin A"]
    assert again.as_bytes() == first.as_bytes()
    assert mail_jobs(mailing) == [JobState.DONE] * 3


def test_a_repetition_that_fails_is_still_one(
    mailing: Ward, smtp_server: SmtpServer, killed: Callable[[], None]
) -> None:
    """That this time the server surely has not got it says nothing of the time before."""
    tell(mailing, "Tin A")
    wait(mailing)
    killed()
    smtp_server.refuses_with = "451 Later"
    wait(mailing, LONG)
    work(mailing)
    smtp_server.refuses_with = None
    tell(mailing, "Tin B")
    wait(mailing, LONGEST_BACKOFF)
    work(mailing)
    assert sorted(told(smtp_server)) == ["Tin A", "Tin A", "Tin B"]
    assert len({message["Message-ID"] for message in smtp_server.messages}) == 2


def test_what_gathers_while_the_mail_server_fails_comes_in_one_mail(mailing: Ward, smtp_server: SmtpServer) -> None:
    smtp_server.refuses_with = "451 Later"
    for what in ("Tin A", "Tin B"):
        tell(mailing, what)
        wait(mailing)
        work(mailing)
    smtp_server.refuses_with = None
    wait(mailing, LONGEST_BACKOFF)
    work(mailing)
    assert told(smtp_server) == ["Tin A Tin B"]
    assert mail_jobs(mailing) == [JobState.DONE] * 2


def given_up(mailing: Ward, killed: Callable[[], None]) -> Any:
    """The incident of a mail over which every worker died."""
    tell(mailing, "Tin A")
    wait(mailing)
    killed()
    change(mailing, sa.update(Job).where(Job.kind == MAIL).values(attempts=MOST_ATTEMPTS))
    wait(mailing, LONG)
    work(mailing)
    [incident] = open_incidents(mailing)
    return incident


@pytest.mark.parametrize("settled", ["not", "closed", "tried again"])
def test_what_a_given_up_mail_told_of_is_in_the_next_one(
    mailing: Ward, smtp_server: SmtpServer, killed: Callable[[], None], settled: str
) -> None:
    """Also where every worker died over it; trying that mail again then has nothing left to send."""
    incident = given_up(mailing, killed)
    assert (told(smtp_server), mail_jobs(mailing)) == (["Tin A"], [JobState.FAILED])
    if settled == "closed":
        mailing.execute(ResolveIncident(incident_id=incident.id, retry=False, reason="Không cần gửi nữa"))
    tell(mailing, "Tin B")
    wait(mailing)
    work(mailing)
    assert told(smtp_server) == ["Tin A", "Tin A Tin B"]
    if settled == "tried again":
        mailing.execute(ResolveIncident(incident_id=incident.id, retry=True, reason=""))
        work(mailing)
        assert mail_jobs(mailing) == [JobState.DONE] * 2
    assert len(told(smtp_server)) == 2
    assert nothing_is_left(mailing)


def test_trying_again_what_was_given_up_sends_the_same_mail(
    mailing: Ward, smtp_server: SmtpServer, killed: Callable[[], None]
) -> None:
    incident = given_up(mailing, killed)
    mailing.execute(ResolveIncident(incident_id=incident.id, retry=True, reason=""))
    work(mailing)
    first, again = smtp_server.messages
    assert again.as_bytes() == first.as_bytes()


def test_what_is_told_in_a_minute_that_comes_again_is_mailed(mailing: Ward, smtp_server: SmtpServer) -> None:
    tell(mailing, "Tin A")
    wait(mailing)
    work(mailing)
    [told_at] = mailing.rows(sa.select(sa.func.max(Notification.created_at)))
    back = mailing.now() - told_at[0]
    seconds = Clock.ahead_seconds - int(back.total_seconds())
    change(mailing, sa.update(Clock).values(ahead_seconds=seconds))
    mailing.execute(TellOfficer(person_id=mailing.person(OFFICER), what="Tin B"))
    assert mail_jobs(mailing) == [JobState.DONE, JobState.READY]
    wait(mailing)
    work(mailing)
    assert told(smtp_server) == ["Tin A", "Tin B"]


def test_whoever_gets_an_address_is_mailed_what_is_new(mailing: Ward, smtp_server: SmtpServer) -> None:
    """A job that found nobody to mail holds nothing back."""
    person = sa.text("UPDATE people SET email = :email WHERE username = :name")
    change(mailing, person.bindparams(email=None, name=OFFICER))
    tell(mailing, "Tin A")
    wait(mailing)
    work(mailing)
    change(mailing, person.bindparams(email=f"{OFFICER}@haidong.example", name=OFFICER))
    tell(mailing, "Tin B")
    wait(mailing)
    work(mailing)
    assert told(smtp_server) == ["Tin A Tin B"]
