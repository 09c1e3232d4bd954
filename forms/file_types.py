"""Which files a field takes: what its form says as the accept attribute of a file input, read once and in words."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from forms.fields import Attachment

_ALIKE = {".jpeg": ".jpg"}
"""One kind under two names; which of them a telephone gives its pictures nobody chooses."""
_WORDS = {"image": "ảnh", "video": "video", "audio": "ghi âm"}


@lru_cache(maxsize=256)
def types_in(accept: str) -> tuple[str, ...]:
    """ ".pdf, DOCX,image/*" as (".pdf", ".docx", "image/*"); none where every file is taken."""
    parts = accept.lower().replace(",", " ").split()
    if not {"*", "*/*"}.isdisjoint(parts):
        return ()
    return tuple(dict.fromkeys(part if "/" in part or part[0] == "." else f".{part}" for part in parts))


def in_words(accept: str) -> str:
    """ "PDF, DOCX, ảnh"; empty where every file is taken."""
    return ", ".join(dict.fromkeys(_word(one) for one in types_in(accept)))


def _word(one: str) -> str:
    kind, _, subtype = one.partition("/")
    if not subtype:
        return _ALIKE.get(one, one)[1:].upper()
    return _WORDS.get(kind, kind) if subtype == "*" else subtype.upper()


def takes(accept: str, file: Attachment) -> bool:
    """Whether a field that accepts these types takes the file."""
    types = types_in(accept)
    suffix = PurePosixPath(file.name).suffix.lower()
    return not types or _named(types, suffix) or any("/" in one and _is(file.media_type, one) for one in types)


def _named(types: Sequence[str], suffix: str) -> bool:
    return suffix in types or _ALIKE.get(suffix, suffix) in (_ALIKE.get(one, one) for one in types)


def _is(media_type: str, one: str) -> bool:
    return media_type.startswith(one[:-1]) if one.endswith("/*") else media_type == one


def takes_pictures(accept: str) -> bool:
    """Whether what a telephone's camera gives would be taken."""
    return takes(accept, Attachment("", "anh.jpg", 0, "image/jpeg"))
