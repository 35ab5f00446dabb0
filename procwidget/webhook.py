"""Posts alerts as JSON to one address of the user's: a webhook. Nothing else is ever asked of it, and no command runs.

`Webhook.post` only puts into a queue, and never waits. A thread of its own, there while something is in the queue,
sends one after another; each may take `TIMEOUT` seconds. What the queue has no room for is left out.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.parse import SplitResult, urlsplit

from procwidget import forking, threads
from procwidget.errors import InvalidArgument

TIMEOUT = 5.0
"""Seconds that the other side has to answer."""

_MOST_WAITING = 100
_LONGEST_ADDRESS = 2000
_log = logging.getLogger("procwidget")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        # Whoever answers must not choose where alerts go.
        return None


def check_address(url: object) -> str:
    """Return the address of a webhook if it can be one.

    Raises:
        InvalidArgument: it is no http or https address with a host and without a user.
    """
    parts = _split(url)
    # The address itself is not repeated: it is often a secret.
    if not isinstance(url, str) or parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidArgument("The webhook must be an address that begins with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise InvalidArgument("The address of the webhook must have no user and password before an @.")
    if len(url) > _LONGEST_ADDRESS or not url.isprintable() or not url.isascii() or " " in url:
        raise InvalidArgument(f"The webhook must be printable ASCII without spaces, {_LONGEST_ADDRESS} at most.")
    return url


def _split(url: object) -> SplitResult | None:
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        # A port that is none is found only when it is asked for.
        return parts if parts is None or parts.port is None or parts.port > 0 else None
    except ValueError:
        return None


class Webhook:
    """Posts JSON to `url`.

    Args:
        url: begins with http:// or https://.
        timeout: seconds that the other side has to answer.

    Raises:
        InvalidArgument: the address cannot be used.
    """

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        self._url = check_address(url)
        self._timeout = timeout
        self._waiting: queue.Queue[bytes] = queue.Queue(_MOST_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._opener = urllib.request.build_opener(_NoRedirect)
        self.problem: str | None = None
        """Why the newest post did not arrive, in a sentence; `None` when it did. The address is not in it."""
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: what waits is the parent's to send."""
        self._lock, self._thread = threading.Lock(), None
        self._waiting = queue.Queue(_MOST_WAITING)

    def post(self, what: Mapping[str, Any]) -> None:
        """Have `what` sent soon, as JSON; any thread may call."""
        try:
            self._waiting.put_nowait(json.dumps(what, allow_nan=False).encode())
        except queue.Full:
            self._fail("answers too slowly, and some alerts were left out")
            return
        with self._lock:
            if self._thread is None:
                thread = threading.Thread(target=self._send_all, name="procwidget-webhook", daemon=True)
                try:
                    threads.start(thread)
                except threads.NoThread:
                    # The next alert tries again.
                    self._fail("was not called, because no thread can be started here")
                else:
                    self._thread = thread

    def _send_all(self) -> None:
        while True:
            with self._lock:
                # Whoever puts something in afterwards finds no thread, and starts one.
                if self._waiting.empty():
                    self._thread = None
                    return
                body = self._waiting.get_nowait()
            self._send(body)

    def _send(self, body: bytes) -> None:
        request = urllib.request.Request(  # noqa: S310 (check_address lets http and https pass alone)
            self._url,
            data=body,
            headers={"Content-Type": "application/json", "User-Agent": "procwidget"},
            method="POST",
        )
        try:
            with self._opener.open(request, timeout=self._timeout):
                self.problem = None
        except urllib.error.HTTPError as error:
            error.close()
            self._fail(
                f"answered {error.code}" + (", and redirects are not followed" if error.code // 100 == 3 else "")
            )
        except TimeoutError:
            self._fail(f"did not answer within {self._timeout:g} s")
        except urllib.error.URLError as error:
            slow = isinstance(error.reason, TimeoutError)
            why = f"did not answer within {self._timeout:g} s" if slow else f"cannot be reached: {error.reason}"
            self._fail(why)
        except (OSError, HTTPException, ValueError) as error:
            self._fail(f"cannot be reached: {error or type(error).__name__}")

    def _fail(self, why: str) -> None:
        parts = urlsplit(self._url)
        sentence = f"The webhook at {parts.hostname} {why[:200]}."
        if self.problem is None:
            _log.warning("%s", sentence)
        self.problem = sentence
