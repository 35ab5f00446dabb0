"""TLS by the server itself: the page, its cookie and its WebSocket are encrypted, and a wrong file is one sentence."""

from __future__ import annotations

import http.client
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from procwidget.errors import InvalidArgument
from procwidget.server.options import Options
from procwidget.server.tls import tls_context
from tests.patience import PATIENCE, until
from tests.server.conftest import TOKEN, kernel_of, start_procwidget
from tests.server.visitor import HANDSHAKE


def certificate(folder: Path, *more: str) -> tuple[str, str]:
    """Make a certificate for this machine, and its key."""
    if shutil.which("openssl") is None:
        pytest.fail("openssl is needed, which ./test installs")
    files = str(folder / "cert.pem"), str(folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-days", "1", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0], "-keyout", files[1]]
    subprocess.run([*command, *(more or ("-nodes",))], check=True, capture_output=True)
    return files


def test_the_page_is_served_with_tls(folder):
    """Its address begins with https, its cookie is for that alone, and the WebSocket answers."""
    cert, key = certificate(folder)
    server = start_procwidget(folder, "--certfile", cert, "--keyfile", key, wait=False)
    try:
        found = until(lambda: server.log.read_text().partition("https://127.0.0.1:")[2].partition("/")[0], every=0.1)
        context = ssl.create_default_context(cafile=cert)

        def ask(path, **headers):
            connection = http.client.HTTPSConnection("127.0.0.1", int(found), timeout=PATIENCE, context=context)
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer, "" if answer.status == 101 else answer.read().decode()

        page, body = ask(f"/?token={TOKEN}")
        assert page.status == 200
        cookie = page.headers["Set-Cookie"]
        assert "Secure" in cookie
        origin = {"Origin": f"https://127.0.0.1:{found}", "Cookie": cookie.partition(";")[0]}
        address = f"/api/kernels/{kernel_of(body)}/channels?session_id=x"
        assert ask(address, **HANDSHAKE, **origin)[0].status == 101
        plain = http.client.HTTPConnection("127.0.0.1", int(found), timeout=PATIENCE)
        plain.request("GET", "/")
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            plain.getresponse()
    finally:
        assert server.stop() == 0
    assert "Traceback" not in server.log.read_text()
    assert "SSL Error" not in server.log.read_text()


def test_what_is_no_certificate_is_one_sentence(tmp_path):
    """A file that is not there, one that is none, a key of another certificate, one with a password."""
    cert, key = certificate(tmp_path)
    (tmp_path / "other").mkdir()
    _, others = certificate(tmp_path / "other")
    (tmp_path / "locked").mkdir()
    locked = certificate(tmp_path / "locked", "-passout", "pass:secret")
    none = tmp_path / "none.pem"
    none.write_text("no certificate")
    assert tls_context(Options()) is None
    assert tls_context(Options(certfile=cert, keyfile=key)) is not None
    for pair in ((cert, others), (str(none), key), (cert, str(none)), locked):
        with pytest.raises(
            InvalidArgument, match=r"are not a certificate and its key without a password, both as PEM: .+\.$"
        ):
            tls_context(Options(certfile=pair[0], keyfile=pair[1]))
    with pytest.raises(InvalidArgument, match=r"^The key .*missing\.pem cannot be read: No such file or directory\.$"):
        tls_context(Options(certfile=cert, keyfile=str(tmp_path / "missing.pem")))
