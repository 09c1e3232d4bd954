"""Forms filled in as somebody would who means it: what stands there mostly stays, the rest is likely."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from tests.web.plan_wards import PDF

Data = dict[str, list[Any]]
GOOD = {"approve", "accept", "done", "confirm", "result", "sent", "register"}
"""Choices by which work goes on."""
KEPT = {"name", "username", "hide", "show", "due"}
"""Fields in which a sentence is no answer."""


def sensibly(form: Any, chance: Random, today: date, number: int) -> Data:
    """What a browser would send of it, but for files that its script uploads."""
    data: Data = {}
    choices: Data = {}
    buttons: list[tuple[str, str]] = []
    for field in fields_of(form):
        kind, name = field.get("type", "text") if field.tag == "input" else field.tag, field.get("name")
        if kind == "button":
            buttons.append((name, field.get("value", "")))
        elif kind == "radio":
            choices.setdefault(name, []).append(field)
        else:
            data.setdefault(name, []).extend(_values(field, kind, chance, today, number))
    data |= {name: [_chosen(options, chance)] for name, options in choices.items()}
    if buttons:
        name, value = chance.choice(buttons)
        data[name] = [value]
    return data


def fields_of(form: Any) -> Iterator[Any]:
    """Those that a browser sends, but for the token."""
    for field in form.xpath(".//input|.//select|.//textarea|.//button"):
        in_template = any(one.tag == "template" for one in field.iterancestors())
        if not in_template and field.get("name") not in (None, "csrf_token") and field.get("disabled") is None:
            yield field


def _chosen(options: list[Any], chance: Random) -> str:
    values = [option.get("value", "on") for option in options]
    checked = [option.get("value", "on") for option in options if option.get("checked") is not None]
    good = [value for value in values if value in GOOD]
    return str(chance.choice(checked if checked and chance.random() < 0.4 else good or values))


def _values(field: Any, kind: str, chance: Random, today: date, number: int) -> list[Any]:
    own = (field.text or "").lstrip("\n") if field.tag == "textarea" else field.get("value", "")
    is_spare = bool(field.xpath("ancestor::*[@data-spare]"))
    if kind == "checkbox":
        stays = chance.random() < 0.8
        return [own or "on"] if (field.get("checked") is not None) is stays else []
    if kind == "select":
        return _option(field, is_spare, chance)
    if kind == "file":
        return [(io.BytesIO(PDF), "tep.pdf")]
    is_text = kind in ("text", "textarea", "search")
    if not is_text or is_spare or (own and (field.get("name") in KEPT or chance.random() < 0.85)):
        return [own]
    return [_typed(field, chance, today, number)]


def _option(field: Any, is_spare: bool, chance: Random) -> list[str]:
    options = [(option.get("value", option.text_content()), option.get("selected")) for option in field.iter("option")]
    chosen = [value for value, selected in options if selected is not None]
    if is_spare or not options:
        return [""]
    filled = [value for value, _ in options if value]
    return chosen if any(chosen) and chance.random() < 0.9 else [chance.choice(filled or [""])]


def _typed(field: Any, chance: Random, today: date, number: int) -> str:
    name = field.get("name")
    if field.xpath("ancestor::*[@data-date]"):
        ahead = -chance.randint(0, 4) if name.endswith("_on") else chance.randint(0, 45)
        return f"{today + timedelta(days=ahead):%d/%m/%Y}"
    if field.get("inputmode") in ("numeric", "decimal"):
        return str(chance.randint(1, 90))
    return f"Nội dung số {number} của phường"
