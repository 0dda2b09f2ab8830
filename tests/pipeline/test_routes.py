"""Which account a message is given to."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.channels.contract import Capabilities
from clarion.core.workflow import Channel, Lane
from clarion.pipeline.routes import CAPTURE, Account, Routes, Way
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


class Stressed:
    """Accounts with the shares given; those in `probed` want a probe once."""

    def __init__(self, *probed: str, **shares: float) -> None:
        self.shares = shares
        self.probed = set(probed)

    def share(self, account: str) -> float:
        return self.shares.get(account, 1.0)

    def wants_probe(self, account: str, lane: int) -> bool:
        wants = account in self.probed and lane == Lane.BULK
        self.probed -= {account} if wants else set()
        return wants


def given(standing: Stressed, count: int, *names: str) -> list[str]:
    route = Routes([an_account(name) for name in names], standing).of("default")
    return [route(Channel.PUSH, "", Lane.BULK) for _ in range(count)]


def test_an_account_that_is_out_is_passed_over() -> None:
    assert given(Stressed(a=0), 3, "a", "b") == ["b"] * 3


def test_when_all_are_out_the_first_keeps_what_is_its_own() -> None:
    assert given(Stressed("a", "b", a=0, b=0), 2, "a", "b") == ["a", "a"]


@pytest.mark.parametrize(("share", "count"), [(0.01, 2), (0.1, 20), (0.5, 100)])
def test_on_its_ramp_an_account_gets_its_share_beginning_with_the_first(
    share: float, count: int
) -> None:
    found = given(Stressed(a=share), 200, "a", "b")
    assert found[0] == "a"
    assert found.count("a") == count


def test_the_last_one_gets_what_is_left_even_on_its_ramp() -> None:
    assert given(Stressed(a=0, b=0.01), 3, "a", "b") == ["b"] * 3
    assert given(Stressed(a=0.01), 2, "a") == ["a", "a"]


def test_one_that_is_out_gets_a_single_message_to_be_probed_with() -> None:
    assert given(Stressed("a", a=0), 3, "a", "b") == ["a", "b", "b"]


def test_no_urgent_message_is_risked_before_its_lane_may() -> None:
    routes = Routes([an_account("a"), an_account("b")], Stressed("a", a=0))
    assert routes.of("default")(Channel.PUSH, "", Lane.CRITICAL) == "b"


def test_the_ways_from_an_account_are_those_it_shares_something_with() -> None:
    routes = Routes(
        [
            an_account("fcm", platforms=("fcm", "fcm_topic"), environments=("prod", "dev")),
            an_account("all", order=1, environments=("prod", "stage")),
            an_account("apple", order=2, platforms=("apns",), environments=("prod",)),
            an_account("mail", Channel.EMAIL, environments=("prod",)),
            an_account("far", environments=("other",)),
        ]
    )
    (way,) = routes.ways("fcm")
    assert way == Way(
        account="all", environments=("prod",), platforms=(), back=("fcm", "fcm_topic")
    )
    assert [way.account for way in routes.ways("all")] == ["fcm", "apple"]
    assert routes.ways(CAPTURE) == ()
    assert routes.rank("fcm") < routes.rank("all")


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
