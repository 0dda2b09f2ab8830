"""Firebase Cloud Messaging, HTTP v1 (Firebase's REST reference and public discovery document)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from clarion.channels.contract import Capabilities, HttpAnswer, SettingField, Wire
from clarion.channels.push.google_token import AccessToken, TokenSource, read_service_account
from clarion.core.delivery import About, Message, Outcome, OutcomeClass
from clarion.core.retry_after import parse_retry_after
from clarion.core.workflow import Channel

MAX_BYTES = 4096
MAX_TOPIC_BYTES = 2048
MAX_TTL_SECONDS = 2_419_200
"""Four weeks: the longest that FCM keeps a message."""

_SECOND = 1_000_000
_QUOTA_WAIT_SECONDS = 60.0
_MAX_COLLAPSE_BYTES = 64
_TOPIC = re.compile(r"[a-zA-Z0-9\-_.~%]{1,900}")
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?s?")
_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_TOKEN_FIELDS = {"message.token", "message.fid"}

FCM = Capabilities(
    kind="fcm",
    channel=Channel.PUSH,
    title="Firebase Cloud Messaging",
    replaces=True,
    max_bytes=MAX_BYTES,
    in_flight=128,
    platforms=("fcm", "fcm_topic"),
    settings=(
        SettingField(
            name="service_account",
            meaning="the JSON of a service account's key",
            required=True,
            secret=True,
        ),
        SettingField(
            name="base_url",
            meaning="where FCM is",
            default="https://fcm.googleapis.com",
        ),
        SettingField(name="token_url", meaning="where tokens are; default: the key's token_uri"),
    ),
)


class FcmProvider:
    """Sends to a registration token (platform `fcm`) or to a topic (`fcm_topic`)."""

    capabilities = FCM

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """`settings` as FCM.settings says; SettingsError when the key is unusable."""
        account = read_service_account(settings["service_account"])
        self._tokens = TokenSource(account, settings.get("token_url") or account.token_uri)
        base_url = str(settings.get("base_url") or "https://fcm.googleapis.com").rstrip("/")
        self._url = f"{base_url}/v1/projects/{quote(account.project_id, safe='')}/messages:send"

    async def send(self, message: Message, wire: Wire) -> Outcome:
        """One POST; a second one with a fresh token when the first was refused for its token."""
        fault = _fault(message)
        if fault is not None:
            return fault
        built = build_message(message, wire.now())
        oversize = _oversize(message, built)
        if oversize is not None:
            return oversize
        body = msgspec.json.encode({"message": built})
        token = await self._tokens.get(wire)
        if isinstance(token, Outcome):
            return token
        answer = await self._post(body, token, wire)
        if answer.status == 401 and _error(answer).word not in _FOREIGN_CREDENTIALS:
            token = await self._tokens.replace(token, wire)
            if isinstance(token, Outcome):
                return token
            answer = await self._post(body, token, wire)
        outcome = read_answer(answer, wire.now())
        return msgspec.structs.replace(outcome, detail=outcome.detail.replace(token.text, "***"))

    async def _post(self, body: bytes, token: AccessToken, wire: Wire) -> HttpAnswer:
        headers = {
            "Authorization": f"Bearer {token.text}",
            "Content-Type": "application/json; charset=utf-8",
        }
        return await wire.post(self._url, headers=headers, body=body)


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
    wanted = str(message.content.get("collapse_key") or message.delivery_id)
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


class _Error(msgspec.Struct):
    """FCM's error as far as it decides. `word` is the FcmError code, else the RPC status."""

    word: str = ""
    from_fcm: bool = False
    message: str = ""
    fields: frozenset[str] = frozenset()


