"""A fresh store on a file of its own, with its work inline and with its work on threads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clarion.store.sqlite.store import SqliteStore, open_store
from tests.store.builders import NOW


@pytest.fixture(params=["inline", "thread"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = open_store(tmp_path / "clarion.db", NOW, serve=True, inline=request.param == "inline")
    yield opened
    await opened.close()
