"""The API keys of the environment: listed, made and revoked, and what the own one may do."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from clarion.api.answers import when
from clarion.api.auth import (
    KEY_BYTES,
    SCOPES,
    SIGN_IN_KEY,
    Asker,
    Keyring,
    Scope,
    key_hash,
    key_hint,
    new_api_key,
)
from clarion.api.describing import route
from clarion.api.services import Services
from clarion.clock import SECOND
from clarion.core.duration import parse_duration
from clarion.errors import InvalidError, NotFoundError, StandingError
from clarion.store.contract.keys import KeyRow

TAG = "keys"


class KeyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A key by its first characters. `state` is `valid`, `expired` or `revoked`; `own` is true of
    the key that asks, `sign_in` of one that a sign-in link gave. Without `rate_per_second` the
    server's settings bound what it may send."""

    prefix: str
    environment: str
    scopes: list[str]
    state: str
    own: bool
    sign_in: bool
    created_at: str | None
    expires_at: str | None
    revoked_at: str | None
    rate_per_second: int | None
    burst: int | None


class KeyList(msgspec.Struct, frozen=True):
    """All keys of the environment, oldest first; those that were revoked stay in the list."""

    data: list[KeyAnswer]


class NewKey(KeyAnswer, frozen=True, kw_only=True):
    """A new key. `key` is shown this once: only its hash is kept."""

    key: str


class KeyBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`expires_in`: a duration (`P90D`); without it the key holds until it is revoked.
    `rate_per_second`: events it may send; `burst`: how many of them at once."""

    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=3)]
    expires_in: str | None = None
    rate_per_second: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    burst: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] | None = None


KEY_EXAMPLE = {
    "prefix": "clk_default_1aYt0mbh2dng",
    "environment": "default",
    "scopes": ["read", "trigger"],
    "state": "valid",
    "own": False,
    "sign_in": False,
    "created_at": "2026-01-02T03:04:05.678901Z",
    "expires_at": None,
    "revoked_at": None,
    "rate_per_second": None,
    "burst": None,
}
NEW_KEY_EXAMPLE = {
    **KEY_EXAMPLE,
    "key": "clk_default_1aYt0mbh2dngxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
}


@get("/v1/keys", **route("List API keys", "admin", example={"data": [KEY_EXAMPLE]}, tag=TAG))
async def list_keys(services: NamedDependency[Services], asker: NamedDependency[Asker]) -> KeyList:
    """Those of the environment of the key that asks. Never a whole key: nobody has it any more."""
    own = await services.store.keys.find(asker.key)
    rows = [row for row in await services.store.keys.list() if row.env == asker.env]
    now = services.clock.now()
    return KeyList([KeyAnswer(**key_told(row, now, own == row)) for row in rows])


@get(
    "/v1/keys/self",
    **route("What the own key may do", None, example={**KEY_EXAMPLE, "own": True}, tag=TAG),
)
async def get_own_key(
    services: NamedDependency[Services], asker: NamedDependency[Asker]
) -> KeyAnswer:
    """The key that asks: its environment and scopes, and until when it holds. Any scope will do."""
    row = await services.store.keys.find(asker.key)
    if row is None:
        raise NotFoundError("the key that asks is gone; use another one")
    return KeyAnswer(**key_told(row, services.clock.now(), own=True))


@post("/v1/keys", **route("Make an API key", "admin", example=NEW_KEY_EXAMPLE, tag=TAG))
async def make_key(
    services: NamedDependency[Services], asker: NamedDependency[Asker], data: JSONBody[KeyBody]
) -> NewKey:
    """In the environment of the key that asks. Keep the answer's `key`: it is not shown again."""
    if data.burst is not None and data.rate_per_second is None:
        raise InvalidError(
            "burst goes with rate_per_second; give both, or rate_per_second alone", "/burst"
        )
    now = services.clock.now()
    expires_at = None
    if data.expires_in is not None:
        expires_at = now + parse_duration(data.expires_in, "/expires_in") * SECOND
    key = new_api_key(asker.environment, services.chance(KEY_BYTES))
    row = await services.store.keys.create(
        asker.environment,
        key_hash(key),
        key_hint(key),
        ",".join(scope for scope in SCOPES if scope in data.scopes),
        now,
        expires_at,
        rate_per_second=data.rate_per_second,
        burst=data.burst,
    )
    return NewKey(key=key, **key_told(row, now, own=False))


@delete(
    "/v1/keys/{prefix:str}",
    status_code=204,
    **route("Revoke an API key", "admin", refuses=(404, 409), tag=TAG),
)
async def revoke_key(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    keyring: NamedDependency[Keyring],
    prefix: FromPath[str],
    own: Annotated[
        bool,
        QueryParameter(
            description="true: also when it is the key that asks, which ends its own access."
        ),
    ] = False,
) -> None:
    """By its `prefix`, for good. Other processes refuse it within five seconds."""
    asking = await services.store.keys.find(asker.key)
    if asking is not None and asking.hint == prefix and not own:
        raise StandingError(
            "this is the key that asks; add own=true to end your own access, "
            "or revoke it with another key"
        )
    if not await services.store.keys.revoke(prefix, services.clock.now(), asker.env):
        raise NotFoundError("there is no such key to revoke; GET /v1/keys lists those that hold")
    keyring.forget()


ROUTES = (list_keys, get_own_key, make_key, revoke_key)


def key_told(row: KeyRow, now: int, own: bool) -> dict[str, Any]:
    """The fields of a KeyAnswer."""
    return {
        "prefix": row.hint,
        "environment": row.environment,
        "scopes": row.scope.replace(",", " ").split(),
        "state": _state(row, now),
        "own": own,
        "sign_in": row.hint.startswith(f"{SIGN_IN_KEY}_"),
        "created_at": when(row.created_at),
        "expires_at": when(row.expires_at),
        "revoked_at": when(row.revoked_at),
        "rate_per_second": row.rate_per_second,
        "burst": row.burst,
    }


def _state(row: KeyRow, now: int) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= now else "valid"
