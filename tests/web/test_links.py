"""Whoever follows a link of a page comes to a page that they may see."""

import re
from collections import Counter, deque
from urllib.parse import urldefrag, urljoin

import lxml.html
import pytest
from werkzeug.test import TestResponse

from tests.support.proofs import is_thorough
from tests.web.demo_wards import WorkingWard
from tests.web.wards import Visitor

IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\?.*|#.*")
STEP = "/viec/"
"""A step that another has says who, and what one can do."""


def dead_links(visitor: Visitor, most: int) -> list[tuple[str, str, int]]:
    """From where, to where, and the answer; of pages of one kind so many are visited."""
    ahead, seen, kinds = deque([("", "/"), ("", "/ke-hoach"), ("", "/ky-bao-cao")]), set[str](), Counter[str]()
    dead = []
    while ahead:
        origin, address = ahead.popleft()
        if address in seen or (kinds[kind := IDS.sub("*", address)]) == most:
            continue
        seen.add(address)
        kinds[kind] += 1
        with visitor.get(address, follow_redirects=True) as answer:
            if answer.status_code in (403, 404) and origin and not address.startswith(STEP):
                dead.append((origin, address, answer.status_code))
            ahead.extend((address, link) for link in links(answer))
    assert len(seen) > 30
    return dead


def links(answer: TestResponse) -> list[str]:
    """Where a page leads, but for what stands around it on every page."""
    if answer.mimetype != "text/html" or answer.status_code != 200:
        return []
    [main] = lxml.html.fromstring(answer.get_data(as_text=True)).iter("main")
    found = (urldefrag(urljoin(answer.request.path, link.get("href", ""))).url for link in main.iter("a"))
    return [link for link in found if link.startswith("/")]


@pytest.mark.parametrize("username", ["doan.cv1", "vhxh.truong", "hcc.truong"])
def test_no_page_leads_to_one_that_its_reader_may_not_see(
    at_work: WorkingWard, username: str, pytestconfig: pytest.Config
) -> None:
    assert dead_links(at_work.at(username), 40 if is_thorough(pytestconfig) else 12) == []
