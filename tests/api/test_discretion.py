"""Where the store stands is told to administrators only."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from clarion.api.discretion import STORE_AWAY
from clarion.errors import UnavailableError
from tests.api.house import House

PLACE = "PostgreSQL at 10.1.2.3:5432/clarion cannot be reached"


async def away(*_: Any, **__: Any) -> Any:
    raise UnavailableError(PLACE, 7)


@pytest.fixture
def broken(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house whose store cannot be asked for keys, nor checked, nor searched."""
    monkeypatch.setattr(house.store, "check", away)
    monkeypatch.setattr(house.store.dead_letters, "search", away)
    return house


async def test_whoever_shows_no_key_learns_nothing_of_the_store(
    broken: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(broken.store.keys, "find", away)
    with caplog.at_level(logging.WARNING, "clarion.api"):
        async with broken.client("clk_prod_nobody") as client:
            answers = [
                await client.get("/readyz"),
                await client.post("/v1/events", json={"type": "a"}),
                await client.get("/v1/dead-letters"),
            ]
    for answer in answers:
        assert (answer.status_code, answer.json()["detail"]) == (503, STORE_AWAY)
        assert answer.headers["retry-after"] == "7"
    assert PLACE in caplog.text


async def test_an_administrator_is_told_where_the_store_stands(broken: House) -> None:
    async with broken.client(await broken.key("admin")) as client:
        assert (await client.get("/v1/dead-letters")).json()["detail"] == PLACE
    async with broken.client(await broken.key("read")) as client:
        assert (await client.get("/v1/dead-letters")).json()["detail"] == STORE_AWAY
