"""A server's watch of a kernel's process and of what the kernel says, with a publisher in the kernel's place."""

from __future__ import annotations

import asyncio
import subprocess
import time
from types import SimpleNamespace
from unittest.mock import Mock

import zmq
from jupyter_client.session import Session
from zmq.eventloop.zmqstream import ZMQStream

from procwidget.jupyter.death_log import DeathLog
from procwidget.jupyter.kernel_watch import KernelWatch
from tests.patience import PATIENCE


def test_what_a_kernel_said_just_before_its_end_is_heard_first(tmp_path):
    """On a busy server the end may be seen before the last messages: they tell which cell it was."""
    context, session = zmq.Context(), Session(key=b"secret")
    publisher = context.socket(zmq.PUB)
    address = f"tcp://127.0.0.1:{publisher.bind_to_random_port('tcp://127.0.0.1')}"
    publisher.unbind(address)
    kernel = subprocess.Popen(["sleep", "600"])

    def connect():
        subscriber = context.socket(zmq.SUB)
        subscriber.subscribe(b"")
        subscriber.connect(address)
        return ZMQStream(subscriber)

    manager = Mock(session=session, shutting_down=False, connect_iopub=connect)
    manager.provisioner.process = kernel
    kernels = SimpleNamespace(list_kernel_ids=lambda: ["k"], get_kernel=lambda kernel_id: manager)

    async def name_of(_kernel):
        return "train.ipynb", "train.ipynb"

    def says(kind, **content):
        parent = session.msg_header("execute_request")
        session.send(publisher, kind, content, parent={"header": parent}, ident=b"kernel")

    async def watch_it():
        log = DeathLog(tmp_path / "deaths.jsonl")
        watch = KernelWatch(kernels, log, name_of)
        watch.adopt("k")
        publisher.bind(address)
        async with asyncio.timeout(PATIENCE):
            while not watch._watched["k"].executions.current:
                says("execute_input", execution_count=1)
                await asyncio.sleep(0.05)
            kernel.kill()
            says("execute_input", execution_count=7)
            # The event loop is kept from both.
            time.sleep(0.5)
            while not log.deaths():
                await asyncio.sleep(0.05)
        watch.close()
        return log.deaths()

    try:
        (death,) = asyncio.run(watch_it())
    finally:
        kernel.kill()
        kernel.wait()
        context.destroy(linger=0)
    assert death["cell"] == 7
