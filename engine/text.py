"""Vietnamese text for searching."""

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f]+")
"""What Unicode sets apart from its letter: the accents and tones of Vietnamese."""


def fold(text: str) -> str:
    """Lower case without diacritics: "Đôn đốc" → "don doc"; what is searched and what is typed are both folded."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join(_MARKS.sub("", decomposed).split())


def words_in(text: str) -> list[str]:
    """The words of a text, folded: "45/KH-UBND" has three."""
    return re.findall(r"[^\W_]+", fold(text))


def searchable(text: str) -> str:
    """The same as one text with a space before each word, so that a search finds how words begin."""
    return " ".join(["", *words_in(text)])


def sentence(text: str) -> str:
    """A text closed by one full stop, whatever it ended with: "hỗ trợ doanh nghiệp;" → "hỗ trợ doanh nghiệp."."""
    text = text.rstrip()
    return text if text.endswith(("…", "...")) else f"{text.rstrip(' .;,:')}."


def spelled(name: str) -> str:
    """A name by its letters alone: "Phòng VH–XH" is "phòng vh - xh", while "Đông" and "Đồng" stay two."""
    return "".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", name).lower()))
