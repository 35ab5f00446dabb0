"""Parsers of /proc: what the kernel writes is read back, and no bytes at all make them fail."""

from __future__ import annotations

import os
import re
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procwidget.actions.identity_check import _may_be_called
from procwidget.clean_text import clean_text
from procwidget.sources.assemble import CpuTimes
from procwidget.sources.counters import DiskCounts, InterfaceCounts
from procwidget.sources.devices import whole_disks
from procwidget.sources.filesystems import parse_mounts
from procwidget.sources.linux import host_files, proc
from tests.unit.fake_proc import stat_line

NAMES = st.one_of(st.binary(max_size=64), st.sampled_from([b"a) R 1 (b", b")", b"(", b") (", b"", b"a b\nc"]))
NUMBERS = st.integers(min_value=-(2**70), max_value=2**70)
PARSERS = [
    proc.parse_stat,
    proc.parse_statm,
    proc.parse_uid,
    proc.parse_command,
    proc.parse_cpus,
    proc.parse_forks,
    proc.parse_memory,
    proc.parse_disks,
    proc.parse_networks,
    proc.parse_load,
    proc.parse_uptime,
    proc.parse_pids,
    lambda raw: proc.parse_memory(raw, raw),
    lambda raw: host_files.parse_kernel(raw, raw, 4096),
    host_files.parse_averages,
    host_files.parse_pressure,
    parse_mounts,
    lambda raw: proc.hides_others(raw, raw, b"/proc"),
]
FILES = [
    b"cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\nprocesses 12\n",
    b"MemTotal: 1000 kB\nMemAvailable: 250 kB\nSwapTotal: 100 kB\nSwapFree: 60 kB\n",
    b" 8 0 sda 1 0 2 0 1 0 3 0 0 0 0\n",
    b"  eth0: 1 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\n",
    b"0.50 0.40 0.30 1/100 4242\n",
    b"12.50 1.00\n",
    b"some avg10=0.00 avg60=0.00 avg300=0.00 total=12\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=3\n",
    b"name type data\nsize 4 5\nc_min 4 6\n",
    b"pswpin 3\npswpout 4\npgmajfault 5\noom_kill 6\n",
    b"Name:\tsleep\nUid:\t1000\t0\t0\t0\n",
    b"900 256 100 1 0 200 0\n",
    stat_line(7),
    b"40 22 0:21 / /proc rw - proc proc rw,gid=5,hidepid=2\n"
    b"Gid:\t1\t1\t1\t1\nGroups:\t4 27 \nCapEff:\t0000000000000000\n",
]


@given(NAMES, NUMBERS, st.sampled_from("RSDTtZXxKWIP?"))
def test_stat_is_read_back_whatever_the_name(name: bytes, number: int, state: str):
    """A name may hold parentheses, spaces and newlines, and numbers may be huge: the fields stay where they are."""
    line = stat_line(7, name, state=state, ppid=number, nice=number, threads=number, start=number, child_faults=number)
    stat = proc.parse_stat(line)
    assert stat is not None
    assert (stat.name, stat.ppid, stat.nice, stat.threads) == (name, number, number, number)
    assert (stat.start, stat.child_faults) == (number, number)
    assert (stat.status is None) == (state == "?")


@given(NAMES, st.data())
def test_cut_off_stat_is_no_stat(name: bytes, data: st.DataObject):
    """A stat that ends before the last field of interest is not read at all, rather than wrongly."""
    line = stat_line(7, name)
    needed = re.compile(rb"(?: \S+){26}").match(line, line.rindex(b")") + 1)
    assert needed is not None
    end = data.draw(st.integers(min_value=0, max_value=needed.start() + 50))
    assert proc.parse_stat(line[:end]) is None


@pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: parse.__name__)
@given(data=st.data())
def test_no_bytes_make_a_parser_fail(parse: Any, data: st.DataObject):
    """Anything, and anything that begins or ends like a real file, is parsed or is nothing; never an exception."""
    parse(data.draw(st.binary(max_size=300)))
    file = data.draw(st.sampled_from(FILES))
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(file))] * 2)))
    parse(file[:start] + data.draw(st.binary(max_size=8)) + file[end:])
    # More digits than int() takes.
    parse(re.sub(rb"\d+", b"9" * data.draw(st.integers(1, 5000)), file))


@given(st.binary(max_size=200))
def test_command_line_is_clean_text(raw: bytes):
    """Whatever a process writes over its arguments is shown as clean text, or as none."""
    command, long_names = proc.parse_command(raw)
    assert command is None or (command and clean_text(command) == command)
    assert all(name == os.fsdecode(os.fsencode(name)) for name in long_names)


@pytest.mark.parametrize(
    ("raw", "command"),
    [
        (b"sleep\x001000\x00", "sleep 1000"),
        (b"postgres: writer \x00\x00\x00\x00", "postgres: writer"),
        (b"sh\x00-c\x00a b\x00", "sh -c a b"),
        (b"python\x00-c\x00a\n\tb\r\n\x00", "python -c a  b"),
        (b"", None),
        (b"\x00\x00", None),
        (None, None),
        (b"x" * 5000, "x" * 4095 + "…"),
    ],
)
def test_command_line(raw: bytes | None, command: str | None):
    """Arguments are separated by spaces, as are their lines; titles lose their padding, and a long one is cut."""
    assert proc.parse_command(raw)[0] == command


@pytest.mark.parametrize(
    ("name", "command", "shown"),
    [
        (b"sleep", b"sleep\x001000\x00", "sleep"),
        (b"gnome-keyring-d", b"/usr/bin/gnome-keyring-daemon\x00--foreground\x00", "gnome-keyring-daemon"),
        (b"ansible-playboo", b"/usr/bin/python3\x00/usr/bin/ansible-playbook\x00-v\x00", "ansible-playbook"),
        (b"jupyterhub-sing", b"python\x00-I\x00/opt/bin/jupyterhub-singleuser\x00", "jupyterhub-singleuser"),
        # Named like this by itself, and no argument says how it goes on.
        (b"exactly-15-byte", b"python\x00train.py\x00", "exactly-15-byte"),
        # The cut is within a character, whose file says the rest; or nothing does, and half of it is left out.
        ("моделирова".encode()[:15], "sh\0/home/ana/моделирование\0".encode(), "моделирование"),
        ("моделирова".encode()[:15], b"python\x00", "моделир"),
        ("🧪🧪🧪🧪".encode()[:15], None, "🧪🧪🧪"),
        # Whole ones of 15 bytes keep their last character.
        ("训练一个大".encode(), None, "训练一个大"),
        # Not the name of a program, but a title.
        (b"a-long-title-as", b"a-long-title-as: worker\x00\x00\x00", "a-long-title-as:"),
    ],
)
def test_name_is_whole(name: bytes, command: bytes | None, shown: str):
    """The kernel keeps 15 bytes of a name; the rest is in the arguments, the first or those of an interpreter."""
    assert proc.shown_name(name, proc.parse_command(command)[1]) == shown
    assert _may_be_called(os.fsdecode(name), shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("👩‍💻", "👩‍💻"),
        ("می‌خواهم", "می‌خواهم"),
        ("क्‍ष", "क्‍ष"),
        ("ssh\u200dd", "ssh�d"),
        ("\u200cinit", "�init"),
        ("a\u202eb\x1bc\u200bd\ufeff", "a�b�c�d�"),
    ],
)
def test_joiners_survive_where_they_join(text: str, shown: str):
    """Emoji and scripts that need a joiner have it; in a name of Latin letters it would only hide."""
    assert clean_text(text) == shown


