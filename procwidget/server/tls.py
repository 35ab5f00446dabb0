"""TLS by the server itself: a certificate and its key make the context that connections are wrapped in. Main thread."""

from __future__ import annotations

import ssl

from procwidget.errors import InvalidArgument
from procwidget.server.options import Options


def tls_context(options: Options) -> ssl.SSLContext | None:
    """Return what encrypts connections; `None` where no certificate is given.

    Raises:
        InvalidArgument: a file cannot be read, is none, or the key is not the certificate's.
    """
    if options.certfile is None or options.keyfile is None:
        return None
    for name, path in (("certificate", options.certfile), ("key", options.keyfile)):
        try:
            with open(path, "rb"):
                pass
        except OSError as error:
            raise InvalidArgument(f"The {name} {path} cannot be read: {error.strerror or error}.") from error
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # Without this OpenSSL would ask for the password of an encrypted key on the terminal.
        context.load_cert_chain(options.certfile, options.keyfile, password="")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or str(error)
        raise InvalidArgument(
            f"{options.certfile} and {options.keyfile} are not a certificate and its key without a password, "
            f"both as PEM: {str(reason).lower().replace('_', ' ')}."
        ) from error
    return context
