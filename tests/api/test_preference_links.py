"""Links to the preference page."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from clarion.core.links import Purpose
from clarion.store.contract.names import NameKind
from tests.api.house import House

PATH = "/v1/users/ana/preferences-link"


@pytest.fixture
async def ana(api: httpx.AsyncClient) -> None:
    assert (await api.put("/v1/users/ana", json={})).status_code == 200


@pytest.mark.usefixtures("ana")
async def test_a_link_names_the_user_the_tenant_and_its_end(
    house: House, api: httpx.AsyncClient
) -> None:
    answer = await api.post(PATH, json={"tenant": "acme", "expires_in": "PT1H"})
    assert answer.status_code == 200
    assert answer.json()["expires_at"] == "2026-01-02T04:04:05.678901Z"
    url = answer.json()["url"]
    assert url.startswith("https://clarion.example/p/")
    link = house.services.linker.links.read(Purpose.PREFERENCES, url.rpartition("/")[2])
    assert link is not None
    numbers = await house.store.names.numbers(house.env, NameKind.TENANT, ["acme"])
    assert (link.env, link.tenant) == (house.env, numbers["acme"])


@pytest.mark.usefixtures("ana")
async def test_without_a_body_a_link_holds_as_long_as_those_in_mails(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.post(PATH)
    assert answer.json()["expires_at"] == "2026-02-01T03:04:05.678901Z"


@pytest.mark.usefixtures("ana")
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"expires_in": "soon"}, 422),
        ({"expires_in": "P400D"}, 422),
        ({"tenant": ""}, 400),
        ({"days": 3}, 400),
    ],
)
async def test_what_makes_no_link_is_refused(
    api: httpx.AsyncClient, body: dict[str, Any], status: int
) -> None:
    answer = await api.post(PATH, json=body)
    assert answer.status_code == status, answer.text


async def test_a_link_takes_a_user_and_an_admin_key(house: House, api: httpx.AsyncClient) -> None:
    assert (await api.post(PATH)).status_code == 404
    async with house.client(await house.key("read")) as reader:
        assert (await reader.post(PATH)).status_code == 403
    async with house.client() as stranger:
        assert (await stranger.post(PATH)).status_code == 401
