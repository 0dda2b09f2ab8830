"""How much memory a server's processes take at the most."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

SAMPLE_SECONDS = 0.1


class Peaks:
    """Megabytes of a process and those it started, together.

    `resident` is everything in memory, pages of the store's file that are mapped included, which
    the system takes back when it needs them; `private` is what is the processes' own.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.resident = 0.0
        self.private = 0.0

    def look(self) -> None:
        """Take in what is so now."""
        fields = [_status(pid) for pid in _tree(self._pid)]
        self.resident = max(self.resident, sum(one.get("VmRSS", 0.0) for one in fields))
        self.private = max(self.private, sum(one.get("RssAnon", 0.0) for one in fields))


@contextlib.asynccontextmanager
async def watched(pid: int) -> AsyncIterator[Peaks]:
    """The peaks of the block, looked at ten times a second."""
    peaks = Peaks(pid)

    async def look() -> None:
        while True:
            peaks.look()
            await asyncio.sleep(SAMPLE_SECONDS)

    looking = asyncio.create_task(look())
    try:
        yield peaks
        peaks.look()
    finally:
        looking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await looking


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from _tree(int(child))


def _status(pid: int) -> dict[str, float]:
    """Megabytes by name."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    pairs = (line.split() for line in lines if line.endswith(" kB"))
    return {name.removesuffix(":"): int(value) / 1024 for name, value, _ in pairs}
