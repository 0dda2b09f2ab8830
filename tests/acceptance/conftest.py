"""A server of its own for each test, beside fakes of other people's servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.acceptance.house import House
from tests.channels.conftest import fcm, mail_server

__all__ = ["fcm", "mail_server"]

Build = Callable[[str], House]


@pytest.fixture
async def build(tmp_path: Path) -> AsyncIterator[Build]:
    """Makes houses from the text of clarion.toml; none is left running."""
    made: list[House] = []

    def a_house(settings: str) -> House:
        made.append(House(tmp_path / f"house{len(made)}", settings))
        return made[-1]

    yield a_house
    for house in made:
        await house.kill()
