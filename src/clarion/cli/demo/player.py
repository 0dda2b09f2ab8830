"""Plays the story against a server, and asks afterwards what came of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from clarion.cli.demo.act import Act, Person
from clarion.cli.demo.looking import badges, looked
from clarion.cli.demo.played import Played, answered, is_over, misses, waited_ms
from clarion.cli.demo.restraint import Night
from clarion.cli.demo.screen import Screen
from clarion.cli.demo.stage import Stage
from clarion.cli.demo.story import (
    STREAMER_TOPIC,
    THREADS,
    TITLES,
    TOPICS,
    acts,
    agreed_ids,
    follower_ids,
    opted_out_ids,
    people,
)

LOOK_SECONDS = 0.05
LANES_SECONDS = 0.1
ACT_SECONDS = 20.0
"""An act that is not complete by then is told as it stands."""


class Player:
    """`pace` stretches the pauses in which people read: 1 on a terminal, 0 where nobody looks.
    `night` is where somebody in the story has quiet hours now."""

    def __init__(self, stage: Stage, screen: Screen, pace: float, night: Night) -> None:
        self._stage = stage
        self._screen = screen
        self._pace = pace
        self._night = night

    async def set_stage(self) -> None:
        """Everybody in the story, with devices, subscriptions and preferences."""
        followers, agreed, named = follower_ids(), agreed_ids(), people(self._night)
        tokens = {person.id: person.device for person in named if person.device}
        tokens |= {user: f"phone-{user}" for user in followers}
        patches = {person.id: person.preferences for person in named if person.preferences}
        patches |= dict.fromkeys(opted_out_ids(), _NO_OFFERS)
        done = 0

        def step() -> None:
            nonlocal done
            done += 1
            self._screen.preparing(done, len(tokens) + len(patches) + len(agreed))

        await self._stage.users(list(_bodies(named, followers)))
        for topic, users in TOPICS.items():
            await self._stage.subscribe(topic, users)
        await self._stage.subscribe(STREAMER_TOPIC, followers)
        for topic, title in TITLES.items():
            await self._stage.topic(topic, title, "thread" if topic in THREADS else "topic")
        await self._stage.devices(tokens, step)
        await self._stage.preferences(patches, step)
        await self._stage.consents(agreed, step)

    async def play(self) -> list[Played]:
        """All acts but the last, one after the other, while the lanes are watched."""
        story = acts(self._night)
        watching = asyncio.create_task(self._watch())
        try:
            return [await self._play(number, act) for number, act in enumerate(story, start=1)]
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching

    async def _play(self, number: int, act: Act) -> Played:
        self._screen.begins(number, act)
        await asyncio.sleep(READING_SECONDS * act.reading * self._pace)
        before = await badges(self._stage, act)
        started = time.monotonic()
        events = await self._send(act)
        held = {tally.label: tally.held for tally in act.tallies}
        stands: dict[str, dict[str, Any]] = {}
        took_ms = 0
        for label, event in events.items():
            stands[label] = await self._stands(event, held.get(label, 0), started + ACT_SECONDS)
            took_ms = took_ms or round((time.monotonic() - started) * 1000)
        answers = [
            answered(one, await self._stage.why(events[one.label], one.user))
            for one in act.expected
        ]
        seen = await looked(self._stage, act.looks, events, before)
        waits = {label: await self._waited(act, label, stands) for label in act.timed}
        played = Played(
            title=act.title,
            stands=stands,
            answers=answers,
            took_ms=took_ms,
            waited_ms=waits,
            misses=misses(act, stands, answers) + seen.misses,
            note=" ".join(seen.notes),
            told_as=seen.told_as,
        )
        self._screen.ends(played)
        await asyncio.sleep(BREATH_SECONDS * self._pace)
        return played

    async def _send(self, act: Act) -> dict[str, str]:
        crowd, others = act.sends[: act.together], act.sends[act.together :]
        events = {}
        if crowd:
            ids = await self._stage.send_together([_told_in(act, send.event) for send in crowd])
            events = dict(zip((send.label for send in crowd), ids, strict=True))
        for send in others:
            await asyncio.sleep(send.after_seconds)
            events[send.label] = await self._stage.send(_told_in(act, send.event))
        return events

    async def _stands(self, event: str, held: int, until: float) -> dict[str, Any]:
        """How an event stands when it is complete but for as many as are to be held."""
        while True:
            stands = await self._stage.stands(event)
            if is_over(stands, held) or time.monotonic() > until:
                return stands
            await asyncio.sleep(LOOK_SECONDS)

    async def _waited(self, act: Act, label: str, stands: dict[str, dict[str, Any]]) -> int:
        user = next(send.event["recipients"][0] for send in act.sends if send.label == label)
        return waited_ms(stands[label], await self._stage.why(stands[label]["id"], user))

    async def _watch(self) -> None:
        while True:
            self._screen.looks(await self._stage.lanes())
            await asyncio.sleep(LANES_SECONDS)


READING_SECONDS = 2.0
BREATH_SECONDS = 0.8

_NO_OFFERS = {"categories": {"marketing": {"level": "none"}}}


def _told_in(act: Act, event: dict[str, Any]) -> dict[str, Any]:
    """The event with the tag by which the dashboard tells the events of an act together."""
    return {**event, "tags": {**event.get("tags", {}), "story": act.title}}


def _bodies(named: list[Person], followers: list[str]) -> Iterator[dict[str, Any]]:
    for person in named:
        body = {"id": person.id, "name": person.name, "email": f"{person.id}@example.org"}
        chosen = {"locale": person.locale, "timezone": person.timezone}
        yield body | {name: value for name, value in chosen.items() if value}
    for user in followers:
        yield {"id": user, "name": f"Fan {user[4:]}", "email": f"{user}@example.org"}
