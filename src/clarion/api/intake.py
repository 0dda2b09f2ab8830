"""The short way in for events: bare ASGI in front of the router, since everything comes through
here.

The body is read once with its limit, decoded once, and answered with bytes. The routes are
described for `/openapi.json` in `clarion.api.sending`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from litestar.types import Receive, Scope, Send

from clarion.api import cloudevents
from clarion.api.auth import Asker, Keyring
from clarion.api.bodies import Bodies, Place
from clarion.api.discretion import Discretion
from clarion.api.problems import (
    MEDIA_TYPE,
    Problem,
    RefusedError,
    problem_of,
    refusal_of,
)
from clarion.api.reading import check_event, decoded
from clarion.api.services import Services
from clarion.api.statics import NOSNIFF
from clarion.core.event import (
    BATCH_LIMIT_BYTES,
    BATCH_LIMIT_EVENTS,
    EVENT_LIMIT_BYTES,
    IncomingEvent,
)
from clarion.core.ids import event_name
from clarion.pipeline.contract import Accepted
from clarion.tracing import Origin, TraceContext, origins, read_context, tracer

JSON_TYPES = ("", "application/json", "text/json")

_JSON_HEADER = (b"content-type", b"application/json")
_REPLAYED_HEADER = (b"idempotency-replayed", b"true")


class AcceptedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer to an event. `workflows` are the keys that listen to its type; there may be none."""

    event_id: str
    status: str = "accepted"
    workflows: Sequence[str] = ()


class BatchResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one event of a batch: `accepted` with its id, or `refused` with a problem."""

    index: int
    status: str
    event_id: str | None = None
    workflows: Sequence[str] | None = None
    replayed: bool = False
    problem: Problem | None = None


class BatchAnswer(msgspec.Struct, frozen=True):
    """Answer to a batch, in the order of its events."""

    results: list[BatchResult]


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a batch; each event is decoded on its own, so that one mistake refuses one event."""

    events: list[msgspec.Raw]


Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers, body."""

_EVENT = msgspec.json.Decoder(IncomingEvent)
_BATCH = msgspec.json.Decoder(Batch)
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_ENCODER = msgspec.json.Encoder()
_CANONICAL = msgspec.json.Encoder(order="deterministic")


class Intake:
    """Answers `POST /v1/events` and `POST /v1/events/batch`."""

    def __init__(self, services: Services, keyring: Keyring, bodies: Bodies | None = None) -> None:
        self._services = services
        self._keyring = keyring
        self._bodies = bodies or Bodies()
        self._discretion = Discretion(services.clock)

    async def event(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One event, or what its media type says: a CloudEvent, or a batch of them."""
        await self._answer(scope, receive, send, batch=False)

    async def batch(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Many events, each answered on its own."""
        await self._answer(scope, receive, send, batch=True)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, *, batch: bool) -> None:
        headers = _headers(scope)
        asker: Asker | None = None
        place: Place | None = None
        try:
            asker = await self._keyring.asker(headers.get("authorization"))
            asker.need("trigger")
            place = self._bodies.place(asker.key)
            status, sent, body = await self._accept(asker, headers, receive, place, batch=batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets a problem
            status, sent, body = self._refuse(self._discretion.told(error, asker), headers)
        finally:
            if place is not None:
                place.leave()
        if asker is not None and asker.quota is not None:
            self._tell_limit(asker, sent)
        sent += [(b"content-length", str(len(body)).encode()), NOSNIFF]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _tell_limit(self, asker: Asker, sent: list[tuple[bytes, bytes]]) -> None:
        """The state of the key's bucket, unless the answer tells of another bound already."""
        if all(name != b"ratelimit" for name, _ in sent):
            fields = self._keyring.fields(asker)
            sent += [(name.lower().encode(), text.encode()) for name, text in fields.items()]

    async def _accept(
        self,
        asker: Asker,
        headers: Mapping[str, str],
        receive: Receive,
        place: Place,
        *,
        batch: bool,
    ) -> Answer:
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        mode = cloudevents.mode_of(media_type, headers)
        _check_media_type(media_type, mode, headers)
        key = idempotency_key(headers.get("idempotency-key"))
        self._keyring.charge(asker, 1)
        hop = _hop(headers) if tracer.on else None
        if batch or mode == "batched":
            raw = await place.read(receive, headers, BATCH_LIMIT_BYTES)
            return await self._accept_many(asker, raw, key, hop, events_in_cloud=mode == "batched")
        raw = await place.read(receive, headers, EVENT_LIMIT_BYTES)
        if mode == "structured":
            event = cloudevents.structured(raw)
        elif mode == "binary":
            event = cloudevents.binary(headers, media_type, raw)
        else:
            event = _plain(raw)
        check_event(event, raw)
        if tracer.on:
            origins.set([_origin(hop, mode, headers, raw)])
        accepted = await self._services.accepting.accept(
            asker.env, event, raw=_CANONICAL.encode(event), key=key
        )
        return _accepted(accepted)

    async def _accept_many(
        self,
        asker: Asker,
        raw: bytes,
        key: str | None,
        hop: TraceContext | None,
        *,
        events_in_cloud: bool,
    ) -> Answer:
        parts = decoded(_LIST, raw) if events_in_cloud else decoded(_BATCH, raw).events
        if len(parts) > BATCH_LIMIT_EVENTS:
            raise RefusedError(
                413, f"a batch has up to {BATCH_LIMIT_EVENTS} events, this one {len(parts)}"
            )
        self._keyring.settle(asker, len(parts))
        place = "" if events_in_cloud else "/events"
        results: list[BatchResult | None] = [None] * len(parts)
        events: list[IncomingEvent] = []
        indexes: list[int] = []
        for index, part in enumerate(parts):
            try:
                events.append(_one_of_batch(part, f"{place}/{index}", cloud=events_in_cloud))
                indexes.append(index)
            except RefusedError as refusal:
                results[index] = _refused(index, refusal)
        if tracer.on:
            mode = "structured" if events_in_cloud else None
            origins.set([_origin(hop, mode, {}, parts[index]) for index in indexes])
        if events:
            answers = await self._services.accepting.accept_batch(
                asker.env, events, raw=raw, key=key
            )
            for index, accepted in zip(indexes, answers, strict=True):
                if accepted.problem is None:
                    results[index] = _result(index, accepted)
                else:
                    told = self._discretion.told(accepted.problem, asker)
                    results[index] = _refused(index, told)
        answer = BatchAnswer([result for result in results if result is not None])
        return 202, [_JSON_HEADER], _ENCODER.encode(answer)

    def _refuse(self, error: Exception, headers: Mapping[str, str]) -> Answer:
        refusal = refusal_of(error)
        request_id = request_id_of(headers.get("x-request-id"), self._services)
        sent = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"cache-control", b"no-store"),
            (b"x-request-id", request_id.encode()),
        ]
        sent += [(name.lower().encode(), v.encode()) for name, v in refusal.headers.items()]
        return refusal.status, sent, _ENCODER.encode(problem_of(refusal, request_id))


