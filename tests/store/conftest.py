"""A fresh store of every member of the contract; SQLite works inline and on threads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from clarion.store.sql.store import SqlStore
from clarion.store.sqlite.store import open_store
from tests.store.builders import NOW


async def sqlite_inline(folder: Path) -> SqlStore:
    return open_store(folder / "clarion.db", NOW, serve=True, inline=True)


async def sqlite_threads(folder: Path) -> SqlStore:
    return open_store(folder / "clarion.db", NOW, serve=True)


MEMBERS: dict[str, Callable[[Path], Awaitable[SqlStore]]] = {
    "inline": sqlite_inline,
    "thread": sqlite_threads,
}
"""How to open each member with nothing in it, given a folder of the test's own."""


@pytest.fixture(params=list(MEMBERS))
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await MEMBERS[request.param](tmp_path)
    yield opened
    await opened.close()
