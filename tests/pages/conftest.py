"""A whole server with a real mail server behind it, and browsers in front of its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from clarion.testing.embedded import Embedded, mail_account
from clarion.testing.fakes.smtp import FakeSmtp
from tests.channels.conftest import mail_server
from tests.pages.visiting import PUBLIC_URL, Visitor, visitor_of

__all__ = ["mail_server"]


@pytest.fixture
async def server(tmp_path: Path, mail_server: FakeSmtp) -> AsyncIterator[Embedded]:
    """All stages, with an account at a mail server; other channels are captured."""
    server = Embedded(tmp_path / "clarion.db", mail_account(mail_server))
    server.settings = msgspec.structs.replace(server.settings, public_url=PUBLIC_URL)
    await server.start()
    yield server
    assert await server.imbalances() == []
    await server.stop()


@pytest.fixture
async def visitor(server: Embedded) -> AsyncIterator[Visitor]:
    """A browser without cookies that opens links."""
    async with visitor_of(server) as visitor:
        yield visitor
