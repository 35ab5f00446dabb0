"""Certificates for clusters with TLS: an authority of their own, and what it signs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from distributed.security import Security


def make_authority(folder: Path) -> Security:
    """Make an authority and a certificate that it signed, for schedulers, workers and clients alike."""
    folder.mkdir()

    def openssl(*command: str) -> None:
        try:
            subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)
        except FileNotFoundError:
            pytest.fail("openssl is needed, which ./test installs")

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *key, "-days", "1", "-subj", "/CN=authority", "-out", "ca.pem", "-keyout", "ca.key")
    openssl("req", *key, "-subj", "/CN=127.0.0.1", "-out", "one.csr", "-keyout", "key.pem")
    signs = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1")
    openssl("x509", "-req", "-in", "one.csr", *signs, "-out", "cert.pem")
    files = {name: str(folder / f"{name}.pem") for name in ("ca", "cert", "key")}
    both = {f"tls_{role}_{kind}": files[kind] for role in ("client", "scheduler", "worker") for kind in ("cert", "key")}
    return Security(tls_ca_file=files["ca"], require_encryption=True, **both)
