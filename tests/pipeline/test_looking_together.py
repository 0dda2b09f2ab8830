"""Many who look together come to the same as each who looks alone: by twins on a whole server, of
whom one looks alone and the other with the rest."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from clarion.clock import SECOND
from clarion.core.decide import decide
from clarion.core.decision import Decision
from clarion.core.facts import Facts
from clarion.pipeline import hindsight, looking, planning
from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded

PAIRS = 12
ACTS = 24
TOPICS = ("show", "club")
LANGUAGES = (None, "de", "fr")
WORDS: dict[str, Any] = {
    "channel": "inbox",
    "template": {"en": {"title": "Part {{ data.n }}"}, "de": {"title": "Teil {{ data.n }}"}},
}
OWN: dict[str, Any] = {
    "channel": "inbox",
    "template": {"title": "{{ data.n }} for {{ user.locale }}"},
}


class Twins:
    """Pairs of users to whom the same happens."""

    def __init__(self, server: Embedded, chance: random.Random) -> None:
        self.server = server
        self.chance = chance
        self.pairs = [(f"u{n}", f"v{n}") for n in range(PAIRS)]
        self.events: list[bytes] = []

    async def begin(self) -> None:
        """What is there before anything happens."""
        server = self.server
        await server.workflow("part", WORDS, category="social")
        await server.workflow("own", OWN, category="social")
        for key in TOPICS:
            await server.topic(key, broadcast="always")
        for pair in self.pairs[: PAIRS * 3 // 4]:
            await self._subscribe(pair, self.chance.choice(TOPICS), 0)
            for user in pair:
                await server.user(user)

    async def go_on(self) -> None:
        """Something happens, a second later."""
        self.server.clock.advance(1)
        acts: list[Callable[[tuple[str, str]], Awaitable[None]]] = [
            self._publish, self._publish, self._publish, self._join, self._leave, self._come_late,
            self._write, self._choose, self._tell, self._look, self._erase,
        ]  # fmt: skip
        await self.chance.choice(acts)(self.chance.choice(self.pairs))

    async def _publish(self, pair: tuple[str, str]) -> None:
        chance = self.chance
        show: dict[str, Any] = {"topic": chance.choice(TOPICS)}
        if chance.random() < 0.3:
            show["except"] = list(pair)
        workflow = "own" if chance.random() < 0.2 else "part"
        fields = {"expires_in": "PT10S"} if chance.random() < 0.1 else {}
        event = await self.server.send(workflow, show, data={"n": len(self.events)}, **fields)
        self.events.append(event)

    async def _join(self, pair: tuple[str, str]) -> None:
        await self._subscribe(pair, self.chance.choice(TOPICS), 0)

    async def _come_late(self, pair: tuple[str, str]) -> None:
        await self._subscribe(pair, self.chance.choice(TOPICS), self.chance.randrange(1, 8))

    async def _subscribe(self, pair: tuple[str, str], topic: str, seconds: int) -> None:
        server = self.server
        at = server.clock.now() - seconds * SECOND
        await server.server.store.topics.subscribe(server.env, topic, list(pair), [], at)

    async def _leave(self, pair: tuple[str, str]) -> None:
        server = self.server
        topics, now = server.server.store.topics, server.clock.now()
        await topics.subscribe(server.env, self.chance.choice(TOPICS), [], list(pair), now)

    async def _write(self, pair: tuple[str, str]) -> None:
        locale = self.chance.choice(LANGUAGES)
        for user in pair:
            await self.server.user(user, locale=locale)

    async def _choose(self, pair: tuple[str, str]) -> None:
        level, topic = self.chance.choice(("all", "none")), self.chance.choice(TOPICS)
        for user in pair:
            await self.server.user(user)
            await self.server.prefer(user, topics={topic: {"level": level}})

    async def _tell(self, pair: tuple[str, str]) -> None:
        await self.server.told("part", *pair, data={"n": "more"})

    async def _look(self, pair: tuple[str, str]) -> None:
        for user in pair:
            await self.server.look(user)

    async def _erase(self, pair: tuple[str, str]) -> None:
        if self.chance.random() < 0.3:
            server = self.server
            for user in pair:
                now = server.clock.now()
                await server.server.store.people.erase(server.env, user, now)

    async def numbers(self, side: int) -> list[int]:
        """The numbers of the first or second of all pairs."""
        names = self.server.server.store.names
        found = [
            await names.mint(self.server.env, NameKind.USER, [pair[side]]) for pair in self.pairs
        ]
        return [number for one in found for number in one.values()]

    def inbox(self, user: int) -> dict[str, Any]:
        """All that a look leaves behind."""
        select = self.server.select
        items = select(
            "select event, workflow, step, locale, personal <> 0, alert, created_at, expires_at, "
            "version, seq, coalesce(place, seq), change from item "
            'where "user" = ? order by seq', user,
        )  # fmt: skip
        return {
            "items": [tuple(map(_plain, row)) for row in items],
            "counter": select(
                'select tenant, seq, total, unread, unseen from inbox_counter where "user" = ?',
                user,
            ),
            "notifications": sorted(
                tuple(map(_plain, row))
                for row in select(
                    "select event, workflow, tenant, bucket, open, sent, decided "
                    'from notification where "user" = ?', user,
                )
            ),
            "words": len(select('select body from content where "user" = ?', user)),
        }  # fmt: skip


def _plain(value: Any) -> Any:
    return bytes(value).hex() if isinstance(value, bytes | bytearray | memoryview) else value


@pytest.mark.parametrize("seed", range(5))
async def test_looking_together_comes_to_the_same_as_looking_alone(
    anywhere: Embedded, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(hindsight, "SEVERAL", 2)
    monkeypatch.setattr(looking, "TOGETHER", chance.choice((3, 500)))
    monkeypatch.setattr(looking, "USERS", chance.choice((5, 500)))
    await anywhere.hold("keeper")
    twins = Twins(anywhere, chance)
    await twins.begin()
    for _ in range(ACTS):
        await twins.go_on()
    alone, together = await twins.numbers(0), await twins.numbers(1)
    look = anywhere.services.looking
    for user in alone:
        await look.look(anywhere.env, user, 0)
    await asyncio.gather(*(look.look_all(anywhere.env, together, 0) for _ in range(2)))
    for first, second in zip(alone, together, strict=True):
        assert twins.inbox(second) == twins.inbox(first)
    _, behind = await anywhere.server.store.broadcasts.behind(anywhere.env, [*alone, *together], 0)
    assert [behind.get(user) for user in alone] == [behind.get(user) for user in together]
    anywhere.release("keeper")
    await anywhere.advance(10)
    for event in twins.events:
        await anywhere.settled(event)
    assert await anywhere.imbalances() == []


async def test_who_cannot_be_decided_costs_nobody_who_looks_too(
    anywhere: Embedded, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    users = [f"u{n}" for n in range(6)]
    await anywhere.workflow("part", WORDS, category="social")
    await anywhere.users(*users)
    await anywhere.topic("show", *users, broadcast="always")
    await anywhere.prefer("u3", topics={"show": {"level": "all"}})
    broken = await anywhere.number(NameKind.USER, "u3")

    def fragile(facts: Facts) -> Decision:
        if facts.recipient.user == broken:
            raise ZeroDivisionError
        return decide(facts)

    monkeypatch.setattr(planning, "decide", fragile)
    anywhere.clock.advance(1)
    await anywhere.send("part", {"topic": "show"}, data={"n": 1})
    numbers = [await anywhere.number(NameKind.USER, user) for user in users]
    await anywhere.services.looking.look_all(anywhere.env, numbers, 0)
    assert "cannot be decided" in caplog.text
    told = {user: len(await anywhere.look(user)) for user in users}
    assert told == {user: int(user != "u3") for user in users}
