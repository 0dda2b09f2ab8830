"""Plays the story against a server, and asks afterwards what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from clarion.cli.demo.played import Played, answered, misses, waited_ms
from clarion.cli.demo.screen import Screen
from clarion.cli.demo.stage import Stage
from clarion.cli.demo.story import (
    PEOPLE,
    STREAMER_TOPIC,
    TOPICS,
    Act,
    follower_ids,
    opted_out_ids,
)

LOOK_SECONDS = 0.05
LANES_SECONDS = 0.1
ACT_SECONDS = 20.0
"""An act that is not complete by then is told as it stands."""


class Player:
    """`pace` stretches the pauses in which people read: 1 on a terminal, 0 where nobody looks."""

    def __init__(self, stage: Stage, screen: Screen, pace: float) -> None:
        self._stage = stage
        self._screen = screen
        self._pace = pace

    async def set_stage(self) -> None:
        """Everybody in the story, with devices, subscriptions and preferences."""
        followers = follower_ids()
        tokens = {person.id: person.device for person in PEOPLE if person.device}
        tokens |= {user: f"phone-{user}" for user in followers}
        patches = {person.id: person.preferences for person in PEOPLE if person.preferences}
        patches |= dict.fromkeys(opted_out_ids(), _NO_OFFERS)
        done = 0

        def step() -> None:
            nonlocal done
            done += 1
            self._screen.preparing(done, len(tokens) + len(patches))

        await self._stage.users(list(_bodies(followers)))
        for topic, users in TOPICS.items():
            await self._stage.subscribe(topic, users)
        await self._stage.subscribe(STREAMER_TOPIC, followers)
        await self._stage.devices(tokens, step)
        await self._stage.preferences(patches, step)

    async def play(self, acts: tuple[Act, ...]) -> list[Played]:
        """All acts, one after the other, while the lanes are watched."""
        watching = asyncio.create_task(self._watch())
        try:
            return [await self._play(number, act) for number, act in enumerate(acts, start=1)]
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _play(self, number: int, act: Act) -> Played:
        self._screen.begins(number, act)
        await asyncio.sleep(READING_SECONDS * self._pace)
        started = time.monotonic()
        events: dict[str, str] = {}
        for send in act.sends:
            await asyncio.sleep(send.after_seconds)
            events[send.label] = await self._stage.send(send.event)
        stands: dict[str, dict[str, Any]] = {}
        took_ms = 0
        for label, event in events.items():
            stands[label] = await self._complete(event, started + ACT_SECONDS)
            took_ms = took_ms or round((time.monotonic() - started) * 1000)
        answers = [
            answered(one, await self._stage.why(events[one.label], one.user))
            for one in act.expected
        ]
        waits = {label: await self._waited(act, label, stands) for label in act.timed}
        played = Played(
            title=act.title,
            stands=stands,
            answers=answers,
            took_ms=took_ms,
            waited_ms=waits,
            misses=misses(act, stands, answers),
        )
        self._screen.ends(played)
        await asyncio.sleep(BREATH_SECONDS * self._pace)
        return played

    async def _complete(self, event: str, until: float) -> dict[str, Any]:
        while True:
            stands = await self._stage.stands(event)
            if stands["status"] == "complete" or time.monotonic() > until:
                return stands
            await asyncio.sleep(LOOK_SECONDS)

    async def _waited(self, act: Act, label: str, stands: dict[str, dict[str, Any]]) -> int:
        user = next(send.event["recipients"][0] for send in act.sends if send.label == label)
        return waited_ms(stands[label], await self._stage.why(stands[label]["id"], user))

    async def _watch(self) -> None:
        while True:
            self._screen.looks(await self._stage.lanes())
            await asyncio.sleep(LANES_SECONDS)


READING_SECONDS = 2.2
BREATH_SECONDS = 1.0

_NO_OFFERS = {"categories": {"marketing": {"level": "none"}}}


def _bodies(followers: list[str]) -> Iterator[dict[str, Any]]:
    for person in PEOPLE:
        body = {"id": person.id, "name": person.name, "email": f"{person.id}@example.org"}
        yield body | ({"locale": person.locale} if person.locale else {})
    for user in followers:
        yield {"id": user, "name": f"Fan {user[4:]}", "email": f"{user}@example.org"}
