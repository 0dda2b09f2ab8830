"""The reserved user 0: provider-side topics, and the webhook of an event that names nobody."""

from __future__ import annotations

from collections.abc import Iterable

from clarion.core.recipient import Recipient
from clarion.core.workflow import Channel
from clarion.pipeline.planning import nobody
from clarion.store.contract import Store

FCM_TOPIC = "fcm_topic"


async def nobody_of(store: Store, env: int, fcm_topics: Iterable[str], now: int) -> Recipient:
    """User 0 with the FCM topics that an event names as destinations."""
    topics = [
        await store.people.endpoint(env, Channel.PUSH, FCM_TOPIC, topic, now)
        for topic in fcm_topics
    ]
    return nobody({Channel.PUSH: tuple(topics)}, dict.fromkeys(topics, FCM_TOPIC))
