"""What cells cost, as a Jupyter Server sees it: real kernels, of two languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.patience import until
from tests.server.notebook_kernels import Notebook

MIB = 2**20
R = Path("/usr/share/jupyter/kernels/ir")

ALLOCATE = f"data = bytearray(b'x' * (300 * {MIB})); kept = data[:{100 * MIB}]; del data"
COMPUTE = "import time\nuntil = time.process_time() + 0.5\nwhile time.process_time() < until: pass"
CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {COMPUTE!r}])"
WRITE = (
    "import os\nwith open('big', 'wb') as file:\n    file.write(os.urandom(8 * 2**20)); file.flush(); os.fsync(file)\n"
    "os.remove('big')"
)
THREAD = (
    "import threading, time\nstop = False\ndef work():\n    while not stop: pass\n"
    "worker = threading.Thread(target=work); worker.start()"
)


@pytest.fixture(scope="module")
def asking(jupyter):
    """A notebook in which somebody asks what cells cost."""
    kernel = Notebook(jupyter, "asks.ipynb")
    kernel.run("import json, procwidget")
    yield kernel
    kernel.close()


def found(asking, kernel, cell):
    """What a cell of a kernel cost, if the server has said it by now."""
    said = json.loads(asking.run("print(json.dumps(procwidget.cells()))")[1])
    return next((one for one in said if (one["kernel"], one["cell"]) == (kernel, cell)), None)


def cost(asking, kernel, cell):
    """What a cell of a kernel cost, once the server says it."""
    return until(lambda: found(asking, kernel, cell))


def followed(jupyter, asking, name, kernel="python3"):
    """A notebook whose cells the server hears of: its subscription comes when the kernel's does, or a moment later."""
    notebook = Notebook(jupyter, name, kernel)
    until(lambda: found(asking, notebook.kernel, notebook.run("1")[0]), every=0.2)
    return notebook


def test_each_cell_has_its_cost_and_its_notebook(jupyter, asking):
    """Memory at its peak and what stayed, CPU time of the kernel and of children, and what was written."""
    kernel = followed(jupyter, asking, "counted.ipynb")
    try:
        numbers = [kernel.run(code)[0] for code in (ALLOCATE, COMPUTE, CHILD, WRITE)]
        allocated, computed, child, wrote = [cost(asking, kernel.kernel, number) for number in numbers]
        assert allocated["notebook"] == "counted.ipynb"
        assert allocated["peak_exact"] and allocated["peak_memory"] >= 400 * MIB
        assert 40 * MIB < allocated["grown"] < 200 * MIB
        assert 0.4 < computed["cpu_seconds"] < 2 and computed["seconds"] >= computed["cpu_seconds"] - 0.2
        assert not computed["shared"] and not computed["peak_exact"]
        assert 0.4 < child["cpu_seconds"] < 2
        assert wrote["written"] >= 8 * MIB
    finally:
        kernel.close()


def test_cells_that_run_while_a_thread_works_are_shared(jupyter, asking):
    """Whose the time is cannot be said, so it is said that it is not all the cell's."""
    kernel = followed(jupyter, asking, "threads.ipynb")
    try:
        kernel.run(THREAD)
        until(lambda: cost(asking, kernel.kernel, kernel.run("import time; time.sleep(0.1)")[0])["shared"])
        kernel.run("stop = True; worker.join()")
    finally:
        kernel.close()


@pytest.mark.skipif(not R.exists(), reason="needs R's kernel: apt-get install r-cran-irkernel")
def test_cells_of_r_have_a_cost_too(jupyter, asking):
    """Nothing is installed in a kernel: it says itself when a cell begins and ends."""
    kernel = followed(jupyter, asking, "model.ipynb", "ir")
    try:
        number, _ = kernel.run("x <- rep(1.5, 30e6); for (i in 1:5) y <- sum(sqrt(x))")
        found = cost(asking, kernel.kernel, number)
        assert found["notebook"] == "model.ipynb" and found["cpu_seconds"] > 0.1 and found["grown"] >= 200 * MIB
    finally:
        kernel.close()


def test_a_kernel_whose_server_has_no_procwidget_measures_itself_and_prints_it(jupyter):
    """By IPython's events; and `%%cost` prints one line after its cell, in any kernel."""
    kernel = Notebook(jupyter, "alone.ipynb")
    try:
        kernel.run("%load_ext procwidget")
        before = json.loads(kernel.run("import json; print(json.dumps(sorted(set(globals()) - {'json'})))")[1])
        number, text = kernel.run(f"%%cost\n{COMPUTE}\nprint('done')")
        assert re.fullmatch(r"done\n\S+ m?s, CPU \S+ m?s, peak .*\n", text), text
        alone = "import procwidget.jupyter.own_cells as own; own.ask_server = lambda *_: {}"
        kernel.run(alone)
        said = json.loads(kernel.run("print(json.dumps(own.cells()))")[1])
        assert [one["cell"] for one in said if 0.4 < one["cpu_seconds"] < 2] == [number]
        names = json.loads(kernel.run("print(json.dumps(sorted(set(globals()) - {'json', 'own'})))")[1])
        assert [name for name in names if not name.startswith("_")] == [one for one in before if one[0] != "_"] + [
            "time",
            "until",
        ]
    finally:
        kernel.close()
