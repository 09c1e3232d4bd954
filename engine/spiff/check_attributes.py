"""Attributes by which BPMN makes a shape behave in a way that does not run here.

They are easily overlooked in a drawing, and everything around them would run: so they are refused by name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.spiff.findings import Finding, error
from engine.spiff.naming import Naming


@dataclass(frozen=True, slots=True)
class _Attribute:
    name: str
    ordinary: tuple[str, ...]  # values that say what happens without the attribute
    code: str
    mend: str


NO = ("false", "0")
OF_SHAPES = (
    _Attribute("startQuantity", ("1",), "quantity", "chờ nhiều lượt mới bắt đầu: gom các nhánh bằng cổng song song"),
    _Attribute("completionQuantity", ("1",), "quantity", "đi ra thành nhiều lượt: tách nhánh bằng cổng song song"),
    _Attribute("isForCompensation", NO, "compensation", "là bước bù trừ, chưa dùng được: vẽ thành một nhánh thường"),
    _Attribute("instantiate", NO, "instantiate", "tự bắt đầu quy trình: vẽ một sự kiện bắt đầu nhận thông điệp"),
    _Attribute(
        "eventGatewayType", ("Exclusive",), "parallel-events",
        "chờ đủ mọi sự kiện: dùng cổng song song dẫn đến các sự kiện ấy",
    ),
)  # fmt: skip
OF_REPEATS = (
    _Attribute(
        "behavior", ("All",), "loop-behavior", "báo sự kiện sau mỗi lượt, chưa dùng được: bỏ thuộc tính behavior"
    ),
)


def attribute_findings(element: Any, repeats: Any, naming: Naming) -> Iterator[Finding]:
    """What a shape, or the mark that it is done for several, says and we could not do."""
    for carrier, attributes in ((element, OF_SHAPES), (repeats, OF_REPEATS)):
        for attribute in attributes if carrier is not None else ():
            if carrier.get(attribute.name, attribute.ordinary[0]).strip() not in attribute.ordinary:
                yield error(attribute.code, element.get("id"), f"{naming.phrase(element.get('id'))} {attribute.mend}.")
