"""The page when its dashboard does not start: what a browser is told, and that it comes back by itself."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psutil

from tests.patience import until
from tests.server.conftest import TOKEN


def test_a_page_that_could_not_start_is_asked_for_again(spare):
    """The kernel dies as it starts: the answer says so in a sentence, and has the browser ask again."""
    server = spare
    made, cookie = server.visit()
    [first] = server.kernels()
    first.kill()
    # A process that is killed ends thread by thread; until the last is gone the server answers with the page it made.
    until(lambda: server.ask(f"/api/kernels/{made}", cookie=cookie).status == 404)

    def done():
        for kernel in server.kernels():
            with suppress(psutil.NoSuchProcess):
                kernel.kill()
        return asked.done()

    with ThreadPoolExecutor() as pool:
        asked = pool.submit(server.ask, "/", token=TOKEN)
        until(done)
    refused = asked.result()
    assert (refused.status, refused.headers["Refresh"]) == (503, "10")
    assert refused.body.startswith("The dashboard could not start: ")
    assert refused.body.endswith(" This page tries again every 10 seconds.\n")
    answer = server.ask("/", token=TOKEN)
    assert (answer.status, answer.headers["Refresh"]) == (200, None)
