"""`clarion keys`: API keys, made and ended in the store itself (a server may be running)."""

from __future__ import annotations

import asyncio
import re
import secrets
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer
from rich.markup import escape
from rich.table import Table

from clarion.cli.failing import MISUSED, CommandError
from clarion.cli.options import AsJson
from clarion.cli.signing_in import sign_in_link
from clarion.cli.surroundings import settings_here, store_here
from clarion.cli.terminal import complain, counted, listed, say, say_json, say_unwrapped
from clarion.clock import SECOND, SystemClock, to_rfc3339
from clarion.core.suggestion import did_you_mean

if TYPE_CHECKING:
    from clarion.store.contract.keys import KeyRow, KeyStore

ENVIRONMENT = "default"
DAY = 24 * 3600 * SECOND
_ENVIRONMENT = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

keys = typer.Typer(
    help="Make, list and revoke API keys, and sign in to the dashboard.", no_args_is_help=True
)


class Limit(NamedTuple):
    """Events a second, and how many at once; None: as the server's settings say."""

    rate_per_second: int | None = None
    burst: int | None = None


NO_LIMIT = Limit()


class Scope(StrEnum):
    """What a key may do."""

    TRIGGER = "trigger"
    READ = "read"
    ADMIN = "admin"


@keys.command()
def create(
    env: Annotated[
        str, typer.Option("--env", help="Environment; it exists from its first key on.")
    ],
    scope: Annotated[list[Scope], typer.Option("--scope", help="What the key may do.")],
    days: Annotated[int | None, typer.Option("--days", min=1, help="Valid for so long.")] = None,
    rate: Annotated[
        int | None,
        typer.Option("--rate", min=1, max=1_000_000, help="Events a second it may send."),
    ] = None,
    burst: Annotated[
        int | None,
        typer.Option("--burst", min=1, max=10_000_000, help="Events it may send at once."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown once: only its hash is kept."""
    if burst is not None and rate is None:
        raise CommandError("--burst goes with --rate; give both, or --rate alone", MISUSED)
    if not _ENVIRONMENT.fullmatch(env):
        raise CommandError(
            f"{env!r} is no name for an environment; use lower-case letters, digits and '-'",
            MISUSED,
        )
    scopes = ",".join(dict.fromkeys(word.value for word in scope))
    key, row = asyncio.run(_create(env, scopes, days, Limit(rate, burst)))
    if as_json:
        say_json({"key": key, **_document(row)})
        return
    say(
        f"A key with scope {scopes} for the environment {env}"
        + (f", valid until {_day(row.expires_at)}:" if row.expires_at else ":")
    )
    say(f"\n  {key}\n", "Keep it now: only its hash is stored, so it cannot be shown again.")


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Show all keys by their first characters."""
    rows = asyncio.run(_list())
    if as_json:
        say_json([_document(row) for row in rows])
        return
    if not rows:
        say("There are no keys yet; make one with `clarion keys create`.")
        return
    columns = ("environment", "key", "scope", "limit", "made", "state")
    table = Table(*columns, box=None, pad_edge=False)
    now = SystemClock().now()
    for row in rows:
        made = _day(row.created_at)
        table.add_row(
            row.environment, f"{row.hint}…", row.scope, _limit(row), made, _state(row, now)
        )
    say(table)


@keys.command()
def revoke(
    hint: Annotated[str, typer.Argument(help="The key as `keys list` shows it.")],
    as_json: AsJson = False,
) -> None:
    """End a key. A running server refuses it within a few seconds."""
    hint = hint.rstrip("…")
    revoked = asyncio.run(_revoke(hint))
    if not revoked:
        raise CommandError(f"there is no key {hint}… to revoke; `clarion keys list` shows all")
    if as_json:
        say_json({"hint": hint, "revoked": revoked})
    else:
        say(f"{counted(revoked, 'key')} revoked; a running server refuses it within seconds.")


@keys.command("sign-in")
def sign_in(
    env: Annotated[str, typer.Option("--env", help="Environment to sign in to.")] = ENVIRONMENT,
    scope: Annotated[
        Scope, typer.Option("--scope", help="What whoever follows the link may do.")
    ] = Scope.ADMIN,
    url: Annotated[
        str | None,
        typer.Option("--url", help="Where browsers reach the server; as the settings say."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a link that opens the dashboard, signed in. It works once, for ten minutes.

    What it gives in the browser is a key that ends after twelve hours; `clarion keys list` shows
    it, `clarion keys revoke` ends it before.
    """
    link = asyncio.run(_sign_in(env, scope, url))
    if as_json:
        say_json({"url": link, "environment": env, "scope": scope.value})
        return
    say(f"Opens the dashboard of {env} with scope {scope.value}, once, within ten minutes:")
    say_unwrapped("", f"  [bold]{escape(link)}[/bold]", "")
    say("Whoever has it first is signed in, so give it to nobody else.")


async def make_key(
    store: KeyStore,
    environment: str,
    scope: str,
    expires_at: int | None = None,
    limit: Limit = NO_LIMIT,
) -> tuple[str, KeyRow]:
    """A new key and its row in the store."""
    from clarion.api.auth import KEY_BYTES, key_hash, key_hint, new_api_key

    key = new_api_key(environment, secrets.token_bytes(KEY_BYTES))
    now = SystemClock().now()
    row = await store.create(
        environment,
        key_hash(key),
        key_hint(key),
        scope,
        now,
        expires_at,
        rate_per_second=limit.rate_per_second,
        burst=limit.burst,
    )
    return key, row


async def _create(
    environment: str, scope: str, days: int | None, limit: Limit
) -> tuple[str, KeyRow]:
    expires_at = None if days is None else SystemClock().now() + days * DAY
    async with store_here(fresh=True) as store:
        known = await store.keys.environments()
        if known and environment not in known:
            complain(
                f"the environment {environment!r} is new and begins with this key; there were "
                f"{listed(sorted(known))}"
            )
        return await make_key(store.keys, environment, scope, expires_at, limit)


async def _sign_in(environment: str, scope: Scope, url: str | None) -> str:
    where = (url or settings_here().reached_at).rstrip("/")
    if not where.startswith(("http://", "https://")):
        raise CommandError(f"{where!r} is no address; write e.g. http://127.0.0.1:8400", MISUSED)
    async with store_here() as store:
        known = await store.keys.environments()
        if environment not in known:
            raise CommandError(
                f"there is no environment {environment!r}; {did_you_mean(environment, known)}",
                MISUSED,
            )
        return await sign_in_link(store.keys, where, environment, scope.value)


async def _list() -> list[KeyRow]:
    async with store_here() as store:
        return await store.keys.list()


async def _revoke(hint: str) -> int:
    async with store_here() as store:
        return await store.keys.revoke(hint, SystemClock().now())


def _document(row: KeyRow) -> dict[str, str | int | None]:
    return {
        "environment": row.environment,
        "hint": row.hint,
        "scope": row.scope,
        "created_at": to_rfc3339(row.created_at),
        "expires_at": to_rfc3339(row.expires_at) if row.expires_at else None,
        "revoked_at": to_rfc3339(row.revoked_at) if row.revoked_at else None,
        "rate_per_second": row.rate_per_second,
        "burst": row.burst,
    }


def _state(row: KeyRow, now: int) -> str:
    if row.revoked_at is not None:
        return f"revoked {_day(row.revoked_at)}"
    if row.expires_at is None:
        return "valid"
    return f"{'expired' if row.expires_at <= now else 'valid until'} {_day(row.expires_at)}"


def _limit(row: KeyRow) -> str:
    if row.rate_per_second is None:
        return "-"
    return f"{row.rate_per_second}/s, {row.burst or row.rate_per_second} at once"


def _day(instant: int) -> str:
    return to_rfc3339(instant)[:10]
