"""Parsers of /proc: they make numbers and text of the bytes of a file. Pure.

What is cut off, odd or not there is `None` or empty, never an exception. The formats are those of proc(5) and of the
kernel's Documentation/filesystems/proc.rst.
"""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple, cast

from procwidget.clean_text import TEXT_LIMIT, clean_command, clean_text
from procwidget.sample import Memory
from procwidget.sources.assemble import CpuTimes, memory_of
from procwidget.sources.counters import DiskCounts, InterfaceCounts
from procwidget.sources.devices import is_loopback
from procwidget.statuses import BY_LETTER

COMMAND_BYTES = 4 * TEXT_LIMIT
"""How much of a command line is worth reading: a character takes at most four bytes."""

COMM_BYTES = 15
"""How much of a name the kernel keeps."""

_LONGEST_FILE_NAME = 255
# The kernel follows five interpreters of interpreters, and each has its path and one argument before the script.
_MOST_PROGRAMS = 12
_CUT_CHARACTER = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z")
_SECTOR = 512
_MOST_DIGITS = 20
_KERNEL_THREAD = 0x00200000
NO_EXEC_YET = 0x00000040
"""The flag of a process that was forked and has started no program since."""
_TERMINALS = (
    (4, 64, "ttyS"),
    (4, 0, "tty"),
    (166, 0, "ttyACM"),
    (188, 0, "ttyUSB"),
    (204, 64, "ttyAMA"),
    (229, 0, "hvc"),
)
_MEMORY = re.compile(
    rb"^(MemTotal|MemAvailable|MemFree|Buffers|Cached|SwapTotal|SwapFree|Shmem|Slab|Dirty|Committed_AS"
    rb"|HugePages_Total|HugePages_Free|Hugepagesize|Hugetlb|Zswap|Zswapped):\s+(\d{1,20})\b( kB)?",
    re.MULTILINE,
)
_ARC = re.compile(rb"^(size|c_min) +\d{1,3} +(\d{1,20})$", re.MULTILINE)
_CPU = re.compile(rb"^cpu(\d{1,9})((?: \d{1,20}\b){4,})", re.MULTILINE)
_FORKS = re.compile(rb"^processes (\d{1,20})\b", re.MULTILINE)
_UID = re.compile(rb"^Uid:\s+(\d{1,10})\b", re.MULTILINE)
_CAPABILITIES = re.compile(rb"^CapEff:\s+([0-9a-f]{1,16})$", re.MULTILINE)
_GROUPS = re.compile(rb"^(?:Gid:(?:\s+\d+){3}|Groups:)([\d \t]*)$", re.MULTILINE)
_CAP_SYS_PTRACE = 1 << 19
_INVISIBLE, _NOT_TRACEABLE = (b"2", b"invisible"), (b"4", b"ptraceable")
_DECIMAL = rb"(\d{1,12}\.\d{1,9})\b"
_STAT_FIELDS = 26  # after the name: up to and with the start of the stack
_MORE_STAT_FIELDS = 39  # up to and with the scheduling policy
_COUNTED = itemgetter(0, 1, 3, 16, 17, 19, 8, 6, 25)
_COUNTED_AND_MORE = itemgetter(0, 1, 3, 16, 17, 19, 8, 6, 25, 11, 12, 15, 9, 4, 36, 38, 13, 14)
POLICIES: dict[int | None, str] = {0: "other", 1: "fifo", 2: "rr", 3: "batch", 5: "idle", 6: "deadline", 7: "ext"}
"""The scheduling policies by their numbers, sched(7)."""

_ENTRY = struct.Struct("=QqHB")


class Stat(NamedTuple):
    """What /proc/PID/stat says; `start` in clock ticks since boot, `stack` where it starts, "0" if that is secret.

    The CPU times in ticks and all after them are there if they were asked for: they change whenever a process runs.
    `terminal` is the number of a device.
    """

    name: bytes
    status: str | None
    ppid: int
    session: int
    nice: int
    threads: int
    start: int
    child_faults: int
    flags: int
    stack: bytes
    user_ticks: int | None = None
    system_ticks: int | None = None
    priority: int | None = None
    major_faults: int | None = None
    terminal: int | None = None
    last_cpu: int | None = None
    policy: int | None = None
    child_user_ticks: int | None = None
    child_system_ticks: int | None = None

    @property
    def child_ticks(self) -> int | None:
        """The CPU time of the children that it has waited for, and of theirs."""
        user, system = self.child_user_ticks, self.child_system_ticks
        return None if user is None or system is None else user + system


