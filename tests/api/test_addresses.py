from __future__ import annotations

from typing import Any

import httpx

from clarion.core.workflow import Channel
from tests.api.house import House

ANA = {"email": "ana@example.org", "phone": "+4311"}
PATH = "/v1/users/u1/addresses"


async def addresses(api: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    rows = (await api.get(PATH)).json()["data"]
    return {row["channel"]: row for row in rows}


async def bounce(house: House, address: str) -> None:
    await house.store._executor.write(
        lambda tx: tx.composed(
            "update destination set disabled_at = 1, disabled_reason = '550 5.1.1' "
            "where address = ?",
            [address],
        ),
        0,
    )


async def test_an_address_says_that_it_was_switched_off_and_why(
    api: httpx.AsyncClient, house: House
) -> None:
    await api.put("/v1/users/u1", json=ANA)
    assert (await addresses(api))["email"]["disabled_at"] is None
    await bounce(house, "ana@example.org")
    found = await addresses(api)
    assert found["email"]["disabled_reason"] == "550 5.1.1"
    assert (found["sms"]["address"], found["sms"]["disabled_at"]) == ("+4311", None)


async def test_a_confirmed_address_works_again(api: httpx.AsyncClient, house: House) -> None:
    await api.put("/v1/users/u1", json=ANA)
    await bounce(house, "ana@example.org")
    house.clock.instant += 1
    answer = await api.post(f"{PATH}/email/confirm")
    assert (answer.status_code, answer.json()["disabled_at"]) == (200, None)
    assert answer.json()["confirmed_at"] == "2026-01-02T03:04:05.678902Z"
    facts = await house.store.people.recipients(house.env, [1], [])
    assert len(facts[1].destinations[Channel.EMAIL]) == 1


async def test_what_was_before_the_address_of_now_stays_off(
    api: httpx.AsyncClient, house: House
) -> None:
    await api.put("/v1/users/u1", json=ANA)
    await bounce(house, "ana@example.org")
    await api.put("/v1/users/u1", json={"email": "new@example.org"})
    await api.post(f"{PATH}/email/confirm")
    rows = await house.store.people.destinations(house.env, 1)
    assert {row.address for row in rows if row.disabled_at is None} == {"new@example.org"}
    assert [row["address"] for row in (await api.get(PATH)).json()["data"]] == ["new@example.org"]


async def test_a_suppressed_address_names_its_suppression(api: httpx.AsyncClient) -> None:
    await api.put("/v1/users/u1", json=ANA)
    await api.put("/v1/users/u1/devices/T", json={"platform": "fcm"})
    wanted = [
        {"channel": "sms", "address": "+43 11"},
        {"channel": "push", "address": "T"},
    ]
    (number, token) = (await api.post("/v1/suppressions", json=wanted)).json()["data"]
    found = await addresses(api)
    assert (found["email"]["suppression"], found["sms"]["suppression"]) == (None, number["id"])
    (device,) = (await api.get("/v1/users/u1/devices")).json()["data"]
    assert device["suppression"] == token["id"]


async def test_there_is_nothing_to_confirm_without_an_address(api: httpx.AsyncClient) -> None:
    assert (await api.get(PATH)).status_code == 404
    await api.put("/v1/users/u1", json={"email": "ana@example.org"})
    assert (await api.post(f"{PATH}/sms/confirm")).status_code == 404
    assert (await api.post(f"{PATH}/push/confirm")).status_code in (400, 404)
