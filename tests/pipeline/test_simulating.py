"""Simulations: the recorded past decided again, with the rules of then and with others."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from clarion.clock import SECOND
from clarion.core.difference import Tally
from clarion.core.recipient import ScopeKind, Setting, Window
from clarion.pipeline.changes import Asked, Override, Slice
from clarion.pipeline.simulating import Simulator, tally_of
from clarion.store.contract.names import NameKind
from clarion.store.contract.simulations import ExampleQuery, SimulationRow, SimulationState
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


async def a_week(
    server: Embedded, seed: int, *, turns: int = 60, people: int = 7, at_once: int = 3
) -> int:
    """Random traffic with choices that change; the instant of its beginning."""
    chance = random.Random(seed)
    names = await some_people(server, chance, people)
    await server.advance(60)
    began = server.clock.now()
    types = ("plain", "capped", "capped", "liked", "slow", "nightly", "led", "code")
    for _ in range(turns):
        for _ in range(chance.randrange(at_once) + 1):
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


def document_of(server: Embedded, key: str, *steps: dict[str, Any], **fields: Any) -> Any:
    written = [{"send": step} if "channel" in step else step for step in steps]
    return {"workflows": {key: {"steps": written, **fields}}}


async def test_the_same_documents_again_change_nothing(busy: Embedded) -> None:
    began = await a_week(busy, 11, turns=25)
    catalog = await busy.server.catalogs.current(busy.env)
    workflows = {row.workflow.key: dict(row.workflow.document) for row in catalog.workflows}
    tally = await simulated(busy, began, workflows=workflows)
    assert (tally.changed, tally.by_reason, tally.missing) == (0, [], {})
    assert tally.decisions > 20


async def test_a_step_put_in_front_leaves_the_others_as_they_were(busy: Embedded) -> None:
    began = await a_week(busy, 12, turns=25)
    shadow = {"channel": "webhook", "template": {"url": "https://example.org/h", "body": {"a": 1}}}
    change: dict[str, Any] = {"workflows": {}}
    catalog = await busy.server.catalogs.current(busy.env)
    for row in catalog.workflows:
        if row.workflow.category == "chatty":
            continue  # its cap would count the webhook as well
        document = dict(row.workflow.document)
        document["steps"] = [{"send": shadow}, *document["steps"]]
        change["workflows"][row.workflow.key] = document
    tally = await simulated(busy, began, **change)
    assert [row for row in tally.by_reason if row[0][0] != "webhook"] == []
    assert tally.by_channel["webhook"].gained > 20
    for channel, counts in tally.by_channel.items():
        if channel != "webhook":
            assert (counts.gained, counts.lost) == (0, 0)


async def test_caps_counted_anew_say_what_they_said(busy: Embedded) -> None:
    began = await a_week(busy, 17, at_once=1)  # which of two at one instant came first is not kept
    tally = await simulated(busy, began, recount=True)
    assert (tally.changed, tally.by_reason, tally.missing) == (0, [], {})
    assert tally.simulated["caps"] > 20


async def test_a_lower_cap_keeps_to_its_limit_in_any_window(busy: Embedded) -> None:
    await busy.user("ada", email="ada@example.org")
    began = busy.clock.now()
    for _ in range(5):
        await busy.send("plain", "ada")
        await busy.advance(600)
    await busy.advance(HOUR)
    await busy.send("plain", "ada")
    await busy.quiet()
    change = document_of(busy, "plain", INBOX, MAIL | {"cap": {"limit": 2, "window": "PT1H"}})
    tally = await simulated(busy, began, **change)
    counts = tally.by_channel["email"]
    assert (counts.sent_before, counts.sent_after, counts.lost) == (6, 3, 3)
    assert tally.by_reason[0] == (("email", "send", "level_all", "skip", "capped"), 3)
    assert (tally.users_gaining, tally.users_losing) == (0, 1)


async def test_what_was_used_before_the_slice_counts_for_its_caps(busy: Embedded) -> None:
    await busy.user("ada", email="ada@example.org")
    await busy.send("plain", "ada")
    await busy.advance(600)
    began = busy.clock.now()
    await busy.send("plain", "ada")
    await busy.quiet()
    change = document_of(busy, "plain", MAIL | {"cap": {"limit": 1, "window": "PT1H"}})
    tally = await simulated(busy, began, **change)
    assert (tally.decisions, tally.by_channel["email"].lost) == (1, 1)


async def test_a_higher_cap_lets_through_what_was_refused(busy: Embedded) -> None:
    await busy.user("ada", email="ada@example.org")
    began = busy.clock.now()
    for _ in range(5):
        await busy.send("capped", "ada")
        await busy.advance(1)
    await busy.quiet()
    tally = await simulated(
        busy, began, categories={"chatty": {"cap": {"limit": 4, "window": "PT6H"}}}
    )
    counts = tally.by_channel["email"]
    assert (counts.sent_before, counts.sent_after, counts.gained) == (3, 4, 1)


async def test_quiet_hours_for_everybody_hold_until_the_morning(busy: Embedded) -> None:
    await busy.user("ada", email="ada@example.org")
    await busy.advance(11 * HOUR)
    began = busy.clock.now()
    await busy.send("plain", "ada")
    await busy.quiet()
    window = Window(days=(0, 1, 2, 3, 4, 5, 6), start=22 * 60, end=7 * 60)
    quiet = Setting(user=0, kind=ScopeKind.ENVIRONMENT, scope=0, quiet=(window,))
    tally = await simulated(busy, began, overrides=(Override(setting=quiet, given=("quiet",)),))
    counts = tally.by_channel["email"]
    assert (counts.held_before, counts.held_after, counts.sent_after, counts.lost) == (0, 1, 1, 0)
    assert tally.simulated == {"waits": 1}


async def test_a_digest_instead_tells_many_as_one(busy: Embedded) -> None:
    await busy.user("ada", email="ada@example.org")
    began = busy.clock.now()
    for _ in range(4):
        await busy.send("plain", "ada", data={"post": "p1"})
        await busy.advance(60)
    await busy.quiet()
    change = document_of(busy, "plain", {"digest": {"key": "data.post", "window": "PT1H"}}, MAIL)
    tally = await simulated(busy, began, **change)
    counts = tally.by_channel["email"]
    assert (counts.sent_before, counts.sent_after, counts.digested_after) == (4, 1, 4)
    assert (counts.lost, counts.gained) == (4, 1)


async def test_a_digest_that_is_given_up_is_not_told(busy: Embedded) -> None:
    await busy.user("ada", email="ada@example.org")
    await busy.device("ada", "phone")
    began = busy.clock.now()
    for _ in range(3):
        await busy.send("liked", "ada", data={"post": "p1"})
        await busy.advance(60)
    await busy.advance(3 * HOUR)
    await busy.quiet()
    tally = await simulated(busy, began, **document_of(busy, "liked", INBOX, PUSH))
    counts = tally.by_channel["push"]
    assert (counts.sent_before, counts.sent_after) == (1, 3)
    assert (counts.gained, counts.lost) == (3, 1)


async def test_a_new_condition_is_asked_of_what_is_kept(busy: Embedded) -> None:
    await busy.user("ada", email="ada@example.org")
    began = busy.clock.now()
    for post in ("p1", "p2", "p1"):
        await busy.send("plain", "ada", data={"post": post})
    await busy.quiet()
    change = document_of(busy, "plain", MAIL | {"when": 'data.post == "p2"'})
    tally = await simulated(busy, began, **change)
    assert (tally.by_channel["email"].sent_after, tally.missing) == (1, {})
    busy.change("delete from event_payload")
    tally = await simulated(busy, began, **change)
    assert tally.missing["conditions"] > 0


async def test_the_same_question_gets_the_same_answer_also_after_a_crash(busy: Embedded) -> None:
    began = await a_week(busy, 13, turns=20)
    question: dict[str, Any] = {
        "categories": {"chatty": {"cap": {"limit": 1, "window": "PT12H"}}},
        **document_of(busy, "liked", INBOX, PUSH | {"quiet": "skip"}, category="chatty"),
    }
    first = await simulated(busy, began, **question)
    assert first.changed > 0
    assert await simulated(busy, began, **question) == first
    part = Slice(since=began, until=busy.clock.now() + SECOND)
    row = await simulator_of(busy).begin(busy.env, "", Asked(slice=part, **question))
    while row.finished_at is None:
        simulator = simulator_of(busy)  # which remembers nothing
        row = await simulator.go_on(row)
    assert tally_of(row) == first
    examples = [
        await busy.server.store.simulations.examples(busy.env, number, ExampleQuery(limit=500))
        for number in (1, row.number)
    ]
    assert examples[0] == examples[1] != []


async def test_a_slice_is_of_a_workflow_and_of_users(busy: Embedded) -> None:
    began = await a_week(busy, 14, turns=15)
    ada = await busy.number(NameKind.USER, "u1")
    whole = await simulated(busy, began)
    plain = await simulated(busy, began, slice={"workflow": "plain"})
    one = await simulated(busy, began, slice={"users": (ada,)})
    ((mine,),) = busy.select("select count(*) from notification where user = ?", ada)
    assert 0 < plain.decisions < whole.decisions
    assert one.decisions == mine
    few = await simulated(busy, began, slice={"limit": 1})
    assert 1 <= few.decisions < whole.decisions


async def test_a_canceled_simulation_goes_no_further(busy: Embedded) -> None:
    began = await a_week(busy, 15, turns=5)
    simulator = simulator_of(busy)
    part = Slice(since=began, until=busy.clock.now() + SECOND)
    row = await simulator.begin(busy.env, "", Asked(slice=part))
    store = busy.server.store.simulations
    ended = await store.cancel(busy.env, row.number, busy.clock.now())
    assert ended is not None
    assert ended.state is SimulationState.CANCELED
    await simulator.go_on(row)
    assert await store.row(busy.env, row.number) == ended
    assert await store.unfinished(10) == []


async def test_nothing_but_the_simulation_is_written(busy: Embedded) -> None:
    began = await a_week(busy, 16, turns=10)
    tables = [
        name
        for (name,) in busy.select("select name from sqlite_schema where type = 'table'")
        if not name.startswith(("simulation", "sqlite_", "worker", "bucket"))
    ]

    def counts() -> dict[str, int]:
        return {name: busy.select(f"select count(*) from {name}")[0][0] for name in tables}

    before = counts()
    await simulated(busy, began, **document_of(busy, "liked", PUSH))
    assert counts() == before
