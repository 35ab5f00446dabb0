"""Cells that are run again, interrupted, and what IPython keeps of them: no model stays, and hardly any memory."""

from __future__ import annotations

from tests.kernel.look import POLLERS
from tests.patience import until

WIDGETS = "len(__import__('ipywidgets').widgets.widget._instances)"
ALIVE = """import gc; gc.collect()
print(sum(isinstance(one, __import__("ipywidgets").Widget) for one in gc.get_objects()))"""
CELL = "d = Dashboard(interval=0.5); d"
SLOW = """
from procwidget import Dashboard, Monitor
from procwidget.sources.scripted import ScriptedSource, make_sample
from procwidget.views.charts import Charts
import threading, time
class Slow(ScriptedSource):
    free = threading.Event()
    def read(self):
        self.free.wait(60)
        return super().read()
build = Charts.__init__
def stuck(self, *given):
    build(self, *given)
    print("building", flush=True)
    time.sleep(60)
"""


def interrupted(kernel, code, cell, word):
    """Run a cell and interrupt it once it has printed a word."""
    kernel.messages.clear()
    request = kernel.start(code, cell)
    kernel.first(lambda message: message["msg_type"] == "stream" and word in message["content"]["text"])
    kernel.manager.interrupt_kernel()
    error = kernel.first(lambda one: one["msg_type"] == "error" and one["parent_header"]["msg_id"] == request)
    assert error["content"]["ename"] == "KeyboardInterrupt"
    # What comes while the kernel lets go of the failed request is not run.
    until(lambda: kernel.run("print('ready')"))
    kernel.messages.clear()


def test_what_ipython_keeps_of_earlier_runs_is_little(kernel):
    """`Out` keeps each run's dashboard: of the more than sixty widgets inside, three and their layouts stay alive."""
    kernel.run("from procwidget import Dashboard; kept = []")
    kernel.run(CELL, cell="c")
    alone = int(kernel.run(ALIVE))
    for _ in range(8):
        kernel.run(f"kept.append(d); {CELL}", cell="c")
    assert int(kernel.run(ALIVE)) <= alone + 8 * 6
    until(lambda: kernel.look(POLLERS) == 1)


def test_an_interrupted_constructor_leaves_no_models(kernel):
    """Interrupted as it is built, three times: nothing of it stays; the run after that is as the first would be."""
    kernel.run(SLOW)
    kernel.run(CELL, cell="c")
    widgets = kernel.look(WIDGETS)
    kernel.run("Charts.__init__ = stuck")
    for _ in range(3):
        interrupted(kernel, CELL, "c", "building")
        assert kernel.look(WIDGETS) == 0
    kernel.run("Charts.__init__ = build")
    kernel.run(CELL, cell="c")
    assert kernel.look(WIDGETS) == widgets
    until(lambda: kernel.look(POLLERS) == 1)


def test_an_interrupt_while_the_earlier_run_is_closed_leaves_no_models(kernel):
    """Closing waits for a reading; interrupted in that, it closes all the same."""
    kernel.run(SLOW)
    kernel.run("monitor = Monitor(Slow([make_sample()]), interval=0.5); d = Dashboard(monitor=monitor); d", cell="c")
    widgets = kernel.look(WIDGETS)
    interrupted(kernel, "print('closing', flush=True); d = Dashboard(monitor=monitor); d", "c", "closing")
    kernel.run("Slow.free.set(); d = Dashboard(monitor=monitor); d", cell="c")
    assert kernel.look(WIDGETS) == widgets
    until(lambda: kernel.look(POLLERS) == 1)
