"""The patterns that a form may ask its answers to fit: a small part of regular expressions that cannot run long.

A row of characters and classes, each with a quantifier; no groups, no alternatives, no look-around. With at most three
variable quantifiers on at most 200 characters the worst search is some hundred thousand steps.
"""

import re

MAX_ANSWER = 200
MAX_PATTERN = 200
MAX_VARIABLE = 3

_ITEM = re.compile(
    r"(\[\^?(?:\\[dws\]\\^-]|[^\\\[\]])+\]"  # a class: [A-Z0-9]
    r"|\\[dws.+*?/()\[\]{}|^$\\-]"  # an escape: \d, \.
    r"|[^\\\[\](){}|*+?^$])"  # a character
    r"([*+?]|\{\d{1,3}(?:,\d{0,3})?\})?"  # its quantifier
)
_SET_OPERATION = re.compile(r"--|&&|\|\||~~")  # Python warns that these may come to mean more.


def fault_of(pattern: str) -> str:
    """Why the pattern is refused, in Vietnamese; empty when it is good."""
    if len(pattern) > MAX_PATTERN:
        return f"mẫu dài quá {MAX_PATTERN} ký tự"
    variable = _variable_quantifiers(pattern.removeprefix("^").removesuffix("$"))
    if variable is None or _SET_OPERATION.search(pattern):
        return "mẫu chỉ được gồm ký tự, nhóm [ ] và số lần lặp, không có ngoặc ( ) hay dấu |"
    if variable > MAX_VARIABLE:
        return f"mẫu có quá {MAX_VARIABLE} chỗ lặp không cố định"
    try:
        re.compile(pattern)
    except re.error:
        return "mẫu không đúng cú pháp"
    return ""


def fits(pattern: str, answer: str) -> bool:
    """Whether the whole answer fits a pattern that has no fault."""
    return len(answer) <= MAX_ANSWER and re.fullmatch(pattern, answer) is not None


def _variable_quantifiers(pattern: str) -> int | None:
    """How many items repeat a varying number of times; None when the pattern holds anything else than items."""
    position = count = 0
    while position < len(pattern):
        match = _ITEM.match(pattern, position)
        if match is None:
            return None
        quantifier = match[2] or ""
        count += quantifier[:1] in ("*", "+", "?") if quantifier[:1] != "{" else "," in quantifier
        position = match.end()
    return count


def is_email(text: str) -> bool:
    """Whether it can be an address: one @, and a dot in what follows it."""
    name, at, host = text.partition("@")
    return bool(name and at and "." in host.strip(".")) and "@" not in host and not any(c.isspace() for c in text)


def is_phone(text: str) -> bool:
    """Whether it can be a telephone number of Việt Nam, spaces and dots aside."""
    digits = text.translate(str.maketrans("", "", " .-()"))
    national = "0" + digits.removeprefix("+84") if digits.startswith("+84") else digits
    return national.isascii() and national.isdigit() and national.startswith("0") and 9 <= len(national) <= 11
