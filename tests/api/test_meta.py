from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

from clarion import telemetry
from clarion.api.app import create_app
from clarion.bus.inproc import InProcessBus
from clarion.errors import UnavailableError
from tests.api.house import House, open_house, send


class Apart(InProcessBus):
    """A bus whose server is away."""

    @property
    def connected(self) -> bool:
        return False


async def test_the_server_is_watched_without_a_key(house: House) -> None:
    async with house.client() as client:
        assert (await client.get("/livez")).json() == {"status": "ok"}
        assert (await client.get("/readyz")).json() == {"status": "ok"}
        assert (await client.get("/metrics")).text == "clarion_up 1\n"
        landing = (await client.get("/")).json()
        for address in ("openapi", "health", "metrics"):
            assert (await client.get(landing[address])).status_code == 200
        for path in ("/livez", "/v1/inbox", "/nothing"):
            answer = await client.get(path)
            assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


async def test_what_waits_is_measured_when_somebody_asks(house: House) -> None:
    async with house.client(house.admin_key) as client:
        hook = {"url": "https://example.org/hook", "body": {}}
        step = {"send": {"channel": "webhook", "template": hook}}
        workflow = {"on": "user.joined", "category": "social", "steps": [step]}
        await client.put("/v1/workflows/hooked", json=workflow)
        await send(client)
        house.clock.advance(90)
        await client.get("/metrics")
    said = telemetry.exposition().decode()
    assert 'clarion_queue_oldest_age_seconds{lane="social"} 90.0' in said
    assert re.search(r'clarion_queue_depth\{lane="social",queue="ready"\} [1-9]', said)


async def test_metrics_are_kept_from_strangers(house: House) -> None:
    transport = httpx.ASGITransport(house.app, client=("192.0.2.7", 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://clarion.test") as client:
        assert (await client.get("/metrics")).status_code == 401
        assert (await client.get("/livez")).status_code == 200
        client.headers["Authorization"] = f"Bearer {await house.key('read')}"
        assert (await client.get("/metrics")).status_code == 200


@pytest.mark.parametrize("client", ["127.evil", "127.0.0.1.example.org", "", "::ffff:192.0.2.7"])
async def test_metrics_are_kept_from_who_only_looks_local(house: House, client: str) -> None:
    transport = httpx.ASGITransport(house.app, client=(client, 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://clarion.test") as asking:
        assert (await asking.get("/metrics")).status_code == 401


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via", "X-Real-IP"]
)
async def test_metrics_are_kept_from_who_comes_by_a_proxy(house: House, header: str) -> None:
    async with house.client() as client:
        answer = await client.get("/metrics", headers={header: "127.0.0.1"})
        assert answer.status_code == 401


@pytest.mark.parametrize("client", ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
async def test_metrics_are_told_on_the_machine_itself(house: House, client: str) -> None:
    transport = httpx.ASGITransport(house.app, client=(client, 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://clarion.test") as asking:
        assert (await asking.get("/metrics")).status_code == 200


async def test_a_store_that_fails_is_not_ready(house: House) -> None:
    async def check(now: int) -> None:
        raise UnavailableError("the store cannot be read", 9)

    store = SimpleNamespace(keys=house.store.keys, streams=house.store.streams, check=check)
    broken = dataclasses.replace(house.services, store=store)
    async with dataclasses.replace(house, app=create_app(broken)).client() as client:
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "9")


async def test_a_bus_that_is_away_is_told_and_no_reason_to_send_events_elsewhere(
    house: House,
) -> None:
    apart = dataclasses.replace(house.services, bus=Apart())
    async with dataclasses.replace(house, app=create_app(apart)).client() as client:
        answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "bus": "away"}


async def test_lanes_and_providers_are_shown(api: httpx.AsyncClient) -> None:
    lanes = (await api.get("/v1/lanes")).json()["data"]
    assert [row["lane"] for row in lanes] == ["critical", "transactional", "social", "bulk"]
    assert (await api.get("/v1/providers")).json()["data"][0]["account"] == "capture"


async def test_a_lane_shows_how_long_its_work_waits(tmp_path: Path) -> None:
    house = await open_house(tmp_path)
    api = house.client(house.admin_key)
    step = {"send": {"channel": "email", "template": {"subject": "Hi", "body": "..."}}}
    workflow = {"on": "a", "category": "social", "steps": [step]}
    await api.put("/v1/workflows/mail", json=workflow)
    await api.put("/v1/users/u1", json={"email": "ana@example.org"})
    await api.post("/v1/events", json={"type": "a", "recipients": ["u1"]})
    house.clock.advance(3)
    rows = {row["lane"]: row for row in (await api.get("/v1/lanes")).json()["data"]}
    assert (rows["social"]["ready"], rows["social"]["oldest_age_seconds"]) == (1, 3.0)
    await house.close()


@pytest.mark.parametrize("path", ["/v1/captures", "/v1/captures?user=nobody", "/v1/dead-letters"])
async def test_lists_of_nothing_are_empty(api: httpx.AsyncClient, path: str) -> None:
    empty = {"data": [], "page_info": {"has_next": False, "end_cursor": None}}
    assert (await api.get(path)).json() == empty
