"""Forms that two administrators have open at once: what one saved is not undone by the other's older page."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import request
from marshmallow import ValidationError

from webapp.incoming import typed
from webapp.organisation.attempts import WHOLE_FORM

SEEN = "seen"
"""The field that keeps what a form was opened with."""


def opened_with(now: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form that is opened, or shown anew, with what it is to send back of them."""
    return {**now, SEEN: orjson.dumps(now).decode()}


def require_unchanged(now: Mapping[str, Any], labels: Mapping[str, str]) -> None:
    """Raises ValidationError that names what somebody saved since the form was opened."""
    seen, sent = _seen(), orjson.loads(typed(orjson.dumps(now).decode()))
    if changed := [labels[name] for name in now if seen and seen.get(name) != sent[name]]:
        raise ValidationError(
            f"Từ lúc bạn mở trang, người khác đã sửa: {', '.join(changed)}. Ô bạn chưa sửa nay hiện nội dung mới, "
            "ô bạn đã sửa vẫn giữ. Xem lại rồi bấm Lưu.",
            WHOLE_FORM,
        )


def as_typed(now: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """A refused form's values: as they were typed, or as they are now where nothing was; `others` are no texts."""
    seen = _seen()
    texts = {name: request.form.get(name, "").replace("\r\n", "\n") for name in now}
    return opened_with(now) | {name: value for name, value in (texts | others).items() if value != seen.get(name)}


def _seen() -> Mapping[str, Any]:
    try:
        seen = orjson.loads(request.form.get(SEEN, ""))
    except orjson.JSONDecodeError:
        return {}
    return seen if isinstance(seen, dict) else {}
