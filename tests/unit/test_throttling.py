"""How often a control group used up its CPU time and had to wait, in trees of files as both versions show them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_cgroup_cpu import Grouped


def put_periods(host: Grouped, periods: int, throttled: int) -> None:
    if host.version == 2:
        counts = f"nr_periods {periods}\nnr_throttled {throttled}\nthrottled_usec 5\nnr_bursts 0\nburst_usec 0\n"
        host.put("all/job/cpu.stat", f"usage_usec 1000000\nuser_usec 7\nsystem_usec 0\n{counts}")
    else:
        host.put("cpu/job/cpu.stat", f"nr_periods {periods}\nnr_throttled {throttled}\nthrottled_time 5000\n")


@pytest.mark.parametrize("version", [1, 2])
def test_throttled_is_the_share_of_periods_that_ran_out(tmp_path: Path, version: int):
    """8 of the 20 periods of 2 s: 40 %. Where there was no period, nothing had to wait; a new group begins anew."""
    host = Grouped(tmp_path, version)
    host.publish()
    source = host.source()
    found = []
    for periods, throttled in ((100, 50), (120, 58), (120, 58), (140, 78), (5, 1)):
        put_periods(host, periods, throttled)
        found.append(source.read()["throttled"])
        host.pass_time(2.0)
    assert found == [None, 40.0, 0.0, 100.0, None]
    assert source.read()["limits"]["cpus"] == 0.5
    source.close()


@pytest.mark.parametrize("version", [1, 2])
def test_without_a_quota_nothing_is_throttled_and_none_is_said(tmp_path: Path, version: int):
    """No limit, or one that leaves all CPUs, or a kernel that does not count: unknown, never 0."""
    host = Grouped(tmp_path, version)
    host.publish()
    whole = {2: ("all/job/cpu.max", "200000 100000\n"), 1: ("cpu/job/cpu.cfs_quota_us", "200000\n")}[version]
    none = {2: ("all/job/cpu.max", "max 100000\n"), 1: ("cpu/job/cpu.cfs_quota_us", "-1\n")}[version]
    for name, text in (whole, none):
        host.put(name, text)
        source = host.source()
        for periods in (100, 200):
            put_periods(host, periods, periods)
            assert source.read()["throttled"] is None
        source.close()
    host = Grouped(tmp_path / "uncounted", version)
    host.publish()
    source = host.source()
    assert [source.read()["throttled"] for _ in range(2)] == [None, None]
    source.close()
