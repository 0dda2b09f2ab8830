import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from clarion.channels.conduct import Conductor
from clarion.channels.http_pool import Timeouts
from clarion.channels.push.fcm import FcmProvider
from clarion.channels.push.fcm_message import build_message, payload_bytes
from clarion.core.delivery import About, Outcome, OutcomeClass
from clarion.core.workflow import Lane
from clarion.errors import SettingsError
from clarion.testing.fakes.fcm import FakeFcm, fake_service_account
from clarion.testing.fakes.reaction import Reaction
from tests.channels.builders import NOON, HandClock, a_push, error_rows

TOKEN = "device-token-1"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def conductor(fcm: FakeFcm, clock: HandClock) -> AsyncIterator[Conductor]:
    settings = {"service_account": fcm.service_account, "base_url": fcm.base_url}
    conductor = Conductor(
        FcmProvider(settings),
        account="push",
        lane=Lane.CRITICAL,
        clock=clock,
        timeouts=Timeouts(total_seconds=2.0),
    )
    await conductor.start()
    yield conductor
    await conductor.close()


def kind_of(outcome: Outcome) -> str:
    return outcome.kind.value


# What FCM says


@pytest.mark.parametrize("row", error_rows("fcm"), ids=lambda row: f"{row['http']}-{row['code']}")
async def test_every_answer_of_the_table_has_its_class(
    row: dict[str, Any], conductor: Conductor, fcm: FakeFcm
) -> None:
    fcm.fail(TOKEN, row["http"], row["code"] or "")
    outcome = await conductor.conduct(a_push())
    assert kind_of(outcome) == row["class"]


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (400, "INVALID_ARGUMENT", "The registration token is not valid", "destination_invalid"),
        (400, "INVALID_ARGUMENT", "Invalid value at message.token", "destination_invalid"),
        (400, "INVALID_ARGUMENT", "Invalid value at message.ttl", "permanent"),
        (404, "NOT_FOUND", "", "config"),
        (408, "", "", "ambiguous"),
        (302, "", "", "config"),
        (409, "SOMETHING_NEW", "", "permanent"),
        (502, "SOMETHING_NEW", "", "retry"),
    ],
)
async def test_answers_beside_the_table_follow_its_notes(
    conductor: Conductor, fcm: FakeFcm, status: int, code: str, message: str, kind: str
) -> None:
    fcm.fail(TOKEN, status, code, message)
    assert kind_of(await conductor.conduct(a_push())) == kind


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "no"}', b"\xff\xfe"])
async def test_an_error_that_cannot_be_read_is_judged_by_its_status(
    conductor: Conductor, fcm: FakeFcm, body: bytes
) -> None:
    kinds = []
    for status in (400, 404, 500):
        fcm.react(TOKEN, Reaction(status=status, body=body))
        kinds.append(kind_of(await conductor.conduct(a_push())))
    assert kinds == ["permanent", "config", "retry"]


async def test_a_hint_is_obeyed_and_a_minute_is_assumed_without_one(
    conductor: Conductor, fcm: FakeFcm
) -> None:
    seen = []
    for status, hint in ((429, {}), (429, {"Retry-After": "7"}), (503, {"Retry-After": "9"})):
        fcm.react(TOKEN, Reaction(status=status, headers=hint))
        outcome = await conductor.conduct(a_push())
        seen.append((kind_of(outcome), outcome.retry_after_seconds))
    assert seen == [("retry_after", 60.0), ("retry_after", 7.0), ("retry_after", 9.0)]


async def test_the_vendors_name_of_a_message_is_kept(conductor: Conductor) -> None:
    outcome = await conductor.conduct(a_push())
    assert outcome.provider_id == "projects/fake-project/messages/1"


# Tokens


async def test_one_access_token_serves_until_it_ends(
    conductor: Conductor, fcm: FakeFcm, clock: HandClock
) -> None:
    await conductor.conduct(a_push())
    clock.forward(3000)
    await conductor.conduct(a_push())
    assert len(fcm.grants) == 1
    clock.forward(700)
    await conductor.conduct(a_push())
    assert len(fcm.grants) == 2


async def test_a_crowd_asks_for_one_token(conductor: Conductor, fcm: FakeFcm) -> None:
    outcomes = await asyncio.gather(*(conductor.conduct(a_push()) for _ in range(20)))
    assert {outcome.kind for outcome in outcomes} == {OutcomeClass.ACCEPTED}
    assert len(fcm.grants) == 1


async def test_a_token_is_renewed_before_its_end_while_the_old_one_serves(
    conductor: Conductor, fcm: FakeFcm, clock: HandClock
) -> None:
    await conductor.conduct(a_push())
    clock.forward(3400)
    fcm.token_reaction = Reaction(hang=True)
    assert kind_of(await conductor.conduct(a_push())) == "accepted"
    await fcm.waiting.wait()
    assert kind_of(await conductor.conduct(a_push())) == "accepted"
    assert [sent.authorization for sent in fcm.requests] == ["Bearer ya29.fake-1"] * 3


