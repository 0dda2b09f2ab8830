from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.house import WELCOME, send

PATH = "/v1/users/u1/preferences"

WHOLE: dict[str, Any] = {
    "level": "all",
    "channels": {"push": "off", "email": "on"},
    "suppress": ["everyone"],
    "categories": {"social": {"email": "off", "level": "mentions"}},
    "topics": {"doc:9": {"level": "none", "mute_until": "forever", "channels": {"sms": "on"}}},
    "actors": {"u7": {"mute_until": "2026-05-05T00:00:00.000000Z"}},
    "tenants": {"acme": {"channels": {"push": "on"}, "quiet_hours": {"windows": []}}},
    "pause_until": "forever",
    "quiet_hours": {"windows": [{"days": ["mon", "fri"], "from": "22:00", "until": "07:00"}]},
    "cadence": "daily",
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
        ({"quiet_hours": None}, {k: v for k, v in WHOLE.items() if k != "quiet_hours"}),
        ({"quiet_hours": {}}, WHOLE),
        (
            {"quiet_hours": {"windows": None}},
            {k: v for k, v in WHOLE.items() if k != "quiet_hours"},
        ),
        ({"quiet_hours": {"windows": []}}, {**WHOLE, "quiet_hours": {"windows": []}}),
        (
            {"tenants": {"acme": {"quiet_hours": None, "cadence": "hourly"}}},
            {**WHOLE, "tenants": {"acme": {"channels": {"push": "on"}, "cadence": "hourly"}}},
        ),
        (
            {"pause_until": None, "cadence": None},
            {k: v for k, v in WHOLE.items() if k not in ("pause_until", "cadence")},
        ),
        ({"mute_for": None, "pause_for": None}, WHOLE),
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
        ({"mute_until": "tomorrow"}, 422, "/mute_until"),
        ({"mute_until": "2026-05-05T00:00:00"}, 422, "/mute_until"),
        ({"topics": {"a/b": {"mute_until": "x"}}}, 422, "/topics/a~1b/mute_until"),
        ({"topics": {"": {"level": "all"}}}, 400, "/topics/"),
        ({"quiet_hours": {"windows": [{"from": "22:00"}]}}, 422, "/quiet_hours/windows/0"),
        (
            {"quiet_hours": {"windows": [{"from": "00:00", "until": "24:00"}]}},
            422,
            "/quiet_hours/windows",
        ),
        (
            {"tenants": {"a": {"quiet_hours": {"windows": [{"from": "9", "until": "24:00"}]}}}},
            422,
            "/tenants/a/quiet_hours/windows/0/from",
        ),
        ({"quiet_hours": {"windows": "nights"}}, 400, "/quiet_hours/windows"),
        ({"quiet_hours": {"days": []}}, 400, "/quiet_hours/days"),
        ({"pause_until": "soon"}, 422, "/pause_until"),
        ({"pause_for": "8 hours"}, 422, "/pause_for"),
        ({"mute_for": "PT8H", "mute_until": "forever"}, 422, "/mute_for"),
        ({"topics": {"d": {"mute_for": "P1Y"}}}, 422, "/topics/d/mute_for"),
        ({"topics": {"d": {"pause_until": "forever"}}}, 400, "/topics"),
        ({"cadence": "yearly"}, 400, "/cadence"),
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


async def test_all_mistakes_of_quiet_hours_are_told(api: httpx.AsyncClient) -> None:
    windows = [{"from": "7", "until": "09:00"}, {"from": "22:00", "until": "25:00"}]
    answer = await api.patch(PATH, json={"quiet_hours": {"windows": windows}})
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "/quiet_hours/windows/0/from",
        "/quiet_hours/windows/1/until",
    ]


@pytest.mark.parametrize(("section", "name"), [("categories", "socail"), ("workflows", "welcom")])
async def test_a_choice_about_what_does_not_exist_is_kept_with_a_warning(
    api: httpx.AsyncClient, section: str, name: str
) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    answer = (await api.patch(PATH, json={section: {name: {"email": "off"}}})).json()
    (warning,) = answer["warnings"]
    assert warning["pointer"] == f"/{section}/{name}"
    assert "did you mean" in warning["detail"]
    assert (await api.get(PATH)).json() == {section: {name: {"email": "off"}}}
    removed = (await api.patch(PATH, json={section: {name: None}})).json()
    assert removed == {}


