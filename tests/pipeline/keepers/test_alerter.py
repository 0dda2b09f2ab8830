"""The operators are told once a window, by every target, and never an address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clarion.channels.webhook.signature import verify
from clarion.config import Alerts
from clarion.pipeline.alerting import account_trouble
from clarion.pipeline.keepers.alerter import Alerter
from clarion.testing.embedded import SIGNING_KEY, Embedded, mail_account
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.smtp import FakeSmtp
from clarion.testing.fakes.webhook import FakeReceiver, WebhookRequest
from tests.pipeline.builders import MAIL
from tests.pipeline.conftest import balanced_to_the_end

REFUSED = "permanent:554 5.7.1"
WINDOW = 60


@pytest.fixture
async def watched(
    tmp_path: Path, mail_server: FakeSmtp, receiver: FakeReceiver
) -> AsyncIterator[Embedded]:
    """A server that tells Slack, a mailbox and a webhook, and whose mails to ada are refused."""
    mail_server.refuse["ada@example.org"] = "554 5.7.1 <ada@example.org> is not wanted here"
    server = Embedded(tmp_path / "clarion.db", mail_account(mail_server))
    alerts = Alerts(
        window_seconds=WINDOW,
        slack_webhook=f"{receiver.base_url}/slack",
        webhook=f"{receiver.base_url}/ops",
        webhook_secrets=(SIGNING_KEY,),
        email=("ops@example.org",),
    )
    server.settings = msgspec.structs.replace(
        server.settings, alerts=alerts, public_url="https://notify.example.org"
    )
    await server.start()
    await told_to(receiver, "nothing", 0)
    await server.workflow("news", MAIL)
    await server.user("ada", email="ada@example.org")
    yield server
    await balanced_to_the_end(server)


async def told_to(receiver: FakeReceiver, path: str, count: int) -> list[WebhookRequest]:
    """What came to a path, once there are so many."""

    async def enough() -> list[WebhookRequest]:
        while True:
            found = [request for request in receiver.requests if request.path == f"/{path}"]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.01)

    return await asyncio.wait_for(enough(), 10)


def report(request: WebhookRequest) -> Any:
    return msgspec.json.decode(request.body)["data"]


async def window_opened(server: Embedded) -> None:
    while not server.select("select 1 from alert_window"):
        await asyncio.sleep(0.01)


async def test_everybody_is_told_once_a_window_and_when_it_is_over(
    watched: Embedded, receiver: FakeReceiver, mail_server: FakeSmtp
) -> None:
    await window_opened(watched)
    events = [await watched.told("news", "ada") for _ in range(3)]
    await watched.advance(WINDOW + 6)
    (slack,) = await told_to(receiver, "slack", 1)
    (hook,) = await told_to(receiver, "ops", 1)
    verify([SIGNING_KEY], hook.headers, hook.body, watched.clock.now() / 1e6)
    told = report(hook)
    assert (told["environment"], told["account"], told["cause"]) == (
        "default", "mail-main", REFUSED,
    )  # fmt: skip
    assert (told["count"], told["resolved"], len(told["sample"])) == (3, False, 3)
    assert told["look"] == f"clarion dead list --cause '{REFUSED}'"
    assert told["sample"][0].startswith("https://notify.example.org/v1/notifications/ntf_")
    text = msgspec.json.decode(slack.body)["text"]
    assert text.startswith(f"3 x mail-main, default: {REFUSED}\n")
    while not mail_server.mails:
        await asyncio.sleep(0.01)
    mail = mail_server.mails[0].content.decode()
    assert "Subject: [clarion] 3 x mail-main" in mail
    for said in (text, mail, hook.body.decode()):
        assert "ada@example.org" not in said
    await watched.advance(WINDOW)
    over = await told_to(receiver, "ops", 2)
    assert report(over[1])["resolved"] is True
    await watched.advance(10 * WINDOW)
    await watched.quiet()
    assert len(await told_to(receiver, "ops", 2)) == 2
    assert len(events) == 3


async def test_who_has_it_is_not_told_again_while_another_target_is_away(
    watched: Embedded, receiver: FakeReceiver
) -> None:
    await window_opened(watched)
    receiver.react("/ops", Reaction(status=500))
    await watched.told("news", "ada")
    await watched.advance(WINDOW + 6)
    (first,) = await told_to(receiver, "ops", 1)
    while '"slack"' not in str(watched.select("select told from alert")):
        await asyncio.sleep(0.01)
    receiver.react("/ops", None)
    await watched.advance(30)
    first, second = await told_to(receiver, "ops", 2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert len(await told_to(receiver, "slack", 1)) == 1


async def test_of_two_keepers_one_tells(watched: Embedded, receiver: FakeReceiver) -> None:
    await window_opened(watched)
    await watched.hold("keeper:alerter")
    await watched.told("news", "ada")
    watched.clock.advance(WINDOW + 6)
    core = watched.server.core
    other = Alerter(
        core.store, core.directory, [], core.clock, core.chance,
        window_seconds=WINDOW, min_count=1,
    )  # fmt: skip
    await asyncio.gather(other.step(True), other.step(True))
    assert watched.select("select cause, tries, state from alert") == [(REFUSED, 1, 2)]
    watched.release("keeper:alerter")
    await watched.advance(0)
    await watched.quiet()
    assert receiver.requests == []


async def test_trouble_of_an_account_is_told_too(watched: Embedded, receiver: FakeReceiver) -> None:
    await window_opened(watched)
    note = account_trouble("mail-main", "credential", "535 authentication failed")
    for _ in range(2):
        await watched.server.store.alerts.note([note], watched.clock.now())
    await watched.advance(WINDOW + 6)
    (hook,) = await told_to(receiver, "ops", 1)
    told = report(hook)
    assert (told["environment"], told["cause"], told["count"], told["last_error"]) == (
        "all environments", "account:credential", 2, "535 authentication failed",
    )  # fmt: skip
