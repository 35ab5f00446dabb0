"""Who can connect, token or not, cannot use up what the server has of connections, time and open files."""

import asyncio
import subprocess
import sys
from contextlib import ExitStack

import psutil
import pytest
from tornado.httpclient import HTTPClientError
from tornado.web import HTTPError

from procwidget.server.capacity import FULL, MOST_FILES, Room
from tests.patience import PATIENCE, until
from tests.server.conftest import TOKEN, assert_secure, start_procwidget
from tests.server.visitor import HANDSHAKE, Visitor, half_open

FILES = 256


def limited(number, kind="-n"):
    """A command under which another one may have so many files open."""
    return "sh", "-c", f'ulimit {kind} {number} && exec "$0" "$@"'


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A server that may have few files open; those who use it leave it as they found it."""
    server = start_procwidget(tmp_path_factory.mktemp("s"), under=limited(FILES))
    yield server
    server.stop()


def answers(server):
    """Whether the server lets a visitor in."""
    try:
        return server.ask("/", query=f"?token={TOKEN}").status == 200
    except ConnectionError:
        return False


def test_page_comes_while_strangers_hold_all_connections(small):
    """More half-open connections than the server may have files: it hangs up on them, answers, and has a short log."""
    before = small.log.read_text()
    with ExitStack() as strangers:
        for _ in range(2 * FILES):
            strangers.enter_context(half_open(small))
        until(lambda: answers(small))
        for _ in range(10):
            for _ in range(Room(FILES).connections // 2):
                strangers.enter_context(half_open(small))
            assert answers(small)
        assert psutil.Process(small.process.pid).num_fds() < FILES / 2
    assert small.ask("/procwidget/metrics", token=TOKEN).status == 200
    assert small.log.read_text() == before


def test_page_comes_while_visitors_take_no_answers(small):
    """Who asks for more than goes onto the wire and takes none of it is hung up on as well."""
    request = f"GET /voila/static/voila-style.js HTTP/1.1\r\nHost: localhost\r\nAuthorization: token {TOKEN}\r\n\r\n"
    with ExitStack() as visitors:
        for _ in range(2 * Room(FILES).connections):
            visitors.enter_context(half_open(small, request.encode() * 20))
        # While the server still works for all of them there is nobody to hang up on; once they wait, each one comes.
        until(lambda: all(answers(small) for _ in range(20)))


def test_one_page_too_many_is_refused_in_a_sentence(small):
    """A page takes five files: before there are none left, the next one is told; when one leaves, there is room."""
    room = FILES // 20

    async def crowd():
        kernel, cookie = small.visit()
        visitors = [await Visitor.enter(small, kernel, cookie) for _ in range(room)]
        for visitor in visitors:
            await visitor.kernel_lives()
        assert psutil.Process(small.process.pid).num_fds() < FILES * 2 / 3
        path = f"/api/kernels/{kernel}/channels"
        answer = small.ask(path, query="?session_id=x", cookie=cookie, headers=HANDSHAKE)
        assert (answer.status, answer.body) == (503, FULL + "\n")
        assert_secure(answer.headers)
        with pytest.raises(HTTPClientError) as refused:
            await Visitor.enter(small, kernel, cookie)
        assert refused.value.code == 503
        visitors.pop().leave()
        async with asyncio.timeout(PATIENCE):
            while len(visitors) < room:
                try:
                    visitors.append(await Visitor.enter(small, kernel, cookie))
                except HTTPClientError:
                    await asyncio.sleep(0.05)
        for visitor in visitors:
            await visitor.kernel_lives()
            visitor.leave()

    asyncio.run(crowd())
    assert "Traceback" not in small.log.read_text()


@pytest.mark.parametrize("promised", [100_000_000, 70_000])
def test_large_bodies_are_taken_from_nobody(served, promised):
    """Who promises a large body is hung up on; a stranger is refused before a single byte of it is read."""
    for token, status in ((TOKEN, b"400"), ("wrong", b"403")):
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nAuthorization: token {token}\r\n"
        with half_open(served, f"{head}Content-Length: {promised}\r\n\r\n".encode()) as connection:
            said = b""
            while received := connection.recv(4096):
                said += received
        assert said.startswith(b"HTTP/1.1 " + status)
    assert served.ask("/procwidget/metrics", token=TOKEN).status == 200


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(limited(100, "-Sn"), MOST_FILES), (limited(FILES), FILES), (limited(MOST_FILES + 100), MOST_FILES)],
)
def test_server_asks_for_the_open_files_that_it_needs(limit, expected):
    """Many systems give few at first and more on demand; what may not be had is not counted on, none is given back."""
    code = "import resource; from procwidget.server.capacity import open_files as ask; "
    code += "print(ask(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    said = subprocess.run([*limit, sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    counted, has = map(int, said.split())
    assert counted == expected
    assert has >= expected


@pytest.mark.parametrize("files", [128, 256, 1024, MOST_FILES])
def test_there_are_files_left_when_the_server_is_full(files):
    """Five for each page, four more for each that connects just now, one or two for each request, and its own."""
    room, opened = Room(files), 0
    with ExitStack() as pages, pytest.raises(HTTPError, match=FULL):
        while True:
            pages.enter_context(room.for_page())
            opened += 1
    assert opened >= 3
    assert 9 * opened + 2 * room.connections < files - 17
    # Two sockets of ZeroMQ for each page, and two more while it connects: there are 1023.
    assert 4 * opened < 1000
    with room.for_page():
        pass
