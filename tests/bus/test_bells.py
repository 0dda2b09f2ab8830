"""Bells of one process, by name."""

from __future__ import annotations

import gc

from clarion.bus.bells import Bells


async def test_all_bells_ring_together() -> None:
    bells = Bells()
    first, second = bells.add("a"), bells.add("b")
    bells.ring_all()
    assert await first.wait(0.001)
    assert await second.wait(0.001)


async def test_a_bell_that_goes_is_told_by_name() -> None:
    told: list[str] = []
    bells = Bells(told.append)
    kept, gone = bells.add("a"), bells.add("a")
    del gone
    gc.collect()
    assert told == ["a"]
    assert "a" in bells
    del kept
    gc.collect()
    assert told == ["a", "a"]
    assert "a" not in bells
    assert bells.names() == []


async def test_names_that_come_and_go_leave_nothing_behind() -> None:
    bells = Bells()
    for number in range(1000):
        bells.add(f"inbox:1:{number}")
    gc.collect()
    bells.names()
    assert len(bells._by_name) == 0
