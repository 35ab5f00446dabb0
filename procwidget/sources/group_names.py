"""Says in which container and systemd unit a process runs, from its /proc/PID/cgroup. Pure.

The file names a process's control groups (cgroups(7)); container engines and systemd name these groups after what runs
in them. Names that users give their containers are known to the engines alone, so an id is shown as those show it.
"""

from __future__ import annotations

import functools
import re

from procwidget.clean_text import clean_text

_ID = r"(?P<id>[0-9a-f]{12})[0-9a-f]{52}"
_ENGINES = {
    "docker": "docker",
    "libpod": "podman",
    "cri-containerd": "containerd",
    "crio": "cri-o",
    "nerdctl": "nerdctl",
    "buildkit": "buildkit",
}
_NAMES = "|".join(_ENGINES)
# One part of a path: "docker-ID.scope", "libpod-ID", or the id alone, after "docker" or a pod.
_BY_ENGINE = re.compile(rf"(?P<engine>{_NAMES})-{_ID}(?:\.scope)?")
_BY_ID = re.compile(_ID)
_POD = re.compile(r"(?:.*-)?pod(?P<pod>[0-9a-f]{8})(?:[-_]?[0-9a-f]{4}){3}[-_]?[0-9a-f]{12}(?:\.slice)?")
_LXC = re.compile(r"lxc\.payload\.(?P<name>.+)")
_MACHINE = re.compile(r"(?:machine-|systemd-nspawn@)(?P<name>.+)\.(?:scope|service)")
_UNIT = re.compile(r".+\.(?:service|scope)")
_ESCAPED = re.compile(r"\\x([0-9a-f]{2})")


@functools.lru_cache(maxsize=1024)
def group_names(cgroup: bytes | None) -> tuple[str | None, str | None]:
    """Return the container of a process, such as "docker/3f4e1d2c9a0b" or "pod/1a2b3c4d/3f4e1d2c9a0b", and its unit.

    The innermost counts of several. `None` for one that is in none, or where that cannot be told: within a container
    the host's names are not to be seen. Kept, for most processes are in few groups.
    """
    container = unit = None
    for line in (cgroup or b"").decode("utf-8", "replace").splitlines():
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        parts = path.split("/")
        container = container or _container(parts)
        # systemd's own tree, where there are several (cgroup v1).
        if controllers in ("", "name=systemd"):
            units = [part for part in parts if _UNIT.fullmatch(part)]
            unit = unit or (_readable(units[-1]) if units else None)
    return container, unit


def _container(parts: list[str]) -> str | None:
    found = pod = None
    for before, part in zip(["", *parts], parts, strict=False):
        if named := _POD.fullmatch(part):
            pod = found = f"pod/{named['pod']}"
        elif named := _BY_ENGINE.fullmatch(part):
            found = f"{pod or _ENGINES[named['engine']]}/{named['id']}"
        elif (named := _BY_ID.fullmatch(part)) and (pod or before in _ENGINES):
            found = f"{pod or _ENGINES[before]}/{named['id']}"
        elif named := _LXC.fullmatch(part):
            found = f"lxc/{_readable(named['name'])}"
        elif before in ("lxc", "lxc.payload") and part:
            found = f"lxc/{_readable(part)}"
        elif named := _MACHINE.fullmatch(part):
            found = f"machine/{_readable(named['name'])}"
    return found


def _readable(name: str) -> str:
    """Return a unit's name without systemd's escapes, systemd.unit(5)."""
    return clean_text(_ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), name))
