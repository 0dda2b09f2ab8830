"""Why somebody was never considered for an event: how its audience was found, and what was
missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clarion.clock import to_rfc3339
from clarion.core.ids import event_name
from clarion.core.plain_words import Verdict
from clarion.core.suggestion import nearest
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.directory import Directory
from clarion.pipeline.hindsight import was_in
from clarion.pipeline.timeline import accepted, line_json
from clarion.store.contract import Store
from clarion.store.contract.broadcasts import Broadcast
from clarion.store.contract.events import EventRow
from clarion.store.contract.names import NameKind
from clarion.store.contract.topics import Stay

_NO_WAY = "named no recipients and the workflow has no audience"


class Outsiders:
    """Answers for people without a notification."""

    def __init__(self, store: Store, catalogs: CatalogService, directory: Directory) -> None:
        self._store = store
        self._catalogs = catalogs
        self._directory = directory

    async def answer(
        self,
        event: EventRow,
        user: str,
        number: int | None,
        broadcasts: Sequence[Broadcast] = (),
    ) -> dict[str, Any]:
        """The body of `why` for somebody who has no notification of the event; `broadcasts` are
        those of it."""
        audience = [
            await self._part(event, part, number, _of_workflow(broadcasts, part["workflow"]))
            for part in event.audience
        ]
        verdict, because = Verdict.NOT_IN_AUDIENCE, _because(event, user, number, audience)
        if not event.workflows:
            because += await self._meant(event)
        if any(topic["member"] for part in audience for topic in part["topics"]):
            verdict = Verdict.NOT_TOLD
            because = (
                f"{user} did not look at the inbox while the data of the event {event.type} was "
                "kept, so nobody can say any more what it would have told."
            )
        elif event.expanding > sum(not one.counted for one in broadcasts):
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
            "waits": [],
            "facts": {"audience": audience, "user_known": number is not None},
            "deliveries": [],
            "decided_at": to_rfc3339(event.accepted_at),
            "decision_kept": True,
            "versions": {},
            "timeline": [line_json(accepted(event.type, event.accepted_at))],
        }

    async def _part(
        self, event: EventRow, part: dict[str, Any], number: int | None, one: Broadcast | None
    ) -> dict[str, Any]:
        """How one workflow found its audience, in names."""
        env = event.env
        topics = []
        cut = await self._in_cut(env, part, number)
        for topic, excepted in part["topics"]:
            stay = None
            if number is not None:
                stay = await self._store.topics.stay(env, topic, number)
            topics.append(
                {
                    "topic": await self._directory.name(env, NameKind.TOPIC, topic),
                    "excepted": number in excepted,
                    "subscribed_now": stay is not None and stay.until is None,
                    "left": _left(stay, event.accepted_at),
                    **({"cut": cut} if cut is not None else {}),
                    **await self._then(one, number, number in excepted),
                }
            )
        return {
            "workflow": await self._directory.name(env, NameKind.WORKFLOW, part["workflow"]),
            "expression": part["expression"],
            "named": part["named"],
            "topics": topics,
            "everyone": part["everyone"],
            "everyone_excepted": number in part.get("everyone_except", ()),
            "tenant": await self._directory.name(env, NameKind.TENANT, event.tenant),
            "fcm_topics": part.get("fcm_topics", []),
            **({"cut": cut} if cut is not None else {}),
        }

    async def _in_cut(self, env: int, part: dict[str, Any], number: int | None) -> bool | None:
        """Whether the audience that was cut for a blast held a user; None when it was cut for none,
        or is kept no longer."""
        if "blast" not in part or number is None:
            return None
        return await self._store.blasts.holds(env, part["blast"], number)

    async def _then(
        self, one: Broadcast | None, number: int | None, excepted: bool
    ) -> dict[str, Any]:
        """How somebody stood to the topic of a broadcast when it was published."""
        if one is None or number is None:
            return {"member": False}
        spans = await self._store.broadcasts.spans(one.env, one.topic, number)
        at = one.published_at
        return {
            "member": not excepted and was_in(spans, at),
            "left_before": any(until is not None and until <= at for _, until in spans),
            "joined_later": any(since > at for since, _ in spans),
        }

    async def _meant(self, event: EventRow) -> str:
        """A sentence about the type that its sender may have meant, as workflows are now."""
        rows = (await self._catalogs.current(event.env)).workflows
        types = {row.workflow.on for row in rows}
        if event.type in types:
            return " One does now; what came before it stays untold."
        near = nearest(event.type, types)
        return f" Was {near} meant? A workflow listens to that." if near else ""


def _because(event: EventRow, user: str, number: int | None, audience: list[dict[str, Any]]) -> str:
    if not event.workflows:
        return (
            f"No workflow listened to events of type {event.type} when this one came, so "
            "nobody was told."
        )
    if number is None:
        ways = "; ".join(dict.fromkeys(_way(part) for part in audience))
        return (
            f"No user {user} is known here: there never was one, or they were erased since. "
            f"The event {event.type} {ways}."
        )
    ways = "; ".join(dict.fromkeys(_way_past(part, user) for part in audience))
    return f"{user} was not in the audience of the event {event.type}: {ways}."


def _left(stay: Stay | None, accepted_at: int) -> str | None:
    """Why somebody who was subscribed when the event came was not reached: `topic_ended` or
    `unsubscribed`."""
    if stay is None or stay.until is None or not stay.since <= accepted_at <= stay.until:
        return None
    ended = stay.ended_at is not None and stay.ended_at <= stay.until
    return "topic_ended" if ended else "unsubscribed"


def _of_workflow(broadcasts: Sequence[Broadcast], workflow: int) -> Broadcast | None:
    return next((one for one in broadcasts if one.workflow == workflow), None)


def _way(part: dict[str, Any]) -> str:
    """How an audience was found, without a word about anybody."""
    ways = []
    if part["named"]:
        ways.append(
            "named 1 recipient" if part["named"] == 1 else f"named {part['named']} recipients"
        )
    ways += [f"went to the subscribers of the topic {topic['topic']}" for topic in part["topics"]]
    if part["everyone"]:
        ways.append(f"went to {_everyone(part)}")
    if part["fcm_topics"]:
        ways.append("went to a topic at FCM")
    return " and ".join(ways) or _NO_WAY


def _way_past(part: dict[str, Any], user: str) -> str:
    """How an audience was found, and why a known user was not in it."""
    ways = []
    if part["named"]:
        others = "somebody else" if part["named"] == 1 else f"{part['named']} others"
        ways.append(f"it named {others}")
    ways += [_past_topic(topic, user) for topic in part["topics"]]
    if part["everyone_excepted"]:
        ways.append(f"the event excepted {user} from {_everyone(part)}")
    elif part["everyone"]:
        yet = "" if part["tenant"] else " yet"
        ways.append(f"it went to {_everyone(part)}, and {user} was not one{yet}")
    if part["fcm_topics"]:
        ways.append("it went to a topic at FCM, and who hears that only FCM knows")
    return " and ".join(ways) or f"it {_NO_WAY}"


def _past_topic(topic: dict[str, Any], user: str) -> str:
    name = topic["topic"]
    if topic["excepted"]:
        return f"the event excepted {user} from the topic {name}"
    if topic.get("cut") and not topic["subscribed_now"]:
        return (
            f"it went to the subscribers of the topic {name} as they were cut before it was fired, "
            f"and {user} has left it since"
        )
    if topic.get("joined_later") and topic.get("left_before"):
        return (
            f"it went to the topic {name}, which {user} had left and joined again only afterwards"
        )
    if topic.get("left_before"):
        return f"it went to the topic {name}, which {user} had left before"
    if topic["subscribed_now"] or topic.get("joined_later"):
        return f"it went to the topic {name}, which {user} joined only afterwards"
    if topic["left"] == "topic_ended":
        return f"it went to the topic {name}, which was deleted before {user} was reached"
    if topic["left"] == "unsubscribed":
        return f"it went to the topic {name}, which {user} left before being reached"
    return f"it went to the subscribers of the topic {name}, and {user} is not one"


def _everyone(part: dict[str, Any]) -> str:
    if part["tenant"]:
        return f"the members of the organisation {part['tenant']}"
    return "all users"
