"""Containers and units from the control groups of processes, as engines and systemd name them."""

from __future__ import annotations

import pytest

from procwidget.sources.group_names import group_names

ID = "3f4e1d2c9a0b" + "5" * 52
POD = "1a2b3c4d-0000-4111-8222-333344445555"


@pytest.mark.parametrize(
    ("path", "container", "unit"),
    [
        ("/", None, None),
        ("/user.slice", None, None),
        ("/system.slice/ssh.service", None, "ssh.service"),
        ("/user.slice/user-1000.slice/session-3.scope", None, "session-3.scope"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/jupyter.service", None, "jupyter.service"),
        (r"/system.slice/system-getty.slice/getty\x2dlike.service", None, "getty-like.service"),
        (f"/docker/{ID}", "docker/3f4e1d2c9a0b", None),
        (f"/system.slice/docker-{ID}.scope", "docker/3f4e1d2c9a0b", f"docker-{ID}.scope"),
        (f"/../docker-{ID}.scope/init", "docker/3f4e1d2c9a0b", f"docker-{ID}.scope"),
        (
            f"/user.slice/user@1000.service/user.slice/libpod-{ID}.scope/container",
            "podman/3f4e1d2c9a0b",
            f"libpod-{ID}.scope",
        ),
        (f"/machine.slice/libpod-conmon-{ID}.scope", None, f"libpod-conmon-{ID}.scope"),
        (f"/kubepods/burstable/pod{POD}/{ID}", "pod/1a2b3c4d/3f4e1d2c9a0b", None),
        (
            f"/kubepods.slice/kubepods-pod{POD.replace('-', '_')}.slice/cri-containerd-{ID}.scope",
            "pod/1a2b3c4d/3f4e1d2c9a0b",
            f"cri-containerd-{ID}.scope",
        ),
        (f"/kubepods.slice/kubepods-besteffort-pod{POD.replace('-', '')}.slice", "pod/1a2b3c4d", None),
        ("/lxc/web1/system.slice/nginx.service", "lxc/web1", "nginx.service"),
        ("/lxc.payload.web1/init.scope", "lxc/web1", "init.scope"),
        (r"/machine.slice/machine-build\x2dbox.scope", "machine/build-box", "machine-build-box.scope"),
        ("/machine.slice/systemd-nspawn@box.service/payload", "machine/box", "systemd-nspawn@box.service"),
        # An id alone says nothing of an engine, and a name that is like one is no id.
        (f"/slurm/{ID}", None, None),
        ("/docker/compose", None, None),
        ("/a:b/ssh\u202e.service", None, "ssh\ufffd.service"),
    ],
)
def test_group_says_container_and_unit(path: str, container: str | None, unit: str | None) -> None:
    """Whether cgroup v2 or systemd's tree of v1 has the path, and whatever is around it."""
    assert group_names(f"0::{path}\n".encode()) == (container, unit)
    if unit is None or "docker" not in path:
        one = f"12:cpu,cpuacct:/\n1:name=systemd:{path}\n0::/\n"
        assert group_names(one.encode()) == (container, unit)


@pytest.mark.parametrize("raw", [None, b"", b"0::", b"nonsense\n", b"\xff\xfe:::\n"])
def test_odd_files_say_nothing(raw: bytes | None) -> None:
    """What cannot be read, or is cut off, is in no container and no unit."""
    assert group_names(raw) == (None, None)
