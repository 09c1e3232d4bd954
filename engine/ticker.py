"""What ticks: APScheduler, kept going when somebody puts the clock back."""

from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from engine.clock import wall_clock

LONGEST = timedelta(minutes=1)
"""No work of ours comes round less often."""


class Ticker(BackgroundScheduler):  # type: ignore[misc]  # APScheduler has no types
    """APScheduler waits for instants of the wall clock: put back by a day, it would stand still for a day."""

    def _process_jobs(self) -> float:
        now = wall_clock()
        for job in self.get_jobs():
            if job.next_run_time > now + 2 * LONGEST:
                job.modify(next_run_time=now)
        seconds: float = super()._process_jobs()
        return seconds
