"""A drawing with a bit of everything that a process can die in."""

from datetime import date

from tests.engine.spiff.drawings import border, bpmn, catch, end, service, start, user, xor

KEY = "mortal"
DEADLINE = date(2040, 6, 15)
MORTAL = bpmn(
    start(),
    user("write", form="note", clock="case", reminders="-2wd 08:00 holder; +1wd 08:00 head@lead"),
    border("nudge", "write", timer="P1D", interrupting=False),
    end("nudged"),
    service("register", "tests.register"),
    user("check", form="note", due="working_days(1)", reminders="-2h holder"),
    border("lapsed", "check", timer="working_days(2)"),
    xor("ok"),
    catch("news", message="news.came"),
    end("done"),
    flows="""
        s>write
        nudge>nudged
        write>register
        register>check
        check>ok
        lapsed>news
        ok>write if check.decision == 'return'
        ok>news default
        news>done
    """,
    process_id=KEY,
)