def split_stat(raw: bytes, *, more: bool = False) -> tuple[tuple[bytes, ...], bytes] | None:
    """Return the texts of a /proc/PID/stat of which `make_stat` makes a `Stat`; `None` unless it is whole.

    The part of the file that they are in comes with them: a file that starts with the same bytes has the same texts.
    """
    # The name may hold any byte, ")" and spaces too, so fields count from the last ")".
    opening, closing = raw.find(b"("), raw.rfind(b")")
    count, counted = (_MORE_STAT_FIELDS, _COUNTED_AND_MORE) if more else (_STAT_FIELDS, _COUNTED)
    fields = raw[closing + 1 :].split(None, count)
    if not 0 < opening < closing or len(fields) < count:
        return None
    start = raw[: len(raw) - len(fields[count])] if len(fields) > count else raw
    return (raw[opening + 1 : closing], *counted(fields)), start


def make_stat(texts: tuple[bytes, ...]) -> Stat | None:
    """Return what the texts from `split_stat` say; `None` if they are not the numbers that they should be."""
    name, status, ppid, session, nice, threads, start, child_faults, flags, stack, *more = texts
    try:
        return Stat(
            name,
            BY_LETTER.get(status),
            int(ppid),
            int(session),
            int(nice),
            int(threads),
            int(start),
            int(child_faults),
            int(flags),
            stack,
            *map(int, more),
        )
    except ValueError:
        return None


def parse_stat(raw: bytes, *, more: bool = False) -> Stat | None:
    """Return what /proc/PID/stat holds, with `more` all of it that is known here; `None` unless it is whole."""
    parts = split_stat(raw, more=more)
    return make_stat(parts[0]) if parts else None


def terminal_name(device: int | None) -> str | None:
    """Return the name of a terminal, such as "pts/3", from the number of its device in stat; `None` for none.

    The numbers are those of the kernel's Documentation/admin-guide/devices.txt; one that is not there is said as is.
    """
    if not device or device < 0:
        return None
    major, minor = device >> 8 & 0xFFF, device & 0xFF | device >> 12 & 0xFFF00
    if 136 <= major <= 143:
        return f"pts/{(major - 136 << 8) + minor if major > 136 else minor}"
    for number, first, name in _TERMINALS:
        if major == number and minor >= first:
            return f"{name}{minor - first}"
    return f"{major}:{minor}"


def is_kernel_thread(stat: Stat) -> bool:
    """Return whether a process is a part of the kernel: it has no memory and no command line, and always root's."""
    return bool(stat.flags & _KERNEL_THREAD)


def runs_another(before: Stat, now: Stat) -> bool:
    """Return whether a process may run another program, or call itself otherwise, than before."""
    # Kernel threads rename themselves all the time, and what has ended runs nothing.
    if is_kernel_thread(now) or now.status in ("zombie", "dead"):
        return False
    if now.name != before.name or (now.flags ^ before.flags) & NO_EXEC_YET:
        return True
    # A program that starts another of its name: the stack moves.
    return now.stack != before.stack and b"0" not in (now.stack, before.stack)


def whole(text: bytes) -> int | None:
    """Return the whole number that `text` is; `None` for anything else, and for more digits than a kernel writes."""
    return int(text) if text.isdigit() and len(text) <= _MOST_DIGITS else None


def unescaped(text: str) -> str:
    """Return a place as /proc/PID/mountinfo names it, with the characters that stand there as octal numbers."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def parse_statm(raw: bytes | None) -> int | None:
    """Return the resident pages that /proc/PID/statm counts: exact, where stat's are rounded for each CPU."""
    fields = raw.split(None, 2) if raw else []
    return whole(fields[1]) if len(fields) == 3 else None


def parse_uid(status: bytes | None) -> int | None:
    """Return the real user id of /proc/PID/status."""
    found = _UID.search(status or b"")
    return int(found[1]) if found else None


