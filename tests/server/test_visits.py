"""What visits leave behind in the kernel that all visitors share: nothing."""

from __future__ import annotations

import asyncio

from tests.kernel.look import SERVED, Look, connection_file
from tests.server.visitor import Visitor

VISITS = 60
TRIM = "getattr(__import__('ctypes').CDLL(None), 'malloc_trim', int)(0)"


def test_a_visit_leaves_nothing_in_the_kernel(spare):
    """Sixty pages come, ask for all widgets, and go: memory that is given back where it can be stays as it was."""
    server = spare
    server.visit()
    [kernel] = server.kernels()

    async def visit():
        kernel_id, cookie = server.visit()
        visitor = await Visitor.enter(server, kernel_id, cookie)
        await visitor.send("comm_close", {"comm_id": await visitor.open_control(), "data": {}})
        await visitor.kernel_lives()
        visitor.leave()

    async def visits():
        for _ in range(VISITS):
            await visit()

    with Look(connection_file(kernel), SERVED) as look:
        look("setattr(dashboard.monitor.history, 'seconds', 5)")

        def memory():
            look(TRIM)
            return kernel.memory_info().rss

        asyncio.run(visits())
        before = memory()
        asyncio.run(visits())
        # A connection that stays in the kernel's memory has 16 kB.
        assert memory() - before < VISITS * 8192
