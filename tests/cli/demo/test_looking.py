from __future__ import annotations

from typing import Any

import aiohttp

from clarion.cli.demo.act import Act, Look, Sight
from clarion.cli.demo.looking import badges, looked
from clarion.cli.demo.stage import Stage

PUSH = {"event_id": "evt_d", "message": {"content": {"title": "Ana and Ben liked your post"}}}


class Canned(Stage):
    """Answers as a server would, without one."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        super().__init__(session)
        self.items = 0
        self.told: list[dict[str, Any]] = []

    async def unread(self, user: str) -> int:
        return self.items

    async def captured(self, user: str, channel: str) -> list[dict[str, Any]]:
        return self.told

    async def stands(self, event: str) -> dict[str, Any]:
        return {"id": event}

    async def why(self, event: str, user: str) -> dict[str, Any]:
        digest = {"id": "evt_d", "count": 2}
        return {"channels": [{"digest": digest}], "waits": [{"next": "mia waits for 07:00."}]}


def a_look(sight: Sight, says: str) -> Look:
    return Look(sight=sight, label="one", user="mia", says=says)


async def test_a_badge_is_told_by_how_much_it_grew_and_the_pushes_of_the_event() -> None:
    look = a_look(Sight.BADGE, "1 unread, 0 pushes")
    act = Act(title="", scene="", sends=(), expected=(), looks=(look,))
    async with aiohttp.ClientSession() as session:
        stage = Canned(session)
        stage.items = 4
        before = await badges(stage, act)
        stage.items, stage.told = 5, [PUSH]
        seen = await looked(stage, act.looks, {"one": "evt_1"}, before)
        assert (seen.notes, seen.misses) == (["Mia's badge: 1 unread, 0 pushes."], [])
        ringing = await looked(stage, act.looks, {"one": "evt_d"}, before)
        assert "0 pushes" in ringing.misses[0]
        assert "1 unread, 1 pushes" in ringing.misses[0]


async def test_a_digest_is_told_by_its_count_and_its_words() -> None:
    async with aiohttp.ClientSession() as session:
        stage = Canned(session)
        stage.told = [PUSH]
        seen = await looked(stage, [a_look(Sight.DIGEST, "Ana and Ben")], {"one": "evt_1"}, {})
    assert seen.notes == ["2 events, 1 push to Mia: “Ana and Ben liked your post”."]
    assert seen.told_as == {"evt_d": {"id": "evt_d"}}
    assert seen.misses == []


async def test_what_waits_otherwise_than_told_is_a_miss() -> None:
    async with aiohttp.ClientSession() as session:
        seen = await looked(
            Canned(session), [a_look(Sight.WAIT, "after 08:00")], {"one": "evt_1"}, {}
        )
    assert seen.notes == ["mia waits for 07:00."]
    assert len(seen.misses) == 1
