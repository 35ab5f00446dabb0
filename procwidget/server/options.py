"""What the page's server can be told: checks each value and says in one sentence what is wrong. Any thread.

Nothing here imports Voilà, so that a mistake is answered at once.
"""

from __future__ import annotations

import ipaddress
import json
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from procwidget.errors import InvalidArgument, number_between, whole_number_between
from procwidget.nearest import did_you_mean
from procwidget.recording.retention import KEEP, MAX_SIZE, bytes_of, seconds_of
from procwidget.thresholds import Bounds, Thresholds
from procwidget.views.arguments import check_columns, check_filter, check_panels, check_preset, check_sort_by

DEFAULT_PORT = 8866
THEMES = ("auto", "light", "dark")
UNITS, NETWORK, TEMPERATURES = ("MiB", "MB"), ("bytes", "bits"), ("C", "F")
SHORTEST_INTERVAL, LONGEST_INTERVAL = 0.5, 60.0
"""Seconds; what `Dashboard` takes."""
SERVED = "PROCWIDGET_SERVED"
"""The environment variable that tells `Dashboard()` in the served kernel what it is: JSON, see `Options.served`."""

_SECRETS = re.compile("TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|WEBHOOK|KEY$", re.IGNORECASE)
"""In names of environment variables, such as PROCWIDGET_TOKEN, and JUPYTERHUB_API_TOKEN of a JupyterHub."""
_DASK_TLS = "DASK_DISTRIBUTED__COMM__TLS__"
_ORIGIN = re.compile(r"https?://(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_SCHEDULER = re.compile(r"(?:(?:tcp|tls|ws|wss|ucx)://)?(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.%]+\]):[0-9]{1,5}")
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}")


def as_browsers_say(host: str) -> str:
    """Return a host's name or address as it comes with requests: `monitor.example` for "Monitor.Example."."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        parts = unicodedata.normalize("NFKC", host.lower()).removesuffix(".").split(".")
        # Python's own encoding of names makes another name of "straße" than browsers do.
        return ".".join(part if part.isascii() else "xn--" + part.encode("punycode").decode() for part in parts)


def is_loopback(host: str) -> bool:
    """Return whether an address or name can only mean this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@dataclass(frozen=True)
class Options:
    """The options of `procwidget`, checked.

    `port` 0 is any free one, `None` the usual one or, if that is taken, any free one. An empty `token` is refused,
    `None` makes a new one. `allow_kill` `None` means: only where no other host can reach the page. With a `webhook` the
    kernel is not ended while nobody visits, for alerts are found there. `record` is a folder, `True` is the usual one;
    `replay` is the whole path of a recording that is shown instead of this host. `allow_frames` are origins whose pages
    may show this one in a frame; "self" is its own. `dask` is the address of a scheduler whose hosts are shown, and not
    this one; only with `allow_kill` processes are ended there.

    Raises:
        InvalidArgument: a value cannot be used.
    """

    port: int | None = None
    ip: str = "127.0.0.1"
    token: str | None = field(default=None, repr=False)
    base_url: str = "/"
    allow_hosts: tuple[str, ...] = ()
    allow_kill: bool | None = None
    own_processes: bool = False
    interval: float = 2.0
    theme: str = "auto"
    idle: float = 600.0
    open_browser: bool = True
    priority: bool = True
    webhook: str | None = field(default=None, repr=False)
    view_token: str | None = field(default=None, repr=False)
    certfile: str | None = None
    keyfile: str | None = None
    top: int = 15
    sort_by: str | None = None
    columns: tuple[str, ...] | None = None
    filter: str = ""
    preset: str | None = None
    panels: tuple[str, ...] = ()
    thresholds: Mapping[str, Bounds | float] | None = None
    units: str = "MiB"
    network: str = "bytes"
    temperature: str = "C"
    record: bool | str = False
    keep: str = KEEP
    max_size: str = MAX_SIZE
    unix_socket: str | None = None
    allow_frames: tuple[str, ...] = ()
    quiet: bool = False
    replay: str | None = None
    dask: str | None = None

    def __post_init__(self) -> None:
        self._check_view()
        self._check_tokens()
        if (self.certfile is None) != (self.keyfile is None):
            given, missing = ("certfile", "keyfile") if self.keyfile is None else ("keyfile", "certfile")
            raise InvalidArgument(f"TLS takes a certificate and its key: {given} is given, {missing} is not.")
        if self.replay is not None and self.own_processes:
            raise InvalidArgument("A recording is shown with the processes of all users: leave out --own-processes.")
        if self.replay is not None and self.record:
            raise InvalidArgument("A recording is shown, or one is made: leave out --record.")
        self._check_dask()
        if self.port is not None:
            whole_number_between("The port", self.port, 0, 65535)
        number_between("The interval", self.interval, SHORTEST_INTERVAL, LONGEST_INTERVAL)
        number_between("The idle time", self.idle, 1, 7 * 86400)
        _one_of("theme", self.theme, THEMES)
        names = tuple(map(as_browsers_say, self.allow_hosts))
        for given, name in zip(self.allow_hosts, names, strict=True):
            if not _is_address(name) and not _HOST.fullmatch(name):
                raise InvalidArgument(f"A host is a name or address without port, like example.org, not {given!r}.")
        object.__setattr__(self, "allow_hosts", names)
        frames = tuple(map(str.lower, self.allow_frames))
        for given, name in zip(self.allow_frames, frames, strict=True):
            if name != "self" and not _ORIGIN.fullmatch(name):
                raise InvalidArgument(f"Who may frame the page is an origin like https://example.org, not {given!r}.")
        object.__setattr__(self, "allow_frames", frames)
        if self.unix_socket is not None and (not self.unix_socket or self.port is not None or self.certfile):
            raise InvalidArgument("A Unix socket is a path, and goes with neither a port nor TLS.")
        if not self.ip or any(character in self.ip for character in "/@ "):
            raise InvalidArgument(f"The address to listen on must be like 127.0.0.1 or 0.0.0.0, not {self.ip!r}.")
        if self.webhook is not None:
            # Few want one, and what it imports takes a while.
            from procwidget.webhook import check_address

            check_address(self.webhook)
        if self.record == "":
            raise InvalidArgument("The folder to record into must not be empty: leave it out for the usual one.")
        seconds_of(self.keep)
        bytes_of(self.max_size)
        path = self.base_url.strip("/")
        if any(part in ("", ".", "..") for part in path.split("/") if path) or not _plain(path):
            raise InvalidArgument(f"The base URL must be a path such as /monitor/, not {self.base_url!r}.")
        object.__setattr__(self, "base_url", f"/{path}/" if path else "/")

    def _check_dask(self) -> None:
        if self.dask is None:
            return
        if not _SCHEDULER.fullmatch(self.dask):
            raise InvalidArgument(f"A Dask scheduler's address is like tcp://10.0.0.1:8786, not {self.dask!r}.")
        for given, what in (
            (self.replay is not None, "the command replay"),
            (self.own_processes, "--own-processes"),
            (self.record, "--record"),
            (self.webhook is not None, "--webhook"),
        ):
            if given:
                raise InvalidArgument(f"With --dask the page shows the hosts of a cluster: leave out {what}.")

    def _check_tokens(self) -> None:
        if self.token is None:
            object.__setattr__(self, "token", secrets.token_hex(24))
        for name, token in (("The token", self.token), ("The view token", self.view_token)):
            if token is None:
                continue
            if not token.strip():
                raise InvalidArgument(f"{name} must not be empty: leave the option out, and a new one is made.")
            if not token.isprintable() or not token.isascii():
                raise InvalidArgument(f"{name} must be of unaccented letters, digits and signs: printable ASCII.")
            if token != token.strip():
                raise InvalidArgument(f"{name} must not begin or end with a space.")
        if self.view_token == self.token:
            raise InvalidArgument("The view token must be another than the token, which may do everything.")

    def _check_view(self) -> None:
        """Check what the dashboard is told, as it does itself, so that a mistake is answered at once."""
        whole_number_between("top", self.top, 3, 100)
        object.__setattr__(self, "sort_by", check_sort_by(self.sort_by))
        check_filter(self.filter)
        check_preset(self.preset)
        object.__setattr__(self, "panels", tuple(check_panels(self.panels)))
        if self.columns is not None:
            object.__setattr__(self, "columns", tuple(check_columns(self.columns) or ()))
        Thresholds.of(self.thresholds)
        _one_of("unit", self.units, UNITS)
        _one_of("network unit", self.network, NETWORK)
        _one_of("temperature unit", self.temperature, TEMPERATURES)

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the page: not so behind a proxy, which needs an allowed host name."""
        return is_loopback(self.ip) and all(is_loopback(name) for name in self.allow_hosts)

    @property
    def kills(self) -> bool:
        """Whether visitors may end processes."""
        if self.replay is not None:
            return False
        if self.dask is not None:
            return self.allow_kill is True
        return self.local if self.allow_kill is None else self.allow_kill

    def kernel_environment(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return `environment` as the served kernel gets it: with what `Dashboard()` must know, without secrets."""
        served: dict[str, Any] = {
            "allow_kill": self.kills,
            "own_processes": self.own_processes,
            "interval": self.interval,
            "priority": self.priority,
            "webhook": self.webhook,
            "replay": self.replay,
            "dask": self.dask,
            "view": {
                "top": self.top,
                "sort_by": self.sort_by,
                "columns": self.columns and list(self.columns),
                "filter": self.filter,
                "preset": self.preset,
                "panels": list(self.panels),
                "thresholds": self.thresholds and Thresholds.of(self.thresholds).as_dict(),
                "units": {
                    "decimal": self.units == "MB",
                    "bits": self.network == "bits",
                    "fahrenheit": self.temperature == "F",
                },
            },
        }
        # It needs none, and whatever it starts has the same environment.
        kept = {name: value for name, value in environment.items() if not _SECRETS.search(name)}
        if self.dask is not None:
            # Which files the certificates are in; one of these variables ends as if it were a key.
            kept |= {name: value for name, value in environment.items() if name.startswith(_DASK_TLS)}
        # The kernel's working directory is whatever directory the command was given in: no modules from there.
        return kept | {SERVED: json.dumps(served), "PYTHONSAFEPATH": "1"}


def _one_of(name: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        words = f"{', '.join(known[:-1])} or {known[-1]}"
        raise InvalidArgument(f"The {name} must be {words}, not {value!r}{did_you_mean(value, known)}.")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _plain(path: str) -> bool:
    return all(character.isascii() and (character.isalnum() or character in "-_.~/") for character in path)
