from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

PATH = "/v1/users/u1/preferences"

WHOLE: dict[str, Any] = {
    "level": "all",
    "channels": {"push": "off", "email": "on"},
    "suppress": ["everyone"],
    "categories": {"social": {"email": "off", "level": "mentions"}},
    "topics": {"doc:9": {"level": "none", "mute_until": "forever", "channels": {"sms": "on"}}},
    "actors": {"u7": {"mute_until": "2026-05-05T00:00:00.000000Z"}},
    "tenants": {"acme": {"channels": {"push": "on"}}},
}


@pytest.fixture(autouse=True)
async def a_user(api: httpx.AsyncClient) -> None:
    await api.put("/v1/users/u1", json={"name": "Ana"})


async def test_who_chose_nothing_inherits_everything(api: httpx.AsyncClient) -> None:
    assert (await api.get(PATH)).json() == {}


async def test_choices_are_read_as_written(api: httpx.AsyncClient) -> None:
    answer = await api.patch(PATH, json=WHOLE)
    assert answer.status_code == 200, answer.text
    assert answer.json() == (await api.get(PATH)).json() == WHOLE


@pytest.mark.parametrize(
    ("patch", "left"),
    [
        ({"level": None}, {k: v for k, v in WHOLE.items() if k != "level"}),
        ({"channels": {"push": None}}, {**WHOLE, "channels": {"email": "on"}}),
        ({"channels": {"push": "inherit"}}, {**WHOLE, "channels": {"email": "on"}}),
        ({"channels": None}, {k: v for k, v in WHOLE.items() if k != "channels"}),
        (
            {"categories": {"social": {"email": None}}},
            {**WHOLE, "categories": {"social": {"level": "mentions"}}},
        ),
        (
            {"topics": {"doc:9": {"mute_until": None, "level": "inherit"}}},
            {**WHOLE, "topics": {"doc:9": {"channels": {"sms": "on"}}}},
        ),
        ({"topics": {"doc:9": None}}, {k: v for k, v in WHOLE.items() if k != "topics"}),
        ({"actors": None}, {k: v for k, v in WHOLE.items() if k != "actors"}),
        ({"tenants": {"other": None}}, WHOLE),
        ({"suppress": ["roles", "roles"]}, {**WHOLE, "suppress": ["roles"]}),
        ({}, WHOLE),
    ],
)
async def test_a_patch_changes_what_it_names(
    api: httpx.AsyncClient, patch: dict[str, Any], left: dict[str, Any]
) -> None:
    await api.patch(PATH, json=WHOLE)
    answer = await api.patch(PATH, json=patch)
    assert answer.json() == (await api.get(PATH)).json() == left


@pytest.mark.parametrize(
    ("patch", "status", "pointer"),
    [
        ({"categories": {"socail": {"email": "off"}}}, 422, "/categories/socail"),
        ({"workflows": {"nothing": {"email": "off"}}}, 422, "/workflows/nothing"),
        ({"mute_until": "tomorrow"}, 422, "/mute_until"),
        ({"mute_until": "2026-05-05T00:00:00"}, 422, "/mute_until"),
        ({"topics": {"a/b": {"mute_until": "x"}}}, 422, "/topics/a~1b/mute_until"),
        ({"topics": {"": {"level": "all"}}}, 400, "/topics/"),
        ({"quiet_hours": {"windows": []}}, 422, "/quiet_hours"),
        ({"pause_until": "2026-05-05T00:00:00Z"}, 422, "/pause_until"),
        ({"level": "some"}, 400, "/level"),
        ({"channels": {"fax": "off"}}, 400, "/channels"),
        ({"sound": "off"}, 400, "/sound"),
    ],
)
async def test_what_nobody_would_heed_is_refused(
    api: httpx.AsyncClient, patch: dict[str, Any], status: int, pointer: str
) -> None:
    answer = await api.patch(PATH, json={"channels": {"sms": "off"}, **patch})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert (await api.get(PATH)).json() == {}


async def test_a_near_name_is_suggested(api: httpx.AsyncClient) -> None:
    answer = await api.patch(PATH, json={"categories": {"socail": {"email": "off"}}})
    assert "did you mean 'social'?" in answer.json()["detail"]


