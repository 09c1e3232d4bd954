"""Vietnamese text as extraction leaves it: markup removed, spaces tidied, letters folded for comparison."""

from __future__ import annotations

import html
import re
import unicodedata

_BLOCK_TAG = re.compile(r"</?(?:p|ul|ol|li|br|div|td|tr|th|table|tbody|thead|h[1-6])\b[^<>]{0,300}>", re.IGNORECASE)
_NEXT_ITEM = re.compile(r"</(li|p)>\s{0,9}<\1\b[^<>]{0,300}>", re.IGNORECASE)
_INLINE_TAG = re.compile(r"</?(?:b|i|u|strong|em|span|sup|sub|font)\b[^<>]{0,300}>", re.IGNORECASE)
_NOTE_MARKS = re.compile(r"(?<=[0-9%])[⁰¹²³⁴-⁹]+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|amp|lt|gt|quot|nbsp|apos);", re.IGNORECASE)
_BOLD = re.compile(r"\*{2,3}")
_ITALIC = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]{1,2000})(?<=[^\s*])\*(?![\w*])")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff\ufffe]")
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[ \n]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def clean(text: str) -> str:
    """The words of a piece of text without markup, in composed letters, with single spaces; line breaks stay."""
    if not text:
        return ""
    text = _INLINE_TAG.sub("", _BLOCK_TAG.sub(" ", _NEXT_ITEM.sub("\n", text))) if "<" in text else text
    text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    text = _ITALIC.sub(r"\1", _BOLD.sub("", text))
    return tidy(unicodedata.normalize("NFC", text))


def without_marks(text: str) -> str:
    """Without the small digits of footnotes behind numbers: "1.000¹² hồ sơ" are a thousand; a "m²" stays."""
    return _NOTE_MARKS.sub("", text)


def tidy(text: str) -> str:
    """Single spaces, no blank lines, nothing invisible."""
    text = _INVISIBLE.sub("", _CONTROL.sub(" ", text))
    return _BREAKS.sub("\n", _SPACES.sub(" ", text)).strip()


def one_line(text: str) -> str:
    return text.replace("\n", " ")


def fold(text: str) -> str:
    """Lower-case letters without diacritics and single spaces, so that wordings compare despite faults of reading."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", plain).strip()


def starts_afresh(text: str) -> bool:
    """Whether text opens as a cell does, with a capital, a digit, a quotation or a dash, not in mid-sentence."""
    first = text[:1]
    return first.isupper() or first.isdigit() or first in "“\"'-–+*•("


def is_shouted(text: str) -> bool:
    """Whether text is a title in capitals: three words or more, and not only an abbreviation."""
    letters = [char for char in text if char.isalpha()]
    return len(letters) >= 12 and len(text.split()) >= 3 and all(not char.islower() for char in letters)


def shorten(text: str, length: int = 80) -> str:
    flat = one_line(text)
    return flat if len(flat) <= length else flat[: length - 1].rstrip() + "…"
