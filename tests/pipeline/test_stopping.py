"""A stop that was asked for is no crash: what was claimed is sent, or has an outcome."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from clarion.core.states import DeliveryStatus
from clarion.store.contract.deliveries import Claim
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.smtp import FakeSmtp
from tests.pipeline.builders import MAIL


async def _mail_once(server: Embedded) -> None:
    """A workflow whose mails are never sent twice, and somebody to send them to."""
    await server.category("once", on_unknown="at_most_once")
    await server.workflow("note", MAIL, category="once")
    await server.user("ana", email="ana@example.org")


async def test_what_is_being_claimed_when_the_server_stops_is_sent(
    wired: Embedded, mail_server: FakeSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _mail_once(wired)
    deliveries = wired.server.store.deliveries
    claim, claimed, go_on = deliveries.claim, asyncio.Event(), asyncio.Event()

    async def slow_claim(lane: int, account: str, worker: int, limit: int, now: int) -> list[Claim]:
        rows = await claim(lane, account, worker, limit, now)
        if rows:
            claimed.set()
            await go_on.wait()
        return rows

    monkeypatch.setattr(deliveries, "claim", slow_claim)
    event = await wired.send("note", "ana")
    await claimed.wait()
    await wired.hold("ready")  # the loops are told to stop in the middle of the claim
    go_on.set()
    await wired.stop()
    assert len(mail_server.mails) == 1
    assert wired.select("select count(*) from ready") == [(0,)]
    await wired.restart()
    assert (await wired.counts(await wired.settled(event))).sent == 1


async def test_a_send_without_an_outcome_when_the_time_is_up_is_ambiguous_not_a_crash(
    wired: Embedded, mail_server: FakeSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    wired.settings = msgspec.structs.replace(wired.settings, drain_seconds=0.05)
    await wired.stop()
    await wired.restart()
    await _mail_once(wired)
    mail_server.hang.add("ana@example.org")
    event = await wired.send("note", "ana")
    await mail_server.waiting.wait()
    await wired.stop()
    assert wired.select("select count(*) from ready") == [(0,)]
    assert wired.select("select status, last_code from delivery") == [
        (DeliveryStatus.UNKNOWN, "broken_off")
    ]
    assert wired.select("select cause from dead_letter") == [("ambiguous:broken_off",)]
    await wired.restart()
    assert (await wired.counts(await wired.settled(event))).dead == 1
