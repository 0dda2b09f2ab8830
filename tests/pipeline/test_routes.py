"""Which account a message is given to."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.channels.contract import Capabilities
from clarion.core.workflow import Channel
from clarion.pipeline.routes import CAPTURE, Account, Routes
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from tests.pipeline.builders import PUSH, delivery


def an_account(
    name: str, channel: Channel = Channel.PUSH, platforms: tuple[str, ...] = (), **fields: Any
) -> Account:
    can = Capabilities(kind="k", channel=channel, title="K", platforms=platforms)
    return Account(name=name, capabilities=can, **fields)


def test_a_channel_without_an_account_is_captured() -> None:
    route = Routes([an_account("mail", Channel.EMAIL)]).of("default")
    assert route(Channel.EMAIL, "") == "mail"
    assert route(Channel.SMS, "") == CAPTURE


def test_the_smallest_order_comes_first_and_then_the_name() -> None:
    routes = Routes([an_account("b"), an_account("a"), an_account("late", order=9)])
    assert routes.of("default")(Channel.PUSH, "") == "a"
    ranked = Routes([an_account("b", order=1), an_account("a", order=2)])
    assert ranked.of("default")(Channel.PUSH, "") == "b"


@pytest.mark.parametrize(
    ("platform", "account"), [("fcm", "google"), ("apns", "apple"), ("webpush", CAPTURE)]
)
def test_an_account_takes_its_platforms_only(platform: str, account: str) -> None:
    routes = Routes(
        [an_account("google", platforms=("fcm",)), an_account("apple", platforms=("apns",))]
    )
    assert routes.of("default")(Channel.PUSH, platform) == account


def test_an_account_serves_its_environments_only() -> None:
    routes = Routes([an_account("push", environments=("prod", "stage"))])
    assert routes.of("prod")(Channel.PUSH, "") == "push"
    assert routes.of("default")(Channel.PUSH, "") == CAPTURE


async def test_another_environment_sends_nothing_through_our_account(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await wired.server.admit("another-key-of-another-environment", "dev", "trigger")
    wired.env = await wired.server.environment("dev")
    await wired.workflow("news", PUSH)
    await wired.device("ada", "phone")
    event = await wired.told("news", "ada")
    assert fcm.requests == []
    assert delivery(wired, event)["account"] == CAPTURE


async def test_a_device_of_a_platform_without_an_account_is_captured(
    wired: Embedded, fcm: FakeFcm
) -> None:
    await wired.workflow("news", PUSH)
    await wired.device("ada", "phone", "apns")
    event = await wired.told("news", "ada")
    assert fcm.requests == []
    assert delivery(wired, event)["account"] == CAPTURE
