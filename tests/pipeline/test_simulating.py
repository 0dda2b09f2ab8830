"""Simulations: the recorded past decided again, with the rules of then and with others."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from clarion.clock import SECOND
from clarion.core.difference import Tally
from clarion.pipeline.changes import Asked, Slice
from clarion.pipeline.simulating import Simulator, tally_of
from clarion.store.contract.simulations import SimulationRow, SimulationState
from clarion.testing.embedded import Embedded

WORDS: dict[str, Any] = {"template": {"title": "News", "body": "There is news."}}
INBOX: dict[str, Any] = {"channel": "inbox", "template": {"title": "News"}}
PUSH: dict[str, Any] = {"channel": "push", **WORDS}
MAIL: dict[str, Any] = {"channel": "email", "template": {"subject": "News", "body": "News."}}
NIGHT = {"windows": [{"from": "22:00", "until": "07:00"}]}
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", None)
HOUR = 3600


def simulator_of(server: Embedded) -> Simulator:
    core = server.server.core
    return Simulator(server.server.store, core.catalogs, core.directory, server.clock)


async def finished(simulator: Simulator, row: SimulationRow) -> SimulationRow:
    while row.finished_at is None:
        row = await simulator.go_on(row)
    return row


async def simulated(
    server: Embedded, since: int, *, simulator: Simulator | None = None, **asked: Any
) -> Tally:
    """The counts of a whole simulation of what was accepted since an instant."""
    chosen = asked.pop("slice", {})
    part = Slice(since=since, until=server.clock.now() + SECOND, **chosen)
    simulator = simulator or simulator_of(server)
    row = await simulator.begin(server.env, "", Asked(slice=part, **asked))
    row = await finished(simulator, row)
    assert (row.state, row.error) == (SimulationState.DONE, None)
    return tally_of(row)


@pytest.fixture
async def busy(tmp_path: Path) -> AsyncIterator[Embedded]:
    """A server with workflows of every kind."""
    server = Embedded(tmp_path / "clarion.db")
    await server.start()
    await server.category("chatty", cap={"limit": 3, "window": "PT6H"})
    await server.workflow("plain", INBOX, PUSH, MAIL)
    await server.workflow(
        "capped", PUSH | {"cap": {"limit": 2, "window": "PT3H", "over": "hold"}}, MAIL,
        category="chatty",
    )  # fmt: skip
    await server.workflow(
        "liked", INBOX, {"digest": {"key": "data.post", "window": "PT2H"}}, PUSH, category="social"
    )
    await server.workflow(
        "slow", INBOX, {"delay": "PT1H"}, MAIL | {"when": "!inbox.read"},
        dedupe={"key": "data.post", "window": "PT1H"},
    )  # fmt: skip
    await server.workflow("nightly", PUSH | {"quiet": "digest"}, MAIL | {"quiet": "skip"})
    await server.workflow(
        "led", {"digest": {"window": "PT1H", "lead": True}}, PUSH, category="social"
    )
    await server.workflow("code", PUSH, category="security", expires_in="PT5M")
    yield server
    await server.stop()


async def some_people(server: Embedded, chance: random.Random, count: int) -> list[str]:
    names = [f"u{n}" for n in range(count)]
    for n, name in enumerate(names):
        zone = ZONES[n % len(ZONES)]
        fields = {} if zone is None else {"timezone": zone}
        await server.user(name, email=f"{name}@example.org", **fields)
        if n % 3:
            await server.device(name, f"phone-{n}")
        if n % 4 == 0:
            await server.prefer(name, quiet_hours=NIGHT)
    await server.topic("doc:1", *names[::2], default_level="all")
    return names


async def a_week(server: Embedded, seed: int, *, turns: int = 60, people: int = 7) -> int:
    """Random traffic with choices that change; the instant of its beginning."""
    chance = random.Random(seed)
    names = await some_people(server, chance, people)
    await server.advance(60)
    began = server.clock.now()
    types = ("plain", "capped", "capped", "liked", "slow", "nightly", "led", "code")
    for _ in range(turns):
        for _ in range(chance.randrange(1, 4)):
            told = chance.sample(names, chance.randrange(1, 4))
            fields: dict[str, Any] = {"data": {"post": f"p{chance.randrange(3)}"}}
            if chance.random() < 0.3:
                fields["actor"] = chance.choice(names)
            if chance.random() < 0.2:
                fields["about"] = "doc:1"
            if chance.random() < 0.1:
                fields["silent"] = True
            if chance.random() < 0.15:
                fields["mentions"] = [chance.choice(names)]
            audience: list[Any] = [{"topic": "doc:1"}] if chance.random() < 0.2 else told
            await server.send(chance.choice(types), *audience, **fields)
        await server.quiet()
        if chance.random() < 0.25:
            await _choose(server, chance, chance.choice(names))
        await server.advance(chance.choice((30, 600, HOUR, 2 * HOUR, 5 * HOUR)))
        await server.quiet()
    return began


async def _choose(server: Embedded, chance: random.Random, user: str) -> None:
    choices: tuple[dict[str, Any], ...] = (
        {"channels": {"push": "off"}},
        {"channels": {"push": "inherit"}},
        {"level": "mentions"},
        {"level": "inherit"},
        {"quiet_hours": NIGHT},
        {"quiet_hours": {"windows": []}},
        {"mute_for": "PT9H"},
        {"pause_for": "PT5H"},
        {"categories": {"social": {"push": "off"}}},
        {"topics": {"doc:1": {"level": "none"}}},
        {"cadence": "daily"},
        {"actors": {"u1": {"mute_for": "P1D"}}},
    )
    if chance.random() < 0.15:
        await server.default(quiet_hours=NIGHT)
    elif chance.random() < 0.1:
        await server.user(user, timezone="Asia/Kolkata")
    else:
        await server.prefer(user, **chance.choice(choices))


@pytest.mark.parametrize("seed", range(4))
async def test_with_the_rules_of_then_all_of_a_week_is_decided_as_recorded(
    busy: Embedded, seed: int
) -> None:
    began = await a_week(busy, seed)
    tally = await simulated(busy, began)
    ((recorded,),) = busy.select("select count(*) from notification where user > 0")
    assert (tally.decisions, tally.changed, tally.by_reason) == (recorded, 0, [])
    assert (tally.missing, tally.simulated) == ({}, {})
    sent = sum(counts.sent_before for counts in tally.by_channel.values())
    held = sum(counts.held_before for counts in tally.by_channel.values())
    gathered = sum(counts.digested_before for counts in tally.by_channel.values())
    assert min(sent, held, gathered) > 5
