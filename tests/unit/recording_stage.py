"""What tests of recordings have: readings to record, and a monitor that hands them over."""

from __future__ import annotations

import datetime
import json

from procwidget.sources.scripted import make_process, make_sample
from procwidget.state.events import EventLog

NOON = datetime.datetime(2026, 11, 29, 12, 0, 0).timestamp()


def samples_of(count, start=NOON, **each):
    """Return readings in which a process works, another one ends and a third begins."""
    made = []
    for at in range(count):
        rows = [make_process(pid=1, name="works", cpu=50.0, cpu_time=float(at), memory=100.0 + at, started=NOON - 100)]
        if at < count // 2:
            rows.append(make_process(pid=2, name="ends", command="ends now", started=NOON - 100))
        else:
            rows.append(make_process(pid=3, name="begins", cpu_time=0.5, started=NOON + count // 2 * 2))
        more = {"exits": [exit_of(2)]} if at == count // 2 else {}
        figures = {"cpu_usage": 10.0 + at, "time": start + 2 * at, "monotonic": 100.0 + 2 * at}
        made.append(make_sample(processes=rows, **{**figures, **more, **each}))
    return made


def exit_of(pid):
    """Return how a process ended."""
    killed = {"status": None, "signal": "SIGKILL", "text": "killed by SIGKILL"}
    return {"pid": pid, "identity": f"{pid}-100", "name": "ends", **killed}


def rounded(sample):
    """Return a sample with figures to a hundredth, its processes in the order of their pids."""
    sample = {**sample, "processes": sorted(sample["processes"], key=lambda row: row["pid"])}
    return json.loads(json.dumps(sample), parse_float=lambda text: round(float(text), 2))


class HandsOver:
    """Hands samples over and has an event log, as a monitor does."""

    def __init__(self):
        self.event_log = EventLog()

    def watch(self, watcher):
        """Keep who watches."""
        self.give = watcher
        return lambda: None

    def tick(self, sample, alerts=()):
        """Go on to a reading, with what is wrong then."""
        self.event_log.follow(sample, alerts, 2.0)
        self.give(sample)
