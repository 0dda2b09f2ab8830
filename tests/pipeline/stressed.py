"""Servers with several accounts, and events that keep them busy."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from clarion.config.settings import Account
from clarion.pipeline.accounts import SharedAccounts
from clarion.pipeline.valve import Valve
from clarion.testing.embedded import TURN_SECONDS, TURNS, Embedded, push_account
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from tests.pipeline.builders import PUSH

DOWN = Reaction(status=503, code="UNAVAILABLE")


async def a_server(folder: Path, *accounts: Account) -> Embedded:
    """A started server with a workflow for each lane that pushes: `security`, `transactional`,
    `social` and `bulk`."""
    server = Embedded(folder / "clarion.db", *accounts)
    await server.start()
    await server.category("loud", lane="bulk")
    for key in ("security", "transactional", "social"):
        await server.workflow(key, PUSH, category=key)
    await server.workflow("bulk", PUSH, category="loud")
    return server


def two_accounts(first: FakeFcm, second: FakeFcm, **fields: Any) -> tuple[Account, Account]:
    """A route of two accounts; the fields are the first one's."""
    return (
        push_account(first, name="first", order=1, **fields),
        push_account(second, name="second", order=2),
    )


async def phones(server: Embedded, count: int, prefix: str = "u") -> list[str]:
    """So many users with a phone each, whose token is the user's id."""
    names = [f"{prefix}{n}" for n in range(count)]
    await server.users(*names)
    for name in names:
        await server.device(name, name)
    return names


def all_react(fcm: FakeFcm, names: list[str], reaction: Reaction | None) -> None:
    for name in names:
        fcm.react(name, reaction)


def shared(server: Embedded) -> SharedAccounts:
    return server.server.core.accounts.shared


def valve(server: Embedded, account: str) -> Valve:
    return shared(server).valves[account]


async def until(check: Callable[[], bool] | Callable[[], Awaitable[bool]], what: str = "") -> None:
    """Wait until something is so; not for ever."""
    for _ in range(TURNS):
        answer = check()
        if answer if isinstance(answer, bool) else await answer:
            return
        await asyncio.sleep(TURN_SECONDS)
    raise AssertionError(f"never came: {what}")
