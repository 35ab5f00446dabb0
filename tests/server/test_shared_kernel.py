"""Many visitors, one kernel: what one of them does, or suffers, does not touch the others."""

import asyncio
import contextlib
import math
import time

import pytest
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError

from procwidget.server.shared_kernel import SIGN_OF_LIFE
from tests.kernel.look import POLLERS, SERVED, Look, connection_file
from tests.patience import PATIENCE, until
from tests.server.conftest import TOKEN
from tests.server.visitor import Visitor

HASTE = "setattr(__import__('procwidget.views.presence').views.presence, 'PATIENCE', 0.5)"
CELLS = "get_ipython().__dict__.setdefault('cells_that_ran', [])"


def test_two_visitors_share_kernel_and_models(served):
    """One kernel process, and the very same widgets: the second visitor starts nothing."""
    before = [kernel.pid for kernel in served.kernels()]

    async def both():
        visitors = []
        for _ in range(2):
            kernel, cookie = served.visit()
            visitor = await Visitor.enter(served, kernel, cookie)
            comm = await visitor.open_control()
            await visitor.ask_states(comm)
            visitors.append((kernel, set(await visitor.states(comm))))
            visitor.leave()
        return visitors

    first, second = asyncio.run(both())
    assert first == second
    assert first[1]
    assert [kernel.pid for kernel in served.kernels()] == before
    assert len(before) == 1


def test_pages_that_load_at_once_are_each_answered(served):
    """ipywidgets answers on the control comm that was opened last; here every page gets its own answer."""

    async def together():
        kernel, cookie = served.visit()
        visitors = await asyncio.gather(*(Visitor.enter(served, kernel, cookie) for _ in range(5)))
        comms = [await visitor.open_control() for visitor in visitors]
        for visitor, comm in zip(visitors, comms, strict=True):
            await visitor.ask_states(comm)
        pairs = zip(visitors, comms, strict=True)
        answers = await asyncio.gather(*(visitor.states(comm) for visitor, comm in pairs))
        for visitor in visitors:
            visitor.leave()
        return answers

    answers = asyncio.run(together())
    assert len(answers) == 5 and all(answers)


def test_one_page_speaks_for_all_that_somebody_is_there(served):
    """The kernel hears a sign of life every few seconds, however many pages show one; what is none always passes."""

    async def crowd():
        kernel, cookie = served.visit()
        visitors = [await Visitor.enter(served, kernel, cookie) for _ in range(4)]
        control = await visitors[0].open_control()
        await visitors[0].ask_states(control)
        states = await visitors[0].states(control)
        [table] = [name for name, model in states.items() if "thresholds" in model["state"]]
        passed, took = [], math.inf
        while took >= SIGN_OF_LIFE:
            began = time.monotonic()
            passed = [await ack(visitor, table) for visitor in visitors]
            took = time.monotonic() - began
        assert passed.count(True) <= 1
        # Whoever comes when it is time is passed on, also two that were not before.
        for visitor in visitors[-2:]:
            async with asyncio.timeout(PATIENCE):
                while not await ack(visitor, table):
                    await asyncio.sleep(0.5)
        # Words on another comm, or that only look like it, take nobody's turn.
        assert await ack(visitors[1], "no such widget")
        assert await ack(visitors[2], table, method="update")
        for visitor in visitors:
            visitor.leave()

    async def ack(visitor, comm, method="custom"):
        said = {"type": "ack", "view": "v", "seq": 1}
        sign = await visitor.send("comm_msg", {"comm_id": comm, "data": {"method": method, "content": said}})
        after = await visitor.send("kernel_info_request", {})
        # The kernel says of each message that comes to it when it begins to work on it.
        heard = []

        def reply(kind, parent, _content):
            heard.append(parent)
            return kind == "status" and parent == after

        await visitor.until(reply)
        return sign in heard

    asyncio.run(crowd())


def test_second_page_is_ready_at_once(served):
    """The notebook ran when the server started, and runs for no page again: a page costs no more than its bytes."""
    [kernel] = served.kernels()
    with Look(connection_file(kernel), "None") as look:
        look(f"get_ipython().events.register('pre_run_cell', lambda info: {CELLS}.append(info.raw_cell))")
        for _ in range(3):
            served.visit()
        assert look(CELLS) == []


def test_leaving_ends_nothing_for_the_others(served):
    """A page that is left asks to end its kernel and goes; the one that stays goes on."""

    async def two():
        kernel, cookie = served.visit()
        leaver, stayer = [await Visitor.enter(served, kernel, cookie) for _ in range(2)]
        assert served.ask(f"/voila/api/shutdown/{kernel}", "POST", cookie=cookie).status == 204
        leaver.leave()
        await stayer.kernel_lives()
        stayer.leave()
        return kernel

    kernel = asyncio.run(two())
    assert served.visit()[0] == kernel


