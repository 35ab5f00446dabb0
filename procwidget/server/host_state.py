"""The route `procwidget/state`: the sentence, what counts of CPU and memory, and what each kernel takes.

JupyterLab's status bar and panel ask it. It is a route of a Jupyter Server, for it names that server's kernels. Event
loop's thread; readings are judged in the reader's thread.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from procwidget.errors import InvalidArgument
from procwidget.masking import mask
from procwidget.query import parse
from procwidget.sample import Process, Sample
from procwidget.server.cached_reader import Reader
from procwidget.server.routes import READER, JsonRoute, one_value, only_known, read_count, read_sort

_SHOWN = ("pid", "name", "user", "cpu", "memory", "command")
_MOST_ALERTS = 20
_LONGEST_SEARCH = 500
_LONGEST_COMMAND = 240


class KernelUse(TypedDict):
    """What one kernel takes together with its children.

    `id` is the kernel's, `pid` its process. `cpu` is percent of one core, `memory` MiB, `processes` how many they are.
    What several of them share counts once for those whose share is measured, the largest twenty; until it is, and for
    the others, resident memory counts.
    """

    id: str
    pid: int
    cpu: float | None
    memory: float | None
    processes: int


class HostState(JsonRoute):
    """`procwidget/state?n=20&sort=cpu|memory&search=…`: what is wrong, what counts, and who takes what."""

    async def answer(self, parameters: Mapping[str, list[str]]) -> dict[str, Any]:
        """Return the state of the newest sample; with `n` also so many processes, of those that a search finds."""
        only_known(parameters, "n", "sort", "search")
        listed = "n" in parameters
        count = read_count(one_value(parameters, "n", "1"))
        sort = read_sort(one_value(parameters, "sort", "cpu"))
        search = one_value(parameters, "search", "")
        extension = self.settings["procwidget"]
        reader: Reader = self.settings[READER]
        reader.judge(extension.alerts, extension.interval)
        sample = await self.read()
        alerts = extension.alerts
        pids = self._kernel_pids()
        rows = rows_of_kernels(sample, pids)
        # A kernel alone shares with nobody whose memory would be counted here.
        reader.measure_shares(row["identity"] for few in rows.values() if len(few) > 1 for row in few)
        answer = {
            "time": sample["time"],
            "interval": extension.interval,
            **alerts.state,
            "alerts": [
                {key: alert[key] for key in ("kind", "about", "level", "since", "text")}
                for alert in alerts.current[:_MOST_ALERTS]
            ],
            "effective": sample["effective"],
            "thresholds": alerts.thresholds.as_dict(),
            "kernels": [use(name, pids[name], few) for name, few in rows.items()],
            "dashboard": extension.dashboard_code(),
        }
        return answer | (found(sample, search, sort, count) if listed else {})

    def _kernel_pids(self) -> dict[str, int]:
        kernels = self.kernel_manager
        pids = {name: getattr(kernels.get_kernel(name).provisioner, "pid", None) for name in kernels.list_kernel_ids()}
        # A kernel that begins has none yet, and one on another host has none here.
        return {name: pid for name, pid in pids.items() if isinstance(pid, int)}


def found(sample: Sample, search: str, sort: str, count: int) -> dict[str, Any]:
    """Return the first processes that a search finds, how many it finds, and what is wrong with it, if anything is."""
    rows, problem = sample["processes"], None
    try:
        query = parse(search[:_LONGEST_SEARCH])
        if query.lookups:
            raise InvalidArgument("Who has a port or a file is found in the process monitor.")
        if search:
            # Masked before it is searched: what is found must not tell what was masked.
            rows = [row for row in map(_masked, rows) if query.matches(row, sample["time"])]
    except InvalidArgument as error:
        problem = str(error)
    rows = sorted(rows, key=lambda row: (-(row[sort] or 0.0), row["pid"]))  # type: ignore[literal-required]
    shown = [{key: row[key] for key in _SHOWN} for row in map(_masked, rows[:count])]  # type: ignore[literal-required]
    return {"processes": shown, "found": len(rows), "problem": problem}


@functools.lru_cache(maxsize=4096)
def _shown(command: str) -> str:
    return mask(command)[:_LONGEST_COMMAND]


def _masked(row: Process) -> Process:
    command = row["command"]
    return row if command is None else {**row, "command": _shown(command)}


def rows_of_kernels(sample: Sample, pids: Mapping[str, int]) -> dict[str, list[Process]]:
    """Return each kernel's processes, its children included; a kernel that the sample does not have is left out.

    A kernel begins a session of its own, so whoever is in that is the kernel's, also where its parent has ended; the
    others are its descendants.
    """
    owners = {pid: name for name, pid in pids.items()}
    by_pid = {row["pid"]: row for row in sample["processes"]}
    belong: dict[str, list[Process]] = {name: [] for name, pid in pids.items() if pid in by_pid}
    known: dict[int, str | None] = {}
    for row in sample["processes"]:
        name = _owner(row, by_pid, owners, known)
        if name in belong:
            belong[name].append(row)
    return belong


def use(kernel_id: str, pid: int, rows: list[Process]) -> KernelUse:
    """Return what a kernel's processes take."""
    shared = len(rows) > 1
    return {
        "id": kernel_id,
        "pid": pid,
        "cpu": _sum(row["cpu"] for row in rows),
        "memory": _sum((shared and row.get("pss")) or row["memory"] for row in rows),
        "processes": len(rows),
    }


def _owner(
    row: Process, by_pid: Mapping[int, Process], owners: Mapping[int, str], known: dict[int, str | None]
) -> str | None:
    """Return whose a process is: its kernel, that of its session, or of the nearest of its ancestors that has one."""
    path: list[int] = []
    at: Process | None = row
    name: str | None = None
    while at is not None and at["pid"] not in path:
        if at["pid"] in known:
            name = known[at["pid"]]
            break
        path.append(at["pid"])
        session = at["session"]
        name = owners.get(at["pid"]) or (owners.get(session) if session else None)
        if name:
            break
        parent = at["ppid"]
        at = by_pid.get(parent) if parent else None
    known.update(dict.fromkeys(path, name))
    return name


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
