from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.house import House

PATH = "/v1/users/u1/consents"
GRANT: dict[str, Any] = {
    "purpose": "marketing",
    "channel": "email",
    "state": "granted",
    "source": "signup-form",
    "wording": "newsletter-2026-01",
    "locale": "de-AT",
    "by": "203.0.113.7",
    "evidence": {"form": "/signup"},
}
AT = "2026-01-02T03:04:05.678901Z"


@pytest.fixture(autouse=True)
async def a_user(api: httpx.AsyncClient) -> None:
    await api.put("/v1/users/u1", json={"name": "Ana"})


async def said(api: httpx.AsyncClient, **changes: Any) -> list[dict[str, Any]]:
    answer = await api.post(PATH, json={"state": "granted", "source": "form"} | changes)
    assert answer.status_code == 200, answer.text
    current: list[dict[str, Any]] = answer.json()["current"]
    return current


async def test_who_said_nothing_has_an_empty_ledger(api: httpx.AsyncClient) -> None:
    assert (await api.get(PATH)).json() == {
        "current": [],
        "data": [],
        "page_info": {"has_next": False, "end_cursor": None},
    }


async def test_a_consent_is_read_as_written(api: httpx.AsyncClient) -> None:
    entry = {"version": 1, **GRANT, "at": AT}
    answer = await api.post(PATH, json=GRANT)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"current": [entry]}
    read = (await api.get(PATH)).json()
    assert read["current"] == read["data"] == [entry]


async def test_withdrawing_is_the_same_call(api: httpx.AsyncClient) -> None:
    await said(api, purpose="marketing")
    current = await said(api, purpose="marketing", state="withdrawn")
    assert [(row["channel"], row["state"]) for row in current] == [("*", "withdrawn")]
    read = (await api.get(PATH)).json()
    assert [row["state"] for row in read["data"]] == ["withdrawn", "granted"]


async def test_several_are_written_in_their_order(api: httpx.AsyncClient) -> None:
    entries = [
        {"purpose": "*", "channel": "sms", "state": "withdrawn", "source": "stop"},
        {"purpose": "social", "state": "granted", "source": "form"},
        {"purpose": "social", "state": "withdrawn", "source": "form"},
    ]
    answer = await api.post(PATH, json=entries)
    current = answer.json()["current"]
    assert [(row["purpose"], row["channel"], row["version"]) for row in current] == [
        ("*", "sms", 1),
        ("social", "*", 3),
    ]
    assert (await api.post(PATH, json=[])).json() == answer.json()


async def test_the_ledger_is_read_page_by_page(api: httpx.AsyncClient) -> None:
    for _ in range(3):
        await said(api, purpose="social")
    first = (await api.get(PATH, params={"limit": 2})).json()
    assert [row["version"] for row in first["data"]] == [3, 2]
    cursor = first["page_info"]["end_cursor"]
    rest = (await api.get(PATH, params={"limit": 2, "after": cursor})).json()
    assert [row["version"] for row in rest["data"]] == [1]
    assert not rest["page_info"]["has_next"]


@pytest.mark.parametrize(
    ("body", "status", "words", "pointer"),
    [
        (GRANT | {"purpose": "marketin"}, 422, "did you mean 'marketing'?", "/purpose"),
        ([GRANT, GRANT | {"purpose": "x"}], 422, "it is one of", "/1/purpose"),
        (GRANT | {"channel": "mail"}, 400, "did you mean 'email'?", "/channel"),
        (GRANT | {"state": "grant"}, 400, "did you mean 'granted'?", "/state"),
        (GRANT | {"source": ""}, 400, "empty", "/source"),
        (GRANT | {"locale": "!"}, 422, "locale", "/locale"),
        (GRANT | {"evidence": {"scan": "x" * 20_000}}, 400, "16 KiB", "/evidence"),
        ([GRANT] * 101, 413, "up to 100", None),
    ],
)
async def test_what_is_wrong_is_refused_and_nothing_is_written(
    api: httpx.AsyncClient, body: Any, status: int, words: str, pointer: str | None
) -> None:
    answer = await api.post(PATH, json=body)
    assert answer.status_code == status, answer.text
    assert words in answer.text.replace('\\"', '"')
    if pointer is not None:
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await api.get(PATH)).json()["data"] == []


async def test_reading_needs_less_than_writing(house: House) -> None:
    async with house.client(await house.key("read")) as reader:
        assert (await reader.get(PATH)).status_code == 200
        assert (await reader.post(PATH, json=GRANT)).status_code == 403
    async with house.client(await house.key("trigger")) as sender:
        assert (await sender.get(PATH)).status_code == 403


async def test_nobody_has_no_ledger(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/users/nobody/consents")).status_code == 404
    assert (await api.post("/v1/users/nobody/consents", json=GRANT)).status_code == 404


async def test_an_export_holds_all_that_was_said_and_an_erasure_tells_what_it_emptied(
    api: httpx.AsyncClient,
) -> None:
    await api.post(PATH, json=GRANT)
    await said(api, purpose="*", state="withdrawn")
    await api.patch("/v1/users/u1", json={"email": "ana@example.org", "phone": "+431"})
    mail = {"channel": "email", "address": "ANA@example.org", "reason": "complaint"}
    await api.post("/v1/suppressions", json=mail)
    export = (await api.get("/v1/users/u1/export")).json()
    assert [row["version"] for row in export["consents"]] == [2, 1]
    assert export["consents"][1] == {"version": 1, **GRANT, "at": AT}
    assert export["suppressed"] == [
        {"channel": "email", "address": "ana@example.org", "reason": "complaint", "since": AT}
    ]
    receipt = (await api.delete("/v1/users/u1")).json()
    assert receipt["removed"]["consents"] == 2
    assert receipt["kept"] == {"suppressions": 1}
