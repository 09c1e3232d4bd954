"""What comes in with a request: texts without what nobody types, numbers and ids that a database can look for."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Request, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.sansio.http import parse_cookie
from werkzeug.utils import cached_property

from engine.errors import Rejected

LARGEST = 2**31 - 1
"""What a database's integer holds."""
# PostgreSQL takes no NUL, and neither Word files nor XML any control character. What shows nothing or turns the reading
# direction round comes with numbers and names that were pasted.
_UNTYPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")


class CleanRequest(Request):
    """A request whose addresses and forms hold composed letters and nothing that nobody sees.

    macOS sends "ệ" as three signs, others as one: what is compared, searched or hashed has one spelling. A pasted
    control character costs nobody their text.
    """

    @cached_property
    def cookies(self) -> Any:
        return parse_cookie(self.environ.get("HTTP_COOKIE"), cls=self.dict_storage_class)

    @cached_property
    def args(self) -> Any:
        return _cleaned(super().args)

    def _load_form_data(self) -> None:
        if "form" not in self.__dict__:
            super()._load_form_data()
            self.__dict__["form"] = _cleaned(self.__dict__["form"])


def _cleaned(values: Any) -> Any:
    pairs = list(values.items(multi=True))
    cleaned = [(name, typed(value)) for name, value in pairs]
    return values if cleaned == pairs else ImmutableMultiDict(cleaned)


def typed(text: str) -> str:
    """A text as it is kept."""
    return text if text.isascii() and text.isprintable() else unicodedata.normalize("NFC", _UNTYPED.sub("", text))


def number_asked(name: str) -> int | None:
    """A whole number in the request's address; None for anything else, and for one that no database has."""
    return whole_number(request.args.get(name))


def whole_number(text: str | None) -> int | None:
    """What a text says that is nothing but a number which a database has."""
    if not text or not text.isascii() or not text.isdecimal() or len(text) > 10:
        return None
    return int(text) if int(text) <= LARGEST else None


def uuid_in(text: str) -> UUID | None:
    """The id that a text is."""
    try:
        return UUID(text)
    except ValueError:
        return None


def chosen_ids(values: Iterable[str]) -> list[UUID]:
    """The ids that were ticked, each once. Raises Rejected for what is no id."""
    try:
        return list(dict.fromkeys(UUID(value) for value in values))
    except ValueError:
        raise Rejected("Có lựa chọn không còn trong danh sách. Hãy tải lại trang rồi chọn lại.") from None
