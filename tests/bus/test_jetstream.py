"""Doorbells over NATS: what the suite of all buses asks, and what becomes of trouble with NATS."""

from __future__ import annotations

import asyncio
import gc
import logging
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from nats.aio.msg import Msg

from clarion import telemetry
from clarion.bus.bells import Bell
from clarion.bus.contract import Bus
from clarion.bus.jetstream import MAX_UNSENT, RING, JetStreamBus
from clarion.bus.nats_access import Access
from clarion.testing.chance import Even
from clarion.testing.conformance.bus import (
    AT_ONCE_SECONDS,
    SOON_SECONDS,
    BusConformance,
    BusHarness,
)
from clarion.testing.servers.nats import NatsServer
from tests.bus.conftest import Make, stranger


class OverNats(BusHarness):
    """A NATS of its own; `jetstream` as the class says."""

    jetstream = True

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._server = NatsServer(Path(self._folder.name), jetstream=self.jetstream)

    async def start(self) -> None:
        self._server.start()

    async def stop(self) -> None:
        self._server.stop()
        self._folder.cleanup()

    def make(self) -> Bus:
        return JetStreamBus(Access(self._server.url), prefix="suite", chance=Even())

    async def settled(self, bus: Bus) -> None:
        assert isinstance(bus, JetStreamBus)
        assert await bus.caught_up(SOON_SECONDS)


class OverPlainNats(OverNats):
    """The same without JetStream."""

    jetstream = False


class TestConformance(BusConformance):
    harness_class = OverNats


class TestConformanceWithoutJetStream(BusConformance):
    harness_class = OverPlainNats


async def started(bus: JetStreamBus) -> JetStreamBus:
    await bus.start()
    assert await bus.caught_up(SOON_SECONDS)
    return bus


async def quiet(*doorbells: Bell) -> None:
    """Nothing has rung that the test did not ring."""
    for doorbell in doorbells:
        await doorbell.wait(AT_ONCE_SECONDS)


async def hears(bus: JetStreamBus, other: JetStreamBus, name: str = "ready") -> bool:
    """Whether a ring of one reaches a doorbell of the other that has been quiet before. One may
    be lost with a connection that a busy machine has just cut, so it is rung again."""
    doorbell = other.doorbell(name)
    assert await bus.caught_up(SOON_SECONDS)
    assert await other.caught_up(SOON_SECONDS)
    await quiet(doorbell)
    for _ in range(round(SOON_SECONDS)):
        bus.ring(name)
        if await doorbell.wait(1.0):
            return True
    return False


async def cut(*buses: JetStreamBus) -> None:
    """They notice the outage that has just been, and its end."""
    assert all(await asyncio.gather(*(bus.lost(SOON_SECONDS) for bus in buses)))
    assert all(await asyncio.gather(*(bus.caught_up(SOON_SECONDS) for bus in buses)))


