"""Passwords and one-time codes: hashed with argon2id, never kept in the clear."""

import secrets
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.text import fold

LEAST_LENGTH = 10
MOST_LENGTH = 200
CODE_DIGITS = 8

# What OWASP's cheat sheet recommends, no more: at eight o'clock a whole ward signs in.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

# Seen most in leaked lists, as far as they are long enough, and what a ward would think of; compared folded.
COMMONEST = frozenset(Path(__file__).with_name("commonest_passwords.txt").read_text(encoding="utf-8").split())

# Without letters and digits that are mistaken for one another when read out or copied by hand.
SPOKEN = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_secret(secret: str) -> str:
    """The argon2id hash to store."""
    return HASHER.hash(secret)


def verify(stored: str | None, secret: str) -> bool:
    """Whether `secret` is the one stored; takes the same work where nothing is stored."""
    try:
        return HASHER.verify(stored or _nobodys_hash(), secret) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


def new_password() -> str:
    """A password to be handed over once: twelve characters in three groups, some 59 bits."""
    return "-".join("".join(secrets.choice(SPOKEN) for _ in range(4)) for _ in range(3))


def new_code() -> str:
    """A one-time code: eight digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def weakness(password: str, username: str) -> str | None:
    """Why a password is refused; None for a good one."""
    if len(password) < LEAST_LENGTH:
        return f"Mật khẩu cần ít nhất {LEAST_LENGTH} ký tự."
    if len(password) > MOST_LENGTH:
        return f"Mật khẩu dài nhất {MOST_LENGTH} ký tự."
    if username and username.lower() in password.lower():
        return "Mật khẩu không được chứa tên đăng nhập."
    if fold(password).replace(" ", "") in COMMONEST or len(set(password)) < 4:
        return "Mật khẩu này quá dễ đoán. Hãy chọn một cụm từ dài hơn mà chỉ bạn biết."
    return None


@cache
def _nobodys_hash() -> str:
    return HASHER.hash(secrets.token_urlsafe())
