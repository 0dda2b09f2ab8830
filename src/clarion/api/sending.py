"""How events come in, as `/openapi.json` describes it; `clarion.api.intake` answers the routes."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import post
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)
from litestar.params import Body, HeaderParameter, JSONBody

from clarion.api.cloudevents import BATCHED, STRUCTURED
from clarion.api.describing import example_of, headers_of, route
from clarion.api.intake import AcceptedAnswer, BatchAnswer
from clarion.core.event import IncomingEvent
from clarion.errors import NotFoundError

EVENT_EXAMPLE: dict[str, Any] = {
    "type": "order.created",
    "id": "order-1000000123-created",
    "data": {"order_number": "1000000123", "store_id": "42"},
    "recipients": ["u1", {"id": "u3", "email": "c@example.org"}, {"topic": "store:42"}],
    "tags": {"order": "1000000123"},
}
EVENT_ID = "evt_06jt0mbh2dng3fmbqk6l5abq8s"
ACCEPTED_EXAMPLE = {"event_id": EVENT_ID, "status": "accepted", "workflows": ["order-created"]}

CLOUD_EXAMPLE = {
    "specversion": "1.0",
    "type": "order.created",
    "source": "/shop",
    "id": "1000000123",
    "data": {"order_number": "1000000123", "recipients": ["u1"]},
}


class BatchBody(msgspec.Struct, frozen=True):
    """Up to 1,000 events, 5 MiB in all."""

    events: list[IncomingEvent]


def _amend_post_event(operation: Operation) -> None:
    """What the signature does not say: CloudEvents, and the headers of the answer."""
    body, responses = operation.request_body, operation.responses
    if isinstance(body, RequestBody):
        cloud = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT), example=CLOUD_EXAMPLE)
        many = Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.OBJECT))
        body.content[STRUCTURED] = cloud
        body.content[BATCHED] = OpenAPIMediaType(schema=many, example=[CLOUD_EXAMPLE])
    answer = (responses or {}).get("202")
    if isinstance(answer, OpenAPIResponse):
        answer.headers = headers_of(
            {
                "Location": "Address of the event.",
                "Idempotency-Replayed": "`true` when the event was there before.",
                "RateLimit-Policy": "Of a key with a limit: what it may send.",
                "RateLimit": "Of a key with a limit: what is left of it.",
            }
        )


@post(
    "/v1/events",
    status_code=202,
    **route(
        "Send an event",
        "trigger",
        refuses=(409, 413, 415, 422, 429),
        example=ACCEPTED_EXAMPLE,
        amend=_amend_post_event,
        tag="events",
    ),
)
async def post_event(
    data: Annotated[  # noqa: ARG001 - described here, read by `intake`
        IncomingEvent, Body(examples=example_of(EVENT_EXAMPLE))
    ],
    idempotency_key: Annotated[  # noqa: ARG001
        str | None,
        HeaderParameter(
            name="Idempotency-Key", description="1 to 255 characters; makes a retry safe."
        ),
    ] = None,
) -> AcceptedAnswer:
    """Answers once the event is durable. The same `id` or Idempotency-Key again gives the first
    answer with `Idempotency-Replayed: true`; with another body, 422.
    `application/cloudevents+json`, `application/cloudevents-batch+json` and binary CloudEvents are
    taken here as well.
    """
    raise NotFoundError("events are taken at /v1/events exactly")


@post(
    "/v1/events/batch",
    status_code=202,
    **route(
        "Send many events",
        "trigger",
        refuses=(413, 415, 429),
        tag="events",
        example={"results": [{"index": 0, "status": "accepted", "event_id": EVENT_ID}]},
    ),
)
async def post_events(data: JSONBody[BatchBody]) -> BatchAnswer:  # noqa: ARG001
    """Each event is answered on its own: `accepted` with its id, or `refused` with a problem."""
    raise NotFoundError("batches are taken at /v1/events/batch exactly")


ROUTES = (post_event, post_events)
