from __future__ import annotations

import httpx

from tests.api.house import WELCOME, House


async def test_a_workflow_is_counted_over_the_last_hour_or_since_an_instant(
    house: House, api: httpx.AsyncClient
) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    for users in (["u1"], ["u2", "u3"]):
        event = {"type": "user.joined", "recipients": users}
        assert (await api.post("/v1/events", json=event)).status_code == 202
        house.clock.advance(3000)
    hour = (await api.get("/v1/workflows/welcome/counts")).json()
    assert (hour["events"], hour["whole"]) == (1, True)
    assert sum(hour["counts"].values()) == 2
    query = {"since": "2026-01-02T03:04:05Z"}
    whole = (await api.get("/v1/workflows/welcome/counts", params=query)).json()
    assert (whole["events"], sum(whole["counts"].values())) == (2, 3)
    assert whole["since"] == "2026-01-02T03:04:05.000000Z"


async def test_a_workflow_that_is_not_there_is_not_counted(api: httpx.AsyncClient) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    refused = await api.get("/v1/workflows/welcom/counts")
    assert refused.status_code == 404
    assert "did you mean 'welcome'?" in refused.json()["detail"]