@asynccontextmanager
async def slammed_doors(port: int, enough: int) -> AsyncIterator[asyncio.Event]:
    """Takes connections and cuts them; the event is set after `enough` of them."""
    seen, slammed = asyncio.Event(), 0

    async def slam(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal slammed
        slammed += 1
        writer.close()
        if slammed >= enough:
            seen.set()

    async with await asyncio.start_server(slam, "127.0.0.1", port):
        yield seen


@pytest.mark.parametrize("trouble", ["stop", "kill"])
async def test_without_nats_it_rings_here_and_afterwards_everywhere_again(
    server: NatsServer, make: Make, trouble: str
) -> None:
    bus, other = await started(make(server.url)), await started(make(server.url))
    here, there = bus.doorbell("ready"), other.doorbell("ready")
    assert await hears(bus, other, "before")
    getattr(server, trouble)()
    assert await bus.lost(SOON_SECONDS)
    assert await other.lost(SOON_SECONDS)
    await quiet(here, there)
    bus.ring("ready")
    assert await here.wait(AT_ONCE_SECONDS)
    server.start()
    assert await there.wait(SOON_SECONDS)
    assert await hears(bus, other, "after")


async def test_everybody_looks_once_after_an_outage(server: NatsServer, make: Make) -> None:
    bus = await started(make(server.url))
    doorbells = [bus.doorbell("ready"), bus.doorbell("fanout")]
    assert await bus.caught_up(SOON_SECONDS)
    server.stop()
    assert await bus.lost(SOON_SECONDS)
    await quiet(*doorbells)
    server.start()
    assert [await doorbell.wait(SOON_SECONDS) for doorbell in doorbells] == [True, True]


async def test_a_wiped_nats_is_as_good_as_a_full_one(server: NatsServer, make: Make) -> None:
    bus, other = await started(make(server.url)), await started(make(server.url))
    bus.ring("ready")
    server.wipe()
    await cut(bus, other)
    assert await hears(bus, other)
    assert bus.describe()["last_rings"] == "kept"


async def test_a_nats_put_back_to_a_backup_is_as_good(server: NatsServer, make: Make) -> None:
    bus, other = make(server.url), make(server.url)
    server.snapshot()
    await started(bus)
    await started(other)
    for _ in range(3):
        assert await hears(bus, other)
    server.roll_back()
    await cut(bus, other)
    assert await hears(bus, other)
    assert bus.describe()["last_rings"] == "kept"


async def test_who_comes_late_learns_of_the_last_ring_and_of_no_other(
    server: NatsServer, make: Make
) -> None:
    bus, other = await started(make(server.url)), await started(make(server.url))
    bus.ring("rang")
    assert await hears(bus, other, "marker")
    rang, silent = other.doorbell("rang"), other.doorbell("silent")
    assert await other.caught_up(SOON_SECONDS)
    assert await rang.wait(AT_ONCE_SECONDS)
    assert not await silent.wait(AT_ONCE_SECONDS)


async def test_a_stream_deleted_by_hand_costs_a_look(server: NatsServer, make: Make) -> None:
    bus, other = await started(make(server.url)), await started(make(server.url))
    async with stranger(server) as client:
        assert await client.jetstream().delete_stream("CLARION_p")
    silent = other.doorbell("silent")
    assert await silent.wait(SOON_SECONDS)
    assert "JetStream" in str(other.describe()["last_rings"])
    assert await hears(bus, other)


async def test_what_rang_before_the_connection_is_told_after_it(
    server: NatsServer, make: Make
) -> None:
    bus, other = make(server.url), await started(make(server.url))
    doorbell = other.doorbell("ready")
    assert await other.caught_up(SOON_SECONDS)
    await quiet(doorbell)
    bus.ring("ready")
    await bus.start()
    assert await doorbell.wait(SOON_SECONDS)


async def test_what_rang_before_the_end_is_told_at_the_end(server: NatsServer, make: Make) -> None:
    bus, other = await started(make(server.url)), await started(make(server.url))
    doorbell = other.doorbell("ready")
    assert await other.caught_up(SOON_SECONDS)
    await quiet(doorbell)
    bus.ring("ready")
    await bus.close()
    assert await doorbell.wait(SOON_SECONDS)


async def test_two_installations_on_one_nats_do_not_hear_each_other(
    server: NatsServer, make: Make
) -> None:
    bus, same, apart = (make(server.url, prefix) for prefix in ("p", "p", "q"))
    for each in (bus, same, apart):
        await started(each)
    doorbell = apart.doorbell("ready")
    assert await apart.caught_up(SOON_SECONDS)
    await quiet(doorbell)
    assert await hears(bus, same)
    assert await hears(apart, apart, "marker")
    assert not await doorbell.wait(AT_ONCE_SECONDS)


async def test_a_burst_is_a_few_messages(server: NatsServer, make: Make) -> None:
    bus = await started(make(server.url))
    heard: list[str] = []
    over = asyncio.Event()

    async def hear(message: Msg) -> None:
        heard.append(message.subject)
        if message.subject.endswith("over"):
            over.set()

    async with stranger(server) as client:
        await client.subscribe("clarion.p.ring.>", cb=hear)
        await client.flush()
        for _ in range(100):
            for _ in range(100):
                bus.ring("ready")
            await asyncio.sleep(0)
        bus.ring("over")
        async with asyncio.timeout(SOON_SECONDS):
            await over.wait()
    assert 1 <= heard.count("clarion.p.ring.ready") <= 20


async def test_only_names_that_somebody_listens_to_are_followed(
    server: NatsServer, make: Make
) -> None:
    bus, other = await started(make(server.url)), await started(make(server.url))
    received = telemetry.bus_rings.labels("received")
    kept, left = other.doorbell("inbox:1:42"), other.doorbell("inbox:1:43")
    assert await other.caught_up(SOON_SECONDS)
    assert other.describe()["names"] == 2
    del left
    gc.collect()
    await asyncio.sleep(0)
    assert await other.caught_up(SOON_SECONDS)
    assert other.describe()["names"] == 1
    await quiet(kept)
    before = received._value.get()
    for number in (41, 43, 44):
        bus.ring(f"inbox:1:{number}")
    bus.ring("inbox:1:42")
    assert await kept.wait(SOON_SECONDS)
    assert received._value.get() == before + 1


async def test_a_message_that_comes_twice_is_one_ring(server: NatsServer, make: Make) -> None:
    bus = await started(make(server.url))
    doorbell = bus.doorbell("ready")
    assert await bus.caught_up(SOON_SECONDS)
    await quiet(doorbell)
    async with stranger(server) as client:
        await client.publish("clarion.p.ring.ready", RING)
        await client.publish("clarion.p.ring.ready", RING)
        await client.flush()
    assert await hears(bus, bus, "marker")
    assert await doorbell.wait(SOON_SECONDS)
    await quiet(doorbell)
    assert not await doorbell.wait(AT_ONCE_SECONDS)


async def test_garbage_on_our_subjects_is_ignored(server: NatsServer, make: Make) -> None:
    bus, other = await started(make(server.url)), await started(make(server.url))
    doorbell, end = bus.doorbell("ready"), bus.doorbell("end")
    assert await bus.caught_up(SOON_SECONDS)
    await quiet(doorbell, end)
    async with stranger(server) as client:
        for garbage in (b"", b"\x00\xff" * 10_000, b"RING", b"ring ", b'{"to":"a"}'):
            await client.publish("clarion.p.ring.ready", garbage)
        await client.publish("clarion.p.ring.ready", b"", headers={"Status": "503"})
        await client.publish("clarion.p.ring.ready", b"", reply="clarion.p.ring.ready")
        await client.publish("clarion.p.ring.other.=ZZ", b"x")
        await client.flush()
    other.ring("end")
    assert await end.wait(SOON_SECONDS)
    assert not await doorbell.wait(AT_ONCE_SECONDS)
    assert bus.describe()["problem"] == ""
    assert await hears(bus, other)


async def test_a_flood_that_nobody_reads_stays_bounded(server: NatsServer, make: Make) -> None:
    bus, other = await started(make(server.url)), await started(make(server.url))
    doorbell = bus.doorbell("ready")
    assert await bus.caught_up(SOON_SECONDS)
    async with stranger(server) as client:
        for _ in range(20_000):
            await client.publish("clarion.p.ring.ready", RING)
        await client.flush()
    assert await hears(other, bus, "marker")
    assert await doorbell.wait(AT_ONCE_SECONDS)
    assert bus.connected
    assert bus.describe()["problem"] == ""


async def test_without_nats_what_waits_to_be_sent_is_bounded_and_the_latest_is_kept(
    server: NatsServer, make: Make
) -> None:
    bus, other = make(server.url), await started(make(server.url))
    dropped = telemetry.bus_rings.labels("dropped")._value
    before = dropped.get()
    latest = other.doorbell("inbox:1:last")
    assert await other.caught_up(SOON_SECONDS)
    await quiet(latest)
    for number in range(MAX_UNSENT + 500):
        bus.ring(f"inbox:1:{number}")
    bus.ring("inbox:1:last")
    assert bus.describe()["unsent"] == MAX_UNSENT
    assert dropped.get() == before + 501
    await bus.start()
    assert await latest.wait(SOON_SECONDS)


async def test_it_starts_and_ends_without_nats_and_says_so_once(
    server: NatsServer, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "clarion.bus")
    server.stop()
    bus = make(server.url)
    assert bus.describe()["problem"] == "not connected yet"
    await bus.start()
    assert await bus.lost(SOON_SECONDS)
    assert "nobody answers" in str(bus.describe()["problem"])
    async with slammed_doors(server.port, enough=4) as enough, asyncio.timeout(SOON_SECONDS):
        await enough.wait()
    server.start()
    assert await bus.reached(SOON_SECONDS)
    assert bus.describe()["problem"] == ""
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    server.stop()
    assert await bus.lost(SOON_SECONDS)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO", "WARNING"]
    assert telemetry.bus_connected.labels("nats")._value.get() == 0
    await bus.close()
    assert bus.describe()["problem"] == "closed"


async def test_a_user_without_rights_is_told_which(
    tmp_path: Path, make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    rights = "permissions: {publish: {deny: ['clarion.>', '$JS.>']}}"
    settings = f"authorization {{users: [{{user: u, password: p, {rights}}}]}}"
    with NatsServer(tmp_path, settings=settings) as server:
        bus = make(server.url.replace("//", "//u:p@"))
        await started(bus)
        assert bus.describe()["last_rings"] == (
            "JetStream does not answer us; check the rights of the user"
        )
        doorbell = bus.doorbell("ready")
        bus.ring("ready")
        assert await doorbell.wait(AT_ONCE_SECONDS)
        round_trips = []
        for name in ("sent", "refused"):
            round_trips.append(bus.doorbell(name))
            assert await bus.caught_up(SOON_SECONDS)
        assert "clarion.p.ring.>; grant it" in str(bus.describe()["problem"])
        assert bus.connected
        assert caplog.text.count("last rings are not kept") == 1
