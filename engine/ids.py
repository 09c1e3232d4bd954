"""Time-ordered identifiers."""

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = [0, 0]  # The last one's milliseconds and random bits.


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then random bits.

    Those that a process makes within one millisecond go on by random steps (§6.2, method 2): the first stays first.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(9), "big")  # Two bits fewer than there is room for: steps must not use it up.
    with _lock:
        if milliseconds == _last[0]:
            random = _last[1] + 1 + (random >> 36)
        _last[:] = milliseconds, random
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)