def request_id_of(given: str | None, services: Services) -> str:
    """The client's own X-Request-Id when it is a decent one, else a fresh one."""
    if given and len(given) <= 128 and given.isascii() and given.isprintable():
        return given
    return "req_" + services.chance(8).hex()


def idempotency_key(header: str | None) -> str | None:
    """The value of `Idempotency-Key`, quoted (a structured-field string) or bare; 1 to 255
    characters.
    """
    if header is None:
        return None
    key = header.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    if not key or len(key) > 255 or not key.isascii() or not key.isprintable():
        detail = "the Idempotency-Key has to be 1 to 255 printable ASCII characters"
        raise RefusedError(400, detail, parameter="Idempotency-Key")
    return key


def _headers(scope: Scope) -> dict[str, str]:
    found = {name.decode("latin-1"): v.decode("latin-1") for name, v in scope["headers"]}
    if tracer.on and "tracestate" in found:  # one list, in however many headers
        states = [v.decode("latin-1") for name, v in scope["headers"] if name == b"tracestate"]
        found["tracestate"] = ",".join(states)
    return found


def _hop(headers: Mapping[str, str]) -> TraceContext | None:
    return read_context(headers.get("traceparent"), headers.get("tracestate"))


def _origin(
    hop: TraceContext | None, mode: str | None, headers: Mapping[str, str], raw: bytes | msgspec.Raw
) -> Origin:
    """Where an event comes from: the hop, and what the producer wrote into a CloudEvent."""
    made = None
    if mode == "binary":
        made = cloudevents.producer_context_of(headers)
    elif mode == "structured":
        made = cloudevents.producer_context(raw)
    return Origin(hop, made)


def _check_media_type(media_type: str, mode: str | None, headers: Mapping[str, str]) -> None:
    coding = headers.get("content-encoding", "identity").lower()
    if coding != "identity":
        raise RefusedError(415, "compressed bodies are not understood; send it as it is")
    if mode is None and media_type not in JSON_TYPES and not media_type.endswith("+json"):
        raise RefusedError(
            415, f"send JSON with Content-Type: application/json, not {media_type!r}"
        )


def _one_of_batch(part: msgspec.Raw, at: str, *, cloud: bool) -> IncomingEvent:
    raw = memoryview(part)
    if len(raw) > EVENT_LIMIT_BYTES:
        raise RefusedError(413, f"an event has up to {EVENT_LIMIT_BYTES // 1024} KiB", pointer=at)
    event = cloudevents.structured(part, at) if cloud else _plain(part, at)
    return check_event(event, raw, at)


def _accepted(accepted: Accepted) -> Answer:
    if accepted.problem is not None:
        raise accepted.problem
    name = event_name(accepted.event)
    body = _ENCODER.encode(AcceptedAnswer(event_id=name, workflows=accepted.workflows))
    headers = [_JSON_HEADER, (b"location", b"/v1/events/" + name.encode())]
    if accepted.replayed:
        headers.append(_REPLAYED_HEADER)
    return 202, headers, body


def _result(index: int, accepted: Accepted) -> BatchResult:
    return BatchResult(
        index=index,
        status="accepted",
        event_id=event_name(accepted.event),
        workflows=accepted.workflows,
        replayed=accepted.replayed,
    )


def _refused(index: int, error: Exception) -> BatchResult:
    return BatchResult(index=index, status="refused", problem=problem_of(refusal_of(error), ""))


def _plain(raw: bytes | msgspec.Raw, at: str = "") -> IncomingEvent:
    """An event in words of our own; a CloudEvent that came as plain JSON is told how to come."""
    try:
        return decoded(_EVENT, raw, at)
    except RefusedError as refusal:
        place = at + "/specversion"
        if all(error.pointer != place for error in refusal.errors):
            raise
        media_type = cloudevents.BATCHED if at else cloudevents.STRUCTURED
        detail = f"this is a CloudEvent; send it with Content-Type: {media_type}"
        raise RefusedError(400, detail, pointer=place) from None