_FOREIGN_CREDENTIALS = {"THIRD_PARTY_AUTH_ERROR", "APNS_AUTH_ERROR"}
_ONE_TARGET = re.compile(r"\b(device|topic)\b.{0,20}\brate\b", re.IGNORECASE)
_BY_WORD = {
    "UNREGISTERED": OutcomeClass.DESTINATION_INVALID,
    "SENDER_ID_MISMATCH": OutcomeClass.DESTINATION_INVALID,
    "THIRD_PARTY_AUTH_ERROR": OutcomeClass.CONFIG,
    "APNS_AUTH_ERROR": OutcomeClass.CONFIG,
    "UNAUTHENTICATED": OutcomeClass.CREDENTIAL,
    "PERMISSION_DENIED": OutcomeClass.CREDENTIAL,
    "NOT_FOUND": OutcomeClass.CONFIG,
    "QUOTA_EXCEEDED": OutcomeClass.RETRY_AFTER,
    "RESOURCE_EXHAUSTED": OutcomeClass.RETRY_AFTER,
    "UNAVAILABLE": OutcomeClass.RETRY,
    "INTERNAL": OutcomeClass.RETRY,
    "DEADLINE_EXCEEDED": OutcomeClass.AMBIGUOUS,
}
_BY_STATUS = {
    401: OutcomeClass.CREDENTIAL,
    404: OutcomeClass.CONFIG,
    408: OutcomeClass.AMBIGUOUS,
    429: OutcomeClass.RETRY_AFTER,
    504: OutcomeClass.AMBIGUOUS,
}


def read_answer(answer: HttpAnswer, now: int) -> Outcome:
    """FCM's answer in our words; `now` in microseconds UTC, for dates in Retry-After."""
    if 200 <= answer.status < 300:
        return _accepted(answer)
    error = _error(answer)
    kind, wait = _class(answer.status, error), None
    hint = parse_retry_after(answer.headers.get("retry-after"), now)
    if kind is OutcomeClass.RETRY and answer.status == 503 and hint:
        kind = OutcomeClass.RETRY_AFTER
    if kind is OutcomeClass.RETRY_AFTER:
        wait = hint or _QUOTA_WAIT_SECONDS
    code = error.word or str(answer.status)
    return Outcome(
        kind=kind,
        code=code,
        detail=error.message,
        retry_after_seconds=wait,
        about=_about(kind, error),
    )


def _about(kind: OutcomeClass, error: _Error) -> About:
    """The key of another service (Apple's, say) that FCM holds concerns its devices only; and a
    device or a topic may be throttled where the project is not."""
    if error.word in _FOREIGN_CREDENTIALS:
        return About.DESTINATION
    throttled = kind is OutcomeClass.RETRY_AFTER and _ONE_TARGET.search(error.message)
    return About.DESTINATION if throttled else About.ACCOUNT


def _class(status: int, error: _Error) -> OutcomeClass:
    if error.word == "INVALID_ARGUMENT":
        blamed = _blames_token(error)
        return OutcomeClass.DESTINATION_INVALID if blamed else OutcomeClass.PERMANENT
    known = _BY_WORD.get(error.word) or _BY_STATUS.get(status)
    if known is not None:
        return known
    if 300 <= status < 400:
        return OutcomeClass.CONFIG  # FCM redirects nobody: base_url leads elsewhere
    return OutcomeClass.RETRY if status >= 500 else OutcomeClass.PERMANENT


def _blames_token(error: _Error) -> bool:
    said = error.from_fcm and "registration token" in error.message.lower()
    return said or bool(error.fields & _TOKEN_FIELDS)


def _accepted(answer: HttpAnswer) -> Outcome:
    try:
        name = msgspec.json.decode(answer.body, type=dict[str, Any]).get("name")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        name = None
    if isinstance(name, str) and name:
        return Outcome(kind=OutcomeClass.ACCEPTED, code="200", provider_id=name[:256])
    detail = "accepted, but the answer was not readable"
    return Outcome(kind=OutcomeClass.ACCEPTED, code="unreadable_answer", detail=detail)


class _Violation(msgspec.Struct):
    field: str = ""


_DETAIL_NAMES = {"kind": "@type", "code": "errorCode", "violations": "fieldViolations"}


class _Detail(msgspec.Struct, rename=_DETAIL_NAMES):
    kind: str = ""
    code: str = ""
    violations: list[_Violation] = []


class _Status(msgspec.Struct):
    status: str = ""
    message: str = ""
    details: list[_Detail] = []


class _ErrorBody(msgspec.Struct):
    error: _Status


def _error(answer: HttpAnswer) -> _Error:
    try:
        status = msgspec.json.decode(answer.body, type=_ErrorBody).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Error()
    codes = [detail.code for detail in status.details if detail.kind == _FCM_ERROR]
    fields = {v.field for detail in status.details for v in detail.violations}
    word = codes[0] if codes and codes[0] else status.status
    return _Error(word[:64], bool(codes), status.message, frozenset(fields))