async def test_a_refused_token_is_replaced_once(conductor: Conductor, fcm: FakeFcm) -> None:
    await conductor.conduct(a_push())
    fcm.revoke()
    assert kind_of(await conductor.conduct(a_push())) == "accepted"
    assert len(fcm.grants) == 2


async def test_a_token_that_stays_refused_is_a_matter_of_credentials(
    conductor: Conductor, fcm: FakeFcm
) -> None:
    fcm.fail(TOKEN, 401, "UNAUTHENTICATED")
    assert kind_of(await conductor.conduct(a_push())) == "credential"
    assert len(fcm.requests) == 2


async def test_a_bad_apns_key_is_no_reason_for_a_new_token(
    conductor: Conductor, fcm: FakeFcm
) -> None:
    fcm.fail(TOKEN, 401, "THIRD_PARTY_AUTH_ERROR")
    assert kind_of(await conductor.conduct(a_push())) == "config"
    assert len(fcm.grants) == len(fcm.requests) == 1


@pytest.mark.parametrize(
    ("reaction", "kind"),
    [
        (Reaction(status=400, code="invalid_grant"), "credential"),
        (Reaction(status=401, code="invalid_client"), "credential"),
        (Reaction(status=503), "retry"),
        (Reaction(status=429, headers={"Retry-After": "5"}), "retry_after"),
        (Reaction(status=200, body=b"<html>"), "retry"),
        (Reaction(cut=True), "retry"),
        (Reaction(hang=True), "retry"),
    ],
)
async def test_without_a_token_nothing_was_sent(
    fcm: FakeFcm, clock: HandClock, reaction: Reaction, kind: str
) -> None:
    settings = {"service_account": fcm.service_account, "base_url": fcm.base_url}
    conductor = Conductor(
        FcmProvider(settings),
        account="push",
        lane=Lane.CRITICAL,
        clock=clock,
        timeouts=Timeouts(total_seconds=0.2),
    )
    await conductor.start()
    fcm.token_reaction = reaction
    assert kind_of(await conductor.conduct(a_push())) == kind
    assert fcm.requests == []
    fcm.token_reaction = None
    assert kind_of(await conductor.conduct(a_push())) == "accepted"
    await conductor.close()


async def test_a_canceled_caller_does_not_take_the_token_from_the_others(
    conductor: Conductor, fcm: FakeFcm
) -> None:
    fcm.token_reaction = Reaction(hang=True, body=b'{"access_token": "x", "expires_in": 60}')
    first = asyncio.create_task(conductor.conduct(a_push()))
    await fcm.waiting.wait()
    second = asyncio.create_task(conductor.conduct(a_push()))
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    fcm.token_reaction = None
    fcm.release()
    assert kind_of(await second) == "accepted"
    assert [sent.authorization for sent in fcm.requests] == ["Bearer x", "Bearer ya29.fake-1"]


@pytest.mark.parametrize(
    "account", ["", "[]", '{"project_id": "p"}', fake_service_account("x")[:-9]]
)
def test_what_is_no_service_account_is_refused(account: str) -> None:
    with pytest.raises(SettingsError, match="service account key"):
        FcmProvider({"service_account": account})


def test_a_key_that_is_none_is_refused() -> None:
    account = fake_service_account("x").replace("BEGIN PRIVATE", "BEGIN A PRIVATE")
    with pytest.raises(SettingsError, match="RSA key"):
        FcmProvider({"service_account": account})


# The message


