"""Signing in by a link: a code that is used once becomes a key that ends by itself.

Codes are made beside the store (`clarion up`, `clarion demo`, `clarion keys sign-in`), never by a
route: whoever can make one can read the store anyway. In the link the code stands behind the `#`,
which browsers keep to themselves: no request line, log or referrer ever holds it.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from clarion.api.auth import (
    KEY_BYTES,
    SIGN_IN_KEY,
    key_hash,
    key_hint,
    new_api_key,
    unguessable,
)
from clarion.api.describing import open_route
from clarion.api.keys import KEY_EXAMPLE, TAG, NewKey, key_told
from clarion.api.limits import KeyLimits, Quota
from clarion.api.problems import RefusedError
from clarion.api.services import Services
from clarion.clock import SECOND, Clock
from clarion.errors import NotFoundError
from clarion.store.contract.keys import KeyStore

CODE_MINUTES = 10
KEY_HOURS = 12
TRIES = Quota(1, 20)
"""Tries from one address: a second in the long run, and at once."""

EXCHANGE_EXAMPLE = {
    **KEY_EXAMPLE,
    "prefix": "cls_default_1aYt0mbh2dng",
    "scopes": ["admin"],
    "sign_in": True,
    "expires_at": "2026-01-02T15:04:05.678901Z",
    "key": "cls_default_1aYt0mbh2dngxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
}


class CodeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`code`: what stands behind `code=` in the link."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class Tries:
    """How often an address may try a code, in this process."""

    def __init__(self, clock: Clock) -> None:
        self._limits = KeyLimits(clock)

    def take(self, address: str) -> None:
        """One try; RefusedError 429 when there were too many."""
        try:
            self._limits.take(address.encode(), TRIES, 1)
        except RefusedError as refusal:
            wait = refusal.headers["Retry-After"]
            raise RefusedError(
                429,
                f"too many codes were tried from this address; try again in {wait} s",
                headers={"Retry-After": wait},
            ) from None


async def new_code(keys: KeyStore, environment: str, scope: str, now: int, chance: bytes) -> str:
    """A code from KEY_BYTES random bytes that gives a key with this scope, once, within
    CODE_MINUTES. Only its hash is kept."""
    code = unguessable(chance)
    until = now + CODE_MINUTES * 60 * SECOND
    await keys.keep_code(environment, key_hash(code), scope, now, until)
    return code


@post(
    "/v1/keys/exchange",
    **open_route(
        "Exchange a sign-in code for a key",
        refuses=(400, 404, 408, 413, 415, 429, 503),
        example=EXCHANGE_EXAMPLE,
        tag=TAG,
    ),
)
async def exchange_code(
    services: NamedDependency[Services],
    tries: NamedDependency[Tries],
    request: Request[Any, Any, Any],
    data: JSONBody[CodeBody],
) -> NewKey:
    """The code of a link that the server's operator made on the machine (`clarion keys sign-in`).
    It works once, for ten minutes; the key that it gives holds for twelve hours, with the
    environment and scope that the operator chose, and can be revoked like any other. No key is
    needed for this."""
    tries.take(request.client.host if request.client else "nowhere")
    now = services.clock.now()
    taken = await services.store.keys.take_code(key_hash(data.code), now)
    if taken is None:
        raise NotFoundError(
            f"this code was used before, is older than {CODE_MINUTES} minutes, or was not copied "
            "whole; `clarion keys sign-in` on the server makes a new link"
        )
    environment, scope = taken
    key = new_api_key(environment, services.chance(KEY_BYTES), SIGN_IN_KEY)
    until = now + KEY_HOURS * 3600 * SECOND
    row = await services.store.keys.create(
        environment, key_hash(key), key_hint(key), scope, now, until
    )
    return NewKey(key=key, **key_told(row, now, own=False))


ROUTES = (exchange_code,)
