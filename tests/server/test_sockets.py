"""A page's WebSocket, from its handshake to its end: one that came to nothing leaves nothing, and none is another's."""

import asyncio
import signal
import uuid

import psutil
import pytest

from tests.patience import PATIENCE, until
from tests.server.conftest import assert_secure
from tests.server.visitor import HANDSHAKE, Visitor, half_open

IMPATIENT = """
import sys
from procwidget.server.shared_kernel import SharedKernel
SharedKernel.kernel_info_timeout.default_value = 1
from procwidget.cli import main
sys.exit(main())
"""
NO_HANDSHAKES = {
    "a plain request": {},
    "no upgrade": {**HANDSHAKE, "Upgrade": "h2c"},
    "no connection to upgrade": {**HANDSHAKE, "Connection": "keep-alive"},
    "no key": {name: value for name, value in HANDSHAKE.items() if name != "Sec-WebSocket-Key"},
    "no version": {name: value for name, value in HANDSHAKE.items() if name != "Sec-WebSocket-Version"},
    "a version of long ago": {**HANDSHAKE, "Sec-WebSocket-Version": "8"},
}


def channels(kernel, session):
    return f"/api/kernels/{kernel}/channels?session_id={session}"


def connections(server, kernel, cookie):
    """How many pages the server counts: the kernel lives for them."""
    return server.ask(f"/api/kernels/{kernel}", cookie=cookie).json()["connections"]


def test_nobody_ends_the_connection_of_another(served):
    """A page's id stands in its messages, for all visitors to see: who comes with it, anyhow, is one more visitor."""

    async def attack():
        kernel, cookie = served.visit()
        session = str(uuid.uuid4())
        visitor = await Visitor.enter(served, kernel, cookie, session)
        for headers in NO_HANDSHAKES.values():
            served.ask(channels(kernel, session), cookie=cookie, headers=headers)
        attacker = await Visitor.enter(served, kernel, cookie, session)
        for either in (visitor, attacker):
            await either.kernel_lives()
            either.leave()

    asyncio.run(attack())


@pytest.mark.parametrize("what", NO_HANDSHAKES)
def test_what_is_no_handshake_gets_400(served, what):
    """The address is for WebSockets, and the kernel hears of nothing else."""
    kernel, cookie = served.visit()
    answer = served.ask(channels(kernel, "x"), cookie=cookie, headers=NO_HANDSHAKES[what])
    assert (answer.status, answer.body) == (400, "This address is for WebSockets.\n")


def test_handshake_answers_with_the_security_headers(served):
    """Also the answer that makes a WebSocket of a connection is one of ours."""
    kernel, cookie = served.visit()
    answer = served.ask(channels(kernel, "x"), cookie=cookie, headers=HANDSHAKE)
    assert answer.status == 101
    assert_secure(answer.headers)


def handshake(server, kernel, cookie, more=""):
    """A request for a WebSocket as it goes onto the wire."""
    headers = {"Host": f"127.0.0.1:{server.port}", "Cookie": cookie, **HANDSHAKE}
    said = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {channels(kernel, uuid.uuid4())} HTTP/1.1\r\n{said}{more}\r\n".encode()


@pytest.mark.parametrize("kind", ["no handshake", "a body that never comes"])
def test_failed_handshakes_leave_nothing_in_memory(served, kind):
    """A thousand requests that look like a page's, and come to nothing, cost the server nothing that stays."""
    kernel, cookie = served.visit()
    server = psutil.Process(served.process.pid)

    def after(times):
        for number in range(times):
            # An answer now and then: those who do not wait for one would pile up before a server that gets little CPU.
            if kind == "no handshake" or number % 20 == 19:
                assert served.ask(channels(kernel, uuid.uuid4()), cookie=cookie).status == 400
            else:
                half_open(served, handshake(served, kernel, cookie, "Content-Length: 5\r\n")).close()
        return server.memory_info().rss

    before = after(700)
    assert after(1000) - before < 5_000_000


def test_page_that_leaves_before_it_came_counts_for_nothing(spare):
    """It asks for a kernel that does not answer, and goes: afterwards those who are there are counted, nobody else."""
    server = spare
    before_us = len(server.log.read_text())
    kernel, cookie = server.visit()
    [process] = server.kernels()
    sockets = psutil.Process(server.process.pid).net_connections
    before = len(sockets("unix"))
    process.suspend()
    with half_open(server, handshake(server, kernel, cookie)):
        # The server asks the kernel what it is, and gets no answer.
        until(lambda: len(sockets("unix")) > before)
    until(lambda: all(socket.status == "LISTEN" for socket in sockets("tcp")))
    process.resume()

    async def stay():
        visitor = await Visitor.enter(server, kernel, cookie)
        await visitor.kernel_lives()
        until(lambda: connections(server, kernel, cookie) == 1)
        visitor.leave()

    asyncio.run(stay())
    until(lambda: connections(server, kernel, cookie) == 0)
    assert "Traceback" not in server.log.read_text()[before_us:]


def test_server_ends_without_a_word_while_pages_wait_for_the_kernel(spare):
    """A kernel that is stopped answers nobody; who ends the server then waits no minute, and reads no traceback."""
    server = spare

    async def wait():
        kernel, cookie = server.visit()
        first = await Visitor.enter(server, kernel, cookie)
        await first.kernel_lives()
        server.kernels()[0].suspend()
        others = [await Visitor.enter(server, kernel, cookie) for _ in range(3)]
        before = server.log.read_text()
        assert server.stop(signal.SIGTERM) == 0
        assert server.log.read_text() == before
        return others

    assert asyncio.run(wait())


def test_page_is_let_go_when_the_kernel_says_nothing(start):
    """Its kernel is stopped: after a while the connection ends, without a traceback, and it may come again."""
    server = start(program=IMPATIENT)

    async def wait():
        kernel, cookie = server.visit()
        first = await Visitor.enter(server, kernel, cookie)
        await first.kernel_lives()
        server.kernels()[0].suspend()
        second = await Visitor.enter(server, kernel, cookie)
        async with asyncio.timeout(PATIENCE):
            assert await second.socket.read_message() is None
        server.kernels()[0].resume()
        await (await Visitor.enter(server, kernel, cookie)).kernel_lives()

    asyncio.run(wait())
    assert "Traceback" not in server.log.read_text()
