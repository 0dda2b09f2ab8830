"""The words of a delivery: rendered once, kept, and the same at every try."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from tests.pipeline.builders import PUSH


def titles(fcm: FakeFcm) -> list[str]:
    return [request.message["notification"]["title"] for request in fcm.requests]


@pytest.mark.parametrize("template", ["Hi {{ user.name }}", "Hi {{ data.name }}"])
async def test_a_repeat_says_what_the_first_try_said(
    wired: Embedded, fcm: FakeFcm, template: str
) -> None:
    step: dict[str, Any] = {"channel": "push", "template": {"title": template}}
    await wired.workflow("news", step)
    await wired.user("ada", name="Ada")
    await wired.device("ada", "phone")
    fcm.fail("phone", 503, "UNAVAILABLE")
    event = await wired.send("news", "ada", data={"name": "Ada"})
    await wired.quiet()
    await wired.user("ada", name="Countess")
    await wired.workflow("news", {"channel": "push", "template": {"title": "Other words"}})
    fcm.react("phone", None)
    await wired.advance(6)
    await wired.settled(event)
    assert titles(fcm) == ["Hi Ada", "Hi Ada"]


async def test_what_is_the_same_for_all_is_rendered_once(
    wired: Embedded, fcm: FakeFcm, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wired.workflow("news", PUSH)
    for n in range(20):
        await wired.device(f"u{n}", f"phone-{n}")
    compiled = (await wired.server.catalogs.compiled(wired.env)).by_key["news"]
    event = await wired.told("news", *(f"u{n}" for n in range(20)))
    assert compiled.steps[0].personal is False
    assert len(fcm.requests) == 20
    assert len(wired.rows(event)["content"]) == 1


async def test_claims_of_two_environments_keep_to_their_own(wired: Embedded, fcm: FakeFcm) -> None:
    await wired.server.admit("another-key-of-another-environment", "dev", "trigger")
    first, dev = wired.env, await wired.server.environment("dev")
    events = {}
    await wired.hold("ready")
    for env, title in ((first, "one"), (dev, "two")):
        wired.env = env
        await wired.workflow("news", {"channel": "sms", "template": {"body": title}})
        await wired.user("ada", phone="+4915112345678")
        events[env] = await wired.send("news", "ada")
    wired.release("ready")
    for env, event in events.items():
        wired.env = env
        await wired.settled(event)
        (capture,) = await wired.server.store.ledger.captures(env, user=None, before=None, limit=10)
        assert capture.body["content"]["body"] == ("one" if env == first else "two")
    wired.env = first
