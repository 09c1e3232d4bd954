"""What comes in with a request: texts without what nobody types, numbers and ids that a database can look for."""

import re
import unicodedata
from collections.abc import Iterable
from io import BytesIO
from typing import IO, Any
from uuid import UUID

from flask import Request, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.http import parse_cookie
from werkzeug.utils import cached_property

from engine.errors import Rejected

LARGEST = 2**31 - 1
"""What a database's integer holds."""
# PostgreSQL takes no NUL, and neither Word files nor XML any control character. What shows nothing or turns the reading
# direction round comes with numbers and names that were pasted.
_UNTYPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")


FORM_BYTES = 4 * 1024 * 1024
"""What a form may hold beside its files."""
MOST_FIELDS = 20_000
"""Of a form: a unit's report of five hundred rows has half as many. A million take twenty seconds to be told apart."""


class BoundedForms(FormDataParser):
    """Forms that a page of ours could have sent. Werkzeug bounds only those that come in parts, with files."""

    def _parse_urlencoded(self, stream: IO[bytes], mimetype: str, length: int | None, options: dict[str, str]) -> Any:
        if length is not None and length > FORM_BYTES:
            raise RequestEntityTooLarge
        sent = stream.read()  # Of one that comes in chunks nobody knows the length before.
        if len(sent) > FORM_BYTES or sent.count(b"&") >= MOST_FIELDS:
            raise RequestEntityTooLarge
        return super()._parse_urlencoded(BytesIO(sent), mimetype, length, options)


class CleanRequest(Request):
    """A request whose addresses and forms hold composed letters and nothing that nobody sees.

    macOS sends "ệ" as three signs, others as one: what is compared, searched or hashed has one spelling. A pasted
    control character costs nobody their text.
    """

    form_data_parser_class = BoundedForms

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
