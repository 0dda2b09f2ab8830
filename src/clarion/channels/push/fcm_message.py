"""A message in FCM's words: the body of a request, and what is wrong with it before it leaves."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.core.delivery import Message, Outcome, OutcomeClass

MAX_BYTES = 4096
MAX_TOPIC_BYTES = 2048
MAX_TTL_SECONDS = 2_419_200
"""Four weeks: the longest that FCM keeps a message."""

_SECOND = 1_000_000
_MAX_COLLAPSE_BYTES = 64
_TOPIC = re.compile(r"[a-zA-Z0-9\-_.~%]{1,900}")
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?s?")
_TOKEN, _DELIVERY, _NOTIFICATION = "\0token", "\0delivery", "\0notification"
_MARKS = {msgspec.json.encode(name): name for name in (_TOKEN, _DELIVERY, _NOTIFICATION)}
_MARK = re.compile(b"|".join(re.escape(mark) for mark in _MARKS))


class Bodies:
    """Bodies of requests. Between messages of the same words (the very same: they are kept, so
    that no others can take their place) only the token and the ids change: what surrounds them is
    made with the second and kept from then on."""

    def __init__(self) -> None:
        self._content: dict[str, Any] | None = None
        self._frame: _Frame | None = None

    def of(self, message: Message, now: int) -> bytes | Outcome:
        """The body, or why there is none. `now` in microseconds UTC."""
        if message.content is not self._content:
            self._content, self._frame = message.content, None
            return _whole(message, now)  # most words are said once
        if self._frame is None or not self._frame.fits(message, now):
            self._frame = _framed(message, now)
        return _whole(message, now) if self._frame is None else self._frame.filled(message)


class _Frame:
    """The body around its token and ids."""

    def __init__(self, message: Message, now: int, pieces: list[tuple[bytes, str]]) -> None:
        self._moment = _moment(message, now)
        self._pieces = pieces

    def fits(self, message: Message, now: int) -> bool:
        """Whether a message of the same words has all else in common that is said once."""
        return _moment(message, now) == self._moment

    def filled(self, message: Message) -> bytes:
        """The body of a message that fits."""
        values = {
            "": b"",
            _TOKEN: msgspec.json.encode(message.address),
            _DELIVERY: msgspec.json.encode(_shortened(message.delivery_id)),
            _NOTIFICATION: msgspec.json.encode(message.notification_id),
        }
        return b"".join([part for text, name in self._pieces for part in (text, values[name])])


def _moment(message: Message, now: int) -> tuple[Any, ...]:
    """What a frame depends on beside its words: an expiry is written as an instant, too, and an id
    of another length weighs more."""
    ttl = message.ttl_seconds
    return (
        message.platform, message.silent, message.urgent, ttl,
        now // _SECOND if ttl is not None or "ttl" in message.content else 0,
        len(message.notification_id),
    )  # fmt: skip


def _framed(message: Message, now: int) -> _Frame | None:
    """None where a message is built by itself: it goes to a topic, is at fault, or its words hold
    our marks."""
    if message.platform == "fcm_topic" or not message.notification_id:
        return None
    if isinstance(_whole(message, now), Outcome):
        return None
    if _MARK.search(msgspec.json.encode(message.content)):
        return None
    marked = msgspec.structs.replace(
        message, address=_TOKEN, delivery_id=_DELIVERY, notification_id=_NOTIFICATION
    )
    body = msgspec.json.encode({"message": build_message(marked, now)})
    pieces: list[tuple[bytes, str]] = []
    at = 0
    for found in _MARK.finditer(body):
        pieces.append((body[at : found.start()], _MARKS[found[0]]))
        at = found.end()
    return _Frame(message, now, [*pieces, (body[at:], "")])


def _whole(message: Message, now: int) -> bytes | Outcome:
    fault = _fault(message)
    if fault is not None:
        return fault
    built = build_message(message, now)
    return _oversize(message, built) or msgspec.json.encode({"message": built})


def build_message(message: Message, now: int) -> dict[str, Any]:
    """The `message` of the request: content in FCM's words. `now` in microseconds UTC.

    A resend carries the same collapse id (the collapse key, else the delivery id), so that it
    replaces the first on the screen instead of standing beside it.
    """
    content = message.content
    notification = _notification(content)
    target = "topic" if message.platform == "fcm_topic" else "token"
    ttl = _ttl_seconds(message)
    built: dict[str, Any] = {
        target: message.address,
        "data": _data(message),
        "android": _android(message, ttl, alert=bool(notification)),
        "apns": _apns(message, ttl, now, alert=bool(notification)),
    }
    if notification:
        built["notification"] = notification
    if str(content.get("url", "")).startswith("https://"):
        built["webpush"] = {"fcm_options": {"link": content["url"]}}
    for block in ("android", "apns"):
        built[block] = _merged(built[block], content.get(block) or {})
    return built


def payload_bytes(built: Mapping[str, Any]) -> int:
    """Bytes of keys and values that count against FCM's limit."""
    return _weight(built.get("notification", {})) + _weight(built.get("data", {}))


