"""Audiences in numbers: what their names stand for, and how an event keeps them."""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.core.event import INLINE_RECIPIENTS
from clarion.pipeline.sketches import Part, Sketch

_encode = msgspec.json.Encoder().encode


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of the names that a group of events mentions."""

    users: dict[str, int]
    topics: dict[str, int]
    tenants: dict[str, int]


def topics_of(part: Part, numbers: Numbers) -> list[tuple[int, tuple[int, ...]]]:
    """The topics of an audience with who is excepted."""
    return [
        (numbers.topics[topic], tuple(numbers.users[user] for user in excepted))
        for topic, excepted in part.audience.topics
    ]


def audience_json(sketch: Sketch, numbers: Numbers) -> str:
    """How the audience was found, kept to answer "why was I not in it?"; users by number."""
    found = []
    more: dict[str, Any] = {"test": True} if sketch.draft.test else {}
    for part in sketch.parts:
        audience = part.audience
        users = [numbers.users[user] for user in audience.users]
        found.append(
            {
                "workflow": part.compiled.row.number,
                "expression": part.expression,
                "users": users if len(users) <= INLINE_RECIPIENTS else [],
                "named": len(users),
                "topics": [
                    [numbers.topics[topic], [numbers.users[user] for user in excepted]]
                    for topic, excepted in audience.topics
                ],
                "everyone": audience.everyone,
                "everyone_except": [numbers.users[user] for user in audience.everyone_except],
                "fcm_topics": audience.fcm_topics,
                **more,
            }
        )
    return _encode(found).decode()
