"""Each byte counts once in the host's totals, whatever stands on what: with sysfs made of files, and for real."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from procwidget.sample import Sample
from procwidget.sources.devices import counted_by_name
from tests.unit.fake_proc import FakeHost

HARDWARE = {"device/uevent": "DRIVER=virtio_net\n"}
BRIDGE = {"uevent": "DEVTYPE=bridge\nINTERFACE=br0\n"}
PORT = {"master/uevent": BRIDGE["uevent"]}
TUN = {"tun_flags": "0x1002\n"}

# In a container's place: a bridge and a pair to a container within; outside is another pair, "eth0".
STAGE = """
import json, subprocess, sys, time
from procwidget.sources import default_source
def sh(line): subprocess.run(line, shell=True, check=True)
def apart(): return subprocess.Popen(["unshare", "--net", "sleep", "600"])
def within(process, *words): return ["nsenter", "--net", "--target", str(process.pid), *words]
outside, inside = apart(), apart()
try:
    if sys.argv[1] == "own":
        sh("mount -t sysfs sysfs /sys")
    time.sleep(0.5)
    sh("ip link set lo up; ip link add eth0 type veth peer name ext0; ip link add vethC type veth peer name c0")
    sh("ip link add br0 type bridge")
    sh(f"ip link set ext0 netns {outside.pid}; ip link set c0 netns {inside.pid}; ip link set vethC master br0")
    sh("ip addr add 10.9.0.1/24 dev eth0; ip addr add 10.8.0.1/24 dev br0")
    sh("for name in eth0 vethC br0; do ip link set $name up; done; echo 1 > /proc/sys/net/ipv4/ip_forward")
    for process, name, net in ((outside, "ext0", "10.9.0"), (inside, "c0", "10.8.0")):
        line = f"ip addr add {net}.2/24 dev {name}; ip link set {name} up; ip route add default via {net}.1"
        subprocess.run(within(process, "sh", "-c", line), check=True)
    take = "import socket\\ns = socket.create_server(('10.9.0.2', 5000)); print(flush=True); c = s.accept()[0]\\n"
    take += "while c.recv(1 << 20): pass"
    give = "import socket\\nc = socket.create_connection(('10.9.0.2', 5000)); c.sendall(bytes(20 << 20)); c.close()"
    taker = subprocess.Popen(within(outside, sys.executable, "-c", take), stdout=subprocess.PIPE)
    taker.stdout.readline()
    source = default_source()
    source.read()
    subprocess.run(within(inside, sys.executable, "-c", give), check=True)
    taker.wait()
    sample = source.read()
    print(json.dumps({key: rate * sample["interval"] / 2**20 for key, rate in sample["network"].items()}))
finally:
    for process in (outside, inside):
        process.kill()
        process.wait()
