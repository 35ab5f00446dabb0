"""What a recording of 1,000 processes takes on disk and of the CPU, and how fast it answers. Part of `make bench`.

    python -m tests.benchmarks.recording

An hour is written as the recorder writes it, a reading each two seconds: of 1,000 processes 54 change from one to the
next, one begins and one ends, as was seen on a machine with so many. A day says the same again and again at later
times. Moments and intervals all over it are asked for, some while the next readings are written; and moments of a week
of 5,000 processes beside moments of a day of them. Milliseconds are of CPU, so that other work on the machine counts
less; what waits for a disk is not in them.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from procwidget.recording.folder import file_for, files_in
from procwidget.recording.recording import Recording
from procwidget.recording.writer import RecordingWriter
from procwidget.sample import Process, Sample
from procwidget.sources.scripted import make_process, make_sample

STEP = 2.0
HOUR, DAY = 3600.0, 86400.0
MIDNIGHT = datetime(2026, 11, 23)
MOST_MB, MOST_MS = 100.0, 0.5
MOST_MOMENT, MOST_INTERVAL = 50.0, 50.0
MOST_RATIO = 1.5
_ACTIVE = 0.054
_TRIES = 40


def readings(
    processes: int, seconds: float, active: float = _ACTIVE, *, start: datetime = MIDNIGHT, step: float = STEP
) -> Iterator[Sample]:
    """Make the readings of a while."""
    chance = random.Random(processes)
    begin, pid = start.timestamp(), processes
    users = ("root", "ana", "ben", "postgres", "www-data")

    def process(number: int, started: float) -> Process:
        name = f"worker-{number % 97}"
        return make_process(
            pid=number,
            ppid=1 + number % 50,
            name=name,
            user=users[number % 5],
            started=started,
            memory=float(chance.randrange(2, 900)),
            cpu_time=0.0,
            command=f"/usr/lib/{name} --port {number} --config /etc/{name}/{number}.conf",
        )

    rows = [process(1 + at, begin - 3600) for at in range(processes)]
    always = [chance.randrange(processes) for _ in range(max(1, round(processes * active * 0.8)))]
    for tick in range(int(seconds / step)):
        rows = rows.copy()
        others = (chance.randrange(len(rows)) for _ in range(max(1, round(processes * active * 0.2))))
        for at in {*always, *others}:
            row = rows[at]
            cpu = round(chance.uniform(0, 40), 1)
            memory = row["memory"] if chance.random() < 0.8 else round((row["memory"] or 0) + chance.uniform(-1, 1), 3)
            spent = round((row["cpu_time"] or 0) + cpu * step / 100, 2)
            rows[at] = {**row, "cpu": cpu, "memory": memory, "cpu_time": spent}
        pid += 1
        # By pid, as sources list them.
        del rows[chance.randrange(len(rows))]
        rows.append(process(pid, begin + tick * step - 1))
        yield make_sample(
            processes=rows,
            time=begin + tick * step,
            monotonic=1000.0 + tick * step,
            cpu_usage=round(chance.uniform(5, 60), 1),
            memory_usage=round(chance.uniform(30, 32), 1),
            per_cpu=[round(chance.uniform(0, 100), 1) for _ in range(8)],
            load_average=[round(chance.uniform(0, 4), 2) for _ in range(3)],
            disk={"read": chance.uniform(0, 1e7), "written": chance.uniform(0, 1e7)},
            network={"received": chance.uniform(0, 1e6), "sent": chance.uniform(0, 1e6)},
            top_processes=[],
        )


def written(folder: Path, samples: Iterable[Sample]) -> float:
    """Write readings; return the CPU milliseconds that the writer takes for one, in the mean."""
    writer = RecordingWriter(folder, 30 * DAY, 2**40)
    spent = count = 0.0
    for sample in samples:
        before = time.thread_time()
        writer.append(sample)
        spent += time.thread_time() - before
        count += 1
    writer.close()
    return spent * 1000 / count


def timed(ask: Callable[[float], object], moments: Iterable[float]) -> list[float]:
    """Return the CPU milliseconds that each answer takes, in rising order."""
    taken = []
    for moment in moments:
        before = time.thread_time()
        ask(moment)
        taken.append((time.thread_time() - before) * 1000)
    return sorted(taken)


def _judge(what: str, value: float, unit: str, goal: float, more: str = "") -> None:
    print(f"  {what}: {value:.2f} {unit}{more} (goal ≤ {goal:g}: {'met' if value <= goal else 'MISSED'})", flush=True)


def day(folder: Path) -> None:
    """Write and ask a day of 1,000 processes."""
    print("\nA recording, 1,000 processes, a reading each 2 s, a day:")
    written(folder / "half", readings(1000, HOUR / 2))
    cost = written(folder / "day", readings(1000, HOUR))
    (half,), (file,) = files_in(folder / "half"), files_in(folder / "day")
    # What each file begins with is once in a day.
    _judge("on disk", (file.stat().st_size - half.stat().st_size) * 48 / 1e6, "MB a day", MOST_MB)
    _judge("writer", cost, "ms a reading", MOST_MS)
    _longer(file, 24)
    chance = random.Random(1)
    begin = MIDNIGHT.timestamp()
    moments = [begin + chance.uniform(HOUR, DAY) for _ in range(_TRIES)]
    with Recording(folder / "day") as recording:
        taken = timed(recording.at, moments)
        _judge("the table of a moment", statistics.median(taken), "ms", MOST_MOMENT, f", worst {taken[-1]:.0f}")
        taken = timed(lambda at: recording.between(at - 300, at), moments)
        _judge("who used most in 5 minutes", statistics.median(taken), "ms", MOST_INTERVAL, f", worst {taken[-1]:.0f}")
        taken = timed(lambda at: recording.between(at - HOUR, at), moments[:10])
        print(f"  who used most in an hour: {statistics.median(taken):.0f} ms, worst {taken[-1]:.0f}")


def while_written(folder: Path) -> None:
    """Write the next readings, each second one while somebody reads: one must not wait for the other."""
    begin = MIDNIGHT.timestamp()
    chance = random.Random(2)
    writer = RecordingWriter(folder, 30 * DAY, 2**40)
    alone: list[float] = []
    beside: list[float] = []
    with Recording(folder) as recording:
        for at, sample in enumerate(readings(1000, 200 * STEP, start=MIDNIGHT + timedelta(days=1, seconds=-401))):
            reads = recording.during(begin + chance.uniform(0, DAY)) if at % 2 else iter(())
            next(reads, None)
            before = time.perf_counter()
            writer.append(sample)
            (beside if at % 2 else alone).append((time.perf_counter() - before) * 1000)
    writer.close()
    ratio = statistics.median(beside) / statistics.median(alone)
    _judge("a write while somebody reads / alone", ratio, "", MOST_RATIO)


def week(folder: Path) -> None:
    """Ask a week of 5,000 processes beside a day of them, a reading each 10 s; the days say the same at other times."""
    written(folder / "day", readings(5000, HOUR / 2, 0.01, step=10.0))
    (first,) = files_in(folder / "day")
    _longer(first, 48)
    (folder / "week").mkdir()
    for at in range(7):
        file = file_for(folder / "week", (MIDNIGHT + timedelta(days=at)).timestamp())
        shutil.copy(first, file)
        with contextlib.closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE tick SET time = time + ?", (round(at * DAY * 1000),))
    chance = random.Random(3)
    begin = MIDNIGHT.timestamp()
    with Recording(folder / "day") as of_day, Recording(folder / "week") as of_week:
        for at in range(7):  # each file's first answer has to learn who is in it
            of_week.at(begin + at * DAY + HOUR)
        of_day.at(begin + HOUR)
        in_day, in_week = [], []
        for _ in range(_TRIES):
            in_day += timed(of_day.at, [begin + chance.uniform(HOUR, DAY)])
            in_week += timed(of_week.at, [begin + chance.uniform(HOUR, 7 * DAY)])
    size = sum(file.stat().st_size for file in files_in(folder / "week")) / 1e6
    more = f" ({statistics.median(in_week):.0f} and {statistics.median(in_day):.0f} ms; {size:,.0f} MB)"
    ratio = statistics.median(in_week) / statistics.median(in_day)
    _judge("a moment of a week / of a day, 5,000 processes", ratio, "", MOST_RATIO, more)


def _longer(file: Path, times: int) -> None:
    """Have a file say again and again what it says, at later times."""
    columns = "cpu_usage, memory_usage, memory_used, load_1, disk_read, disk_written, network_received, network_sent"
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        ticks, first, last = connection.execute("SELECT max(id), min(time), max(time) FROM tick").fetchone()
        lasts = round((last - first) * ticks / (ticks - 1))
        for turn in range(1, times):
            ids, by = turn * ticks, turn * lasts
            for select in (
                f"tick SELECT id + {ids}, time + {by}, monotonic + {by}, whole, {columns}, processes, host FROM tick"
                f" WHERE id <= {ticks}",
                f"row SELECT tick + {ids}, process, cpu, memory, cpu_time, threads, status, more FROM row"
                f" WHERE tick <= {ticks}",
                f"ended SELECT tick + {ids}, identity, why FROM ended WHERE tick <= {ticks}",
            ):
                connection.execute(f"INSERT INTO {select}")


def main() -> None:
    """Measure and print it."""
    with tempfile.TemporaryDirectory() as folder:
        day(Path(folder))
        while_written(Path(folder, "day"))
        week(Path(folder, "long"))


if __name__ == "__main__":
    main()
