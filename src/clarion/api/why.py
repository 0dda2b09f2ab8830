"""Why somebody was told about an event, or was not."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from clarion.api.auth import Asker
from clarion.api.describing import route
from clarion.api.naming import event_of
from clarion.api.services import Services

EVENT_ID = "evt_06jt0mbh2dng3fmbqk6l5abq8s"

_SENTENCES = (
    "u1 has nothing set against it, so the inbox item was sent.",
    "It was within the quiet hours that u1 set, so the push was held until 07:00 on 3 January"
    " (Europe/Berlin).",
)
_NEXT = "u1 will be told by push after 07:00 on Saturday (Europe/Berlin)."
_DECIDED_AT = "2026-01-02T23:04:05.678901Z"
_UNTIL = "2026-01-03T06:00:00.000000Z"
_DUE = "2026-01-03T06:01:12.345678Z"

WHY_EXAMPLE: dict[str, Any] = {
    "event_id": EVENT_ID,
    "user": "u1",
    "verdict": "waiting",
    "because": " ".join(_SENTENCES),
    "channels": [
        {
            "workflow": "comment-added",
            "step": 0,
            "channel": "inbox",
            "result": "send",
            "reason": "level_all",
            "gate": "end",
            "scope": None,
            "decided_at": _DECIDED_AT,
            "n": 0,
            "text": _SENTENCES[0],
            "deliveries": [],
            "trace": [{"gate": "end", "verdict": "pass", "detail": "the level is all"}],
        },
        {
            "workflow": "comment-added",
            "step": 1,
            "channel": "push",
            "result": "hold",
            "reason": "quiet_hours",
            "gate": "quiet",
            "scope": "user",
            "decided_at": _DECIDED_AT,
            "n": 0,
            "text": _SENTENCES[1],
            "until": _UNTIL,
            "until_local": "07:00 on 3 January (Europe/Berlin)",
            "deliveries": [],
            "trace": [
                {
                    "gate": "quiet",
                    "verdict": "hold",
                    "detail": "the user's quiet hours",
                    "scope": "user",
                    "until": _UNTIL,
                }
            ],
        },
    ],
    "waits": [
        {
            "workflow": "comment-added",
            "step": 1,
            "channels": ["push"],
            "due": _DUE,
            "next": _NEXT,
        }
    ],
    "facts": {"now": _DECIDED_AT, "destinations": {"push": 1}},
    "deliveries": [
        {
            "id": "dlv_06jt0mbh2dng3fmbqk6l5abq8s0000004000000000000a01",
            "step": 2,
            "channel": "email",
            "status": "sent",
            "account": "mail",
            "attempts": 1,
            "outcome": "accepted",
            "code": "250",
            "detail": None,
            "provider_id": "q-17",
            "created_at": _DECIDED_AT,
            "updated_at": _DECIDED_AT,
            "next_try_at": None,
            "destination": {
                "platform": None,
                "app": None,
                "address": "u…@example.org",
                "disabled_at": None,
            },
        }
    ],
    "decided_at": _DECIDED_AT,
    "decision_kept": True,
    "zone": {"name": "Europe/Berlin", "from": "user"},
    "versions": {"user": 3, "preferences": 2, "decider": 2, "same_answer_today": True},
    "repeats": [],
    "timeline": [
        {
            "at": "2026-01-02T23:04:05.678901Z",
            "what": "accepted",
            "text": "The event comment.added was accepted.",
            "type": "comment.added",
        },
        {
            "at": _DECIDED_AT,
            "what": "decided",
            "text": " ".join(_SENTENCES),
            "workflow": "comment-added",
            "n": 0,
            "steps": [
                {"step": 0, "result": "send", "reason": "level_all"},
                {"step": 1, "result": "hold", "reason": "quiet_hours"},
            ],
        },
        {
            "at": _DUE,
            "what": "next",
            "text": _NEXT,
            "future": True,
            "workflow": "comment-added",
            "step": 1,
        },
    ],
}

STORY_EXAMPLE: dict[str, Any] = {
    "id": "ntf_06jt0mbh2dng3fmbqk6l5abq8s0000004000000000000a",
    "event_id": EVENT_ID,
    "event_type": "comment.added",
    "user": "u1",
    "workflow": "comment-added",
    "status": "held",
    "correlation_id": None,
    "tags": {},
    **{name: told for name, told in WHY_EXAMPLE.items() if name not in ("event_id", "user")},
    "content": [
        {
            "step": 0,
            "locale": "",
            "fields": {"title": "Ana commented"},
            "certain": True,
            "wanted": None,
        }
    ],
}


@get(
    "/v1/events/{event:str}/why",
    **route("Why was somebody told, or not?", refuses=(404,), example=WHY_EXAMPLE, tag="events"),
)
async def why_event(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    event: FromPath[str],
    user: Annotated[str, QueryParameter(description="The user in question.", max_length=256)],
) -> dict[str, Any]:
    """The verdict, each step with the answer in force and those before it, what comes next, and one
    timeline, in plain words; also for somebody who was never in the audience, and for a digest.
    The event is named by its id, or by the id it was sent with. Addresses are masked. `zone` is by
    whose clock it was decided. `repeats` are the event and the notification that told the same
    before a duplicate, while that is known.
    """
    key = await event_of(services, asker.env, event)
    return await services.explaining.why(asker.env, key, user)


ROUTES = (why_event,)
