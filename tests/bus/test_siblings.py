"""Doorbells between processes of one machine."""

from __future__ import annotations

import shutil
import socket
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from clarion.bus.contract import Bus
from clarion.bus.siblings import SiblingBus
from clarion.testing.conformance.bus import SOON_SECONDS, BusConformance, BusHarness

SIBLINGS = 3


class Siblings(BusHarness):
    """A folder for their sockets."""

    async def start(self) -> None:
        self._folder = Path(tempfile.mkdtemp())
        self._numbers = count(1)

    async def stop(self) -> None:
        shutil.rmtree(self._folder)

    def make(self) -> Bus:
        return SiblingBus(self._folder, next(self._numbers), SIBLINGS)


class TestConformance(BusConformance):
    harness_class = Siblings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


async def test_rings_go_on_when_a_sibling_was_started_again(folder: Path) -> None:
    here, there = SiblingBus(folder, 1, 2), SiblingBus(folder, 2, 2)
    await here.start()
    here.ring("nobody is there yet")
    await there.start()
    await there.close()
    again = SiblingBus(folder, 2, 2)
    doorbell = again.doorbell("ready")
    await again.start()
    here.ring("ready")
    assert await doorbell.wait(SOON_SECONDS)
    await here.close()
    await again.close()


async def test_a_ring_waits_for_a_sibling_whose_socket_is_full(folder: Path) -> None:
    here = SiblingBus(folder, 1, 2)
    await here.start()
    stuck = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    stuck.setblocking(False)
    stuck.bind(str(folder / "2.bus"))
    stranger = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    stranger.setblocking(False)
    with suppress(BlockingIOError):
        while stranger.sendto(b"not a ring", str(folder / "2.bus")):
            pass
    here.ring("late")
    doorbell = here.doorbell("turn")
    while await doorbell.wait(0.01):
        pass
    heard = b""
    while b"late" not in heard:
        try:
            heard = stuck.recv(1000)
        except BlockingIOError:
            await doorbell.wait(0.001)
    stuck.close()
    stranger.close()
    await here.close()


async def test_what_is_no_ring_does_no_harm(folder: Path) -> None:
    bus = SiblingBus(folder, 1, 1)
    await bus.start()
    doorbell = bus.doorbell("ready")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
        stranger.sendto(b"\xc1", str(folder / "1.bus"))
        stranger.sendto(b"\x91\xa5ready", str(folder / "1.bus"))
    assert await doorbell.wait(SOON_SECONDS)
    await bus.close()
