"""Why somebody was never considered for an event: how its audience was found, and what was
missing."""

from __future__ import annotations

from typing import Any

from clarion.clock import to_rfc3339
from clarion.core.ids import event_name
from clarion.core.plain_words import Verdict
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.directory import Directory
from clarion.store.contract import Store
from clarion.store.contract.events import EventRow
from clarion.store.contract.names import NameKind


class Outsiders:
    """Answers for people without a notification."""

    def __init__(self, store: Store, catalogs: CatalogService, directory: Directory) -> None:
        self._store = store
        self._catalogs = catalogs
        self._directory = directory

    async def answer(self, event: EventRow, user: str, number: int | None) -> dict[str, Any]:
        """The body of `why` for somebody who has no notification of the event."""
        audience = [await self._part(event, part, number) for part in event.audience]
        verdict, because = Verdict.NOT_IN_AUDIENCE, self._because(event, user, number, audience)
        if event.expanding:
            verdict = Verdict.WAITING
            because = (
                f"The event {event.type} is still being worked through; {user} has not been "
                "considered yet. Ask again in a moment."
            )
        return {
            "event_id": event_name(event.id),
            "user": user,
            "verdict": verdict.value,
            "because": because,
            "channels": [],
            "facts": {"audience": audience, "user_known": number is not None},
            "deliveries": [],
            "decided_at": to_rfc3339(event.accepted_at),
            "versions": {},
        }

    async def _part(
        self, event: EventRow, part: dict[str, Any], number: int | None
    ) -> dict[str, Any]:
        """How one workflow found its audience, in names."""
        env = event.env
        topics = []
        for topic, excepted in part["topics"]:
            subscribed = number is not None and bool(
                await self._store.topics.subscribed(env, [topic], [number])
            )
            topics.append(
                {
                    "topic": await self._directory.name(env, NameKind.TOPIC, topic),
                    "excepted": number in excepted,
                    "subscribed_now": subscribed,
                }
            )
        return {
            "workflow": await self._directory.name(env, NameKind.WORKFLOW, part["workflow"]),
            "expression": part["expression"],
            "named": part["named"],
            "topics": topics,
            "everyone": part["everyone"],
        }

    def _because(
        self, event: EventRow, user: str, number: int | None, audience: list[dict[str, Any]]
    ) -> str:
        if not event.workflows:
            return (
                f"No workflow listened to events of type {event.type} when this one came, so "
                "nobody was told. Put a workflow with this `on`, then send a new event."
            )
        ways = "; ".join(dict.fromkeys(_way(part, user) for part in audience))
        known = "" if number is not None else f" No user {user} has ever been seen here."
        return f"{user} was not in the audience of the event {event.type}: {ways}.{known}"


def _way(part: dict[str, Any], user: str) -> str:
    ways = []
    if part["named"]:
        ways.append(f"it named {part['named']} recipient(s), {user} was not one of them")
    for topic in part["topics"]:
        if topic["excepted"]:
            ways.append(f"the event excepted {user} from the topic {topic['topic']}")
        elif topic["subscribed_now"]:
            ways.append(
                f"it went to the topic {topic['topic']}, which {user} joined only afterwards"
            )
        else:
            ways.append(
                f"it went to the subscribers of the topic {topic['topic']}, and {user} is not one"
            )
    if part["everyone"]:
        ways.append(f"it went to all users, and {user} was not one at the time or was excepted")
    return " and ".join(ways) or "it named no recipients and the workflow has no audience"
