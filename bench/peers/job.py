"""One push, as the Python peers do it: statements, message, where it goes."""

from __future__ import annotations

import json
import os
from typing import Any

AUDIENCE = (
    "select user_id from preference where user_id > %s and user_id <= %s order by user_id limit %s"
)
PREFERENCE = "select push, token from preference where user_id = %s"
RECORD = """
insert into notification (event, user_id, status, provider_id) values (%s, %s, %s, %s)
on conflict do nothing
"""
CHUNK = 1_000
KEPT_SECONDS = 3_600
PATH = "/v1/projects/bench/messages:send"
HEADERS = {
    "Authorization": f"Bearer {os.environ.get('PROVIDER_TOKEN', '')}",
    "Content-Type": "application/json",
}


def numbered(statement: str) -> str:
    """The statement with `$1`, `$2` for drivers that want them."""
    for number in range(1, statement.count("%s") + 1):
        statement = statement.replace("%s", f"${number}", 1)
    return statement


def message(token: str, event: str) -> bytes:
    """The body of a push, in the form of FCM's."""
    body: dict[str, Any] = {
        "token": token,
        "notification": {
            "title": "Ann is live",
            "body": "Your favourite streamer has just gone live",
        },
        "data": {"event": event, "channel": "ann"},
        "android": {"collapse_key": event, "priority": "normal", "ttl": "3600s"},
        "apns": {"headers": {"apns-collapse-id": event, "apns-priority": "5"}},
    }
    return json.dumps({"message": body}).encode()


def provider_id(status: int, answer: bytes) -> str:
    """The id that the provider gave; RuntimeError when it refused, and the job is tried again."""
    if status != 200:
        raise RuntimeError(f"the provider answered {status}")
    return str(json.loads(answer)["name"])


def dedupe_key(event: str, user: int) -> str:
    """Where Valkey remembers that somebody has a job for an event."""
    return f"told:{event}:{user}"
