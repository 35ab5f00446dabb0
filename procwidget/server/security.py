"""Decides who may come in: every handler's request passes here first; a refusal is one sentence. Event loop's thread.

In this order: the `Host` must be ours (so that no foreign name can be pointed at this machine), the request must come
from our own pages (no other site's script), and it must bring the token or the cookie that the token bought.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from tornado import web
from tornado.log import app_log

GATE = "procwidget_gate"

STRANGERS = "procwidget_strangers"
"""Addresses that came without a token, a set: it is in the log once."""

_MOST_STRANGERS = 1000

WRONG_HOST = (
    "This server does not answer to that host name: use the address that procwidget printed, "
    "or start it with --allow-host NAME."
)
CROSS_ORIGIN = "This server answers only its own pages, not those of other sites."
NO_TOKEN = "This page needs its token: open the address that procwidget printed when it started."  # noqa: S105
TICKET_SECONDS = 60.0

COOKIE_DAYS = 365
"""How long a cookie is good: a page on a wall is open for months. Its browser, or another token, ends it before."""

# All who hold the token are one and the same to us.
_VISITOR = User("visitor", "Visitor", "Visitor", "V")
_VIEWER = "viewer-"

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HOST = re.compile(r"(\[(?P<bracketed>[0-9a-f:.]+)\]|(?P<plain>[a-z0-9._-]+))(:[0-9]{1,5})?")
_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Gate:
    """Which hosts and origins are ours.

    `names` are host names and addresses as browsers say them. On a server for other hosts any address is as good as a
    name: only names can be pointed at this machine by somebody else. `frames` are origins whose pages may show ours in
    a frame; "self" is our own.
    """

    names: frozenset[str]
    any_address: bool
    frames: tuple[str, ...] = ()

    @property
    def framed_elsewhere(self) -> bool:
        """Whether another site may frame the page."""
        return bool(set(self.frames) - {"self"})

    def refusal(self, headers: Mapping[str, str]) -> str | None:
        """Return why a request with these headers may not come in, as a sentence; `None` if it may, given a token."""
        host = headers.get("Host", "").lower()
        if not self._is_ours(host):
            return WRONG_HOST
        origin = headers.get("Origin")
        # Behind a proxy that ends TLS we do not see which of the two it was.
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            return CROSS_ORIGIN
        # Navigation from a link elsewhere is fine; a picture, script or frame of another site is not.
        if headers.get("Sec-Fetch-Site") in ("cross-site", "same-site") and (
            headers.get("Sec-Fetch-Mode") != "navigate"
            or headers.get("Sec-Fetch-Dest") not in ("document", "iframe" if self.framed_elsewhere else None)
        ):
            return CROSS_ORIGIN
        return None

    def _is_ours(self, host: str) -> bool:
        parts = _HOST.fullmatch(host)
        name = (parts["bracketed"] or parts["plain"]) if parts else ""
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return name.removesuffix(".") in self.names
        return self.any_address or address.is_loopback or str(address) in self.names


def cookie_secret(token: str) -> bytes:
    """Return what signs the cookies that a token buys: with the same token they are good after a restart, too.

    It takes a while on purpose: a token may be short, and nobody who got hold of a cookie shall find it by trying.
    """
    return hashlib.pbkdf2_hmac("sha256", token.encode(), b"procwidget cookie", 200_000)


class TokenOnly(IdentityProvider):
    """The token is the only way in: no password, no login form; who brought it gets a cookie for the session."""

    login_available = False
    logout_available = False

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.cookie_options = {"samesite": "Strict", "httponly": True, "expires_days": None}
        # Of older versions tornado would log what does not fit: anybody's words.
        self.get_secure_cookie_kwargs = {"max_age_days": COOKIE_DAYS, "min_version": 2}
        self._tickets: dict[str, float] = {}
        self._view_token = b""
        self._viewer: User | None = None

    def let_look(self, view_token: str | None, secret: bytes) -> None:
        """Let those in too who bring `view_token`: they look, and do nothing else.

        Args:
            view_token: `None` for nobody.
            secret: what signs cookies. A viewer's name is made of both: another view token ends their cookies.
        """
        if view_token is not None:
            self._view_token = view_token.encode()
            mark = hmac.new(secret, self._view_token, "sha256").hexdigest()[:32]
            self._viewer = User(f"{_VIEWER}{mark}", "Viewer", "Viewer", "L")

    def set_login_cookie(self, handler: web.RequestHandler, user: User) -> None:
        """Give a visitor the cookie; where another site may frame the page, one that browsers send from there too."""
        elsewhere = handler.settings[GATE].framed_elsewhere and handler.request.protocol == "https"
        self.cookie_options["samesite"] = "None" if elsewhere else "Strict"
        super().set_login_cookie(handler, user)

    def get_user_cookie(self, handler: web.RequestHandler) -> User | None:
        """Return whose cookie the request has, else `None`; not one of a view token that is none any more."""
        user = super().get_user_cookie(handler)
        viewer = self._viewer.username if self._viewer else None
        return user if isinstance(user, User) and user.username in (_VISITOR.username, viewer) else None

    def ticket(self) -> str:
        """Return a token that opens the page once, within a minute: for a browser's command line, which all can see."""
        ticket = secrets.token_hex(24)
        self._tickets[ticket] = time.monotonic() + TICKET_SECONDS
        return ticket

    async def get_user_token(self, handler: web.RequestHandler) -> User | None:
        """Return the visitor if the request brings the token or a ticket, else `None`."""
        in_header = self.auth_header_pat.match(handler.request.headers.get("Authorization", ""))
        # Both: behind Jupyter the one in the address may be Jupyter's.
        for given in {self.get_token(handler) or "", in_header[2] if in_header else ""}:
            expires = self._tickets.pop(given, 0.0)
            # Compared in constant time: the token may be short, chosen by a person.
            if hmac.compare_digest(given.encode(), str(self.token).encode()) or time.monotonic() < expires:
                return _VISITOR
            if self._viewer is not None and hmac.compare_digest(given.encode(), self._view_token):
                return self._viewer
        return None


