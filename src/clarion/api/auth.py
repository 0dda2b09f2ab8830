"""Who asks: API keys for programs, short-lived tokens for the users' inboxes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import jwt
import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from clarion.api.cursors import derived_key
from clarion.api.limits import KeyLimits, Quota
from clarion.api.problems import RefusedError
from clarion.api.services import Services
from clarion.clock import SECOND
from clarion.store.contract.keys import KeyRow

Scope = Literal["trigger", "read", "admin"]
SCOPES: tuple[Scope, ...] = ("trigger", "read", "admin")

KEY = "clk"
SIGN_IN_KEY = "cls"
"""Before a key: made to be kept, or given by a sign-in link and soon over."""

KEY_BYTES = 32
HINT_CHARACTERS = 12
"""Random characters of a key that are shown to people, after its prefix."""

REMEMBERED_SECONDS = 5.0
"""How long an answer of the store about a key holds: a revoked key is refused after at most this
long.
"""

REMEMBERED_KEYS = 1024
LONGEST_HEADER = 4096
TOKEN_SECONDS = 3600
JWT_ALGORITHM = "HS256"

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="clarion"'}


def new_api_key(environment: str, chance: bytes, kind: str = KEY) -> str:
    """`clk_<environment>_<43 characters>` from 32 random bytes; only its hash is kept."""
    return f"{kind}_{environment}_{unguessable(chance)}"


def unguessable(chance: bytes) -> str:
    """Random bytes as characters that may stand in an address: 43 for 32."""
    return base64.urlsafe_b64encode(chance).decode().rstrip("=")


def key_hash(key: str) -> bytes:
    """What the store keeps of a key: SHA-256 (enough, as the key is random)."""
    return hashlib.sha256(key.encode()).digest()


def key_hint(key: str) -> str:
    """The first characters of a key: enough to tell keys apart, not enough to use one."""
    # The random part may hold "_" itself: the prefix ends at the second one from the left.
    kind, _, named = key.partition("_")
    environment, _, chance = named.partition("_")
    ours = kind in (KEY, SIGN_IN_KEY) and bool(chance)
    prefix, rest = (f"{kind}_{environment}", chance) if ours else ("", key)
    shown = rest[: min(HINT_CHARACTERS, len(rest) // 4)]
    return f"{prefix}_{shown}" if prefix else shown


class Asker(msgspec.Struct, frozen=True):
    """A program that showed a valid API key: its environment and what it may do. `key` is the hash
    of the key, `hint` its first characters; `quota` is None for a key without a limit.
    """

    env: int
    environment: str
    scopes: frozenset[str]
    key: bytes = b""
    quota: Quota | None = None
    hint: str = ""

    @property
    def source(self) -> str:
        """Who it is in a history: `key clk_production_AbC...`."""
        return f"key {self.hint}..." if self.hint else ""

    def need(self, scope: Scope) -> None:
        """RefusedError 403 when the key has neither the scope nor `admin`."""
        if scope not in self.scopes and "admin" not in self.scopes:
            have = ", ".join(sorted(self.scopes))
            raise RefusedError(403, f"this needs a key with scope {scope!r}; this key has {have}")


class Reader(msgspec.Struct, frozen=True):
    """A user in front of the own inbox, by the numbers of the token, which ends at `expires_at`
    (microseconds UTC; 0: not said)."""

    env: int
    user: int
    tenant: int
    user_id: str
    expires_at: int = 0


class ExpiredError(RefusedError):
    """A token that was good once."""

    def __init__(self) -> None:
        detail = "the user token is expired; ask your server for a new one"
        super().__init__(401, detail, headers=_CHALLENGE)


class Keyring:
    """Answers who asks. Looks a key up in the store, and remembers the answer for a few seconds."""

    def __init__(self, services: Services) -> None:
        self._keys = services.store.keys
        self._clock = services.clock
        self._quota = services.key_quota
        self.limits = KeyLimits(services.clock)
        self._token_key = derived_key(services.secret, "user-token")
        self._remembered: dict[bytes, tuple[float, KeyRow | None]] = {}
        self._askers: dict[bytes, tuple[KeyRow, Asker]] = {}

    async def asker(self, authorization: str | None) -> Asker:
        """The program behind an `Authorization` header; RefusedError 401 without a valid key."""
        hashed = key_hash(_bearer(authorization))
        row = await self._row(hashed)
        if row is None:
            raise _unauthorized("the API key is not known here; check that it was copied whole")
        if row.revoked_at is not None:
            raise _unauthorized("the API key was revoked; use another one")
        if row.expires_at is not None and row.expires_at <= self._clock.now():
            raise _unauthorized("the API key is expired; use another one")
        known = self._askers.get(hashed)
        if known is None or known[0] is not row:
            scopes = frozenset(row.scope.replace(",", " ").split())
            asker = Asker(row.env, row.environment, scopes, hashed, self._quota_of(row), row.hint)
            known = self._askers[hashed] = (row, asker)
        return known[1]

    def forget(self) -> None:
        """Ask the store anew about every key, as after one was revoked."""
        self._remembered.clear()

    def charge(self, asker: Asker, events: int) -> None:
        """Take `events` off what the key may send; RefusedError 429 when it is too much."""
        if asker.quota is not None:
            self.limits.take(asker.key, asker.quota, events)

    def settle(self, asker: Asker, events: int) -> None:
        """Take the rest for `events` of which one was charged; RefusedError 429 when it is too
        much, and nothing is taken."""
        if asker.quota is not None:
            self.limits.settle(asker.key, asker.quota, events)

    def fields(self, asker: Asker) -> dict[str, str]:
        """The RateLimit fields of an answer to this program; none for a key without a limit."""
        return {} if asker.quota is None else self.limits.fields(asker.key, asker.quota)

    def _quota_of(self, row: KeyRow) -> Quota | None:
        if row.rate_per_second is None:
            return self._quota
        return Quota(row.rate_per_second, row.burst or row.rate_per_second)

    def reader(self, authorization: str | None) -> Reader:
        """The user behind an `Authorization` header; RefusedError 401 without a valid token."""
        claims = self._claims(_bearer(authorization))
        try:
            if claims["exp"] * SECOND <= self._clock.now():
                raise ExpiredError
            env, user, tenant, name = (claims[key] for key in ("env", "number", "tenant", "sub"))
            return Reader(env, user, tenant, name, claims["exp"] * SECOND)
        except (KeyError, TypeError):
            raise _unauthorized("this is not a user token of this server") from None

    def token(self, reader: Reader) -> tuple[str, int]:
        """A token for a user's own inbox (JWT, HS256) and the instant it expires."""
        expires_seconds = self._clock.now() // SECOND + TOKEN_SECONDS
        claims = {
            "sub": reader.user_id,
            "env": reader.env,
            "number": reader.user,
            "tenant": reader.tenant,
            "exp": expires_seconds,
        }
        text = jwt.encode(claims, self._token_key, algorithm=JWT_ALGORITHM)
        return text, expires_seconds * SECOND

    def _claims(self, text: str) -> dict[str, Any]:
        # PyJWT would judge the expiry by the machine's clock; `reader` does it by ours.
        options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}
        try:
            return jwt.decode(text, self._token_key, algorithms=[JWT_ALGORITHM], options=options)
        except jwt.InvalidTokenError:
            raise _unauthorized(
                "a user token is needed here; POST /v1/users/{user}/token gives one"
            ) from None

    async def _row(self, hashed: bytes) -> KeyRow | None:
        now = self._clock.monotonic_seconds()
        remembered = self._remembered.get(hashed)
        if remembered is not None and now < remembered[0]:
            return remembered[1]
        row = await self._keys.find(hashed)
        if len(self._remembered) >= REMEMBERED_KEYS:
            self._remembered.clear()
            self._askers.clear()
        if row is not None:
            self._remembered[hashed] = (now + REMEMBERED_SECONDS, row)
        return row


Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]


def may(scope: Scope | None) -> Guard:
    """A guard: lets programs pass whose key has the scope; None: any valid key."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        keyring: Keyring = connection.app.state.keyring
        asker = await keyring.asker(connection.headers.get("authorization"))
        if scope is not None:
            asker.need(scope)
        connection.scope["auth"] = asker

    return guard


async def own_inbox(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: lets users pass with a token for their own inbox."""
    keyring: Keyring = connection.app.state.keyring
    connection.scope["auth"] = keyring.reader(connection.headers.get("authorization"))


def _bearer(authorization: str | None) -> str:
    if authorization is None:
        raise _unauthorized("send `Authorization: Bearer <key>`")
    scheme, _, key = authorization.partition(" ")
    key = key.strip()
    if scheme.lower() != "bearer" or not key or len(key) > LONGEST_HEADER:
        raise _unauthorized("the Authorization header is not `Bearer <key>`")
    return key


def _unauthorized(detail: str) -> RefusedError:
    return RefusedError(401, detail, headers=_CHALLENGE)
