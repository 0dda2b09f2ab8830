"""One process leads the keepers; another follows when it is silent."""

from __future__ import annotations

from pathlib import Path

from clarion.pipeline.leadership import Leadership
from clarion.pipeline.lease import Lease
from clarion.store.sqlite.store import open_store
from clarion.testing.clock import ManualClock

TERM_SECONDS = 30.0


async def test_the_second_leads_when_the_first_is_silent_for_a_term(tmp_path: Path) -> None:
    clock = ManualClock()
    store = open_store(tmp_path / "clarion.db", clock.now(), serve=False, inline=True)
    leases = [Lease(store, clock, [], seconds=TERM_SECONDS, heartbeat_seconds=5) for _ in range(2)]
    for lease in leases:
        await lease.start()
    first, second = (Leadership(store, clock, lease) for lease in leases)
    taken: list[str] = []

    async def step(rang: bool) -> float:
        taken.append("second")
        return 7

    assert await first.holds()
    assert await second.led(step)(False) == 5
    clock.advance(TERM_SECONDS / 2)
    assert await first.holds()
    assert not await second.holds()
    clock.advance(TERM_SECONDS + 1)
    assert await second.led(step)(False) == 7
    assert not await first.holds()
    assert taken == ["second"]
    await store.close()
