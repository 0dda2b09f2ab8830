"""Sending a notification again: a new event from what is kept of the old one."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter

from clarion.api.auth import Asker, Keyring
from clarion.api.describing import route
from clarion.api.intake import idempotency_key
from clarion.api.naming import Named, named
from clarion.api.services import Services
from clarion.clock import to_rfc3339
from clarion.core.event import IncomingEvent, IncomingMention
from clarion.core.ids import event_name, is_digest, notification_key, notification_name
from clarion.errors import NotFoundError, StandingError
from clarion.store.contract.events import EventRow

AGAIN_OF = "again_of"
"""The tag of the new event that leads to the notification it repeats."""

MOST_TAGS = 32


class AgainAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The new event, and the notification that it comes to; `again_of` is the one that was sent
    again, which is also a tag of the new event."""

    event_id: str
    notification_id: str
    again_of: str
    status: str = "accepted"


AGAIN_EXAMPLE = {
    "event_id": "evt_019b7cd1c4b27a318e1b6f0a7b9c2d4e",
    "notification_id": "ntf_06dntq1sm9t335oqdt05ndp4rg0000004000000000000a",
    "again_of": "ntf_06jt0mbh2dng3fmbqk6l5abq8s0000004000000000000a",
    "status": "accepted",
}


@post(
    "/v1/notifications/{notification:str}/send-again",
    status_code=202,
    **route(
        "Send a notification again",
        "trigger",
        refuses=(404, 409, 422),
        example=AGAIN_EXAMPLE,
        tag="what happened",
    ),
)
async def send_again(
    services: NamedDependency[Services],
    keyring: NamedDependency[Keyring],
    asker: NamedDependency[Asker],
    notification: FromPath[str],
    idempotency_key_: Annotated[
        str | None,
        HeaderParameter(
            name="Idempotency-Key", description="1 to 255 characters; makes a retry safe."
        ),
    ] = None,
) -> Response[AgainAnswer]:
    """A new event with the same data, for this user and this workflow (as it is now) only, tagged
    `again_of`. It is decided as any event: what the user chose since, caps and dedupe keys hold. A
    digest, a canceled event, and one whose data is kept no longer cannot be sent again.
    """
    key = idempotency_key(idempotency_key_)
    event, workflow, user = notification_key(notification)
    row = await services.store.ledger.notification(asker.env, event, workflow, user)
    origin = (await services.store.events.rows(asker.env, [event])).get(event)
    if row is None or origin is None:
        raise NotFoundError(f"there is no notification {notification}")
    _check(origin, user)
    mentioned = {who for kind, who in origin.mentions if kind in ("user", "reply")}
    names = await named(
        services, asker.env, users={user, origin.actor} | mentioned, workflows={workflow},
        tenants={origin.tenant}, topics={origin.about},
    )  # fmt: skip
    if user not in names.users or workflow not in names.workflows:
        raise NotFoundError("the user was erased since, or the workflow deleted; nobody to tell")
    keyring.charge(asker, 1)
    incoming = _incoming(origin, notification, names, (workflow, user), services.clock.now())
    accepted = await services.accepting.accept(
        asker.env, incoming, raw=f"again:{notification}".encode(), key=key
    )
    if accepted.problem is not None:
        raise accepted.problem
    answer = AgainAnswer(
        event_id=event_name(accepted.event),
        notification_id=notification_name(accepted.event, workflow, user),
        again_of=notification,
    )
    headers = {"Location": f"/v1/notifications/{answer.notification_id}"}
    if accepted.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(answer, headers=headers, status_code=202)


ROUTES = (send_again,)


def _check(origin: EventRow, user: int) -> None:
    """StandingError for what cannot be sent again, with what to do instead."""
    if is_digest(origin.id):
        raise StandingError("this is a digest; send the notifications again that it gathered")
    if user == 0:
        raise StandingError("this was for nobody in particular; send a new event")
    if origin.cancelled_at is not None:
        raise StandingError("the event was canceled; send a new one")
    if not origin.data_kept:
        raise StandingError("the event's data is kept no longer; send a new event")


def _incoming(
    origin: EventRow, notification: str, names: Named, to: tuple[int, int], now: int
) -> IncomingEvent:
    """The old event for one user; it holds as long from now on as the old one did from then."""
    workflow, user = to
    tags = {name: text for name, text in origin.tags.items() if name != AGAIN_OF}
    holds = None if origin.expires_at is None else origin.expires_at - origin.accepted_at
    return IncomingEvent(
        type=origin.type,
        data=origin.data,
        recipients=[names.users[user]],
        actor=names.users.get(origin.actor),
        tenant=names.tenants.get(origin.tenant),
        workflow=names.workflows[workflow],
        about=names.topics.get(origin.about),
        mentions=[
            mention for kind, who in origin.mentions if (mention := _mention(kind, who, names))
        ],
        silent=origin.silent,
        expires_at=None if holds is None else to_rfc3339(now + holds),
        correlation_id=origin.correlation,
        cancellation_key=origin.cancellation,
        tags={**dict([*tags.items()][: MOST_TAGS - 1]), AGAIN_OF: notification},
    )


def _mention(kind: str, who: Any, names: Named) -> str | IncomingMention | None:
    """A recorded mention as an event has it; None when whom it named was erased."""
    if kind == "everyone":
        return "everyone"
    if kind == "role":
        return IncomingMention(role=who)
    name = names.users.get(who)
    if name is None:
        return None
    return IncomingMention(reply=name) if kind == "reply" else name
