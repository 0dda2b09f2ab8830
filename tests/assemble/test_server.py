"""What the parts are only when they are put together."""

from __future__ import annotations

import asyncio
from pathlib import Path

from clarion.config.settings import Account
from clarion.testing.embedded import Embedded, mail_account
from clarion.testing.fakes.smtp import FakeSmtp
from tests.channels.conftest import mail_server
from tests.pipeline.builders import MAIL

__all__ = ["mail_server"]

ELSEWHERE = Account(
    name="elsewhere",
    kind="capture",
    order=1,
    environments=("staging",),
    settings={"channel": "email"},
)


async def test_a_stranded_mail_goes_by_what_its_own_account_can_do(
    tmp_path: Path, mail_server: FakeSmtp
) -> None:
    accounts = (ELSEWHERE, mail_account(mail_server, order=2))
    server = Embedded(tmp_path / "clarion.db", *accounts)
    await server.start()
    await server.category("letters", on_unknown="at_most_once")
    await server.workflow("news", MAIL, category="letters")
    await server.user("ada", email="ada@example.org")
    mail_server.hang.add("ada@example.org")
    event = await server.send("news", "ada")
    await asyncio.wait_for(mail_server.waiting.wait(), 5)
    await server.crash()
    await server.restart()
    await server.settled(event)
    (row,) = server.rows(event)["delivery"]
    assert row["status"] == "unknown"
    assert len(mail_server.mails) == 1
    await server.stop()
