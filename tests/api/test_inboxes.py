from __future__ import annotations

import httpx

from tests.api.house import WELCOME, send


async def test_each_inbox_of_a_user_is_told_with_its_own_numbers(api: httpx.AsyncClient) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    await api.put("/v1/users/u1", json={"name": "Ana"})
    assert (await api.get("/v1/users/u1/inboxes")).json() == {"data": []}
    await send(api, recipients=["u1"])
    await send(api, recipients=["u1"], tenant="acme")
    await send(api, recipients=["u1"], tenant="acme")
    assert (await api.get("/v1/users/u1/inboxes")).json() == {
        "data": [
            {"tenant": None, "total": 1, "unread": 1, "unseen": 1},
            {"tenant": "acme", "total": 2, "unread": 2, "unseen": 2},
        ]
    }
    assert (await api.get("/v1/users/u2/inboxes")).status_code == 404
