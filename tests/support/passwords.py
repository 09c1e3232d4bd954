"""Passwords that cost next to nothing to check, where a test signs in within its own process.

Servers that tests start are not touched; what a hash costs in the product is asked of `REAL`.
"""

from argon2 import PasswordHasher

from webapp.accounts import passwords

REAL = passwords.HASHER


def pytest_configure() -> None:
    """Before the first password is hashed."""
    passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
