"""How long somebody who keeps failing to sign in must wait."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from uuid import UUID

FORGOTTEN_AFTER = timedelta(hours=1)
"""Failures count no more when the last one is this long ago."""
SHORTEST = timedelta(seconds=30)
LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Keys:
    """What failures are counted under."""

    account: str
    address: str

    @property
    def tolerances(self) -> dict[str, int]:
        """Failures until waiting begins. A whole ward may sit behind one address, so that has more of them."""
        return {self.account: 5, self.address: 25}


def keys_of(identifier: str, address: str | None, ward: UUID | None = None) -> Keys:
    """The keys of an attempt.

    An account is counted by what was typed and chosen, whether there is such an account or not: nobody can tell from
    the waiting.
    What was typed is hashed, as people type their password into the wrong field.
    """
    typed = hashlib.sha256(f"{ward or ''}{identifier}".encode()).hexdigest()[:32]
    return Keys(account=f"account:{typed}", address=f"address:{network_of(address)}")


def network_of(address: str | None) -> str:
    """The address, or for IPv6 its /64: one household has as many addresses as it likes.

    A listener for both kinds writes those of IPv4 as ::ffff:10.1.2.3, which would all be of one network.
    """
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return "unknown"
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or f"{IPv6Address(int(parsed) >> 64 << 64)}/64")


def waiting_after(failures: int, tolerance: int) -> timedelta:
    """How long to wait after so many failures: doubling from half a minute to a quarter of an hour."""
    beyond = failures - tolerance
    return timedelta() if beyond < 0 else min(SHORTEST * 2 ** min(beyond, 10), LONGEST)


def in_words(waiting: timedelta) -> str:
    """ "40 giây", "3 phút", never less than it is."""
    seconds = max(1, -(-int(waiting.total_seconds() * 1000) // 1000))
    return f"{seconds} giây" if seconds < 60 else f"{-(-seconds // 60)} phút"


def please_wait(blocked_until: datetime, now: datetime) -> str:
    """What somebody who must wait is told."""
    return f"Đã nhập sai nhiều lần. Hãy thử lại sau {in_words(blocked_until - now)}."
