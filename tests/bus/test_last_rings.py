"""The last ring of every name, where JetStream keeps it, and where it does not."""

from __future__ import annotations

import pytest
from nats.js.api import StreamConfig

from clarion.bus.last_rings import KEPT_BYTES, KEPT_NAMES, LastRings
from clarion.testing.servers.nats import NatsServer
from tests.bus.conftest import stranger


async def test_it_keeps_one_ring_of_each_name_within_bounds(server: NatsServer) -> None:
    async with stranger(server) as client:
        rings = LastRings("p")
        await rings.open(client)
        for _ in range(100):
            await client.publish("clarion.p.ring.a", b"ring")
        await rings.catch_up()
        assert await rings.rang("clarion.p.ring.a")
        assert not await rings.rang("clarion.p.ring.b")
        assert rings.problem == ""
        kept = await client.jetstream().stream_info("CLARION_p")
        assert kept.state.messages == 2  # of the name, and the marker
        assert (kept.config.max_msgs, kept.config.max_bytes) == (KEPT_NAMES, KEPT_BYTES)
        assert kept.config.max_age


async def test_a_stream_of_another_version_is_as_good(server: NatsServer) -> None:
    async with stranger(server) as client:
        await client.jetstream().add_stream(
            StreamConfig(
                name="CLARION_p",
                subjects=["clarion.p.ring.>"],
                max_msgs_per_subject=1,
                allow_direct=True,
                max_age=5,
            )
        )
        rings = LastRings("p")
        await rings.open(client)
        assert rings.problem == ""
        assert not await rings.rang("clarion.p.ring.a")


async def test_where_nothing_is_kept_every_name_may_have_rung(server: NatsServer) -> None:
    async with stranger(server) as client:
        await client.jetstream().add_stream(StreamConfig(name="THEIRS", subjects=["clarion.>"]))
        rings = LastRings("p")
        assert await rings.rang("clarion.p.ring.a")
        await rings.open(client)
        assert rings.problem == "JetStream says: subjects overlap with an existing stream"
        assert await rings.rang("clarion.p.ring.a")


@pytest.mark.parametrize(
    "headers", [{"Status": "503"}, {"Status": "no"}, {"Nats-Time-Stamp": "x"}, {"A": "b"}]
)
async def test_a_strange_message_in_the_stream_counts_as_a_ring(
    server: NatsServer, headers: dict[str, str]
) -> None:
    async with stranger(server) as client:
        rings = LastRings("p")
        await rings.open(client)
        await client.publish("clarion.p.ring.a", b"", headers=headers)
        await rings.catch_up()
        assert await rings.rang("clarion.p.ring.a")