def hides_others(mounts: bytes | None, status: bytes | None, proc: bytes) -> bool:
    """Return whether a /proc leaves out processes of other users for this process: proc(5), "hidepid".

    Args:
        mounts: /proc/self/mountinfo.
        status: /proc/self/status.
        proc: where that /proc is mounted.
    """
    options: dict[bytes, bytes] = {}
    for line in (mounts or b"").splitlines():
        before, _, after = line.partition(b" - ")
        place, kind = before.split(), after.split()
        # Of several that are mounted there the last one is seen.
        if len(place) > 4 and place[4] == proc and kind:
            options = {name: value for name, _, value in (option.partition(b"=") for option in kind[-1].split(b","))}
    hidepid, held = options.get(b"hidepid"), _CAPABILITIES.search(status or b"")
    if hidepid not in _INVISIBLE + _NOT_TRACEABLE or (held and int(held[1], 16) & _CAP_SYS_PTRACE):
        return False
    groups = b" ".join(_GROUPS.findall(status or b"")).split()
    return hidepid in _NOT_TRACEABLE or options.get(b"gid", b"0") not in groups


def parse_command(raw: bytes | None) -> tuple[str | None, tuple[str, ...]]:
    """Return the command line of /proc/PID/cmdline, arguments separated by spaces, and its `long_names`.

    It is `None` for none: a kernel thread's, a zombie's. Some programs write a title there, without separators.
    """
    text = os.fsdecode((raw or b"").rstrip(b"\0 "))
    arguments = text.split("\0", _MOST_PROGRAMS)
    if len(arguments) == 1:
        arguments = [text.partition(" ")[0]]
    return clean_command(text.replace("\0", " ")).rstrip() or None, long_names(arguments)


