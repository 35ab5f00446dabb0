"""Opens the port: listening sockets for checked options, or one sentence that says why not. Main thread.

It stands apart from the server because it needs no Voilà, which takes seconds to import: who mistypes an address is
told at once.
"""

from __future__ import annotations

import errno
import socket

from tornado import netutil
from tornado.netutil import bind_sockets

from procwidget.errors import InvalidArgument
from procwidget.server.options import DEFAULT_PORT, Options


def listen(options: Options) -> list[socket.socket]:
    """Return the sockets of the address and port that were asked for, or the Unix socket, for this user alone.

    Raises:
        InvalidArgument: this machine does not have the address, or somebody else has the port.
    """
    if options.unix_socket is not None:
        return [_listen_at(options.unix_socket)]
    wanted = DEFAULT_PORT if options.port is None else options.port
    try:
        return bind_sockets(wanted, options.ip)
    except (OSError, UnicodeError) as error:
        # UnicodeError: a name with an empty or a long part is none.
        number = error.errno if isinstance(error, OSError) else None
        if number == errno.EADDRINUSE and options.port is None:
            return bind_sockets(0, options.ip)
        if number == errno.EADDRINUSE:
            raise InvalidArgument(f"Port {wanted} is in use: give another --port, or 0 for a free one.") from error
        if number == errno.EACCES:
            raise InvalidArgument(f"Port {wanted} is for the administrator: give one from 1024 up.") from error
        raise InvalidArgument(
            f"This machine has no address {options.ip!r}: give 127.0.0.1, 0.0.0.0 or one of its own with --ip."
        ) from error


def _listen_at(path: str) -> socket.socket:
    if not hasattr(netutil, "bind_unix_socket"):
        raise InvalidArgument("This system has no Unix sockets: give a --port.")
    try:
        return netutil.bind_unix_socket(path)
    except (OSError, ValueError) as error:
        why = error.strerror or str(error) if isinstance(error, OSError) else "that file is no socket"
        raise InvalidArgument(f"There can be no Unix socket at {path!r}: {why}.") from error
