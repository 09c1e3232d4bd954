"""Signing in, codes, one's own account."""

from webapp.accounts import codes, own_account, signing_in
from webapp.accounts.blueprint import bp

__all__ = ["bp", "codes", "own_account", "signing_in"]
