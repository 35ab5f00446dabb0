"""A cluster with TLS: who has its certificates sees the hosts, and who has others reads one sentence at once."""

from __future__ import annotations

import dask
import pytest

from procwidget.errors import InvalidArgument, SourceUnavailable
from tests.fleet.cluster import Cluster
from tests.fleet.tls import make_authority
from tests.patience import until
from tests.unit.action_stage import needs_root


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return make_authority(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def secure(tmp_path_factory, authority):
    needs_root()
    files = ("--tls-ca-file", authority.tls_ca_file, "--tls-cert", authority.tls_client_cert)
    made = Cluster(tmp_path_factory.mktemp("secure"), *files, "--tls-key", authority.tls_client_key, protocol="tls")
    made.start_worker(host="secure")
    yield made
    made.close()


def settings(security):
    """Where Dask looks for certificates if it is told nothing else."""
    place = "distributed.comm.tls."
    return dask.config.set(
        {
            f"{place}ca-file": security.tls_ca_file,
            f"{place}client.cert": security.tls_client_cert,
            f"{place}client.key": security.tls_client_key,
        }
    )


def test_wrong_certificates_are_one_sentence(secure, authority, tmp_path, make_fleet):
    """An authority that is not the cluster's, no certificate at all, or no TLS: each says what is wrong."""
    others = make_authority(tmp_path / "others")
    with settings(others), pytest.raises(SourceUnavailable, match="is not of an authority that this client trusts"):
        make_fleet(secure.address)
    with pytest.raises(SourceUnavailable, match=r"Dask knows no certificates"):
        make_fleet(secure.address)
    with pytest.raises(SourceUnavailable, match=r"One that wants TLS is at an address that begins with tls://"):
        make_fleet(secure.address.replace("tls:", "tcp:"))


def test_the_right_certificates_see_the_hosts(secure, authority, make_fleet):
    """A fleet takes them from a client that has them, or from Dask's settings, and its agents work over TLS."""
    with secure.client(security=authority) as client:
        client.wait_for_workers(1)
        fleet = make_fleet(client)
        until(lambda: [row["cpu"] is not None for row in fleet.last["hosts"]] == [True])
    with settings(authority):
        fleet = make_fleet(secure.address)
        until(lambda: [row["host"] for row in fleet.last["hosts"]] == ["secure"])


@pytest.mark.parametrize("address", ["foo://127.0.0.1:5", "127.0.0.1", "tcp://"])
def test_what_is_no_address_is_said_so(address, make_fleet):
    """Neither a scheme that there is not nor an address without a port is a traceback of Dask's."""
    with pytest.raises(InvalidArgument, match=r"is no address of a scheduler, such as 'tcp://10\.0\.0\.1:8786'"):
        make_fleet(address)