def test_host_files():
    """The figures of /proc are read as proc(5) says they are written."""
    stat, meminfo, diskstats, network, loadavg, uptime, _, _, _, status, statm, *_ = FILES
    assert proc.parse_cpus(stat) == {0: CpuTimes(1 + 2 + 3 + 6 + 7 + 8, 4 + 5)}
    assert proc.parse_cpus(b"cpu3 1 2 3 4\n") == {3: CpuTimes(6, 4)}
    assert proc.parse_forks(stat) == 12
    memory = proc.parse_memory(meminfo)
    assert memory is not None
    assert (memory["total"], memory["used"], memory["swap_usage"]) == (1000 * 1024, 750 * 1024, 40.0)
    assert proc.parse_disks(diskstats) == {"sda": DiskCounts(2 * 512, 3 * 512, 1, 1, 0, 0, 0)}
    assert proc.parse_networks(network) == {"eth0": InterfaceCounts(1, 2, 0, 0, 0)}
    assert proc.parse_load(loadavg) == ([0.5, 0.4, 0.3], 4242)
    assert proc.parse_uptime(uptime) == 12.5
    assert proc.parse_uid(status) == 1000
    assert proc.parse_statm(statm) == 256


def test_old_kernel_says_less_about_memory():
    """Without MemAvailable, what is free or a cache counts as available; without swap its usage is unknown."""
    memory = proc.parse_memory(b"MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 5 kB\nCached: 20 kB\n")
    assert memory is not None
    assert (memory["available"], memory["swap_usage"]) == (35 * 1024, None)


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=20), st.integers(1, 2**62)), max_size=20))
def test_directory_entries_that_are_numbers_are_pids(names: list[tuple[bytes, int]]):
    """Of a directory's entries, as getdents64(2) packs them, those whose names are digits are pids."""
    packed, expected = b"", []
    for name, inode in names:
        name = name.replace(b"\0", b"x")
        length = (19 + len(name) + 1 + 7) // 8 * 8
        packed += struct.pack("=QqHB", inode, 7, length, 4) + name.ljust(length - 19, b"\0")
        if name.isdigit():
            expected.append(int(name))
    assert proc.parse_pids(packed) == expected


@pytest.mark.parametrize(
    ("names", "disks"),
    [
        ("sda sda1 sda2 sdb", "sda sdb"),
        ("nvme0n1 nvme0n1p1 nvme0n1p2 nvme1n1", "nvme0n1 nvme1n1"),
        ("mmcblk0 mmcblk0p1 nbd1 nbd10 nbd10p1", "mmcblk0 nbd1 nbd10"),
        ("loop0 ram0 zram0 dm-0 md127 md0p1 sr0 vda", "sr0 vda"),
        ("sda zd0 zd0p1 zd16 bcache0 drbd1 nullb0 nbd0", "sda nbd0"),
        ("nvme0c0n1 nvme0c1n1 nvme0n1 nvme1c0n1", "nvme0n1 nvme1c0n1"),
    ],
)
def test_each_byte_counts_once(names: str, disks: str):
    """Partitions and devices on top of others are not disks of their own."""
    assert whole_disks(names.split()) == set(disks.split())


@pytest.mark.parametrize(
    ("before", "now", "another"),
    [
        ({}, {}, False),
        ({}, {"name": b"other"}, True),
        ({"flags": 0x40}, {"flags": 0}, True),
        ({"stack": 1000}, {"stack": 2000}, True),
        ({"stack": 1000}, {"stack": 0}, False),
        ({"stack": 1000}, {"stack": 0, "state": "Z", "name": b"other"}, False),
        ({"flags": 0x200000}, {"flags": 0x200000, "name": b"kworker/1:0"}, False),
    ],
)
def test_another_program_is_noticed(before: dict[str, Any], now: dict[str, Any], another: bool):
    """A new name, a first exec after a fork and a moved stack are another program; ending and hiding are not."""
    first, second = proc.parse_stat(stat_line(7, **before)), proc.parse_stat(stat_line(7, **now))
    assert first is not None and second is not None
    assert proc.runs_another(first, second) is another
