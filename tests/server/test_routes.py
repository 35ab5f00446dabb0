"""The two JSON routes, in the page's own server and in a Jupyter Server that has the extension."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.patience import PATIENCE, until
from tests.server.conftest import TOKEN

METRICS, TOP = "/procwidget/metrics", "/procwidget/top-processes"


@pytest.fixture(params=["served", "jupyter"])
def server(request):
    """Each of the two servers: the routes must not differ."""
    return request.getfixturevalue(request.param)


def assert_row(row):
    assert list(row) == ["pid", "name", "cpu", "memory"]
    assert isinstance(row["pid"], int) and isinstance(row["name"], str)
    assert row["cpu"] is None or row["cpu"] >= 0
    assert row["memory"] is None or row["memory"] >= 0


def test_metrics_have_the_public_shape(server):
    """Existing clients read exactly these names."""
    answer = server.ask(METRICS, token=TOKEN)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    metrics = answer.json()
    # For a fifth of a second a virtual machine may count no CPU time at all.
    assert metrics["cpu_usage"] is None or 0 <= metrics["cpu_usage"] <= 100
    assert metrics["per_cpu"] and all(value is None or 0 <= value <= 100 for value in metrics["per_cpu"])
    assert set(metrics) == {
        *("time", "interval", "cpu_usage", "per_cpu", "cpu_numbers", "cpu_times", "pressure", "running", "blocked"),
        *("context_switches", "memory_usage", "memory", "swap_in", "swap_out", "major_faults", "oom_kills"),
        *("load_average", "disk", "disks", "network", "interfaces", "filesystems", "gpus", "limits", "effective"),
        *("interrupts", "throttled", "tcp", "sensors", "system", "top_processes"),
    }
    # What is read on demand is read here; sensors have a thread of their own, like filesystems.
    assert metrics["tcp"]["established"] > 0 and metrics["system"]["kernel"]
    assert "temperatures" in until(lambda: server.ask(METRICS, token=TOKEN).json()["sensors"])
    assert len(metrics["cpu_numbers"]) == len(metrics["per_cpu"])
    assert metrics["disks"] and metrics["interfaces"] and set(metrics["disk"]) == {"read", "written"}
    # Filesystems are asked in a thread of their own, so they may come a reading later.
    assert "/" in until(lambda: [one["mount"] for one in server.ask(METRICS, token=TOKEN).json()["filesystems"] or []])
    assert abs(metrics["time"] - time.time()) < PATIENCE
    assert metrics["memory_usage"] == pytest.approx(psutil.virtual_memory().percent, abs=15)
    assert 0 < len(metrics["top_processes"]) <= 10
    for row in metrics["top_processes"]:
        assert_row(row)


@pytest.mark.parametrize("sort", ["cpu", "memory"])
def test_top_processes_are_sorted_and_counted(server, sort):
    """The asked for number of rows comes, the largest first, with the four public keys alone."""
    answer = server.ask(TOP, query=f"?n=3&sort={sort}", token=TOKEN).json()
    assert set(answer) == {"time", "sort", "top_processes"}
    assert answer["sort"] == sort
    rows = answer["top_processes"]
    assert len(rows) == 3
    for row in rows:
        assert_row(row)
    values = [row[sort] or 0 for row in rows]
    assert values == sorted(values, reverse=True)


def test_defaults_are_ten_by_cpu(server):
    """Without parameters it is what `metrics` has."""
    answer = server.ask(TOP, token=TOKEN).json()
    assert answer["sort"] == "cpu"
    assert 0 < len(answer["top_processes"]) <= 10


def test_n_beyond_all_processes_gives_all(server):
    """Asking for more than there are is no mistake."""
    rows = server.ask(TOP, query="?n=10000", token=TOKEN).json()["top_processes"]
    assert os.getpid() in [row["pid"] for row in rows]


@pytest.mark.parametrize(
    ("path", "query", "sentence"),
    [
        (TOP, "?n=0", "n must be a whole number from 1 to 10000, not '0'."),
        (TOP, "?n=-3", "n must be a whole number from 1 to 10000, not '-3'."),
        (TOP, "?n=ten", "n must be a whole number from 1 to 10000, not 'ten'."),
        (TOP, "?n=5%25", "n must be a whole number from 1 to 10000, not '5%'."),
        (TOP, "?n=1e3", "n must be a whole number from 1 to 10000, not '1e3'."),
        (TOP, "?n=%D9%A3", "n must be a whole number from 1 to 10000, not '٣'."),
        (TOP, "?n=", "n must be a whole number from 1 to 10000, not ''."),
        (TOP, "?n=10001", "n must be a whole number from 1 to 10000, not '10001'."),
        (TOP, "?n=1" + 99 * "0", f"n must be a whole number from 1 to 10000, not '1{39 * '0'}'."),
        (TOP, "?n=1&n=2", "n must be given once, not 2 times."),
        (TOP, "?sort=pid", "sort must be cpu or memory, not 'pid'."),
        (TOP, "?sort=", "sort must be cpu or memory, not ''."),
        (TOP, "?sort=<script>", "sort must be cpu or memory, not '<script>'."),
        (TOP, "?limit=3", "This address has no parameter 'limit': it knows n and sort."),
        (METRICS, "?n=3", "This address has no parameter 'n': it knows format."),
    ],
)
def test_bad_parameter_gets_400_and_one_sentence(server, path, query, sentence):
    """The sentence says what is wrong and what would be right."""
    answer = server.ask(path, query=query, token=TOKEN)
    assert (answer.status, answer.json()) == (400, {"message": sentence})
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", [METRICS, TOP])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_no_token_gets_nothing(server, path, method):
    """Without the token every method is refused, also where Jupyter Server lets strangers in by default."""
    for wrong in ({}, {"query": "?token=wrong"}, {"token": "wrong"}, {"cookie": "username-127-0-0-1=wrong"}):
        answer = server.ask(path, method, **wrong)
        assert answer.status == 403, wrong
        assert "cpu" not in answer.body


@pytest.mark.parametrize("path", [METRICS, TOP])
@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_405(server, path, method):
    """The routes read; there is nothing to write."""
    answer = server.ask(path, method, token=TOKEN)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET"
    assert method == "HEAD" or answer.json() == {"message": "Only GET works here."}


def test_concurrent_requests_share_a_reading(server):
    """Twenty at once get one reading a second, so a crowd of clients costs what one costs."""
    began = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        times = set(pool.map(lambda _: server.ask(METRICS, token=TOKEN).json()["time"], range(20)))
    assert len(times) <= 2 + time.monotonic() - began


def test_busy_process_is_among_the_first(server):
    """The figures are of the last moments: who computes now is seen to."""
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:

        def used():
            rows = server.ask(TOP, query="?n=10", token=TOKEN).json()["top_processes"]
            return next((row["cpu"] for row in rows if row["pid"] == busy.pid), None)

        assert 5 < until(lambda: (cpu := used()) and cpu > 5 and cpu, every=0.5) <= 110
    finally:
        busy.kill()
        busy.wait()


def test_extension_is_enabled_by_its_file_alone(jupyter):
    """Installing the package is enough: nobody has to name the extension."""
    assert "procwidget" in jupyter.log.read_text()
    assert "extension was successfully loaded" in jupyter.log.read_text()
