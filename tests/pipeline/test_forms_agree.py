"""The two forms of an event tell the same people the same: what is decided at a look, however late,
is what would have been decided when the event was published."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from clarion.store.contract.inbox import Counts
from clarion.store.contract.names import NameKind
from clarion.testing.embedded import Embedded
from tests.pipeline.conftest import balanced_to_the_end

USERS = [f"u{n}" for n in range(24)]
TEMPLATE = {"en": {"title": "Part {{ data.n }}"}, "de": {"title": "Teil {{ data.n }}"}}
OWN = {"title": "{{ user.id }}: {{ data.n }}"}
CATEGORIES = ("social", "security", "marketing")


def choices(chance: random.Random) -> dict[str, Any]:
    """What somebody chooses, at any scope that can matter."""
    some: list[dict[str, Any]] = [
        {"channels": {"inbox": chance.choice(["off", "on"])}},
        {"categories": {chance.choice(CATEGORIES): {"inbox": chance.choice(["off", "on"])}}},
        {"workflows": {"part": {"inbox": chance.choice(["off", "on"])}}},
        {"topics": {"show": {"level": chance.choice(["all", "mentions", "none"])}}},
        {"topics": {"shows": {"level": chance.choice(["all", "mentions", "none", "inherit"])}}},
        {"topics": {"show": {"mute_until": chance.choice(["forever", "2026-01-01T12:30:00Z"])}}},
        {"topics": {"show": {"suppress": ["everyone", "roles"]}}},
        {"actors": {"u0": {"mute_until": "forever"}}},
        {"pause_until": "forever"},
        {"quiet_hours": {"windows": [{"from": "00:00", "until": "23:59"}]}},
    ]
    return chance.choice(some)


class Played:
    """One server of the two: the same story, told in one form."""

    def __init__(self, server: Embedded, seed: int) -> None:
        self.server = server
        self.chance = random.Random(seed)

    async def play(self, form: str) -> dict[str, Any]:
        await self._before(form)
        event = await self._publish()
        await self.server.quiet()
        self.server.clock.advance(60)
        await self._afterwards()
        seen = {user: await self._seen(user) for user in self.chance.sample(USERS, len(USERS))}
        why = {user: await self._why(event, user) for user in USERS}
        await self.server.advance(3)
        await self.server.settled(event)
        counts = await self.server.counts(event)
        return {"seen": seen, "why": why, "total": counts}

    async def _before(self, form: str) -> None:
        server, chance = self.server, self.chance
        template = chance.choice([TEMPLATE, OWN, TEMPLATE])
        category = chance.choice(CATEGORIES)
        await server.workflow(
            "part", {"channel": "inbox", "template": template}, category=category, locale="en"
        )
        for user in USERS:
            locale = chance.choice(["de", "en", "fr", None])
            roles = chance.choice([["ops"], []])
            await server.user(user, locale=locale, roles=roles)
        await server.topic("shows")
        level = chance.choice(["all", "mentions", None])
        kind = chance.choice(["topic", "thread"])
        fields: dict[str, Any] = {"parent": "shows", "kind": kind, "default_level": level}
        subscribers = chance.sample(USERS, 18)
        await server.topic("show", *subscribers, broadcast=form, **fields)
        for user in chance.sample(USERS, 14):
            await server.prefer(user, **choices(chance))
        await self._default()
        server.clock.advance(1)
        await self._subscribe(chance.sample(USERS, 3), chance.sample(subscribers, 3))
        server.clock.advance(1)

    async def _publish(self) -> bytes:
        chance = self.chance
        mentions = chance.sample(["everyone", {"role": "ops"}, "u3", {"reply": "u4"}], 2)
        return await self.server.send(
            "part",
            {"topic": "show", "except": chance.sample(USERS, 2)},
            data={"n": 1},
            actor="u0",
            mentions=chance.choice([mentions, []]),
            silent=chance.random() < 0.2,
        )

    async def _afterwards(self) -> None:
        """Nothing of this may matter any more."""
        server, chance = self.server, self.chance
        for user in chance.sample(USERS, 10):
            await server.prefer(user, **choices(chance))
        await self._default()
        await self._subscribe(chance.sample(USERS, 4), chance.sample(USERS, 4))
        for user in chance.sample(USERS, 4):
            await server.user(user, locale="en", roles=[])
        await server.topic("shows", default_level="none")

    async def _default(self) -> None:
        await self.server.default(channels={"inbox": self.chance.choice(["on", "off", None])})

    async def _subscribe(self, add: list[str], remove: list[str]) -> None:
        topics, now = self.server.server.store.topics, self.server.clock.now()
        await topics.subscribe(self.server.env, "show", add, remove, now)

    async def _seen(self, user: str) -> tuple[list[tuple[Any, bool]], Counts]:
        items = [(item.fields, item.alert) for item in await self.server.look(user)]
        number = await self.server.number(NameKind.USER, user)
        return items, await self.server.server.store.inbox.counts(self.server.env, number, 0)

    async def _why(self, event: bytes, user: str) -> list[Any]:
        answer = await self.server.why(event, user)
        if answer["verdict"] != "not_in_audience":
            assert answer["versions"]["same_answer_today"], answer
        told = [(c["result"], c["reason"], c["scope"], c["gate"]) for c in answer["channels"]]
        return [answer["verdict"], told]


@pytest.mark.parametrize("seed", range(12))
async def test_both_forms_tell_the_same_people_the_same(tmp_path: Path, seed: int) -> None:
    found = {}
    for form in ("always", "never"):
        server = Embedded(tmp_path / f"{form}.db")
        await server.start()
        found[form] = await Played(server, seed).play(form)
        await balanced_to_the_end(server)
    assert found["always"]["seen"] == found["never"]["seen"]
    assert found["always"]["why"] == found["never"]["why"]
    assert found["always"]["total"] == found["never"]["total"]
