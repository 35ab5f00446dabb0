"""Readings on demand: one source, never polled, never read twice at once."""

import asyncio
import threading

import pytest

from procwidget.errors import SourceUnavailable
from procwidget.server.cached_reader import APART, Reader
from procwidget.sources.scripted import ScriptedSource, make_sample


class Clock:
    """Stands still unless a test, or a wait, moves it."""

    now = 100.0

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.now += seconds


class CountedSource(ScriptedSource):
    """Counts its readings and who reads; may be held up in the middle of one."""

    def __init__(self, script):
        super().__init__(script)
        self.threads, self.closed = [], False
        self.go_on = threading.Event()
        self.go_on.set()

    def read(self):
        self.threads.append(threading.current_thread())
        assert self.go_on.wait(10)
        return super().read()

    def close(self):
        self.closed = True
        super().close()


def reader_of(*script):
    clock, source = Clock(), CountedSource(script or [make_sample()])
    return Reader(lambda: source, sleep=clock.wait, clock=clock), source, clock


def test_first_request_gets_figures_of_an_interval():
    """CPU needs two readings: the first request waits for both, so it never sees 0 or nothing for want of one."""
    first, second = make_sample(cpu_usage=None), make_sample(cpu_usage=12.5)
    reader, source, clock = reader_of(first, second)
    began = clock.now
    sample = asyncio.run(reader.sample())
    assert sample["cpu_usage"] == 12.5
    assert len(source.threads) == 2
    assert clock.now - began == APART


def test_young_reading_is_handed_out_again():
    """Within a second everyone gets the same reading; after it there is one more, not two."""
    reader, source, clock = reader_of()

    async def three():
        one = await reader.sample()
        clock.wait(0.9)
        assert await reader.sample() is one
        clock.wait(0.2)
        assert await reader.sample() is not one

    asyncio.run(three())
    assert len(source.threads) == 3


def test_long_pause_starts_anew():
    """Figures over ten minutes say nothing about now: two readings are taken again."""
    reader, source, clock = reader_of()

    async def twice():
        await reader.sample()
        clock.wait(600)
        await reader.sample()

    asyncio.run(twice())
    assert len(source.threads) == 4


def test_concurrent_requests_share_one_reading_off_the_loop():
    """Two requests at the same time cost one reading, in the worker's thread, while the loop goes on."""
    reader, source, _ = reader_of()
    source.go_on.clear()

    async def both():
        first, second = asyncio.ensure_future(reader.sample()), asyncio.ensure_future(reader.sample())
        await asyncio.sleep(0.05)
        source.go_on.set()
        return await first is await second

    assert asyncio.run(both())
    assert len(source.threads) == 2
    assert threading.main_thread() not in source.threads


def test_client_that_goes_away_does_not_take_the_reading_with_it():
    """A cancelled request leaves the others their answer."""
    reader, source, _ = reader_of()
    source.go_on.clear()

    async def both():
        impatient, patient = asyncio.ensure_future(reader.sample()), asyncio.ensure_future(reader.sample())
        await asyncio.sleep(0.05)
        impatient.cancel()
        source.go_on.set()
        return await patient

    assert asyncio.run(both())["source"] == "scripted"


def test_failure_is_told_and_the_next_request_tries_again():
    """A host that cannot be read now may be readable a moment later."""
    reader, _, _ = reader_of(SourceUnavailable("No /proc here."), make_sample(), make_sample())

    async def twice():
        with pytest.raises(SourceUnavailable, match="No /proc here"):
            await reader.sample()
        return await reader.sample()

    assert asyncio.run(twice())["processes"] is not None


def test_the_last_request_while_the_server_ends_is_refused_in_a_sentence():
    """Its routes answer it with 503; an error of the executor would be a traceback in the server's log."""
    reader, _, _ = reader_of(make_sample(), make_sample())
    reader.close()
    with pytest.raises(SourceUnavailable, match="This server is ending"):
        asyncio.run(reader.sample())


def test_close_gives_the_source_back():
    """What was opened for readings is closed with the server; a reader that never read has nothing to close."""
    reader, source, _ = reader_of()
    asyncio.run(reader.sample())
    reader.close()
    assert source.closed
    Reader(lambda: pytest.fail("made for nothing")).close()
