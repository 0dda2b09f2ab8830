"""Defaults of tenants and the environment, as they come to their users."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.house import WELCOME, send

HELLO = {"en": {"title": "Hello"}, "de": {"title": "Hallo"}, "it": {"title": "Ciao"}}
GREETING: dict[str, Any] = {
    **WELCOME,
    "steps": [{"send": {"channel": "inbox", "template": HELLO}}],
}


async def shown(api: httpx.AsyncClient, event: str) -> str:
    """The title that the one user of an event was shown."""
    (row,) = (await api.get("/v1/notifications", params={"event": event})).json()["data"]
    story = (await api.get(f"/v1/notifications/{row['id']}")).json()
    title: str = story["content"][0]["fields"]["title"]
    return title


async def test_users_without_a_locale_are_told_in_that_of_tenant_or_environment(
    api: httpx.AsyncClient,
) -> None:
    await api.put("/v1/workflows/welcome", json=GREETING)
    await api.put("/v1/users/u1", json={})
    await api.put("/v1/users/u2", json={"locale": "en-GB"})
    await api.patch("/v1/environment", json={"locale": "de-AT"})
    await api.patch("/v1/tenants/acme", json={"locale": "it"})
    assert await shown(api, await send(api, recipients=["u1"])) == "Hallo"
    assert await shown(api, await send(api, recipients=["u1"], tenant="acme")) == "Ciao"
    assert await shown(api, await send(api, recipients=["u1"], tenant="other")) == "Hallo"
    assert await shown(api, await send(api, recipients=["u2"], tenant="acme")) == "Hello"
    await api.patch("/v1/tenants/acme", json={"locale": None})
    assert await shown(api, await send(api, recipients=["u1"], tenant="acme")) == "Hallo"


async def test_a_preview_shows_the_words_of_the_same_locales(api: httpx.AsyncClient) -> None:
    async def previewed(**body: Any) -> tuple[str, str]:
        answer = await api.post("/v1/workflows/welcome/preview", json={"data": {}, **body})
        (step,) = answer.json()["steps"]
        return step["locale"], step["content"]["title"]

    await api.put("/v1/workflows/welcome", json=GREETING)
    await api.put("/v1/users/u1", json={"locale": "it"})
    await api.patch("/v1/environment", json={"locale": "de"})
    assert await previewed() == ("de", "Hallo")
    assert await previewed(user="u1") == ("it", "Ciao")
    assert await previewed(user="u1", locale="en") == ("en", "Hello")
    await api.put("/v1/workflows/welcome", json={**GREETING, "locale": "en"})
    assert await previewed() == ("en", "Hello")


async def test_an_environment_may_keep_less_than_the_server(api: httpx.AsyncClient) -> None:
    usual = (await api.get("/v1/environment")).json()["retention"]
    assert usual == {
        "content_days": 30,
        "notifications_days": 90,
        "decisions_days": 90,
        "attempts_days": 90,
        "inbox_days": 90,
    }
    changed = await api.patch("/v1/environment", json={"retention": {"content_days": 7}})
    assert changed.json()["retention"] == {**usual, "content_days": 7}
    await api.patch("/v1/environment", json={"retention": {"notifications_days": 20}})
    now = (await api.get("/v1/environment")).json()["retention"]
    assert now == {**dict.fromkeys(usual, 20), "content_days": 7}
    await api.patch("/v1/environment", json={"retention": {"content_days": None}})
    await api.patch("/v1/environment", json={"locale": "de"})
    assert (await api.get("/v1/environment")).json()["retention"] == dict.fromkeys(usual, 20)
    assert (await api.put("/v1/environment", json={})).json()["retention"] == usual


@pytest.mark.parametrize(
    ("kind", "days", "said"),
    [
        ("content_days", 31, "may only keep less than the server, which keeps 30 days"),
        ("inbox_days", 0, "from 1 to"),
        ("words_days", 3, "there is no kind"),
    ],
)
async def test_retention_that_cannot_be_is_refused(
    api: httpx.AsyncClient, kind: str, days: int, said: str
) -> None:
    answer = await api.patch("/v1/environment", json={"retention": {kind: days}, "locale": "de"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, f"/retention/{kind}")
    assert said in error["detail"]
    assert (await api.get("/v1/environment")).json()["locale"] is None
