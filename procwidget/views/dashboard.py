"""The dashboard: one widget made of the summary, the charts and the process table, fed by a shared monitor.

In the poller's thread each sample goes to the alerts and then, if somebody watches, to the table, which has the
summary and the charts draw theirs and sends all in one message. When nobody watches, the dashboard stops watching the
monitor, which then stops polling.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from IPython.display import publish_display_data
from ipywidgets import VBox, Widget
from ipywidgets.widgets.widget import _instances

from procwidget import forking, units
from procwidget.actions.from_python import Target
from procwidget.fields import FIELDS
from procwidget.host import host_of
from procwidget.monitor import Monitor, shared_monitor
from procwidget.recording.recording import Recording
from procwidget.sample import Sample
from procwidget.sources.own_processes import OwnProcessesSource
from procwidget.state.alerts import Alert
from procwidget.thresholds import Thresholds
from procwidget.views import about_itself, arguments, ipython_state, kept_view, panels, reruns
from procwidget.views.cell_panel import bands
from procwidget.views.chart import WINDOW
from procwidget.views.chart_history import ChartHistory
from procwidget.views.charts import Charts
from procwidget.views.comm_guard import guard
from procwidget.views.dashboard_alerts import DashboardAlerts
from procwidget.views.page_parts import PARTS, part
from procwidget.views.past import Past
from procwidget.views.plain_text import NO_READING, plain_text, wait_for_rates
from procwidget.views.presence import Presence
from procwidget.views.reach_back import reach_of
from procwidget.views.readable import Readable
from procwidget.views.replay import ReplayMonitor, opened
from procwidget.views.said import Said
from procwidget.views.settable import Settable
from procwidget.views.shown import Arrangement
from procwidget.views.static_fallback import StaticFallback
from procwidget.views.summary import Summary, describe
from procwidget.views.table import ProcessTable


class Dashboard(DashboardAlerts, Readable, Settable, VBox):
    """A live view of this host: show it in a cell, or serve it with Voilà.

    Args:
        interval: seconds between updates, 0.5 to 60. Dashboards of one kernel share one poller and one interval.
        top: rows of the process table in sight, 3 to 100, and processes in each sample's `top_processes`.
        thresholds: `Thresholds`, or a dict of some of its fields such as `{"cpu": (60, 80), "hold": 5}`, or
            `{"cpu": 80}` for the same pair.
        allow_kill: whether processes may be ended from here; `None` is yes in a notebook, and as the server was told
            in a served page.
        sort_by: the column that sorts the table at first, such as "memory"; `None` is CPU, or that of the `preset`.
        columns: the columns that the table shows at first, in this order; `None` is the usual ones, or the preset's.
        filter: what is in the search box at first, such as "cpu>50 user=ana"; see docs/search.md.
        monitor: a `Monitor` of your own; `None` is the one that all dashboards of this kernel share.
        webhook: an address to which each alert is posted as JSON when it begins, changes its level or ends; readings
            then go on while nobody watches.
        compact: shows the sentence, the meters and the rows alone; "/" brings the search.
        interrupt_at: percent of the memory that counts, 10 to 99: a cell of this kernel that takes memory is
            interrupted when so much is in use, before the kernel is lost. Linux only; `None` is never.
        preset: a ready-made view that the table shows at first: "cpu", "memory", "disk", "gpu" or "notebook".
        panels: those that are open at first, of "cpu", "memory", "disks", "filesystems", "network", "sensors",
            "gpus" and "cells".
        recording: a `Recording`, or its path: show that instead of this host. Nothing can be ended then.

    Raises:
        InvalidArgument: an argument is wrong; the message says what would be right.
    """

    _closed = True  # until it is built: a refused argument leaves nothing to close
    _of_parent = False  # whether this is a forked child's copy

    @arguments.named_in_words
    def __init__(
        self,
        interval: float | None = None,
        top: int = 15,
        thresholds: Thresholds | Mapping[str, Any] | None = None,
        allow_kill: bool | None = None,
        sort_by: str | None = None,
        *,
        columns: Sequence[str] | None = None,
        filter: str = "",
        monitor: Monitor | None = None,
        webhook: str | None = None,
        compact: bool = False,
        interrupt_at: float | None = None,
        preset: str | None = None,
        panels: Sequence[str] = (),
        recording: Recording | str | os.PathLike[str] | None = None,
    ) -> None:
        served = ipython_state.served_options()
        given = arguments.check(
            *(interval, top, thresholds, allow_kill, sort_by, columns, filter, monitor, webhook, compact),
            *(interrupt_at, preset, panels, served),
        )
        if recording is None and served is not None:
            recording = served.get("replay")
        if recording is not None:
            arguments.refuse_beside_recording(
                interval=interval, monitor=monitor, webhook=webhook, interrupt_at=interrupt_at
            )
            self.monitor = ReplayMonitor(opened(recording))
            given = given._replace(interval=None, webhook=None, interrupt_at=None)
        elif given.monitor is not None:
            self.monitor = given.monitor
        elif served is not None and served.get("own_processes"):
            self.monitor = Monitor(OwnProcessesSource())
        else:
            self.monitor = shared_monitor()
        self.monitor.source.top = given.rows
        if given.interval is not None:
            self.monitor.interval = given.interval
        ipython_state.watch_execution()
        reruns.close_earlier_runs()
        before = set(_instances)
        try:
            self._build(given, served)
        except BaseException:
            # If construction is interrupted, close the widgets made so far: nobody else could.
            for name, widget in tuple(_instances.items()):
                if name not in before:
                    widget.close()
            raise
        reruns.note(self)
        self._arrive()

    def _build(self, given: arguments.Arguments, served: dict[str, Any] | None) -> None:
        style = units.Style(**(served or {}).get("view", {}).get("units", {}))
        if served is not None:
            units.use(style)
        self._alerts = self.monitor.follow(given.thresholds)
        self._begin_alerting(given.webhook)
        self._host = host_of(self.monitor)
        self._has_cells = served is None and self._host.here
        self._allowed = allowed = given.allowed and self._host.may_signal
        columns = tuple(given.columns or (field.key for field in FIELDS if field.shown))
        self._arrangement = Arrangement(given.sort, given.filter, columns, kernel_threads=True)
        self._subshells = False
        self._raised = ", priority raised" if ipython_state.priority_raised() else ""
        self._drawn = False
        name = uuid.uuid4().hex
        self._fallback = StaticFallback(name, replay=self.monitor.replays) if served is None else None
        self._unwatch: Callable[[], None] | None = None
        self._watching = threading.Lock()
        presence = Presence(busy=lambda: ipython_state.executing() and not self._subshells)
        presence.expect()
        self.service = self._host.signals(
            allowed=allowed,
            told=lambda outcomes: self.monitor.event_log.note_outcomes(outcomes, time.time()),
        )
        self.summary = Summary(self._set_interval, self._answer_head, self._hear_notify, name)
        self.charts = None if given.compact else Charts(self._host.cores())
        closeup = self._host.closeup(reveal=allowed)
        self._holders = closeup.holders
        options = {
            "name": name,
            "sort_by": given.sort[0][0],
            "preset": given.preset,
            "my_view": kept_view.load() if served is None else None,
            "open_panels": given.panels,
            "rows": given.rows,
            "columns": given.columns,
            "filter": given.filter,
            "panels": panels.titles(cells=self._has_cells),
            "actions": allowed,
            "cores": self._host.cores(),
            "reveal": allowed,
            "system": self._host.lacking(),
            "units": style._asdict(),
            "never": self._host.never_signalled() if allowed else None,
            "replay": self.monitor.replays,
        }
        self.table = ProcessTable(
            self.service,
            closeup,
            presence,
            self._arrive,
            given.thresholds,
            options,
            self._beside,
            self._want,
            panels.Panels(given.thresholds),
            lambda: self._alerts.hanging,
            self._tell,
        )
        self._said = Said(lambda: self._alerts.thresholds, lambda: self.monitor.interval)
        self._reach = reach_of(self.monitor)
        self._chart_history = ChartHistory(self.monitor, self._reach)
        self.table.past = Past(
            self._reach, self._past_reading, lambda: self.monitor.last, lambda: self.charts, lambda: self.thresholds
        )
        shown = [self.summary, self.table]
        if self.charts:
            shown.insert(1, self.charts.box)
        super().__init__(shown)
        self.add_class("procwidget")
        if given.compact:
            self.add_class("procwidget-compact")
        for widget in (*self._parts(), self):
            if widget not in (self.summary, self.table):
                guard(widget)
        self._begin_guard(given.interrupt_at)
        self._closed = False
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: keep what there is to read, and say nothing; the front end is the parent's."""
        self._watching, self._unwatch, self._fallback = threading.Lock(), None, None
        self._of_parent = True
        if self._closed:
            return
        for widget in self._parts():
            # What is sent from here would reach the browser, which takes it for the parent's.
            widget.comm = None
        self.comm = None

    def __repr__(self) -> str:
        if not self._closed and ipython_state.in_plain_python():
            return str(self)
        return f"<procwidget.Dashboard, {'closed' if self._closed else 'live'}>"

    def __str__(self) -> str:
        """Return the sentence and the busiest processes as text, of now."""
        if self._closed:
            return repr(self)
        old = None if self.monitor.running else self.monitor.last
        self._arrive()
        wait_for_rates(self.monitor, after=old)
        last = self.monitor.last
        return self.monitor.problem or NO_READING if last is None else plain_text(last, self.headline["text"])

    def _ipython_display_(self, **_options: object) -> None:
        if ipython_state.in_terminal():
            print(self)
            return
        if not self._closed:
            publish_display_data({**self._repr_mimebundle_(), **self._page_parts()})
        if self._fallback is not None:
            # A front end that answers is shown the figures as they come; a record, as of nbconvert, has these alone.
            wait_for_rates(self.monitor, enough=lambda: self.table.answered)
            self._fallback.show(self.monitor.last)

    def _page_parts(self) -> dict[str, Any]:
        if ipython_state.served_options() is None:
            return {}
        return {
            PARTS: {
                "summary": part(self.summary, "reading"),
                **({"charts": part(self.charts.box)} if self.charts else {}),
                "table": part(self.table, "thresholds", "options"),
            }
        }

    def end(
        self, process: Target | Sequence[Target], signal: str | int = "TERM"
    ) -> dict[str, Any] | list[dict[str, Any]]:
        """End a process, or send it another signal: `procwidget.end` under the rules of this dashboard.

        Args:
            process: a pid, a process's dict such as `dashboard.find("name=sleep")[0]`, or a list of these.
            signal: such as "TERM", "KILL" or "renice 5".

        Raises:
            InvalidArgument: there is no such signal, or `process` is none.
            ActionRefused: nothing was sent; the message says why.
        """
        return self._host.end(process, signal, allowed=self._allowed)

    def close(self) -> None:
        """Stop watching, give up open questions and remove every widget of this dashboard."""
        if self._closed:
            return
        self._closed = True
        reruns.forget(self)
        try:
            # This waits for the poller, and may be interrupted.
            self._rest()
        finally:
            self._remove()

    def _remove(self) -> None:
        self._end_alerting()
        if self.monitor.replays:
            self.monitor.close()
        self.service.close()
        for widget in self._parts():
            widget.close()
        super().close()
        # IPython keeps what a cell returned, in Out and _: a closed dashboard should weigh little.
        self.children = ()
        if self.charts:
            self.charts.release()

    def _parts(self) -> Iterator[Widget]:
        """Yield every widget made here, this one left out."""
        for widget in (self.summary, *(self.charts.widgets() if self.charts else ()), self.table, self):
            for name in ("layout", "style"):
                if isinstance(part := getattr(widget, name, None), Widget):
                    yield part
            if widget is not self:
                yield widget

    def _arrive(self) -> Sample | None:
        if ipython_state.in_subshell():
            self._subshells = True
        # After a rest the last sample shows who has ended long since; the next one comes at once.
        last = self.monitor.last if self.monitor.running else None
        with self._watching:
            if self._unwatch is not None and not self.monitor.running:
                # Somebody stopped it, for all; who comes has it go on.
                self._unwatch()
                self._unwatch = None
            if self._unwatch is None and not self._closed and not self._of_parent:
                self._drawn = False
                self._unwatch = self.monitor.watch(self._take, self._say)
        return last

    def _rest(self, unless: Callable[[], bool] = lambda: False) -> None:
        with self._watching:
            if unless():
                return
            unwatch, self._unwatch = self._unwatch, None
        if unwatch is not None:
            self.table.forget_demands()
            self.monitor.want(self, ())
            unwatch()
            if self._fallback is not None:
                self._fallback.renew(self.monitor.last)

    def _take(self, sample: Sample) -> None:
        """Show a sample; in the poller's thread."""
        alerts = self._alerting.take(sample, self.monitor.actual_interval)
        if self._host.here:
            self._take_deaths(sample)
        self._said.note(sample, alerts, self._alerting.state)
        self._notify(alerts)
        if not self.table.present():
            # A callback for alerts asked for readings that go on; without one, nobody needs them.
            if not self._alerting.heard and not self._kept_awake():
                self._rest(unless=self.table.present)
            self._drawn = False
            return
        self.table.publish(sample, lambda: self._draw(sample, alerts))
        if self._fallback is not None:
            self._fallback.complete(sample)

    def _draw(self, sample: Sample, alerts: list[Alert]) -> None:
        interval = self.monitor.actual_interval
        notes = about_itself.notes(self.monitor, self._alerting.problem)
        cost = about_itself.cost(self.monitor, self.table.bytes_sent) + self._raised
        shown = describe(sample, alerts, self.headline, self._alerts.thresholds, self.monitor.interval, notes, cost)
        self.summary.reading = self._alert_part(sample) | shown
        self._show_thresholds()
        if self.charts is None:
            return
        self._mark_events(sample, self.charts)
        if self._has_cells:
            self.charts.show_cells(bands(sample["time"] - WINDOW))
        if not self._drawn:
            self._chart_history.begin(sample)
        if not self._drawn or self._chart_history.came:
            self.charts.restart(self._chart_history.hosts(), interval)
            self._drawn = True
        self.charts.update(sample, self._chart_history.hosts, interval)

    def _beside(self, whole: bool) -> tuple[dict[str, Any], list[bytes]]:
        """Return what goes with a frame: the summary's and the charts' news, or all that they show."""
        charts, buffers = self.charts.part(whole=whole) if self.charts else ({}, [])
        return {"reading": self.summary.part(whole=whole), "charts": charts, **self._tell_part(whole=whole)}, buffers

    def _want(self, keys: frozenset[str], in_sight: frozenset[str]) -> None:
        self.monitor.want(self, keys, in_sight)

    def _say(self, problem: str) -> None:
        """Show why there is no sample; in the poller's thread."""
        self.summary.say(problem)

    def _set_interval(self, seconds: object) -> None:
        self.monitor.interval = arguments.check_interval(seconds)