def long_names(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the file names among the first arguments that the kernel would not keep whole as a process's name.

    The name of a program is its first argument, that of a script with "#!" comes after its interpreter's.
    """
    names = (argument.rpartition("/")[2] for argument in arguments[:_MOST_PROGRAMS])
    return tuple([name for name in names if COMM_BYTES <= len(os.fsencode(name)) <= _LONGEST_FILE_NAME])


def whole_characters(name: bytes) -> bytes:
    """Return a name without the first bytes of a UTF-8 character that the kernel cut in two."""
    return _CUT_CHARACTER.sub(b"", name) if len(name) >= COMM_BYTES else name


def shown_name(name: bytes, long_names: Iterable[str] = ()) -> str:
    """Return a process's name as it is shown: whole where the kernel cut it off and its command line has the rest."""
    if len(name) >= COMM_BYTES:
        for whole in long_names:
            if os.fsencode(whole).startswith(name):
                return clean_text(whole)
    return clean_text(os.fsdecode(whole_characters(name)))


def parse_cpus(raw: bytes | None) -> dict[int, CpuTimes]:
    """Return the times in clock ticks of each online CPU of /proc/stat, by its number."""
    cpus = {}
    for number, fields in _CPU.findall(raw or b""):
        user, nice, system, idle, *more = map(int, fields.split())
        waiting, interrupts, soft_interrupts, stolen = (*more[:4], *([0] * (4 - len(more[:4]))))
        # Guests' time is in user and nice already.
        cpus[int(number)] = CpuTimes(user + nice + system + interrupts + soft_interrupts + stolen, idle + waiting)
    return cpus


def parse_forks(raw: bytes | None) -> int | None:
    """Return how many processes and threads /proc/stat has seen start since boot."""
    found = _FORKS.search(raw or b"")
    return int(found[1]) if found else None


def parse_memory(raw: bytes | None, arc: bytes | None = None) -> Memory | None:
    """Return the memory of /proc/meminfo in bytes; `None` without a total.

    Args:
        raw: /proc/meminfo.
        arc: /proc/spl/kstat/zfs/arcstats: the cache of ZFS, which the kernel counts as used.
    """
    values: dict[bytes, int] = {}
    pages: dict[bytes, int] = {}
    for key, value, unit in _MEMORY.findall(raw or b""):
        (values if unit else pages)[key] = 1024 * int(value) if unit else int(value)
    total = values.get(b"MemTotal")
    if not total:
        return None
    # Kernels before 3.14 do not say what is available.
    guess = sum(values.get(key, 0) for key in (b"MemFree", b"Buffers", b"Cached"))
    cache = {key: int(value) for key, value in _ARC.findall(arc or b"")}
    # It shrinks on demand, but not below its minimum.
    given_back = max(0, cache.get(b"size", 0) - cache.get(b"c_min", 0))
    available = values.get(b"MemAvailable", guess) + given_back
    cached, shared = values.get(b"Cached"), values.get(b"Shmem")
    size, huge, free = values.get(b"Hugepagesize"), pages.get(b"HugePages_Total"), pages.get(b"HugePages_Free")
    usual = None if size is None or huge is None else size * huge
    parts = {
        # The kernel counts tmpfs as pages of files.
        "cached": cached if cached is None or shared is None else max(0, cached - shared),
        "buffers": values.get(b"Buffers"),
        "shared": shared,
        "slab": values.get(b"Slab"),
        "dirty": values.get(b"Dirty"),
        "committed": values.get(b"Committed_AS"),
        "huge_pages": values.get(b"Hugetlb", usual),
        "huge_pages_free": None if size is None or free is None else size * free,
        "arc": cache.get(b"size"),
        "zswap": values.get(b"Zswap"),
        "zswap_stored": values.get(b"Zswapped"),
    }
    return memory_of(total, available, values.get(b"SwapTotal", 0), values.get(b"SwapFree", 0), parts)


def parse_disks(raw: bytes | None) -> dict[str, DiskCounts] | None:
    """Return the counters of each block device of /proc/diskstats that was ever used, partitions too, by name."""
    if raw is None:
        return None
    counters = {}
    for line in raw.splitlines():
        fields = line.split()
        # Most loop and RAM devices are never used.
        if len(fields) < 14 or fields[3] == fields[7] == b"0":
            continue
        counts = [whole(field) for field in fields[3:14]]
        if None not in counts:
            reads, _, read, reading, writes, _, written, writing, _, busy, queued = cast("list[int]", counts)
            counters[os.fsdecode(fields[2])] = DiskCounts(
                _SECTOR * read, _SECTOR * written, reads, writes, reading + writing, busy, queued
            )
    return counters


def parse_networks(raw: bytes | None) -> dict[str, InterfaceCounts] | None:
    """Return the counters of each interface but loopback of /proc/net/dev, by name."""
    if raw is None:
        return None
    counters = {}
    for line in raw.splitlines():
        name, _, rest = line.rpartition(b":")
        fields, interface = rest.split(), os.fsdecode(name.strip())
        if len(fields) < 12 or not interface or is_loopback(interface):
            continue
        counts = [whole(field) for field in fields[:12]]
        if None not in counts:
            received, in_, bad_in, dropped_in, _, _, _, _, sent, out, bad_out, dropped_out = cast("list[int]", counts)
            counters[interface] = InterfaceCounts(received, sent, bad_in + bad_out, dropped_in + dropped_out, in_ + out)
    return counters


def parse_load(raw: bytes | None) -> tuple[list[float] | None, int | None]:
    """Return the load averages of /proc/loadavg, and the newest id that a process or thread was given."""
    match = re.fullmatch(rb"%b %b %b \d+/\d+ (\d{1,9})\s*" % (_DECIMAL, _DECIMAL, _DECIMAL), raw or b"")
    return ([float(match[1]), float(match[2]), float(match[3])], int(match[4])) if match else (None, None)


def parse_uptime(raw: bytes | None) -> float | None:
    """Return the seconds since boot of /proc/uptime."""
    match = re.match(_DECIMAL, raw or b"")
    return float(match[1]) if match else None


def parse_names(entries: bytes) -> Iterator[bytes]:
    """Iterate over the names among directory entries, as getdents64(2) gives them, but for "." and ".."."""
    place = 0
    while place + _ENTRY.size <= len(entries):
        length = _ENTRY.unpack_from(entries, place)[2]
        if length <= _ENTRY.size:
            break
        name = entries[place + _ENTRY.size : place + length].partition(b"\0")[0]
        if name not in (b".", b".."):
            yield name
        place += length


def parse_pids(entries: bytes) -> list[int]:
    """Return the names that are numbers among directory entries, as getdents64(2) gives them."""
    return [pid for name in parse_names(entries) if (pid := whole(name)) is not None]
