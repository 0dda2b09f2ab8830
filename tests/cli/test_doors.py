"""Connections are taken a few at a time, and only while there are files left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any, cast

import pytest
import uvloop

from clarion.cli.doors import OF_A_TURN, Porter, open_door
from clarion.config import Listen

CROWD = 200


class Greeting(asyncio.Protocol):
    """Says hello and stays."""

    def __init__(self, house: House) -> None:
        self._house = house

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._house.taken += 1
        self._house.nodelay = transport.get_extra_info("socket").getsockopt(
            socket.IPPROTO_TCP, socket.TCP_NODELAY
        )
        cast(asyncio.Transport, transport).write(b"hello")  # uvloop's is of no class of asyncio


class House:
    """A door with a porter, and how many were taken."""

    def __init__(self, files: int | None) -> None:
        self.taken = 0
        self.nodelay = 0
        self.door = open_door(Listen("127.0.0.1", 0))
        self.address = self.door.getsockname()
        self.porter = Porter(self.door, lambda: Greeting(self), files)


@contextlib.asynccontextmanager
async def house(files: int | None = None) -> AsyncIterator[House]:
    one = House(files)
    try:
        yield one
    finally:
        one.porter.close()
        one.door.close()


@contextlib.contextmanager
def crowd(address: tuple[str, int], size: int) -> Iterator[list[socket.socket]]:
    """Connections that the system took, and nobody else yet."""
    with contextlib.ExitStack() as stack:
        come = [socket.create_connection(address) for _ in range(size)]
        for one in come:
            stack.callback(one.close)
            one.setblocking(False)
        yield come


async def greeted(one: socket.socket) -> bytes:
    return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(one, 5), 10)


def run(work: Coroutine[Any, Any, None]) -> None:
    """On the loop that a server runs on."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def test_a_crowd_is_taken_a_few_at_a_time() -> None:
    async def scene() -> None:
        async with house() as one:
            with crowd(one.address, CROWD) as come:
                steps = []
                while one.taken < CROWD:
                    before = one.taken
                    await asyncio.sleep(0)
                    steps.append(one.taken - before)
                assert max(steps) <= 2 * OF_A_TURN
                assert [await greeted(each) for each in come] == [b"hello"] * CROWD
                assert one.nodelay

    run(scene())


def test_nobody_is_taken_while_files_are_few_and_the_others_wait() -> None:
    async def scene() -> None:
        with contextlib.ExitStack() as stack:
            free = os.dup(0)
            stack.callback(os.close, free)
            async with house(files=free + CROWD + 50) as one:
                with crowd(one.address, CROWD) as come:
                    for _ in range(10 * CROWD // OF_A_TURN):
                        await asyncio.sleep(0)  # a turn of the loop
                    early = one.taken
                    assert 20 <= early <= 50
                    for gone, each in enumerate(come):  # each makes room when it goes
                        assert await greeted(each) == b"hello"
                        assert one.taken - gone <= early + gone
                        each.close()
                    assert one.taken == CROWD

    run(scene())


def test_who_comes_after_the_door_is_closed_finds_nobody() -> None:
    async def scene() -> None:
        async with house() as one:
            one.porter.close()
            with crowd(one.address, 1) as come:
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(asyncio.get_running_loop().sock_recv(come[0], 5), 0.1)
                assert one.taken == 0

    run(scene())
