from __future__ import annotations

from typing import Any

import httpx
import pytest

from clarion.testing.embedded import Embedded
from tests.api import test_dead_letters
from tests.api.test_dead_letters import MALFORMED, REFUSED, fcm, mail_server

__all__ = ["fcm", "mail_server"]

running = test_dead_letters.running


async def causes(live: httpx.AsyncClient, **filters: Any) -> list[tuple[str, str, int]]:
    """Cause, account and count of each group."""
    answer = await live.get("/v1/dead-letters/causes", params=filters)
    assert answer.status_code == 200, answer.text
    assert answer.json()["complete"]
    return [(row["cause"], row["account"], row["count"]) for row in answer.json()["data"]]


async def test_dead_letters_are_counted_by_cause(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    await running.told("push", "ana")
    await running.told("mail", "ana")
    running.clock.advance(60)
    await running.told("mail", "ana", "ben")
    push, mail = (MALFORMED, "push-main", 1), (REFUSED, "mail-main", 2)
    assert await causes(live) == [mail, push]
    assert await causes(live, channel="push") == [push]
    assert await causes(live, cause="permanent:5*") == [mail]
    assert await causes(live, since="2026-01-01T12:01:00Z") == [(REFUSED, "mail-main", 1)]
    assert await causes(live, workflow="nobody-wrote-it") == []


async def test_a_group_says_when_it_began_and_what_is_redriven(
    running: Embedded, live: httpx.AsyncClient
) -> None:
    await running.told("mail", "ana")
    running.clock.advance(60)
    await running.hold("ready")
    await live.post("/v1/dead-letters/redrive", json={"filter": {}})
    (row,) = (await live.get("/v1/dead-letters/causes")).json()["data"]
    assert (row["channel"], row["count"], row["redriven"]) == ("email", 1, 1)
    assert row["first_at"] == row["last_at"] == "2026-01-01T12:00:00.000000Z"
    running.release("ready")


@pytest.mark.parametrize("name", ["cause", "account", "workflow", "tenant"])
async def test_a_filter_that_can_be_no_name_is_refused(live: httpx.AsyncClient, name: str) -> None:
    answer = await live.get("/v1/dead-letters/causes", params={name: "\x00"})
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, name)