def may_act(user: object) -> bool:
    """Return whether a request's user may do all that the page can; who came with the view token only looks."""
    return isinstance(user, User) and user.username == _VISITOR.username


@web.stream_request_body
class Guarded(JupyterHandler):
    """Mixed into every handler of the page's server, before its base class.

    Of a stranger's request nothing but its headers is looked at: what tornado would say of its method, path or body
    comes after `prepare`.
    """

    @property
    def SUPPORTED_METHODS(self) -> tuple[str, ...]:  # type: ignore[override]
        """Whatever the method is, `prepare` comes first."""
        return (str(self.request.method),)

    def decode_argument(self, value: bytes, name: str | None = None) -> str:
        """Return text for bytes that may be none; tornado's refusal would have them in the log, a token's too."""
        return value.decode("utf-8", "replace")

    def data_received(self, chunk: bytes) -> None:
        """Drop a part of a body: no address here takes one."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Let the request in, or raise 403 with the reason."""
        self.current_user = None
        reason = self.settings[GATE].refusal(self.request.headers)
        if reason is None:
            self.current_user = self._jupyter_current_user = await self.identity_provider._get_user(self)
            reason = None if self.current_user else NO_TOKEN
        if reason is not None:
            raise web.HTTPError(403, reason)
        if self.request.method not in web.RequestHandler.SUPPORTED_METHODS:
            raise web.HTTPError(405)
        await super().prepare()

    def set_default_headers(self) -> None:
        """Set the headers that every answer carries, errors and pictures included."""
        for name, value in _HEADERS.items():
            self.set_header(name, value)
        self.set_header("Content-Security-Policy", _NOTHING)

    def set_cors_headers(self) -> None:
        """Set none: who holds the token may come in, the sites that they visit may not."""

    def check_xsrf_cookie(self) -> None:
        """Do nothing: cookies are `SameSite=Strict`, origins were checked, and nothing here changes by a request."""

    def check_origin(self, origin: str = "") -> bool:
        """Return True: `prepare` checked it, for every request."""
        return True

    def get_login_url(self) -> str:
        """Raise 403: there is no login page."""
        raise web.HTTPError(403, NO_TOKEN)

    def write_error(self, status_code: int, **details: Any) -> None:
        """Answer an error with its sentence: JSON on the routes, plain text elsewhere; never a traceback."""
        error = details.get("exc_info", (None, None, None))[1]
        known = isinstance(error, web.HTTPError) and error.log_message
        sentence = error.log_message % error.args if known else f"{self._reason}."
        if isinstance(self, APIHandler):
            self.finish({"message": sentence})
        else:
            self.set_header("Content-Type", "text/plain; charset=utf-8")
            self.finish(sentence + "\n")

    def log_exception(self, kind: Any, error: Any, trace: Any) -> None:
        """Log an error as tornado does, but for the request in full: its address may hold the token.

        Of those who bring no token at all only the first of an address is logged: a JupyterHub looks every minute
        whether the page is there.
        """
        if isinstance(error, web.HTTPError) and error.log_message == NO_TOKEN:
            known: set[str] = self.settings[STRANGERS]
            identity = self.identity_provider
            if not identity.get_token(self) and self.get_cookie(identity.get_cookie_name(self)) is None:
                if self.request.remote_ip in known:
                    return
                if len(known) < _MOST_STRANGERS:
                    known.add(str(self.request.remote_ip))
            super().log_exception(kind, error, trace)
        elif isinstance(error, web.HTTPError):
            super().log_exception(kind, error, trace)
        else:
            app_log.error("Uncaught exception %s", self._request_summary(), exc_info=(kind, error, trace))

    def _request_summary(self) -> str:
        # The log must not keep tokens: no query. Nor what moves a terminal's cursor, nor pages of text.
        return f"{self.request.method} {ascii(self.request.path)[:200]} ({self.request.remote_ip})"


class NotHere(Guarded):
    """Answers every address that is nothing."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Raise 404, for those with the token; nobody else learns what exists."""
        await super().prepare()
        raise web.HTTPError(404, "There is nothing at this address.")


def page_policy(html: str, host: str, frames: Sequence[str] = ()) -> str:
    """Return the Content-Security-Policy for the page: its own scripts, by their hashes, and nothing from elsewhere.

    Args:
        html: the whole page.
        host: the request's `Host`, already checked: older browsers do not take a WebSocket for `'self'`.
        frames: origins whose pages may show this one in a frame; "self" is our own.
    """
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script['code'].encode()).digest()).decode()}'"
        for script in _SCRIPT.finditer(html)
        if "src=" not in script["attributes"] and "json" not in script["attributes"]
    )
    nothing = _NOTHING
    if frames:
        may = " ".join("'self'" if origin == "self" else origin for origin in frames)
        nothing = nothing.replace("frame-ancestors 'none'", f"frame-ancestors {may}")
    return (
        f"{nothing}; script-src 'self' blob: {hashes}; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws://{host} wss://{host}"
    )