def test_content_becomes_a_message() -> None:
    content = {
        "title": "Your order",
        "body": "is on its way",
        "image": "https://img.example/1.png",
        "url": "https://shop.example/orders/7",
        "data": {"order": "7", "count": 2, "nested": {"a": True}},
        "collapse_key": "order-7",
        "ttl": 300,
        "priority": "high",
    }
    assert build_message(a_push(content=content, ttl_seconds=600), NOON) == {
        "token": TOKEN,
        "notification": {
            "title": "Your order",
            "body": "is on its way",
            "image": "https://img.example/1.png",
        },
        "data": {
            "order": "7",
            "count": "2",
            "nested": '{"a":true}',
            "url": "https://shop.example/orders/7",
            "notification_id": "ntf_1",
        },
        "android": {
            "collapse_key": "order-7",
            "ttl": "300s",
            "priority": "HIGH",
            "notification": {"tag": "order-7"},
        },
        "apns": {
            "headers": {
                "apns-collapse-id": "order-7",
                "apns-expiration": str(NOON // 1_000_000 + 300),
                "apns-priority": "10",
            }
        },
        "webpush": {"fcm_options": {"link": "https://shop.example/orders/7"}},
    }


def test_without_a_collapse_key_the_delivery_id_makes_a_resend_replace() -> None:
    built = build_message(a_push(), NOON)
    assert built["android"] == {"notification": {"tag": "dlv_PUSH1"}}
    assert built["apns"]["headers"]["apns-collapse-id"] == "dlv_PUSH1"


def test_a_collapse_id_is_never_longer_than_64_bytes() -> None:
    for key in ("k" * 65, "ü" * 33):
        built = build_message(a_push(content={"title": "t", "collapse_key": key}), NOON)
        assert len(built["apns"]["headers"]["apns-collapse-id"].encode()) == 64
    other = build_message(a_push(content={"title": "t", "collapse_key": "k" * 66}), NOON)
    assert (
        other["apns"]
        != build_message(a_push(content={"title": "t", "collapse_key": "k" * 65}), NOON)["apns"]
    )


def test_own_blocks_are_laid_over_ours() -> None:
    content = {
        "title": "t",
        "android": {"notification": {"channel_id": "orders"}, "priority": "NORMAL"},
        "apns": {"payload": {"aps": {"sound": "ding"}}},
    }
    built = build_message(a_push(content=content, urgent=True), NOON)
    assert built["android"] == {
        "notification": {"tag": "dlv_PUSH1", "channel_id": "orders"},
        "priority": "NORMAL",
    }
    assert built["apns"]["payload"] == {"aps": {"sound": "ding"}}
    assert built["apns"]["headers"]["apns-priority"] == "10"


def test_the_urgent_lane_is_of_high_priority() -> None:
    assert build_message(a_push(urgent=True), NOON)["android"]["priority"] == "HIGH"


def test_data_alone_goes_to_ios_in_the_background() -> None:
    built = build_message(a_push(content={"data": {"sync": "1"}}, urgent=True), NOON)
    assert "notification" not in built
    assert "notification" not in built["android"]
    assert built["apns"]["headers"]["apns-priority"] == "5"
    assert built["apns"]["payload"] == {"aps": {"content-available": 1}}


@pytest.mark.parametrize(
    ("content", "left", "ttl", "expiration"),
    [
        ({"ttl": 0}, None, "0s", "0"),
        ({"ttl": "3.5s"}, None, "3.5s", str(NOON // 1_000_000 + 3)),
        ({}, 90, "90s", str(NOON // 1_000_000 + 90)),
        ({"ttl": 9_999_999}, None, "2419200s", str(NOON // 1_000_000 + 2_419_200)),
        ({}, -5, "0s", "0"),
    ],
)
def test_the_time_to_live_is_the_shorter_one_within_four_weeks(
    content: dict[str, Any], left: int | None, ttl: str, expiration: str
) -> None:
    built = build_message(a_push(content={"title": "t", **content}, ttl_seconds=left), NOON)
    assert built["android"]["ttl"] == ttl
    assert built["apns"]["headers"]["apns-expiration"] == expiration


async def test_a_topic_is_addressed_by_name(conductor: Conductor, fcm: FakeFcm) -> None:
    outcome = await conductor.conduct(a_push(platform="fcm_topic", address="news.de~1"))
    assert kind_of(outcome) == "accepted"
    assert fcm.requests[0].message["topic"] == "news.de~1"
    assert "token" not in fcm.requests[0].message


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"platform": "fcm_topic", "address": "/topics/news"}, "bad_topic"),
        ({"platform": "fcm_topic", "address": "n" * 901}, "bad_topic"),
        ({"platform": "apns"}, "wrong_platform"),
        ({"content": {"title": "t", "ttl": "PT5M"}}, "bad_ttl"),
        ({"content": {"body": "ü" * 2048}}, "too_large"),
        ({"platform": "fcm_topic", "content": {"body": "x" * 2048}}, "too_large"),
    ],
)
async def test_what_fcm_would_refuse_is_not_sent(
    conductor: Conductor, fcm: FakeFcm, changes: dict[str, Any], code: str
) -> None:
    outcome = await conductor.conduct(a_push(**changes))
    assert (outcome.kind, outcome.code) == (OutcomeClass.PERMANENT, code)
    assert fcm.requests == []
    assert fcm.grants == []


def test_keys_and_values_are_counted_in_bytes() -> None:
    built = {"notification": {"title": "ü"}, "data": {"a": "bc"}, "android": {"ttl": "1s"}}
    assert payload_bytes(built) == len("title") + 2 + len("a") + len("bc")


@pytest.mark.parametrize(
    ("status", "code", "message", "about"),
    [
        (429, "QUOTA_EXCEEDED", "Quota exceeded for the project", About.ACCOUNT),
        (429, "QUOTA_EXCEEDED", "Device message rate exceeded", About.DESTINATION),
        (401, "THIRD_PARTY_AUTH_ERROR", "", About.DESTINATION),
        (403, "PERMISSION_DENIED", "", About.ACCOUNT),
    ],
)
async def test_an_answer_says_whose_trouble_it_is(
    conductor: Conductor, fcm: FakeFcm, status: int, code: str, message: str, about: About
) -> None:
    fcm.fail(TOKEN, status, code, message)
    assert (await conductor.conduct(a_push())).about is about