"""


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    return FakeHost(tmp_path)


def read(host: FakeHost, interfaces: dict[str, dict[str, str]], counts: dict[str, int]) -> Sample:
    """Read a host with these interfaces, each described by its files in sysfs, which got and sent so many bytes."""
    for name, files in interfaces.items():
        for path, text in {"ifindex": "2\n", **files}.items():
            put(host.sysfs / "class/net" / name / path, text)
    put(host.sysfs / "class/net/lo/ifindex", "1\n")
    source = host.source()
    for factor in (0, 1):
        host.pass_time(1.0)
        host.publish()
        lines = [
            f"{name}: {bytes_ * factor} {'0 ' * 7}{bytes_ * factor} {'0 ' * 7}\n" for name, bytes_ in counts.items()
        ]
        host.write("net/dev", "a|b\nc|d\n lo: 7 0 0 0 0 0 0 0 7 0 0 0 0 0 0 0\n" + "".join(lines))
        sample = source.read()
    source.close()
    return sample


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("interfaces", "received"),
    [
        ({"eth0": HARDWARE, "docker0": BRIDGE, "veth1": PORT, "wlan0": HARDWARE}, 1 + 8),
        ({"eth0": HARDWARE, "bond0": {"uevent": "DEVTYPE=bond\n"}, "bond0.7": {"lower_bond0/ifindex": "3\n"}}, 1),
        ({"eth0": HARDWARE, "macvlan0": {"lower_eth0/ifindex": "2\n"}, "tun0": TUN}, 1),
        # Two cards of which one passes on what the other gets: the one above counts both.
        ({"eth0": HARDWARE, "enP1": {**HARDWARE, "master/device/uevent": "DRIVER=hv_netvsc\n"}}, 1),
        # A container: its end of a pair; with containers of its own; with tunnels; with a network card's share.
        ({"eth0": {}, "eth1": {}}, 1 + 2),
        ({"eth0": {}, "docker0": BRIDGE, "veth1": PORT}, 1),
        ({"eth0": {}, "wg0": {"type": "65534\n"}, "vxlan1": {"uevent": "DEVTYPE=vxlan\n"}, "tap0": TUN}, 1),
        ({"eth0": {}, "eth0.7": {"uevent": "DEVTYPE=vlan\n", "lower_eth0/ifindex": "2\n"}}, 1),
        ({"net1": {"uevent": "DEVTYPE=macvlan\n"}, "net2": {"uevent": "DEVTYPE=macvlan\n"}}, 1 + 2),
        ({"eth0": {}, "eth1": {}, "bond0": {"lower_eth0/ifindex": "2\n", "lower_eth1/ifindex": "3\n"}}, 1 + 2),
        # Only a tunnel leads out of it, as without root.
        ({"tap0": TUN}, 1),
    ],
)
def test_totals_of_the_network_are_of_what_leads_out(
    host: FakeHost, interfaces: dict[str, dict[str, str]], received: int
):
    """Hardware where there is any; else all but what stands on others."""
    counts = {name: 2**place for place, name in enumerate(interfaces)}
    sample = read(host, interfaces, counts)
    assert sample["network"] == {"received": received, "sent": received}


def test_the_names_decide_where_sysfs_is_of_another_network_namespace(host: FakeHost):
    """What it says of an interface of the same name is about another one."""
    sample = read(host, {"eth0": {}, "docker0": HARDWARE}, {"eth0": 1, "docker0": 2, "veth1": 4, "br-1f": 8})
    assert sample["network"] == {"received": 1, "sent": 1}


@pytest.mark.parametrize(
    ("names", "counted"),
    [
        ("lo eth0 docker0 br-5f1c veth12 virbr0 vnet0 bond0 eth0.7 wg0 tailscale0 tun0 ppp0", "eth0"),
        ("lo0 en0 en1 bridge0 utun3 awdl0 llw0 gif0 stf0 anpi0", "en0 en1"),
        ("Ethernet Wi-Fi|Loopback Pseudo-Interface 1|vEthernet (WSL)", "Ethernet Wi-Fi"),
        ("lo tap0", "tap0"),
        ("lo", ""),
    ],
)
def test_names_tell_what_software_makes(names: str, counted: str):
    """On systems without sysfs; where there is nothing else it counts all the same."""
    found = counted_by_name(part for group in names.split("|") for part in ([group] if "(" in group else group.split()))
    assert " ".join(sorted(found - {"Loopback", "Pseudo-Interface", "1"})) == counted


def test_a_name_that_goes_to_another_device_is_noticed(host: FakeHost):
    """The same interfaces are looked at again after a while."""
    source = host.source()
    for name in ("eth0", "eth1"):
        put(host.sysfs / "class/net" / name / "device/uevent", "")
    put(host.sysfs / "class/net/lo/ifindex", "1\n")
    host.publish()
    text = (host.proc / "net/dev").read_text()
    for reading in range(40):
        if reading == 5:
            (host.sysfs / "class/net/eth1/device/uevent").unlink()
        host.pass_time(1.0)
        host.write("net/dev", text + f"  eth1: {100 * reading} {'0 ' * 7}0 {'0 ' * 7}\n")
        sample = source.read()
    assert sample["network"]["received"] == 0
    source.close()


@pytest.mark.parametrize("sysfs", ["own", "of another namespace"])
def test_traffic_of_a_container_counts_once(sysfs: str):
    """20 MiB that pass a pair, a bridge and another pair in a real kernel: out 20, in next to nothing."""
    apart = ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "--net", "--mount"]
    if not shutil.which("ip"):
        pytest.skip("the command `ip` (iproute2) is not installed here")
    answer = subprocess.run([*apart, sys.executable, "-c", STAGE, sysfs], capture_output=True, text=True)
    if "unshare" in answer.stderr:
        pytest.skip(f"no network namespace can be had here: {answer.stderr.strip()}")
    assert answer.returncode == 0, answer.stderr
    moved = json.loads(answer.stdout)
    assert 20 <= moved["sent"] < 25
    assert moved["received"] < 5


@pytest.mark.parametrize("upper", ["dm-0", "md0", "bcache0", "zd0", "vx/vol1"])
def test_what_is_written_through_another_device_counts_once(host: FakeHost, upper: str):
    """Whatever stands on a disk, by sysfs or, as a ZFS volume, by its name."""
    for name in ("sda", upper):
        (host.sysfs / "block" / name.replace("/", "!") / "slaves").mkdir(parents=True)
    if upper == "vx/vol1":
        (host.sysfs / "block/vx!vol1/slaves/sda").mkdir()
    source = host.source()
    for sectors in (0, 8):
        host.pass_time(1.0)
        host.publish()
        lines = [f" 8 0 {name} 1 0 {sectors} 0 1 0 {sectors} 0 0 0 0\n" for name in ("sda", upper)]
        host.write("diskstats", "".join(lines))
        sample = source.read()
    assert sample["disk"] == {"read": 8 * 512, "written": 8 * 512}
    source.close()
