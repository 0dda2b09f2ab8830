"""Other settings of one system than those it is measured with: which are better?

`python -m bench.peers.trial bullmq --tuning 32/16 64/32`: jobs in hand and connections to the
database, of all workers together; with a third part, the pool of Celery (`1/1/prefork`).
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

import msgspec

from bench.peers.contract import Cell, System
from bench.peers.queues import QueuePeer, Tuning
from bench.push import RECIPIENTS, Stage, everybody
from bench.report import Rounds, shown
from clarion.testing.servers.postgres import Postgres


async def tried(name: str, tunings: list[Tuning], cell: Cell, rounds: int) -> dict[str, Rounds]:
    """Figures by tuning; they take turns in each round. Without tunings the system's own."""
    system = next(one for one in everybody() if one.name == name)
    if lacking := system.lacking():
        raise SystemExit(f"{name}: {lacking}")
    found: dict[str, Rounds] = {}
    with Postgres(fsync=True) as postgres, tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        stage = Stage(postgres, Path(folder))
        for _ in range(rounds):
            for words, one in _variants(system, tunings):
                measured = await stage.tell(one, cell)
                found.setdefault(words, Rounds()).add(measured.figures())
                print(words, {key: round(value) for key, value in measured.figures().items()})
    return found


def tuning_of(text: str) -> Tuning:
    """`64/32` or `64/32/threads`; ValueError when it is neither."""
    concurrency, connections, *pool = text.split("/")
    return Tuning(
        concurrency=int(concurrency), connections=int(connections), pool=pool[0] if pool else ""
    )


def _variants(system: System, tunings: list[Tuning]) -> list[tuple[str, System]]:
    if not tunings or not isinstance(system, QueuePeer):
        return [("as it is measured", system)]
    return [(_words(one), _tuned(system, one)) for one in tunings]


def _tuned(peer: QueuePeer, tuning: Tuning) -> QueuePeer:
    return msgspec.structs.replace(peer, tuned=lambda _: tuning)


def _words(tuning: Tuning) -> str:
    words = f"{tuning.concurrency} in hand, {tuning.connections} connections"
    return f"{words}, {tuning.pool}" if tuning.pool else words


def main() -> None:
    """Print medians of the rounds."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers.trial")
    parser.add_argument("name", choices=sorted(RECIPIENTS))
    parser.add_argument("--tuning", type=tuning_of, nargs="*", default=[])
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--latency-ms", type=int, default=0)
    parser.add_argument("--recipients", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    cell = Cell(
        workers=asked.workers, latency_ms=asked.latency_ms,
        recipients=asked.recipients or RECIPIENTS[asked.name],
    )  # fmt: skip
    for words, rounds in asyncio.run(tried(asked.name, asked.tuning, cell, asked.rounds)).items():
        figures = ", ".join(f"{name} {shown(value)}" for name, value in rounds.figures().items())
        print(f"{words}: {figures}")


if __name__ == "__main__":
    main()
