"""Why a kernel died: real kernels of one Jupyter Server, each ended in another way, and what is said of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests.patience import until
from tests.server.conftest import TOKEN, start_jupyter
from tests.server.notebook_kernels import Notebook, ask, deaths, executable
from tests.unit.cgroup_stage import small_group

FILL = "held = []\nwhile True:\n    held.append(bytearray(b'x' * 2**20))"
LIMIT = 96


@contextmanager
def notebook(server, name="fading.ipynb"):
    """A notebook while the block runs."""
    opened = Notebook(server, name)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def in_small_group(kernel, limit=LIMIT):
    """Have a kernel in a control group that may take a little memory while the block runs."""
    with small_group(limit) as group:
        procs = Path(group.directory, "cgroup.procs")
        pid = kernel.pid()
        procs.write_text(str(pid))
        # When a cell begins the kernel is read, also in which group it is now.
        kernel.run("import time; time.sleep(0.5)")
        deaths(kernel.server)
        yield pid
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not procs.read_text())


def test_a_kernel_that_memory_ran_out_for_is_said_to_have_been_killed_as_the_counter_rose(jupyter):
    """The fact is the counter of its own control group, and what it held of the limit that counts."""
    with notebook(jupyter) as kernel, in_small_group(kernel):
        cell = kernel.start(FILL)
        death = kernel.death()
        assert (death["signal"], death["oom"], death["notebook"], death["cell"]) == (
            "SIGKILL",
            True,
            "fading.ipynb",
            cell,
        )
        assert death["limit"] == LIMIT * 2**20 and death["memory"] > 0
        assert death["text"].startswith(f"fading.ipynb's kernel was killed (SIGKILL) in In [{cell}] after ")
        assert f" of {LIMIT}.0 MiB" in death["text"] and "the OOM counter of its control group" in death["text"]


def test_a_kill_from_elsewhere_is_not_called_out_of_memory_after_an_earlier_one(jupyter):
    """A counter that is above zero says nothing: what rose while this kernel ended does."""
    with notebook(jupyter) as kernel, in_small_group(kernel) as pid:
        child = [sys.executable, "-S", "-E", "-c", FILL]
        _, code = kernel.run(f"import subprocess; print(subprocess.run({child!r}).returncode)")
        assert int(code) == -signal.SIGKILL
        cell = kernel.start("import time; time.sleep(600)")
        # A reading is taken each second, and what was killed before it is not of its time.
        deaths(jupyter)
        time.sleep(1.5)
        os.kill(pid, signal.SIGKILL)
        death = kernel.death()
        assert (death["signal"], death["oom"], death["cell"]) == ("SIGKILL", False, cell)
        assert "did not rise, so a process sent the signal" in death["text"]


def told_of(count):
    """Code that prints the last of so many interrupts: they are noted once they were done, which it waits for."""
    return f"""
import time
while len(told := [one["text"] for one in dashboard.events if one["kind"] == "interrupt"]) < {count}:
    time.sleep(0.05)
print(told[-1])
"""


def test_a_cell_is_interrupted_before_memory_is_full_and_the_kernel_keeps_what_it_has(jupyter):
    """Who asked for it loses a cell, and not an afternoon."""
    with notebook(jupyter) as kernel, in_small_group(kernel, 400):
        kernel.run("from procwidget import Dashboard; dashboard = Dashboard(interrupt_at=80)")
        # Not at once: a kernel that hardly gets to run on a busy machine must have its turn.
        fill = "import time\n" + FILL + "\n    time.sleep(0.015)"
        fill = fill.replace("\n", "\n    ")
        number, text = kernel.run(f"try:\n    {fill}\nexcept KeyboardInterrupt: print(len(held))")
        assert 20 < int(text) < 400
        told = kernel.run(f"print(len(held))\n{told_of(1)}")[1].replace("\n", " ").strip()
        assert told.startswith(f"{int(text)} In [{number}] was interrupted (SIGINT): ")
        assert " of 400 MiB of memory were in use, of which it took " in told
        # Its workers count too, and are ended by what the cell began them with.
        worker = [sys.executable, "-S", "-E", "-c", f"import time\n{FILL}\n    time.sleep(0.015)"]
        shared = f"import subprocess\ntry: subprocess.run({worker!r})\nexcept KeyboardInterrupt: print('interrupted')"
        number, text = kernel.run(f"del held\n{shared}")
        assert (text, kernel.run(told_of(2))[1].split(" was ")[0]) == ("interrupted\n", f"In [{number}]")
        lines = (jupyter.log.parent / "audit.jsonl").read_text().splitlines()
        assert [(one["signal"], one["by"]) for one in map(json.loads, lines)][-1] == ("SIGINT", "interrupt_at")


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("import os, time; time.sleep(0.3); os._exit(3)", "ended by itself with exit status 3 in In [1]"),
        ("import ctypes, time; time.sleep(0.3); ctypes.string_at(0)", "crashed (SIGSEGV) in In [1]"),
        (
            "import os, time; time.sleep(0.3); os.kill(os.getpid(), 9)",
            "was killed (SIGKILL) in In [1]",
        ),
    ],
)
def test_how_a_kernel_ended_is_said_with_its_cell(jupyter, code, how):
    """An exit status is one, a fault is one of compiled code, and a kill is nobody's guess of memory."""
    with notebook(jupyter) as kernel:
        kernel.start(code)
        death = kernel.death()
        assert f"fading.ipynb's kernel {how} after " in death["text"] and not death["oom"]


