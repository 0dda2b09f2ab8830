"""A server in the process. After every test the ledger must balance."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clarion.testing.embedded import Embedded, hook_account, mail_account, push_account
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.smtp import FakeSmtp
from clarion.testing.fakes.webhook import FakeReceiver
from clarion.testing.servers.postgres import Postgres
from tests.channels.conftest import fcm, mail_server, receiver
from tests.store.conftest import postgres
from tests.store.servers import emptied_database

__all__ = ["fcm", "mail_server", "postgres", "receiver"]


async def balanced_to_the_end(server: Embedded) -> None:
    """The ledger balances; then the server stops."""
    try:
        assert await server.imbalances() == []
    finally:
        await server.stop()


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[Embedded]:
    """A server whose channels are all captured."""
    server = Embedded(tmp_path / "clarion.db")
    await server.start()
    yield server
    await balanced_to_the_end(server)


@pytest.fixture(params=["sqlite", "postgres"])
async def anywhere(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Embedded]:
    """A server whose channels are all captured, on a store of each kind."""
    dsn = None
    if request.param == "postgres":
        database: Postgres = request.getfixturevalue("postgres")
        dsn = await emptied_database(database)
    server = Embedded(tmp_path / "clarion.db", dsn=dsn)
    await server.start()
    yield server
    await balanced_to_the_end(server)
    server.close()


@pytest.fixture
async def wired(
    tmp_path: Path, fcm: FakeFcm, mail_server: FakeSmtp, receiver: FakeReceiver
) -> AsyncIterator[Embedded]:
    """A server with accounts at a fake FCM and a fake mail server, and one for webhooks."""
    accounts = (push_account(fcm), mail_account(mail_server), hook_account())
    server = Embedded(tmp_path / "clarion.db", *accounts)
    await server.start()
    yield server
    fcm.release()
    await balanced_to_the_end(server)
