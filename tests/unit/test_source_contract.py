"""What every source promises (`procwidget.sources.base`) of the samples it makes."""

from __future__ import annotations

import copy
import itertools
import json
import os
import subprocess
import sys
import time
import typing
from collections.abc import Iterator

import psutil
import pytest

from procwidget.clean_text import clean_text
from procwidget.errors import SourceUnavailable
from procwidget.sample import Sample
from procwidget.sources import default_source
from procwidget.sources.base import Source
from tests.patience import until
from tests.unit.source_stage import HOST_SOURCES, LINUX, SOURCES, by_pid, conforms


@pytest.fixture(params=SOURCES.values(), ids=SOURCES.keys())
def source(request: pytest.FixtureRequest) -> Iterator[Source]:
    """Every source."""
    made = request.param()
    yield made
    made.close()


@pytest.fixture(params=HOST_SOURCES.values(), ids=HOST_SOURCES.keys())
def host(request: pytest.FixtureRequest) -> Iterator[Source]:
    """Every source that reads this host."""
    made = request.param()
    yield made
    made.close()


def test_sample_has_every_key_with_its_type(source: Source):
    """Both the first sample and the next hold exactly the declared keys, each of its declared type, and are JSON."""
    for sample in (source.read(), source.read()):
        for key, hint in typing.get_type_hints(Sample).items():
            assert conforms(sample[key], hint), key  # type: ignore[literal-required]
        assert sample.keys() == Sample.__annotations__.keys()
        assert sample["source"] == source.name
        assert json.loads(json.dumps(sample, allow_nan=False)) == sample


def test_first_reading_has_no_rates(source: Source):
    """Nothing that needs two readings has a value in the first."""
    sample = source.read()
    assert sample["interval"] is None and sample["cpu_usage"] is None
    assert set(sample["per_cpu"]) == {None}
    assert {*sample["disk"].values(), *sample["network"].values()} == {None}
    assert sample["started"] is None and sample["ended"] is None
    rates = ("cpu_times", "context_switches", "swap_in", "swap_out", "major_faults", "oom_kills")
    assert {sample[key] for key in rates} == {None}  # type: ignore[literal-required]
    pressure = sample["pressure"]
    assert pressure is None or {*pressure["cpu"].values(), *pressure["memory"].values(), *pressure["io"].values()} == {
        None
    }
    assert {row["cpu"] for row in sample["processes"]} == {None}


def test_top_processes_are_the_first_by_cpu(source: Source):
    """There are `top` of them, each with the four keys that clients read, the greediest first."""
    source.top = 2
    source.read()
    time.sleep(0.05)
    sample = source.read()
    greedy = sorted((row["cpu"] or 0.0 for row in sample["processes"]), reverse=True)[:2]
    assert [row["cpu"] or 0.0 for row in sample["top_processes"]] == greedy
    assert all(list(row) == ["pid", "name", "cpu", "memory"] for row in sample["top_processes"])


def test_closed_source_says_so(source: Source):
    """Reading a closed source is refused in words, and closing twice is fine."""
    source.read()
    source.close()
    source.close()
    with pytest.raises(SourceUnavailable, match="closed"):
        source.read()


def test_row_is_never_changed_once_handed_out(source: Source):
    """A sample equals its copy after more readings, and rows that are equal are the same object."""
    samples = []
    for _ in range(4):
        samples.append(source.read())
        time.sleep(0.02)
    kept = copy.deepcopy(samples)
    source.read()
    assert samples == kept
    for before, after in itertools.pairwise(samples):
        rows = by_pid(before)
        for row in after["processes"]:
            assert rows.get(row["pid"]) is row or rows.get(row["pid"]) != row


def test_text_is_clean(source: Source):
    """Every name, user and command line on this host is already as it may be shown."""
    source.read()
    time.sleep(0.1)
    for row in source.read()["processes"]:
        for text in (row["name"], row["user"], row["command"]):
            assert text is None or clean_text(text) == text


def read_until_rated(source: Source) -> Sample:
    """Read until every rate is known: over a few milliseconds a CPU may have counted no tick at all."""

    def rated() -> Sample | None:
        sample = source.read()
        rates = (sample["cpu_usage"], *sample["per_cpu"], *sample["disk"].values(), *sample["network"].values())
        return None if None in rates else sample

    return until(rated, every=0.1)


def test_figures_of_the_host_agree_with_psutil(host: Source):
    """Rates are there from the second reading on, and memory, uptime, load and CPUs are those of psutil."""
    loads = [os.getloadavg()]
    sample = read_until_rated(host)
    loads.append(os.getloadavg())
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    assert sample["memory"] is not None and sample["uptime"] is not None
    assert sample["memory"]["total"] == memory.total
    assert sample["memory"]["swap_total"] == swap.total
    assert sample["memory"]["available"] == pytest.approx(memory.available, abs=memory.total / 10)
    assert sample["memory_usage"] == pytest.approx(memory.percent, abs=10)
    assert sample["uptime"] == pytest.approx(sample["time"] - psutil.boot_time(), abs=2)
    assert len(sample["per_cpu"]) == psutil.cpu_count()
    assert any(sample["load_average"] == pytest.approx(load, abs=0.01) for load in loads)
    assert all(0 <= value <= 100 for value in (sample["cpu_usage"] or 0, *(value or 0 for value in sample["per_cpu"])))
    assert all((rate or 0) >= 0 for rate in (*sample["disk"].values(), *sample["network"].values()))


@pytest.mark.skipif(not LINUX, reason="this is about the sources of Linux")
def test_default_on_linux_is_gated():
    """On this system the default is the gated source; where /proc shows other pids, it is the portable one."""
    source = default_source(top=3)
    assert (source.name, source.top) == ("linux", 3)
    source.close()
    namespace = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--pid", "--fork"]
    ask = "from procwidget.sources import default_source; print(default_source().name)"
    answer = subprocess.run([*namespace, sys.executable, "-c", ask], capture_output=True, text=True)
    if "unshare" in answer.stderr:
        pytest.skip(f"no pid namespace can be had here: {answer.stderr.strip()}")
    assert answer.stdout == "portable\n", answer.stderr
