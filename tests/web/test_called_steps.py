"""The steps of a called process are in the inbox, on the page and on the diagram of the case that calls it."""

import re

import pytest
import sqlalchemy as sa

from engine.command import Actor
from engine.commands.deployments import DeployDefinition
from engine.commands.instances import StartInstance
from engine.models import ProcessInstance
from tests.engine.drawings import FORM
from tests.engine.spiff.drawings import bpmn, call, end, start, user
from tests.web.wards import Ward

OPINION = bpmn(start(), user("answer", form="note", assignee="head@focal", due="working_days(1)"), end(),
               flows="s>answer\nanswer>e", process_id="opinion")  # fmt: skip
ASKING = bpmn(start(), call("unit", "opinion"), end(), flows="s>unit\nunit>e", process_id="asking")


@pytest.fixture
def case(ward: Ward) -> str:
    system = Actor.system(ward.demo.tenant_id)
    for source in (OPINION, ASKING):
        ward.runtime.execute(DeployDefinition(source=source, forms={"note": FORM}, reason="thử"), actor=system)
    command = StartInstance(
        key="asking", business_key="asking-1", title="Hỏi ý kiến đơn vị",
        parties={"lead": str(ward.unit("khdt")), "focal": str(ward.unit("khdt"))},
    )  # fmt: skip
    return str(ward.runtime.execute(command, actor=system))


def test_a_called_step_is_done_from_the_inbox(ward: Ward, case: str) -> None:
    officer = ward.signed_in("khdt.truong")
    inbox = officer.get("/hop-viec?ds=cho-nhan")
    assert "Hỏi ý kiến đơn vị" in inbox.text
    page = officer.get(f"/ho-so/{case}")
    assert page.status_code == 200
    assert "answer" in page.text
    (address,) = set(re.findall(r'href="(/viec/[0-9a-f-]+)[?"]', inbox.text))
    assert officer.get(address).status_code == 200
    officer.post(address, {"text": "Đồng ý.", "decision": "send"})
    assert ward.rows(sa.select(ProcessInstance.state).where(ProcessInstance.key == "asking")) == [("completed",)]


def test_a_drawing_that_calls_can_be_rehearsed(ward: Ward, case: str) -> None:
    page = ward.signed_in("quantri").get("/quy-trinh/asking/dien-tap/moi")
    assert page.status_code == 200
    assert 'name="party-focal"' in page.text