async def test_a_choice_made_before_its_workflow_holds_once_that_exists(
    api: httpx.AsyncClient,
) -> None:
    await api.patch(PATH, json={"workflows": {"welcome": {"inbox": "off"}}})
    await api.put("/v1/workflows/welcome", json=WELCOME)
    event = await send(api, recipients=["u1"])
    why = (await api.get(f"/v1/events/{event}/why", params={"user": "u1"})).json()
    assert why["channels"][0]["reason"] == "channel_off"


async def test_durations_are_written_as_instants_from_now_on(api: httpx.AsyncClient) -> None:
    patch = {
        "mute_for": "PT15M",
        "pause_for": "P1D",
        "topics": {"d": {"mute_for": "PT8H"}},
        "categories": {"social": {"mute_for": "PT1H"}},
        "actors": {"u7": {"mute_for": "P2W"}},
        "tenants": {"acme": {"mute_for": "PT3H"}},
    }
    answer = (await api.patch(PATH, json=patch)).json()
    assert answer == {
        "mute_until": "2026-01-02T03:19:05.678901Z",
        "pause_until": "2026-01-03T03:04:05.678901Z",
        "topics": {"d": {"mute_until": "2026-01-02T11:04:05.678901Z"}},
        "categories": {"social": {"mute_until": "2026-01-02T04:04:05.678901Z"}},
        "actors": {"u7": {"mute_until": "2026-01-16T03:04:05.678901Z"}},
        "tenants": {"acme": {"mute_until": "2026-01-02T06:04:05.678901Z"}},
    }


async def test_a_mute_that_is_over_is_kept_with_a_warning(api: httpx.AsyncClient) -> None:
    past = "2026-01-02T03:04:05.678901Z"
    patch = {"pause_until": past, "topics": {"a/b": {"mute_until": past}}}
    answer = (await api.patch(PATH, json=patch)).json()
    pointers = [warning["pointer"] for warning in answer.pop("warnings")]
    assert pointers == ["/pause_until", "/topics/a~1b/mute_until"]
    assert answer == (await api.get(PATH)).json() == patch
    later = (await api.patch(PATH, json={"level": "all"})).json()
    assert "warnings" not in later


async def test_who_mutes_themselves_is_warned(api: httpx.AsyncClient) -> None:
    answer = (await api.patch(PATH, json={"actors": {"u1": {"mute_for": "PT1H"}}})).json()
    assert [warning["pointer"] for warning in answer["warnings"]] == ["/actors/u1"]


@pytest.mark.parametrize("path", ["/v1/tenants/acme", "/v1/environment"])
async def test_defaults_have_quiet_hours_pauses_and_cadences_too(
    api: httpx.AsyncClient, path: str
) -> None:
    quiet = {"windows": [{"from": "22:00", "until": "07:00"}]}
    preferences = {"quiet_hours": quiet, "cadence": "weekly", "pause_until": "forever"}
    written = (await api.put(path, json={"preferences": preferences})).json()
    assert written["preferences"] == preferences
    patch = {"preferences": {"pause_until": None, "mute_until": "2020-01-01T00:00:00Z"}}
    changed = (await api.patch(path, json=patch)).json()
    assert [warning["pointer"] for warning in changed["warnings"]] == ["/preferences/mute_until"]
    assert (await api.get(path)).json()["preferences"] == {
        "mute_until": "2020-01-01T00:00:00.000000Z",
        "quiet_hours": quiet,
        "cadence": "weekly",
    }


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
    wrong = {"locale": "en", "preferences": {"mute_until": "nope"}}
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


async def test_a_document_holds_so_many_scopes_of_a_kind(api: httpx.AsyncClient) -> None:
    topics = {f"t{n}": {"level": "none"} for n in range(1001)}
    answer = await api.patch(PATH, json={"topics": topics})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/topics"
    assert "at most 1,000" in error["detail"]
    topics.pop("t0")
    assert (await api.patch(PATH, json={"topics": topics})).status_code == 200
