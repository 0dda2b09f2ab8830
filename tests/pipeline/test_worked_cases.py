"""The worked cases run: what each file says comes true, moment by moment, row by row.

A moment tells the tables that changed with it; all others must be as they were told last.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from clarion.core.ids import event_name
from clarion.store.contract.names import NameKind
from clarion.testing.chance import Even
from clarion.testing.embedded import Embedded, mail_account, push_account
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.smtp import FakeSmtp
from tests.pipeline.conftest import balanced_to_the_end

FOLDER = Path(__file__).parents[1] / "vectors" / "worked"
CASES = sorted(FOLDER.glob("*.json"))
WHY_FIELDS = ("verdict", "because", "channels")
CHANNEL_FIELDS = ("undecided", "channel", "result", "reason", "scope", "until", "alert")


@pytest.fixture
async def staged(tmp_path: Path, fcm: FakeFcm, mail_server: FakeSmtp) -> AsyncIterator[Embedded]:
    """A server whose chances are all even: a retry waits just as long as its rule says."""
    accounts = (push_account(fcm), mail_account(mail_server))
    server = Embedded(tmp_path / "clarion.db", *accounts, chance=Even())
    await server.start()
    yield server
    await balanced_to_the_end(server)


async def set_up(server: Embedded, given: dict[str, Any]) -> None:
    for user in given.get("users", []):
        fields = {name: value for name, value in user.items() if name != "id"}
        await server.user(user["id"], **fields)
    for device in given.get("devices", []):
        await server.device(device["user"], device["token"], device["platform"])
    for topic in given.get("topics", []):
        fields = {n: v for n, v in topic.items() if n not in ("key", "subscribers")}
        await server.topic(topic["key"], *topic.get("subscribers", []), **fields)
    for category in given.get("categories", []):
        fields = {n: v for n, v in category.items() if n != "key"}
        await server.category(category["key"], **fields)
    for workflow in given["workflows"]:
        fields = {n: v for n, v in workflow.items() if n not in ("key", "steps")}
        steps = [step.get("send", step) for step in workflow["steps"]]
        await server.workflow(workflow["key"], *steps, **fields)
    for user, choices in given.get("preferences", {}).items():
        await server.prefer(user, **choices)


class Play:
    """One case on its way through its moments."""

    def __init__(self, server: Embedded, fcm: FakeFcm, mail_server: FakeSmtp) -> None:
        self._server = server
        self._fcm = fcm
        self._mail = mail_server
        self.event = b""

    async def act(self, acts: dict[str, Any]) -> None:
        """Do what a moment says, in the order in which it says it."""
        for word, value in acts.items():
            await getattr(self, f"_{word}")(value)

    async def _send(self, document: dict[str, Any]) -> None:
        accepted = await self._server.accept(document)
        assert accepted.problem is None
        self.event = accepted.event

    async def _hold(self, stage: str) -> None:
        await self._server.hold(stage)

    async def _release(self, stage: str) -> None:
        self._server.release(stage)
        await self._server.quiet()

    async def _advance_seconds(self, seconds: float) -> None:
        await self._server.advance(seconds)
        await self._server.quiet()

    async def _look(self, users: list[str]) -> None:
        for user in users:
            await self._server.look(user)

    async def _subscribe(self, topics: dict[str, list[str]]) -> None:
        await self._change(topics, {})

    async def _unsubscribe(self, topics: dict[str, list[str]]) -> None:
        await self._change({}, topics)

    async def _change(self, add: dict[str, list[str]], remove: dict[str, list[str]]) -> None:
        env, now = self._server.env, self._server.clock.now()
        for topic in add | remove:
            users = add.get(topic, []), remove.get(topic, [])
            await self._server.server.store.topics.subscribe(env, topic, *users, now)

    async def _prefer(self, users: dict[str, Any]) -> None:
        for user, choices in users.items():
            await self._server.prefer(user, **choices)

    async def _push_provider_answers(self, answers: dict[str, Any]) -> None:
        for token, answer in answers.items():
            self._fcm.react(token, None)
            if answer != "accepted":
                self._fcm.fail(token, answer["status"], answer["code"])

    async def _mail_server_hangs(self, addresses: list[str]) -> None:
        self._mail.hang.update(addresses)

    async def _wait_for(self, _event: str) -> None:
        await asyncio.wait_for(self._mail.waiting.wait(), 5)

    async def _crash_and_start_again(self, _yes: bool) -> None:
        await self._server.crash()
        self._mail.hang.clear()
        await self._server.restart()
        await self._server.quiet()

    async def why(self, users: dict[str, Any]) -> dict[str, Any]:
        """The answers, as far as a case tells them."""
        found = {}
        for user in users:
            answer = await self._server.why(self.event, user)
            told = {name: answer[name] for name in WHY_FIELDS}
            told["channels"] = [
                {n: c[n] for n in CHANNEL_FIELDS if c.get(n) is not None} for c in told["channels"]
            ]
            found[user] = told
        return found

    def rows(self) -> dict[str, Any]:
        """All rows of the event; its random id is told as `evt`."""
        text = json.dumps(self._server.rows(self.event))
        found: dict[str, Any] = json.loads(text.replace(event_name(self.event), "evt"))
        return found

    def digest_rows(self, user: str) -> dict[str, Any]:
        """All rows of the digest that gathers the event for a user; its random id is `evt`."""
        ((digest,),) = self._server.select(
            "select digest from digest join digest_entry using (env, digest) join name"
            " on name.env = digest.env and name.number = digest.user"
            " where digest_entry.event = ? and name.kind = ? and name.name = ?",
            self.event, NameKind.USER, user,
        )  # fmt: skip
        text = json.dumps(self._server.rows(digest))
        found: dict[str, Any] = json.loads(text.replace(event_name(digest), "evt"))
        return found

    def left_the_house(self) -> dict[str, list[str]]:
        """Whom the providers were asked to tell, in any order."""
        mails = [mail.recipient for mail in self._mail.mails]
        return {
            "push": sorted(request.target for request in self._fcm.requests),
            "email": sorted(mails),
        }


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
async def test_a_worked_case_comes_true(
    path: Path, staged: Embedded, fcm: FakeFcm, mail_server: FakeSmtp
) -> None:
    case = json.loads(path.read_text())
    await set_up(staged, case["given"])
    play = Play(staged, fcm, mail_server)
    tables: dict[str, Any] = {}
    for moment in case["moments"]:
        await play.act(moment["do"])
        told = moment["then"]
        tables |= told.get("rows", {})
        assert play.rows() == {n: rows for n, rows in tables.items() if rows}, moment["moment"]
        for user, rows in told.get("digest_of", {}).items():
            assert play.digest_rows(user) == rows, moment["moment"]
        if "why" in told:
            assert await play.why(told["why"]) == told["why"], moment["moment"]
        if "left_the_house" in told:
            assert play.left_the_house() == told["left_the_house"], moment["moment"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_worked_case_begins_with_its_story(path: Path) -> None:
    case = json.loads(path.read_text())
    assert next(iter(case)) == "story"
    assert case["story"].endswith(".")
    assert all(moment["moment"] for moment in case["moments"])
