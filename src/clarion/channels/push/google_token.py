"""OAuth 2.0 access tokens of a Google service account (RFC 7523: a signed JWT buys a token)."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from clarion.channels.contract import HttpAnswer, NoAnswerError, Wire
from clarion.core.delivery import Outcome, OutcomeClass
from clarion.core.retry_after import parse_retry_after
from clarion.errors import SettingsError

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
EARLY_SECONDS = 300
"""A token is renewed this long before its end, while it still serves."""

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION_SECONDS = 3600
_PAUSE_SECONDS = 10
_SECOND = 1_000_000
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class ServiceAccount(msgspec.Struct, frozen=True):
    """The fields of a service account's key file that matter."""

    project_id: str
    private_key_id: str
    private_key: str
    client_email: str
    token_uri: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address


class AccessToken(msgspec.Struct, frozen=True):
    """A token and the second (epoch) from which it should be renewed, and from which it is dead."""

    text: str
    renew_at: int
    dead_at: int


def read_service_account(source: Any) -> ServiceAccount:
    """The JSON text of a key file, or its mapping -> the account; SettingsError with the mend."""
    try:
        if isinstance(source, str):
            return msgspec.json.decode(source, type=ServiceAccount)
        return msgspec.convert(source, type=ServiceAccount)
    except msgspec.MsgspecError:
        raise SettingsError(
            "service_account is not the JSON of a service account key; "
            "copy the whole file that the Firebase console made"
        ) from None


class TokenSource:
    """The current token of one account. Any number of callers share one renewal."""

    def __init__(self, account: ServiceAccount, url: str) -> None:
        self._account = account
        self._key = _private_key(account)
        self._url = url
        self._token: AccessToken | None = None
        self._renewal: asyncio.Task[AccessToken | Outcome] | None = None
        self._quiet_until = 0

    async def get(self, wire: Wire) -> AccessToken | Outcome:
        """A token that serves, or why there is none; near its end it is renewed meanwhile."""
        now, token = wire.now() // _SECOND, self._token
        if token is None or now >= token.dead_at:
            return await self._renewed(wire)
        if now >= max(token.renew_at, self._quiet_until):
            self._start(wire)
        return token

    async def replace(self, refused: AccessToken, wire: Wire) -> AccessToken | Outcome:
        """A newer token than the one the vendor refused."""
        if self._token == refused:
            self._token = None
        return await self.get(wire)

    async def _renewed(self, wire: Wire) -> AccessToken | Outcome:
        # Shielded: the caller that happened to start it may be canceled, the others still wait.
        return await asyncio.shield(self._start(wire))

    def _start(self, wire: Wire) -> asyncio.Task[AccessToken | Outcome]:
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.get_running_loop().create_task(self._renew(wire))
        return self._renewal

    async def _renew(self, wire: Wire) -> AccessToken | Outcome:
        now = wire.now() // _SECOND
        body = urlencode({"grant_type": _GRANT, "assertion": self._assertion(now)}).encode()
        try:
            answer = await wire.post(self._url, headers=_FORM, body=body)
        except NoAnswerError as silence:
            # Whatever became of the request: the message itself has not left.
            result: AccessToken | Outcome = _no_token(OutcomeClass.RETRY, silence.code)
        else:
            result = _read(answer, now, wire.now())
        if isinstance(result, AccessToken):
            self._token = result
        else:
            self._quiet_until = now + _PAUSE_SECONDS
        return result

    def _assertion(self, now: int) -> str:
        claims = {
            "iss": self._account.client_email,
            "scope": SCOPE,
            "aud": self._url,
            "iat": now,
            "exp": now + _ASSERTION_SECONDS,
        }
        headers = {"kid": self._account.private_key_id}
        return jwt.encode(claims, self._key, algorithm="RS256", headers=headers)


def _private_key(account: ServiceAccount) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(account.private_key.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise SettingsError("private_key of service_account is no RSA key; copy the file again")
    return key


class _Grant(msgspec.Struct):
    access_token: str
    expires_in: int = _ASSERTION_SECONDS


class _Refusal(msgspec.Struct):
    error: str = ""


def _read(answer: HttpAnswer, asked_at: int, now: int) -> AccessToken | Outcome:
    try:
        if answer.status == 200:
            grant = msgspec.json.decode(answer.body, type=_Grant)
            early = min(EARLY_SECONDS, grant.expires_in // 2)
            dead_at = asked_at + grant.expires_in
            return AccessToken(grant.access_token, dead_at - early, dead_at)
        refusal = msgspec.json.decode(answer.body, type=_Refusal)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        refusal = _Refusal()
    code = refusal.error or f"token_{answer.status}"
    if answer.status == 429:
        wait = parse_retry_after(answer.headers.get("retry-after"), now)
        return _no_token(OutcomeClass.RETRY_AFTER, code, wait or 60.0)
    refused = 400 <= answer.status < 500
    return _no_token(OutcomeClass.CREDENTIAL if refused else OutcomeClass.RETRY, code)


def _no_token(kind: OutcomeClass, code: str, wait: float | None = None) -> Outcome:
    detail = "no access token was granted"
    if code == "invalid_grant":
        detail += "; the key was removed, or this machine's clock is wrong"
    return Outcome(kind=kind, code=code[:64], detail=detail, retry_after_seconds=wait)