def _fault(message: Message) -> Outcome | None:
    topic = message.platform == "fcm_topic"
    if not topic and message.platform not in ("", "fcm"):
        return _permanent("wrong_platform", f"a destination of {message.platform} is not for FCM")
    if topic and _TOPIC.fullmatch(message.address) is None:
        return _permanent("bad_topic", "a topic is 1 to 900 of a-z A-Z 0-9 - _ . ~ %")
    if not _SECONDS.fullmatch(str(message.content.get("ttl", "0"))):
        return _permanent("bad_ttl", "ttl is a number of seconds, such as 300")
    return None


def _oversize(message: Message, built: Mapping[str, Any]) -> Outcome | None:
    size = payload_bytes(built)
    limit = MAX_TOPIC_BYTES if message.platform == "fcm_topic" else MAX_BYTES
    if size <= limit:
        return None
    return _permanent("too_large", f"{size} bytes of keys and values; FCM takes {limit}")


def _permanent(code: str, detail: str) -> Outcome:
    return Outcome(kind=OutcomeClass.PERMANENT, code=code, detail=detail)


def _notification(content: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(content[name]) for name in ("title", "body", "image") if content.get(name)}


def _data(message: Message) -> dict[str, str]:
    data = {name: _text(value) for name, value in (message.content.get("data") or {}).items()}
    if message.content.get("url"):
        data.setdefault("url", str(message.content["url"]))
    data["notification_id"] = message.notification_id or message.delivery_id
    return data


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _collapse_id(message: Message) -> str:
    return _shortened(str(message.content.get("collapse_key") or message.delivery_id))


def _shortened(wanted: str) -> str:
    if len(wanted.encode()) <= _MAX_COLLAPSE_BYTES:
        return wanted
    return hashlib.sha256(wanted.encode()).hexdigest()


def _ttl_seconds(message: Message) -> float | None:
    known: list[float] = [] if message.ttl_seconds is None else [message.ttl_seconds]
    if "ttl" in message.content:
        known.append(float(str(message.content["ttl"]).removesuffix("s")))
    return min(max(min(known), 0), MAX_TTL_SECONDS) if known else None


def _is_high(message: Message) -> bool | None:
    if message.silent:
        return False
    priority = str(message.content.get("priority") or "").lower()
    if priority in ("high", "normal"):
        return priority == "high"
    return True if message.urgent else None


def _android(message: Message, ttl: float | None, *, alert: bool) -> dict[str, Any]:
    block: dict[str, Any] = {}
    if message.content.get("collapse_key"):
        block["collapse_key"] = str(message.content["collapse_key"])
    if ttl is not None:
        block["ttl"] = f"{ttl:.9f}".rstrip("0").removesuffix(".") + "s"
    high = _is_high(message)
    if high is not None:
        block["priority"] = "HIGH" if high else "NORMAL"
    if alert:
        block["notification"] = {"tag": _collapse_id(message)}
    return block


def _apns(message: Message, ttl: float | None, now: int, *, alert: bool) -> dict[str, Any]:
    headers = {"apns-collapse-id": _collapse_id(message)}
    if ttl is not None:
        headers["apns-expiration"] = str(int(now // _SECOND + ttl) if ttl else 0)
    high = _is_high(message)
    if not alert:
        headers["apns-priority"] = "5"  # APNs refuses silent pushes with any other
        return {"headers": headers, "payload": {"aps": {"content-available": 1}}}
    if high is not None:
        headers["apns-priority"] = "10" if high else "5"
    if message.silent:
        return {"headers": headers, "payload": {"aps": {"interruption-level": "passive"}}}
    return {"headers": headers}


def _merged(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(ours)
    for name, value in theirs.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(name), Mapping)
        merged[name] = _merged(merged[name], value) if both else value
    return merged


def _weight(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(len(name.encode()) + _weight(part) for name, part in value.items())
    return len(_text(value).encode())
