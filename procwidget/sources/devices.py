"""Says which disks and network interfaces make up the host's totals, so that each byte counts once. Caller's thread.

What a container sends passes its veth, a bridge and the network card, and is counted by each; what is written to a
device mapper volume is written to the disk below it again. sysfs knows what stands on what; its layout is that of the
kernel's Documentation/ABI/testing/sysfs-class-net and stable/sysfs-block. Where it does not show the devices in
question, as where it was mounted in another network namespace, their names decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Final

ReadFile = Callable[[str], bytes | None]
"""Returns what a file holds, `None` where it cannot be read."""

ListNames = Callable[[str], list[str] | None]
"""Returns the names in a directory, `None` where it cannot be listed."""

_LOOK_AGAIN: Final = 30
"""Readings after which the same devices are looked at again: a name may have gone to another device."""

_LOOPBACK = re.compile(r"lo\d*|Loopback.*")
_NOT_A_DISK = re.compile(r"(loop|ram|zram|nullb|dm-|md|zd|bcache|drbd)\d.*")
_NVME_PATH = re.compile(r"(nvme\d+)c\d+(n\d+)")
# Pairs, bridges, tunnels and what else software makes, of Linux, macOS and Windows.
_MADE_BY_SOFTWARE = re.compile(
    r"veth.*|br-.*|br\d+|bridge\d*|docker.*|podman.*|cni.*|flannel.*|cali.*|cilium.*|lxc.*|lxdbr.*|virbr.*|vnet\d+"
    r"|ovs-.*|vmnet.*|vboxnet.*|vEthernet.*|bond\d.*|team\d.*|vlan\d.*|.+\.\d+|macv(lan|tap).*|ipv(lan|tap).*|vrf.*"
    r"|tun.*|tap.*|utun.*|ipsec.*|wg.*|tailscale.*|zt.*|vxlan.*|geneve.*|gre.*|gif\d+|stf\d+|sit\d+|ip6tnl.*"
    r"|ip_vti.*|ip6_vti.*|ip6gre.*|erspan.*|ppp\d+|ifb\d+|dummy.*|nlmon.*|awdl\d+|llw\d+|anpi\d+"
)
_KIND = re.compile(rb"^DEVTYPE=(\S+)$", re.MULTILINE)
_ON_OTHERS = {b"bridge", b"bond", b"team", b"vrf"}
_TUNNELS = {b"wireguard", b"vxlan", b"geneve", b"gtp", b"bareudp"}
_TUNNEL_TYPES = {b"512", b"768", b"769", b"776", b"778", b"823", b"65534"}
"""The ARPHRD_ numbers of <linux/if_arp.h> for PPP, IP in IP, SIT, GRE, and for what has no header of its own."""


class Devices:
    """Knows which devices of a Linux host are counted. They are looked at anew when others come or go.

    Args:
        read: how files are read.
        list_names: how directories are listed.
        sysfs: where /sys is.
    """

    def __init__(self, read: ReadFile, list_names: ListNames, sysfs: str = "/sys") -> None:
        self._read, self._list = read, list_names
        self._net, self._block = f"{sysfs}/class/net", f"{sysfs}/block"
        self._whole = _Remembered(lambda names: (frozenset(without_partitions(names)), True))
        self._disks = _Remembered(self._look_at_disks)
        self._interfaces = _Remembered(self._look_at_interfaces)

    def whole_disks(self, names: Iterable[str]) -> frozenset[str]:
        """Return which block devices are no partitions."""
        return self._whole.of(names)

    def disks(self, names: Iterable[str]) -> frozenset[str]:
        """Return which block devices are counted: whole disks that stand on no other device and are not memory."""
        return self._disks.of(names)

    def interfaces(self, names: Iterable[str]) -> frozenset[str]:
        """Return which interfaces are counted.

        They are those of hardware, be it a virtual machine's. Where there are none, as in a container, they are all
        but those that stand on others.
        """
        return self._interfaces.of(names)

    def _look_at_disks(self, names: Collection[str]) -> tuple[frozenset[str], bool]:
        whole = whole_disks(names)
        # The kernel writes "!" there for the "/" of names such as "cciss/c0d0".
        slaves = {name: f"{self._block}/{name.replace('/', '!')}/slaves" for name in whole}
        return frozenset(name for name in whole if not self._list(slaves[name])), True

    def _look_at_interfaces(self, names: Collection[str]) -> tuple[frozenset[str], bool]:
        there = {name for name in self._list(self._net) or () if name != "bonding_masters"}
        there.discard("lo")
        if there != {name for name in names if name != "lo"}:
            return counted_by_name(names), False
        candidates = [name for name in names if not is_loopback(name)]
        hardware = [name for name in candidates if self._is_hardware(name)]
        # A card that a virtual machine shares with others can stand under the one that passes its packets on.
        hardware = [name for name in hardware if not self._is_hardware(f"{name}/master")] or hardware
        if hardware:
            return frozenset(hardware), True
        lowest = [name for name in candidates if not self._stands_on_others(name)]
        ends = [name for name in lowest if not (self._is_tunnel(name) or self._is_port(name))]
        return frozenset(ends or lowest or candidates), True

    def _is_hardware(self, name: str) -> bool:
        return self._read(f"{self._net}/{name}/device/uevent") is not None

    def _kind(self, name: str) -> bytes:
        found = _KIND.search(self._read(f"{self._net}/{name}/uevent") or b"")
        return found[1] if found else b""

    def _stands_on_others(self, name: str) -> bool:
        parts = self._list(f"{self._net}/{name}") or []
        return self._kind(name) in _ON_OTHERS or any(part.startswith("lower_") for part in parts)

    def _is_tunnel(self, name: str) -> bool:
        kind = (self._read(f"{self._net}/{name}/type") or b"").strip()
        has_flags = self._read(f"{self._net}/{name}/tun_flags") is not None
        return has_flags or kind in _TUNNEL_TYPES or self._kind(name) in _TUNNELS

    def _is_port(self, name: str) -> bool:
        """Return whether an interface is a port of a bridge, to which others lead."""
        master = self._read(f"{self._net}/{name}/master/uevent") or b""
        return b"DEVTYPE=bridge" in master or b"INTERFACE=ovs-system" in master


class _Remembered:
    """Remembers the answer for the same names for some readings, if it was final."""

    def __init__(self, look: Callable[[Collection[str]], tuple[frozenset[str], bool]]) -> None:
        self._look = look
        self._names: tuple[str, ...] | None = None
        self._answer: frozenset[str] = frozenset()
        self._uses = 0

    def of(self, names: Iterable[str]) -> frozenset[str]:
        asked = tuple(names)
        if asked != self._names or self._uses >= _LOOK_AGAIN:
            self._answer, final = self._look(asked)
            self._names, self._uses = (asked if final else None), 0
        self._uses += 1
        return self._answer


def without_partitions(names: Iterable[str]) -> list[str]:
    """Return these block devices but partitions: the kernel names them after their disk and lists them after it."""
    found: dict[str, None] = {}
    for name in names:
        # "sda1", and "nvme0n1p1" where the disk's own name ends in a digit.
        partition = re.fullmatch(r"(.*\d)p\d+|(.*\D)\d+", name)
        if not partition or (partition[1] or partition[2]) not in found:
            found[name] = None
    return [*found]


def whole_disks(names: Iterable[str]) -> frozenset[str]:
    """Return which of these block devices are disks as far as names say, so that each byte counts once.

    Left out are partitions, devices on top of others, of files or of memory (device mapper, md, ZFS volumes, loop,
    zram …), and the paths to an NVMe disk beside the disk itself.
    """
    found = without_partitions(names)
    paths = {name for name in found if (path := _NVME_PATH.fullmatch(name)) and path[1] + path[2] in found}
    return frozenset(name for name in found if not _NOT_A_DISK.fullmatch(name) and name not in paths)


def is_loopback(interface: str) -> bool:
    """Return whether a network interface of this name only leads back to the host."""
    return _LOOPBACK.fullmatch(interface) is not None


def counted_by_name(names: Iterable[str]) -> frozenset[str]:
    """Return which interfaces are counted as far as names say: not those that software makes, if there are others."""
    outside = [name for name in names if not is_loopback(name)]
    return frozenset([name for name in outside if not _MADE_BY_SOFTWARE.fullmatch(name)] or outside)
