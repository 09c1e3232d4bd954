"""Vietnamese text for searching."""

import unicodedata


def fold(text: str) -> str:
    """Lower case without diacritics: "Đôn đốc" → "don doc"; what is searched and what is typed are both folded."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
