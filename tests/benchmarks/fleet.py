"""What a fleet costs: the agent beside the reading alone, bytes of rows and tables, and an overview of 1,000 hosts.

All in this process and one run: the agent's part is CPU of its own work after the same reading. What a scheduler and
a real network add is not measured here.
"""

from __future__ import annotations

import random
import statistics
import time
from typing import Any

from procwidget.fleet.agent import Agent
from procwidget.fleet.known_host import Host
from procwidget.fleet.reading import FleetReading
from procwidget.fleet.row import packed, read, row_of
from procwidget.fleet.wire import Receiver, Sender
from procwidget.sample import Sample
from procwidget.sources import default_source
from procwidget.sources.scripted import make_process, make_sample
from procwidget.state.sentence import state_of
from tests.benchmarks.crowd import crowd

TICKS = 40
HOSTS = 1000


def milliseconds(call: Any) -> float:
    """CPU milliseconds of a call."""
    began = time.thread_time()
    call()
    return 1000 * (time.thread_time() - began)


def agent_beside_reading() -> tuple[float, float]:
    """CPU ms of a reading, and of all that an agent does with it while somebody looks at the hosts."""
    source, alone, beside = default_source(), [], []
    agent = Agent(lambda _message: None, source=source)
    agent._leases["bench"] = (time.monotonic() + 3600, 2.0)
    agent._unwatch = lambda: None
    samples: list[Sample] = []
    for _ in range(TICKS):
        alone.append(milliseconds(lambda: samples.append(source.read())))
        beside.append(milliseconds(lambda: agent._take(samples[-1])))
        time.sleep(0.1)
    source.close()
    return statistics.median(alone[2:]), statistics.median(beside[2:])


def bytes_of_messages() -> tuple[int, int, int]:
    """Bytes of a row, of a whole table of 150 processes, and of the message after 10 % of them changed."""
    chance = random.Random(1)
    rows = [make_process(pid=pid, name=f"worker-{pid}", command=f"python train.py --part {pid}") for pid in range(150)]
    sender, receiver, sizes = Sender(), Receiver(), []
    for tick in range(20):
        for at in chance.sample(range(150), 15):
            rows[at] = {**rows[at], "cpu": chance.uniform(0, 100), "cpu_time": tick + chance.random()}
        moment = {"time": 1.8e9 + 2 * tick, "monotonic": 2.0 * tick, "cpu_usage": chance.random()}
        sample = make_sample(processes=list(rows), **moment)
        sender.take(sample)
        sizes.append(len(sender.message(receiver.number)))
        receiver.take(sender.message(receiver.number), 15)
    row = packed(row_of(sample, state_of([], [], sample)))
    return len(row), sizes[0], round(statistics.median(sizes[1:]))


class _Known:
    """A thousand hosts that have just been heard."""

    trouble, interval, name, looked_at = "", 2.0, "bench", True

    def __init__(self) -> None:
        row = row_of(make_sample(), state_of([], [], None))
        self._hosts = []
        for at in range(HOSTS):
            host = Host(f"key {at}", f"node{at}")
            host.row = {**row, "cpu": at % 100}
            self._hosts.append(host)
        self.message = packed(row)

    def all(self) -> list[Host]:
        return self._hosts

    def silent_for(self, _host: Host) -> float:
        return 0.0


def overview() -> tuple[float, float]:
    """CPU ms of reading a thousand rows' messages, and of making the overview of them."""
    known = _Known()
    reading = FleetReading(known, allow_kill=False)  # type: ignore[arg-type]
    rows = statistics.median(milliseconds(lambda: [read(known.message) for _ in range(HOSTS)]) for _ in range(5))
    made = statistics.median(milliseconds(lambda: reading.headline_of(reading.rows())) for _ in range(5))
    return rows, made


def main() -> None:
    """Measure and print it, with the goals."""
    print("\nA fleet:")
    with crowd(150, 8):
        reading, beside = agent_beside_reading()
    _say("agent, beside the reading, 150 processes", beside / reading, 1.1 - 1, f"{reading:.1f} + {beside:.2f} ms")
    row, whole, delta = bytes_of_messages()
    _say("bytes of a row", row, 260, "")
    _say("bytes of a tick of a table at 10 % active", delta, 1500, f"whole: {whole}")
    rows, made = overview()
    print(f"  1,000 hosts in the kernel: {rows:.1f} ms to read their rows and {made:.1f} ms to show them, a tick")
    print("  Not measured: the scheduler's part, latency over a network, and the browser's part.")


def _say(what: str, value: float, goal: float, more: str) -> None:
    met = "met" if value <= goal else "MISSED"
    print(f"  {what}: {value:.3g} (goal ≤ {goal:g}: {met}){' ' + more if more else ''}")


if __name__ == "__main__":
    main()