async def test_patches_at_once_do_not_undo_each_other(api: httpx.AsyncClient) -> None:
    channels = ("push", "email", "sms", "chat", "inbox")
    patches = [api.patch(PATH, json={"channels": {channel: "off"}}) for channel in channels]
    await asyncio.gather(*patches)
    assert (await api.get(PATH)).json()["channels"] == dict.fromkeys(channels, "off")


async def test_nobody_has_no_preferences(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/users/nobody/preferences")).status_code == 404
    assert (await api.patch("/v1/users/nobody/preferences", json={})).status_code == 404


async def test_put_replaces_the_defaults_and_patch_changes_them(api: httpx.AsyncClient) -> None:
    first = {"channels": {"sms": "off"}, "categories": {"social": {"email": "off"}}}
    await api.put("/v1/environment", json={"preferences": first})
    patch = {"channels": {"push": "off"}}
    patched = await api.patch("/v1/environment", json={"preferences": patch})
    assert patched.json()["preferences"] == {
        **first,
        "channels": {"sms": "off", "push": "off"},
    }
    replaced = await api.put("/v1/environment", json={"preferences": {"level": "mentions"}})
    assert replaced.json()["preferences"] == {"level": "mentions"}
    assert (await api.put("/v1/environment", json={})).json()["preferences"] == {}


async def test_tenants_have_defaults_of_their_own(api: httpx.AsyncClient) -> None:
    assert (await api.get("/v1/tenants/acme")).status_code == 404
    await api.put("/v1/tenants/acme", json={"preferences": {"channels": {"sms": "off"}}})
    await api.put("/v1/tenants/other", json={"preferences": {"level": "none"}})
    await api.put("/v1/tenants/other", json={})
    acme = (await api.get("/v1/tenants/acme")).json()
    assert (acme["id"], acme["preferences"]) == ("acme", {"channels": {"sms": "off"}})
    assert (await api.get("/v1/tenants/other")).json()["preferences"] == {}
    assert (await api.get("/v1/environment")).json()["preferences"] == {}


@pytest.mark.parametrize("path", ["/v1/tenants/acme", "/v1/environment"])
async def test_zone_and_locale_are_put_changed_and_cleared(
    api: httpx.AsyncClient, path: str
) -> None:
    async def held() -> tuple[str | None, str | None]:
        answer = (await api.get(path)).json()
        return answer["timezone"], answer["locale"]

    both = {"timezone": "Europe/Vienna", "locale": "de-AT"}
    written = (await api.put(path, json=both)).json()
    assert (written["timezone"], written["locale"]) == ("Europe/Vienna", "de-AT")
    await api.patch(path, json={"preferences": {"channels": {"sms": "off"}}})
    assert await held() == ("Europe/Vienna", "de-AT")
    await api.patch(path, json={"timezone": None})
    assert await held() == (None, "de-AT")
    await api.put(path, json={"timezone": "UTC"})
    assert await held() == ("UTC", None)


async def test_a_refused_default_changes_nothing(api: httpx.AsyncClient) -> None:
    await api.put("/v1/environment", json={"locale": "de"})
    wrong = {"locale": "en", "preferences": {"categories": {"nope": {}}}}
    assert (await api.patch("/v1/environment", json=wrong)).status_code == 422
    assert (await api.get("/v1/environment")).json()["locale"] == "de"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"timezone": "Europe/Viena"}, "/timezone"),
        ({"timezone": ""}, "/timezone"),
        ({"locale": "German, please"}, "/locale"),
        ({"preferences": {"actors": {"u7": {"mute_until": "forever"}}}}, "/preferences/actors"),
        ({"preferences": {"categories": {"social": {}}}}, "/preferences/categories"),
        ({"preferences": {"mute_until": "x"}}, "/preferences/mute_until"),
    ],
)
async def test_defaults_that_nobody_would_heed_are_refused(
    api: httpx.AsyncClient, body: dict[str, Any], pointer: str
) -> None:
    answer = await api.patch("/v1/tenants/acme", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
