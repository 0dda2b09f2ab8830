"""CloudEvents 1.0 over HTTP (core and HTTP binding 1.0.2, JSON format 1.0.2) -> the events we take
in.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec

from clarion.api.problems import RefusedError
from clarion.api.reading import LONGEST_ID, check_depth, decoded
from clarion.clock import from_rfc3339
from clarion.core.event import IncomingEvent, IncomingRecipient
from clarion.tracing import TraceContext, read_context

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"

_NAME = re.compile(r"[a-z0-9]+")
_URI_REFERENCE = re.compile(r"[!#-;=?-\[\]_a-z~]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


class _Traced(msgspec.Struct):
    traceparent: str | None = None
    tracestate: str | None = None


_TRACED = msgspec.json.Decoder(_Traced)
_OBJECT = msgspec.json.Decoder(dict[str, Any])
_ANY = msgspec.json.Decoder(Any)
_MOST_INTEGER = 2**31


def mode_of(media_type: str, headers: Mapping[str, str]) -> str | None:
    """`structured`, `batched`, `binary`, or None when it is no CloudEvent; RefusedError 415 for
    other formats.

    `media_type` is the lower-case type without parameters; `headers` have lower-case names.
    """
    if media_type == STRUCTURED:
        return "structured"
    if media_type == BATCHED:
        return "batched"
    if media_type.startswith("application/cloudevents"):
        raise RefusedError(
            415, f"CloudEvents are taken as {STRUCTURED}, as {BATCHED}, or in binary mode"
        )
    return "binary" if "ce-specversion" in headers else None


def structured(raw: bytes | msgspec.Raw, at: str = "") -> IncomingEvent:
    """One event in the JSON format."""
    event = decoded(_OBJECT, raw, at)
    if "data" in event and "data_base64" in event:
        raise RefusedError(
            400, "an event has `data` or `data_base64`, not both", pointer=at + "/data"
        )
    attributes = {name: v for name, v in event.items() if name not in ("data", "data_base64")}
    for name in attributes:
        if not _NAME.fullmatch(name):
            raise RefusedError(400, f"{name!r} is no attribute's name (a-z and 0-9)", pointer=at)
    data = event.get("data")
    if "data_base64" in event:
        data = _from_base64(event["data_base64"], attributes, at)
    return _incoming(attributes, data, at)


def binary(headers: Mapping[str, str], media_type: str, raw: bytes) -> IncomingEvent:
    """One event whose attributes are headers; `raw` is its data, which has to be JSON."""
    attributes: dict[str, Any] = {
        name[3:]: header_value(value) for name, value in headers.items() if name.startswith("ce-")
    }
    if "datacontenttype" in attributes:
        raise RefusedError(
            400,
            "in binary mode Content-Type says what the data is: remove the header "
            "ce-datacontenttype",
        )
    if raw and not _is_json(media_type):
        raise RefusedError(415, "the data of an event has to be JSON; send it as application/json")
    return _incoming(attributes, decoded(_ANY, raw, "/data") if raw else None, "")


def header_value(text: str) -> str:
    """The value of a `ce-` header: quotes removed, percent-encoding decoded once as UTF-8.

    RefusedError 400 for what is no UTF-8, for a broken percent sign and for an unfinished quote.
    """
    if text.startswith('"'):
        if not _QUOTED.fullmatch(text):
            raise RefusedError(400, "a ce- header has a quote that does not end")
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    if _BAD_PERCENT.search(text):
        raise RefusedError(400, "a ce- header has a % that is not followed by two hex digits")
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise RefusedError(
            400, "a ce- header is not UTF-8 once its percent-encoding is undone"
        ) from None


def producer_context(raw: bytes | msgspec.Raw) -> TraceContext | None:
    """The extension attributes `traceparent` and `tracestate` of an event in the JSON format; None
    where there are none that can be used."""
    try:
        found = _TRACED.decode(raw)
    except msgspec.MsgspecError:
        return None
    return read_context(found.traceparent, found.tracestate)


def producer_context_of(headers: Mapping[str, str]) -> TraceContext | None:
    """The same in binary mode."""
    return read_context(headers.get("ce-traceparent"), headers.get("ce-tracestate"))


def event_id(source: str, event: str) -> str:
    """The id that stands for (source, id): `<source> <id>`, or its hash where that is too long."""
    whole = f"{source} {event}"
    if len(whole) <= LONGEST_ID:
        return whole
    return "sha256:" + hashlib.sha256(whole.encode()).hexdigest()


def _incoming(attributes: dict[str, Any], data: Any, at: str) -> IncomingEvent:
    _check_attributes(attributes, at)
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise RefusedError(
            400, "the data of an event has to be a JSON object", pointer=at + "/data"
        )
    return IncomingEvent(
        type=attributes["type"],
        id=event_id(attributes["source"], attributes["id"]),
        data=data,
        recipients=_recipients(data, at),
        actor=_text(attributes, "actor", at),
        tenant=_text(attributes, "tenant", at),
        about=_text(attributes, "subject", at),
        expires_at=_instant(attributes, "expirytime", at),
        correlation_id=_text(attributes, "correlationid", at),
        ordering_key=_text(attributes, "partitionkey", at),
    )


def _check_attributes(attributes: dict[str, Any], at: str) -> None:
    for name in ("specversion", "id", "source", "type"):
        if not isinstance(attributes.get(name), str) or not attributes[name].strip():
            raise RefusedError(
                400, f"a CloudEvent needs {name!r}, not empty", pointer=f"{at}/{name}"
            )
    if attributes["specversion"] != "1.0":
        raise RefusedError(400, "only CloudEvents 1.0 are understood", pointer=at + "/specversion")
    if not _URI_REFERENCE.fullmatch(attributes["source"]):
        raise RefusedError(400, "the source is no URI reference", pointer=at + "/source")
    if isinstance(attributes.get("recipients"), list):
        raise RefusedError(
            400, "recipients stand inside data; move them there", pointer=at + "/recipients"
        )
    for name, value in attributes.items():
        _check_value(value, f"{at}/{name}")
    _instant(attributes, "time", at)


def _check_value(value: Any, pointer: str) -> None:
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise RefusedError(400, "it holds a control character; remove it", pointer=pointer)
        return
    small = isinstance(value, int) and -_MOST_INTEGER <= value < _MOST_INTEGER
    if value is not None and not isinstance(value, bool) and not small:
        detail = "an attribute is text, true, false or a whole number of 32 bits"
        raise RefusedError(400, detail, pointer=pointer)


def _text(attributes: dict[str, Any], name: str, at: str) -> str | None:
    value = attributes.get(name)
    if value is None or isinstance(value, str):
        return value
    raise RefusedError(400, "it has to be text", pointer=f"{at}/{name}")


def _instant(attributes: dict[str, Any], name: str, at: str) -> str | None:
    text = _text(attributes, name, at)
    if text is not None:
        try:
            from_rfc3339(text)
        except (ValueError, OverflowError):
            detail = "it has to be RFC 3339, as in 2026-01-02T03:04:05Z"
            raise RefusedError(400, detail, pointer=f"{at}/{name}") from None
    return text


def _recipients(data: dict[str, Any], at: str) -> list[str | IncomingRecipient] | None:
    named = data.get("recipients")
    if named is None:
        return None
    try:
        return msgspec.convert(named, list[str | IncomingRecipient])
    except msgspec.ValidationError as error:
        refusal = RefusedError(400, str(error), pointer=at + "/data/recipients")
        raise refusal from None


def _from_base64(text: Any, attributes: dict[str, Any], at: str) -> Any:
    media_type = str(attributes.get("datacontenttype") or "application/json")
    if not _is_json(media_type.partition(";")[0].strip().lower()):
        raise RefusedError(415, "the data of an event has to be JSON")
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        raise RefusedError(400, "it is not base64", pointer=at + "/data_base64") from None
    data = decoded(_ANY, raw, at + "/data_base64")
    # Whoever looks for deep data by the brackets of the body sees none of these.
    check_depth(data, at + "/data_base64")
    return data


def _is_json(media_type: str) -> bool:
    return media_type in ("", "application/json", "text/json") or media_type.endswith("+json")
