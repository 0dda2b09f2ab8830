"""What the machine's disk takes to make something durable: no commit of anybody is faster."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time

BLOCK = b"x" * 8192
BLOCKS = 2_000
PAUSE_SECONDS = 0.03


async def flushes(seconds: float) -> list[float]:
    """Seconds that each of many writes of 8 KB into a file that is there took until the disk had
    them (`fdatasync`), one every 30 ms."""
    return await asyncio.to_thread(_flushes, seconds)


def _flushes(seconds: float) -> list[float]:
    took: list[float] = []
    with tempfile.TemporaryFile(prefix="clarion-bench-") as file:
        file.write(BLOCK * BLOCKS)
        file.flush()
        os.fsync(file.fileno())
        until = time.perf_counter() + seconds
        while (began := time.perf_counter()) < until:
            os.pwrite(file.fileno(), BLOCK, len(took) % BLOCKS * len(BLOCK))
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - began)
            time.sleep(PAUSE_SECONDS)
    return took
