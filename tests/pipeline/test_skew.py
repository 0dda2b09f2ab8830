from __future__ import annotations

import logging
from pathlib import Path

import pytest

from clarion.clock import SECOND, SystemClock
from clarion.pipeline.skew import skew_seconds, warn_of_skew
from clarion.store.postgres.store import open_postgres
from clarion.store.sqlite.store import open_store
from tests.store.conftest import dsn, postgres

__all__ = ["dsn", "postgres"]


@pytest.mark.parametrize("apart", [-7, 0, 90])
async def test_the_difference_of_the_clocks_is_told_with_its_sign(apart: int, dsn: str) -> None:
    clock = SystemClock()
    store = await open_postgres(dsn, clock.now(), clock_offset=-apart * SECOND)
    assert await skew_seconds(store, clock) == pytest.approx(apart, abs=1)
    await store.close()


async def test_a_large_difference_is_warned_of(dsn: str, caplog: pytest.LogCaptureFixture) -> None:
    clock = SystemClock()
    store = await open_postgres(dsn, clock.now(), clock_offset=30 * SECOND)
    with caplog.at_level(logging.WARNING):
        await warn_of_skew(store, clock)
    await store.close()
    assert "s behind the store's server" in caplog.text
    assert "NTP" in caplog.text


async def test_a_store_on_this_machine_has_no_other_clock(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(tmp_path / "clarion.db", 0, serve=True)
    await warn_of_skew(store, SystemClock())
    await store.close()
    assert caplog.text == ""
