"""Firebase Cloud Messaging, HTTP v1 (Firebase's REST reference and public discovery document)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from clarion.channels.contract import Capabilities, HttpAnswer, SettingField, Wire
from clarion.channels.push.fcm_message import MAX_BYTES, Bodies
from clarion.channels.push.google_token import AccessToken, TokenSource, read_service_account
from clarion.core.delivery import About, Message, Outcome, OutcomeClass
from clarion.core.retry_after import parse_retry_after
from clarion.core.workflow import Channel

_SECOND = 1_000_000
_QUOTA_WAIT_SECONDS = 60.0
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
        self._bodies = Bodies()
        self._granted: AccessToken | None = None
        self._headers: dict[str, str] = {}

    async def send(self, message: Message, wire: Wire) -> Outcome:
        """One POST; a second one with a fresh token when the first was refused for its token."""
        body = self._bodies.of(message, wire.now())
        if isinstance(body, Outcome):
            return body
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
        if token.text in outcome.detail:
            detail = outcome.detail.replace(token.text, "***")
            return msgspec.structs.replace(outcome, detail=detail)
        return outcome

    async def _post(self, body: bytes, token: AccessToken, wire: Wire) -> HttpAnswer:
        if token is not self._granted:
            self._granted = token
            self._headers = {
                "Authorization": f"Bearer {token.text}",
                "Content-Type": "application/json; charset=utf-8",
            }
        return await wire.post(self._url, headers=self._headers, body=body)


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


class _Named(msgspec.Struct):
    name: Any = None


_name_of = msgspec.json.Decoder(_Named).decode


def _accepted(answer: HttpAnswer) -> Outcome:
    try:
        name = _name_of(answer.body).name
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
