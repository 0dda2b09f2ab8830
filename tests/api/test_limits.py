"""What a key may send, and how it is told."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from clarion.api.app import create_app
from clarion.api.auth import key_hash, key_hint, new_api_key
from clarion.api.limits import KeyLimits, Quota
from clarion.api.problems import RefusedError
from tests.api.house import HandClock, House

KEY = b"k" * 32
EVENT = {"type": "user.joined", "recipients": ["u1"]}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def limits(clock: HandClock) -> KeyLimits:
    return KeyLimits(clock)


def test_a_full_bucket_gives_its_burst_and_then_its_rate(
    limits: KeyLimits, clock: HandClock
) -> None:
    quota = Quota(2, 10)
    for _ in range(10):
        limits.take(KEY, quota, 1)
    with pytest.raises(RefusedError) as refusal:
        limits.take(KEY, quota, 1)
    assert refusal.value.headers["Retry-After"] == "1"
    clock.advance(0.5)
    limits.take(KEY, quota, 1)
    with pytest.raises(RefusedError):
        limits.take(KEY, quota, 1)


def test_a_refused_batch_takes_nothing(limits: KeyLimits) -> None:
    quota = Quota(1, 10)
    limits.take(KEY, quota, 5)
    with pytest.raises(RefusedError) as refusal:
        limits.take(KEY, quota, 9)
    assert refusal.value.headers["Retry-After"] == "4"
    assert limits.fields(KEY, quota)["RateLimit"] == '"key";r=5;t=5'


def test_a_batch_larger_than_the_burst_is_paid_back_later(
    limits: KeyLimits, clock: HandClock
) -> None:
    quota = Quota(1, 10)
    limits.take(KEY, quota, 25)
    clock.advance(15)
    with pytest.raises(RefusedError):
        limits.take(KEY, quota, 1)
    clock.advance(1)
    limits.take(KEY, quota, 1)


def test_keys_have_buckets_of_their_own(limits: KeyLimits) -> None:
    limits.take(KEY, Quota(1, 1), 1)
    limits.take(b"other", Quota(1, 1), 1)


def test_the_fields_tell_policy_and_rest(limits: KeyLimits) -> None:
    limits.take(KEY, Quota(500, 1000), 250)
    assert limits.fields(KEY, Quota(500, 1000)) == {
        "RateLimit-Policy": '"key";q=1000;w=2',
        "RateLimit": '"key";r=750;t=1',
    }


@pytest.fixture
async def limited(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose key may send three events at once, and one a second."""
    key = new_api_key(house.environment, house.chance(32))
    await house.store.keys.create(
        house.environment, key_hash(key), key_hint(key), "admin", house.clock.now(), None,
        rate_per_second=1, burst=3,
    )  # fmt: skip
    async with house.client(key) as client:
        yield client


async def test_every_answer_to_a_limited_key_tells_the_limit(limited: httpx.AsyncClient) -> None:
    sent = await limited.post("/v1/events", json=EVENT)
    assert sent.status_code == 202
    assert sent.headers["ratelimit-policy"] == '"key";q=3;w=3'
    assert sent.headers["ratelimit"] == '"key";r=2;t=1'
    read = await limited.get("/v1/events")
    assert read.headers["ratelimit"] == '"key";r=2;t=1'
    missing = await limited.get("/v1/events/evt_nothing")
    assert missing.headers["ratelimit"] == '"key";r=2;t=1'


async def test_too_many_events_are_refused_until_there_is_more(
    house: House, limited: httpx.AsyncClient
) -> None:
    batch = await limited.post("/v1/events/batch", json={"events": [EVENT, EVENT, EVENT]})
    assert batch.status_code == 202
    refused = await limited.post("/v1/events", json=EVENT)
    problem: dict[str, Any] = refused.json()
    assert (refused.status_code, problem["code"]) == (429, "quota-exceeded")
    assert problem["violated-policies"] == ["key"]
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["ratelimit"] == '"key";r=0;t=1'
    house.clock.advance(1)
    assert (await limited.post("/v1/events", json=EVENT)).status_code == 202


async def test_a_key_without_a_limit_is_told_nothing(api: httpx.AsyncClient) -> None:
    assert "ratelimit" not in (await api.post("/v1/events", json=EVENT)).headers


async def test_the_settings_limit_keys_that_have_no_limit_of_their_own(house: House) -> None:
    services = dataclasses.replace(house.services, key_quota=Quota(1, 1))
    door = dataclasses.replace(house, app=create_app(services))
    async with door.client(house.admin_key) as client:
        assert (await client.post("/v1/events", json=EVENT)).status_code == 202
        assert (await client.post("/v1/events", json=EVENT)).status_code == 429


def test_what_a_batch_costs_is_settled_beside_the_one_taken_before(
    limits: KeyLimits, clock: HandClock
) -> None:
    quota = Quota(1, 10)
    limits.take(KEY, quota, 1)
    limits.settle(KEY, quota, 25)
    assert limits.fields(KEY, quota)["RateLimit"] == '"key";r=0;t=16'
    clock.advance(20)
    limits.take(KEY, quota, 1)
    with pytest.raises(RefusedError) as refusal:
        limits.settle(KEY, quota, 9)
    wait = refusal.value.headers["Retry-After"]
    assert (wait, limits.fields(KEY, quota)["RateLimit"][:9]) == ("4", '"key";r=5')
    clock.advance(4)
    limits.take(KEY, quota, 1)
    limits.settle(KEY, quota, 9)
