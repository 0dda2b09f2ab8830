"""Rows with defaults, for tests of the store."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.core.decision import DecisionRecord, Gate, Result, StepDecision
from clarion.core.ids import new_event_id
from clarion.core.recipient import Standing
from clarion.core.states import Bucket
from clarion.core.workflow import CHANNEL_NUMBER, Channel
from clarion.store.contract.events import EventWrite
from clarion.store.contract.people import UserWrite
from clarion.store.contract.work import (
    ContentWrite,
    DeliveryWrite,
    ItemWrite,
    MemberWrite,
    NotificationWrite,
    PageWrite,
)
from clarion.store.sql.store import SqlStore

ENV = 1
NOW = 1_760_000_000_000_000
LEASE = 30_000_000
SECOND = 1_000_000
WORKFLOW = 1


def an_event_id(n: int, at: int | None = None) -> bytes:
    """Ids that sort by `n`, a second apart unless `at` says otherwise."""
    instant = NOW + n * SECOND if at is None else at
    return new_event_id(instant, n.to_bytes(10, "big"))


def a_record(reason: str = "default", result: Result = Result.SEND) -> str:
    """An encoded DecisionRecord with one step."""
    record = DecisionRecord(
        decider=1,
        at=NOW,
        user_version=1,
        settings_version=0,
        defaults_version=0,
        standing=Standing.KNOWN,
        topic=0,
        mention="",
        duplicate=False,
        in_thread=True,
        paused=False,
        cancelled=False,
        whens={},
        destinations={},
        steps=(StepDecision(0, result, Gate.END, reason),),
    )
    return msgspec.json.encode(record).decode()


def a_notification(event: bytes, user: int, **changes: Any) -> NotificationWrite:
    """Skipped, unless the parts say otherwise."""
    values: dict[str, Any] = {
        "env": ENV,
        "event": event.hex(),
        "workflow": WORKFLOW,
        "user": user,
        "tenant": 0,
        "bucket": Bucket.SKIPPED,
        "open": 0,
        "waiting": 0,
        "sent": 0,
        "dead": 0,
        "decided": a_record(),
    }
    return NotificationWrite(**(values | changes))


def an_item(event: bytes, user: int, **changes: Any) -> ItemWrite:
    """The inbox item of step 0, in the words shared by everybody."""
    values: dict[str, Any] = {
        "env": ENV,
        "user": user,
        "tenant": 0,
        "event": event.hex(),
        "workflow": WORKFLOW,
        "step": 0,
        "locale": "en",
        "personal": 0,
        "alert": 1,
        "created_at": NOW,
        "expires_at": None,
    }
    return ItemWrite(**(values | changes))


def a_member(event: bytes, user: int, **changes: Any) -> MemberWrite:
    """A like of post 7, told with others; it is nobody's."""
    values: dict[str, Any] = {
        "env": ENV,
        "user": user,
        "tenant": 0,
        "event": event.hex(),
        "workflow": WORKFLOW,
        "step": 0,
        "locale": "en",
        "alert": 1,
        "created_at": NOW,
        "expires_at": None,
        "actor": 0,
        "key": "7",
        "reopen": 1,
    }
    return MemberWrite(**(values | changes))


def a_delivery(event: bytes, user: int, destination: int, **changes: Any) -> DeliveryWrite:
    """A push delivery of step 1 that is due."""
    values: dict[str, Any] = {
        "env": ENV,
        "event": event.hex(),
        "workflow": WORKFLOW,
        "user": user,
        "step": 1,
        "channel": CHANNEL_NUMBER[Channel.PUSH],
        "destination": destination,
        "account": "fcm",
        "lane": 1,
        "tenant": 0,
        "due": NOW,
        "created_at": NOW,
        "expires_at": None,
        "ordering_key": None,
    }
    return DeliveryWrite(**(values | changes))


def some_content(event: bytes, title: str, **changes: Any) -> ContentWrite:
    """The words of step 0 in English for everybody."""
    values: dict[str, Any] = {
        "env": ENV,
        "event": event.hex(),
        "workflow": WORKFLOW,
        "step": 0,
        "locale": "en",
        "user": 0,
        "body": msgspec.json.encode({"title": title}).decode(),
    }
    return ContentWrite(**(values | changes))


def an_event(event: bytes, page: PageWrite | None = None, **changes: Any) -> EventWrite:
    """An event that was decided on acceptance."""
    values: dict[str, Any] = {
        "env": ENV,
        "id": event,
        "type": "order.created",
        "tenant": 0,
        "actor": 0,
        "about": 0,
        "silent": False,
        "accepted_at": NOW,
        "expires_at": None,
        "correlation": None,
        "cancellation": None,
        "ordering_key": None,
        "mentions": "[]",
        "audience": "[]",
        "data": "{}",
        "lane": 1,
        "page": page,
    }
    return EventWrite(**(values | changes))


def an_item_page(event: bytes, user: int, **changes: Any) -> PageWrite:
    """One notification that is an inbox item and nothing else."""
    return PageWrite(
        notifications=[a_notification(event, user, bucket=Bucket.SENT, sent=1)],
        items=[an_item(event, user, **changes)],
        contents=[some_content(event, f"for {user}")],
    )


def a_member_page(event: bytes, user: int, **changes: Any) -> PageWrite:
    """One notification that is told by an item that tells others as well."""
    return PageWrite(
        notifications=[a_notification(event, user, bucket=Bucket.SENT, sent=1)],
        members=[a_member(event, user, **changes)],
    )


def a_push_page(event: bytes, user: int, destination: int) -> PageWrite:
    """One notification with an inbox item and a push that is to be sent."""
    return PageWrite(
        notifications=[a_notification(event, user, bucket=Bucket.OPEN, open=1, sent=1)],
        items=[an_item(event, user)],
        deliveries=[a_delivery(event, user, destination)],
        contents=[some_content(event, "both"), some_content(event, "mine", step=1, user=user)],
    )


async def a_user(store: SqlStore, id_: str, **fields: Any) -> int:
    """Number of a user written with these fields."""
    written = await store.people.write_users(ENV, [UserWrite(id=id_, changed=fields)], NOW)
    return written[0].number
