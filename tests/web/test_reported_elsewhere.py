"""Lồng ghép: a result that serves the rows of several plans is offered where the next of them is reported on."""

import re

from tests.web.cycle_wards import CycleWard, Row, issue_anew
from tests.web.wards import Ward, text_of

SAID = "Đã lập 1.200 hồ sơ sức khỏe điện tử"


def beside_the_form(ward: CycleWard, username: str, ordinal: str) -> str:
    """What the page of a step asks for once it is there, with nothing typed."""
    visitor, address = ward.signed_in(username), f"/viec/{ward.step('execute', ward.case(ordinal))}"
    asked = re.findall(r'hx-post="([^"]+)" hx-trigger="load,', visitor.get(address).text)
    assert asked == [f"{address}/ket-qua-khac"]
    return text_of(visitor.post(asked[0], {"result": ""}))


def test_what_was_reported_in_another_plan_is_offered_to_the_like_task_of_the_same_unit(ward: Ward) -> None:
    first = issue_anew(ward, [Row("yte", "Lập hồ sơ sức khỏe điện tử cho người dân")])
    first.report("1", "yte.cv1", result=SAID)
    rows = [Row("yte", "Lập hồ sơ sức khỏe điện tử cho học sinh"), Row("yte", "Phun thuốc muỗi ở các khu dân cư"),
            Row("khdt", "Lập hồ sơ sức khỏe điện tử cho công nhân")]  # fmt: skip
    second = issue_anew(ward, rows)
    offered = {
        ordinal: beside_the_form(second, f"{row.lead}.cv1", ordinal) for ordinal, row in zip("123", rows, strict=True)
    }
    assert "Đã báo cáo ở kế hoạch khác" in offered["1"]
    assert SAID in offered["1"] and "Lập hồ sơ sức khỏe điện tử cho người dân" in offered["1"]
    assert SAID not in offered["2"], "Another task."
    assert SAID not in offered["3"], "Another unit."


def test_what_is_like_the_words_being_typed_is_offered_too(ward: Ward) -> None:
    first = issue_anew(ward, [Row("yte", "Lập hồ sơ sức khỏe điện tử cho người dân")])
    first.report("1", "yte.cv1", result=SAID)
    second = issue_anew(ward, [Row("yte", "Chuyển đổi số ngành y tế phường")])
    visitor, address = second.signed_in("yte.cv1"), f"/viec/{second.step('execute', second.case('1'))}"
    assert SAID not in beside_the_form(second, "yte.cv1", "1")
    assert SAID in text_of(visitor.post(f"{address}/ket-qua-khac", {"result": "đã lập 1.200 hồ sơ"}))
    assert SAID not in text_of(visitor.post(f"{address}/ket-qua-khac", {"result": "đã phun thuốc muỗi ở khu dân cư"}))
    assert second.signed_in("khdt.cv1").post(f"{address}/ket-qua-khac", {"result": "đã lập"}).status_code == 403


def test_what_the_same_plan_has_is_no_other_plans(ward: Ward) -> None:
    made = issue_anew(
        ward, [Row("yte", "Lập hồ sơ sức khỏe điện tử đợt một"), Row("yte", "Lập hồ sơ sức khỏe điện tử đợt hai")]
    )
    made.report("1", "yte.cv1", result=SAID)
    assert SAID not in beside_the_form(made, "yte.cv1", "2")
