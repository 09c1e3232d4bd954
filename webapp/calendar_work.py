"""What the calendar brings by itself: cycles that open, the morning digest, orphans that go."""

from datetime import datetime

from engine.runtime import Runtime


def do_calendar_work(runtime: Runtime, now: datetime) -> None:
    """Run once a minute by one scheduler; each part is idempotent."""