def test_the_next_dashboard_of_that_notebook_says_it_and_so_does_its_event_log(jupyter):
    """The kernel that was started in its place knows what became of the one before."""
    with notebook(jupyter) as kernel:
        kernel.start("import os, time; time.sleep(0.3); os._exit(3)")
        death = kernel.death()
        kernel.again()
        kernel.run("from procwidget import Dashboard; import time; dashboard = Dashboard()")
        look = (
            "while not (told := dashboard.summary.reading.get('told')): time.sleep(0.1)\n"
            "deaths = [one['text'] for one in dashboard.events if one['kind'] == 'kernel_death']\n"
            "print(told['text'], deaths[-1], sep='\\n')"
        )
        assert kernel.run(look)[1].splitlines() == [death["text"], death["text"]]


def test_a_kernel_that_is_idle_is_said_to_have_run_no_cell(jupyter):
    """The end of a cell is heard too."""
    with notebook(jupyter) as kernel:
        pid = kernel.pid()
        os.kill(pid, signal.SIGKILL)
        death = kernel.death()
        assert death["cell"] is None and " while no cell ran, holding " in death["text"]


def test_what_the_user_asked_for_is_not_reported(jupyter):
    """Shut down and restarted kernels, busy or idle, are none of it; a death after them comes alone."""
    asked_for = [Notebook(jupyter, f"{number}.ipynb") for number in range(3)]
    for kernel in asked_for[1:]:
        kernel.start("import time; time.sleep(600)")
    assert ask(jupyter, "POST", f"/api/kernels/{asked_for[1].kernel}/restart")[0] == 200
    for kernel in asked_for:
        kernel.close()
    with notebook(jupyter, "last.ipynb") as kernel:
        kernel.start("import os, time; time.sleep(0.3); os._exit(7)")
        kernel.death()
    assert not {kernel.kernel for kernel in asked_for} & {one["kernel"] for one in deaths(jupyter)}


def test_who_ends_processes_before_the_system_does_is_named(jupyter, tmp_path):
    """Earlyoom sends SIGTERM or SIGKILL, which no counter counts: that it runs is a fact, that it did it is not."""
    killer = subprocess.Popen([executable(tmp_path / "bin", "earlyoom"), "600"])
    try:
        with notebook(jupyter) as kernel:
            os.kill(kernel.pid(), signal.SIGTERM)
            death = kernel.death()
    finally:
        killer.kill()
        killer.wait()
    assert death["signal"] == "SIGTERM" and not death["oom"]
    assert "earlyoom ends processes here when memory is short" in death["text"]


def test_a_kernel_that_earlyoom_ends_is_said_to_have_died_where_that_runs(folder):
    """The real one, which sees the server, its kernel and itself alone, and thinks that memory is short."""
    if os.geteuid() != 0 or not shutil.which("earlyoom"):
        pytest.skip("needs root and Debian's earlyoom, which ./test fetches where there is apt")
    under = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
    server = start_jupyter(folder, under=under)
    inside = ("nsenter", f"--target={psutil.Process(server.process.pid).children()[0].pid}", "--pid", "--mount")
    short = [*inside, "earlyoom", "-m", "99,1", "-s", "100,1", "--prefer", "^train-kernel$", "--avoid", "^python"]
    try:
        with notebook(server) as kernel:
            pid = kernel.pid()
            kernel.run("open('/proc/self/comm', 'w').write('train-kernel')")
            kernel.start("import time; time.sleep(600)")
            with earlyoom(folder / "dry", *short, "--dryrun") as tried:
                until(lambda: f'process {pid} uid 0 "train-kernel"' in tried.read_text())
            with earlyoom(folder / "real", *short) as log:
                death = kernel.death()
            assert f'sending SIGTERM to process {pid} uid 0 "train-kernel"' in log.read_text()
    finally:
        # unshare(1) hears no other, and takes the server and all in its namespace with it.
        server.stop(signal.SIGKILL)
    assert (death["signal"], death["oom"], death["cell"]) == ("SIGTERM", False, 3)
    assert death["text"].endswith("so a process sent the signal; earlyoom ends processes here when memory is short.")


@contextmanager
def earlyoom(log, *command):
    """Have it run while the block does; yields the file that it writes into."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield log
    finally:
        # nsenter has started it.
        for one in [*psutil.Process(process.pid).children(recursive=True), process]:
            one.kill()
        process.wait()


def test_where_the_disk_is_full_a_bus_error_says_so(jupyter):
    """Memory that is a file's has no room there: the usual end of workers with a small /dev/shm."""
    folder = jupyter.log.parent / "root" / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here: this needs root")
    try:
        with notebook(jupyter, "small/fading.ipynb") as kernel:
            kernel.start(
                "import mmap, time\ntime.sleep(0.3)\nfile = open('big', 'wb+'); file.truncate(2**20)\n"
                "mapped = mmap.mmap(file.fileno(), 2**20)\nfor at in range(0, 2**20, 4096): mapped[at] = 1"
            )
            death = kernel.death()
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
    assert death["signal"] == "SIGBUS" and f"there is no room left in {folder}" in death["text"]


def test_only_who_may_enter_hears_of_deaths_and_the_file_is_the_users_alone(jupyter):
    """Names of notebooks are in them."""
    assert jupyter.ask("/procwidget/deaths").status == 403
    assert jupyter.ask("/procwidget/deaths", token=TOKEN, query="?n=1").status == 400
    with notebook(jupyter) as kernel:
        kernel.start("import os, time; time.sleep(0.3); os._exit(0)")
        kernel.death()
    file = jupyter.log.parent / "state" / "procwidget" / "kernel-deaths.jsonl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and kernel.kernel in file.read_text()


def test_the_pages_server_tells_of_them_too(served):
    """It reads the user's file, and watches no kernels of others."""
    answer = served.ask("/procwidget/deaths", token=TOKEN)
    assert answer.json() == {"deaths": [], "cost": None}
