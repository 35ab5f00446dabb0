"""Parsers of what /proc says about the kernel as a whole. They make numbers of the bytes of a file. Pure.

What is cut off, odd or not there is `None`, never an exception. The formats are those of proc(5) and of the kernel's
Documentation/accounting/psi.rst.
"""

from __future__ import annotations

import re

from procwidget.sources.kernel_counts import KernelCounts, TcpCounts

_ALL_CPUS = re.compile(rb"^cpu +(\d{1,20}(?: \d{1,20}\b){3,})", re.MULTILINE)
_AVERAGES = re.compile(rb"^(some|full) avg10=(\d{1,3}\.\d+) avg60=(\d{1,3}\.\d+)", re.MULTILINE)
_PRESSURE = re.compile(rb"^(some|full) .*\btotal=(\d{1,20})$", re.MULTILINE)
_TCP = re.compile(rb"^Tcp: (.*)$", re.MULTILINE)
_TIME_WAIT = re.compile(rb"^TCP: .*\btw (\d{1,20})\b", re.MULTILINE)
_NUMBER = re.compile(rb"\d{1,20}\b")


def parse_kernel(stat: bytes | None, vmstat: bytes | None, page: int) -> KernelCounts:
    """Return what the kernel counts.

    Args:
        stat: /proc/stat.
        vmstat: /proc/vmstat.
        page: bytes of a page of memory.
    """
    swapped_in, swapped_out = find_number(vmstat, b"pswpin"), find_number(vmstat, b"pswpout")
    return KernelCounts(
        parse_cpu_shares(stat),
        find_number(stat, b"procs_running"),
        find_number(stat, b"procs_blocked"),
        find_number(stat, b"ctxt"),
        None if swapped_in is None else page * swapped_in,
        None if swapped_out is None else page * swapped_out,
        find_number(vmstat, b"pgmajfault"),
        find_number(vmstat, b"oom_kill"),
        interrupts=find_number(stat, b"intr"),
    )


def parse_cpu_shares(stat: bytes | None) -> tuple[int | None, ...] | None:
    """Return the time of all CPUs together of /proc/stat, by `kernel_counts.SHARES`."""
    found = _ALL_CPUS.search(stat or b"")
    if found is None:
        return None
    times: list[int | None] = [*map(int, found[1].split())]
    user, nice, system, idle, waiting, irq, softirq, steal, guest, guest_nice = (times + [None] * 10)[:10]
    # User and nice hold the time of guests too.
    user, nice = (user or 0) - (guest or 0), (nice or 0) - (guest_nice or 0)
    guests = None if guest is None else guest + (guest_nice or 0)
    return user, nice, system, idle, waiting, irq, softirq, steal, guests


def parse_pressure(raw: bytes | None) -> tuple[int | None, int | None]:
    """Return for how many microseconds some tasks have waited, and all of them, of a file of /proc/pressure."""
    totals = {kind: int(total) for kind, total in _PRESSURE.findall(raw or b"")}
    return totals.get(b"some"), totals.get(b"full")


def parse_averages(raw: bytes | None) -> dict[str, tuple[float, float]]:
    """Return in how many percent of the last 10 and 60 s tasks waited, by "some" and "full", of such a file."""
    return {kind.decode(): (float(ten), float(sixty)) for kind, ten, sixty in _AVERAGES.findall(raw or b"")}


def parse_tcp(snmp: bytes | None, sockstat: bytes | None) -> TcpCounts | None:
    """Return what /proc/net/snmp and /proc/net/sockstat say of TCP; `None` where they say nothing."""
    tables = _TCP.findall(snmp or b"")
    names, values = (tables[0].split(), tables[1].split()) if len(tables) == 2 else ([], [])
    # Segments are counted without end, but "MaxConn" is -1.
    counts = {name: int(value) for name, value in zip(names, values, strict=False) if value.isdigit()}
    closed = _TIME_WAIT.search(sockstat or b"")
    if not counts and closed is None:
        return None
    return TcpCounts(
        counts.get(b"CurrEstab"), int(closed[1]) if closed else None, counts.get(b"OutSegs"), counts.get(b"RetransSegs")
    )


def find_number(raw: bytes | None, key: bytes) -> int | None:
    """Return the number after a key at the beginning of a line."""
    if raw is None:
        return None
    # Faster than one expression for several keys, in files of 200 lines.
    start = 0 if raw.startswith(key + b" ") else raw.find(b"\n" + key + b" ") + 1
    if start == 0 and not raw.startswith(key + b" "):
        return None
    found = _NUMBER.match(raw, start + len(key) + 1)
    return int(found[0]) if found else None
