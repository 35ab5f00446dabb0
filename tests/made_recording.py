"""Makes notebooks/what_happened.sqlite, the recording that notebooks/what_happened.ipynb opens.

    python -m tests.made_recording

Ten minutes of a machine that there never was: a nightly export runs, somebody starts a training, another's notebook
grows until the kernel ends it for want of memory. The same file each time.
"""

from __future__ import annotations

import datetime
import random
import shutil
import tempfile
from pathlib import Path

from procwidget.recording.folder import files_in
from procwidget.recording.writer import RecordingWriter
from procwidget.sample import Process, Sample
from procwidget.sources.scripted import make_process, make_sample
from procwidget.state.events import EventLog

TARGET = Path(__file__).parent.parent / "notebooks" / "what_happened.sqlite"
START = datetime.datetime(2026, 11, 2, 10, 28, 0)
TICKS, STEP = 300, 2.0
GIB, CPUS = 2**30, 4
DAEMONS = ["systemd", "dbus-daemon", "cron", "sshd", "rsyslogd", "jupyter-lab", "chronyd", "containerd"]

TRAINING = range(105, 195)
GROWING = range(60, 240)
EXPORT = range(20, 90)


def processes_at(tick: int, chance: random.Random) -> list[Process]:
    """Return the processes of a reading."""
    begin = START.timestamp()
    rows = [
        make_process(
            pid=1 + at,
            name=name,
            user="root",
            memory=8.0 + at,
            started=begin - 86400,
            cpu=round(chance.uniform(0, 1), 1),
            cpu_time=10.0 + tick * 0.01,
            command=f"/usr/sbin/{name}",
        )
        for at, name in enumerate(DAEMONS)
    ]

    def add(span: range, pid: int, name: str, user: str, cpu: float, memory: float, command: str) -> None:
        if tick not in span:
            return
        ran = (tick - span.start) * STEP * cpu / 100
        row = make_process(
            pid=pid,
            name=name,
            user=user,
            cpu=round(cpu + chance.uniform(-3, 3), 1),
            memory=memory,
            cpu_time=round(ran, 2),
            status="running",
            started=begin + span.start * STEP - 1.0,
            command=command,
        )
        rows.append(row)

    add(EXPORT, 812, "pg_dump", "postgres", 55.0, 120.0, "pg_dump --format=custom shop")
    for worker in range(3):
        add(TRAINING, 900 + worker, "train.py", "ana", 96.0, 900.0, f"python train.py --worker {worker}")
    grown = 700.0 + 70.0 * (tick - GROWING.start)
    add(GROWING, 850, "ipykernel", "ben", 22.0, grown, "python -m ipykernel_launcher -f kernel.json")
    return rows


def sample_at(tick: int, chance: random.Random) -> Sample:
    """Return a reading."""
    rows = processes_at(tick, chance)
    used = int((2.0 * GIB) + sum(row["memory"] or 0 for row in rows) * 2**20)
    cpu = min(100.0, sum(row["cpu"] or 0 for row in rows) / CPUS)
    killed = tick == GROWING.stop
    exits = [
        {
            "pid": 850,
            "identity": "850-100",
            "name": "ipykernel",
            "status": None,
            "signal": "SIGKILL",
            "text": "killed by SIGKILL; the kernel's OOM counter rose at the same time",
        }
    ]
    memory = {**make_sample()["memory"], "total": 16 * GIB, "used": used, "available": 16 * GIB - used}
    return make_sample(
        processes=rows,
        time=START.timestamp() + STEP * tick,
        monotonic=1000.0 + STEP * tick,
        host="workstation",
        cpu_usage=round(cpu, 1),
        per_cpu=[round(cpu, 1)] * CPUS,
        memory=memory,
        load_average=[round(cpu / 25, 2)] * 3,
        oom_kills=int(killed),
        exits=exits if killed else [],
        disk={"read": 40e6 if tick in EXPORT else 1e4, "written": 25e6 if tick in EXPORT else 2e4},
    )


def main() -> None:
    """Write the file."""
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        writer = RecordingWriter(Path(folder), 7 * 86400, 2**30)
        log = EventLog()
        for tick in range(TICKS):
            sample = sample_at(tick, chance)
            log.take(sample)
            writer.append(sample, log.copies())
        writer.close()
        shutil.copy(files_in(Path(folder))[0], TARGET)
    TARGET.chmod(0o644)


if __name__ == "__main__":
    main()