@pytest.mark.parametrize(
    ("kind", "content", "channel"),
    [
        ("shutdown_request", {"restart": False}, "control"),
        ("shutdown_request", {"restart": False}, "shell"),
        ("interrupt_request", {}, "control"),
        ("execute_request", {"code": "import os; os._exit(1)", "silent": False}, "shell"),
        ("debug_request", {"type": "request", "command": "initialize"}, "control"),
        ("create_subshell_request", {}, "control"),
        ("input_reply", {"value": "x"}, "stdin"),
        ("comm_open", {"comm_id": "x", "target_name": "jupyter.widget", "data": {"state": {}}}, "shell"),
        ("comm_open", {"comm_id": ["x"], "target_name": "jupyter.widget.control"}, "shell"),
        ("comm_msg", {"comm_id": "x", "data": {}}, "control"),
        ("comm_msg", [], "shell"),
        (["comm_msg"], {}, "shell"),
        ("no_such_request", {}, "shell"),
    ],
)
def test_visitor_cannot_end_or_use_the_kernel(served, kind, content, channel):
    """Only messages of widgets pass: nobody runs code, restarts, or makes widgets for the others."""

    async def attack():
        kernel, cookie = served.visit()
        visitor = await Visitor.enter(served, kernel, cookie)
        comm = await visitor.open_control()
        await visitor.ask_states(comm)
        before = set(await visitor.states(comm))
        await visitor.send(kind, content, channel=channel)
        await visitor.kernel_lives()
        await visitor.ask_states(comm)
        assert set(await visitor.states(comm)) == before
        visitor.leave()
        return kernel

    assert asyncio.run(attack()) == served.visit()[0]
    assert len(served.kernels()) == 1


def test_visitor_cannot_close_a_widget_for_the_others(served):
    """Closing a comm closes its widget in the kernel, so visitors close only what they opened themselves."""

    async def attack():
        kernel, cookie = served.visit()
        visitor = await Visitor.enter(served, kernel, cookie)
        comm = await visitor.open_control()
        await visitor.ask_states(comm)
        before = set(await visitor.states(comm))
        for model in before:
            await visitor.send("comm_close", {"comm_id": model, "data": {}})
        await visitor.ask_states(comm)
        assert set(await visitor.states(comm)) == before
        await visitor.send("comm_close", {"comm_id": comm, "data": {}})
        infos = await visitor.reply("comm_info_reply", await visitor.send("comm_info_request", {}))
        visitor.leave()
        return before, comm, infos["comms"]

    before, comm, comms = asyncio.run(attack())
    assert before <= set(comms)
    assert comm not in comms


def test_malformed_messages_are_dropped(served):
    """Garbage on the wire costs the server no traceback and the kernel nothing."""
    garbage = [b"", b"\0", b"\xff" * 40, (3).to_bytes(8, "little") + b"[" * 100_000, "text", '{"channel": "shell"}']

    async def attack():
        kernel, cookie = served.visit()
        visitor = await Visitor.enter(served, kernel, cookie)
        for message in garbage:
            await visitor.socket.write_message(message, binary=isinstance(message, bytes))
        await visitor.kernel_lives()
        visitor.leave()

    asyncio.run(attack())


def test_huge_message_ends_the_connection_alone(served):
    """Two megabytes at once are no page of ours: that connection is closed, the others stay."""

    async def attack():
        kernel, cookie = served.visit()
        attacker, other = [await Visitor.enter(served, kernel, cookie) for _ in range(2)]
        with contextlib.suppress(WebSocketClosedError):  # the server may hang up before the last byte
            await attacker.send("comm_msg", {"comm_id": "x", "data": "x" * 2_000_000})
        async with asyncio.timeout(PATIENCE):
            while await attacker.socket.read_message() is not None:
                pass
        await other.kernel_lives()
        other.leave()

    asyncio.run(attack())


def test_socket_needs_the_cookie(served):
    """The way to the kernel is closed to strangers as everything else is."""

    async def attempt(cookie):
        await Visitor.enter(served, served.visit()[0], cookie)

    with pytest.raises(HTTPClientError) as refused:
        asyncio.run(attempt("username=visitor"))
    assert refused.value.code == 403


def test_dead_kernel_is_replaced_by_the_next_page(spare):
    """A kernel that was killed takes no page with it: the next visit has a new one, and open pages can find out."""
    server = spare
    try:
        kernel, cookie = server.visit()
        [process] = server.kernels()
        process.kill()
        process.wait(PATIENCE)
        renewed, _ = server.visit()
        assert renewed != kernel
        assert server.ask(f"/api/kernels/{kernel}", cookie=cookie).status == 404
        assert server.ask(f"/api/kernels/{renewed}", cookie=cookie).status == 200
        assert len(server.kernels()) == 1

        async def works():
            visitor = await Visitor.enter(server, renewed, cookie)
            comm = await visitor.open_control()
            await visitor.ask_states(comm)
            assert await visitor.states(comm)
            visitor.leave()

        asyncio.run(works())
        [process] = server.kernels()
        process.kill()
        # Nobody asks for a page now: the server notices by itself, so that open pages can tell their visitors.
        until(lambda: server.ask(f"/api/kernels/{renewed}", cookie=cookie).status == 404)
    finally:
        assert server.stop() == 0


def test_kernel_without_visitors_ends_and_comes_back(start):
    """Nobody for --idle seconds: the kernel goes; while somebody is there it stays; the next visit has a new one."""
    server = start("--idle", "2")
    try:

        async def stay():
            kernel, cookie = server.visit()
            visitor = await Visitor.enter(server, kernel, cookie)
            hurry(server.kernels()[0])
            await asyncio.sleep(4)
            await visitor.kernel_lives()
            visitor.leave()
            return kernel

        kernel = asyncio.run(stay())
        [process] = server.kernels()
        until(lambda: not server.kernels())
        process.wait(PATIENCE)
        assert server.ask("/procwidget/metrics", token=TOKEN).status == 200
        assert server.visit()[0] != kernel
    finally:
        assert server.stop() == 0


def hurry(kernel):
    """Have the kernel's dashboard rest at once, for it waits fifteen seconds for a view before it does."""
    with Look(connection_file(kernel), SERVED) as look:
        look(HASTE)
        until(lambda: look(POLLERS) == 0, every=0.1)
