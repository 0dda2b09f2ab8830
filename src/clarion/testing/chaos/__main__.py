"""Command line: `python -m clarion.testing.chaos --minutes 2`."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import signal
import sys
import time
from pathlib import Path

import msgspec
from rich.console import Console

from clarion.testing.chaos.cluster import Cluster
from clarion.testing.chaos.plan import Plan
from clarion.testing.chaos.report import Report, table_of
from clarion.testing.chaos.round import Say, play

KILLS_PER_MINUTE = 20


def main() -> int:
    """Play a round; 0 when nothing was lost or doubled and the ledger balances."""
    options = _options()
    console = Console(stderr=True)
    began = time.monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:6.0f} s[/dim]  {text}", highlight=False)

    plan = Plan(
        store=options.store,
        seed=options.seed,
        seconds=options.minutes * 60,
        kills=options.kills or max(1, int(KILLS_PER_MINUTE * options.minutes)),
        blast=options.blast,
        devices=options.devices,
        events_per_second=options.rate,
        blast_every_seconds=options.blast_every,
    )
    report = asyncio.run(_until_told(plan, say, options.logs))
    Console().print(table_of(report))
    for example in report.verdict.examples:
        console.print(example, style="red", highlight=False)
    if options.json is not None:
        text = msgspec.json.format(msgspec.json.encode(report.document()), indent=2)
        options.json.write_bytes(text)
    return 0 if report.verdict.holds else 1


async def _until_told(plan: Plan, say: Say, logs: Path | None) -> Report:
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)

    def keep(cluster: Cluster) -> None:
        if logs is not None:
            logs.mkdir(parents=True, exist_ok=True)
            for path in cluster.folder.glob("*.log"):
                shutil.copy(path, logs / path.name)

    return await play(plan, say, keep)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m clarion.testing.chaos")
    parser.add_argument("--minutes", type=float, default=2.0, help="how long faults go on")
    parser.add_argument("--store", choices=["postgres", "sqlite"], default="postgres")
    parser.add_argument("--seed", type=int, default=1, help="chooses faults and their order")
    parser.add_argument("--kills", type=int, help="about how many faults kill a process")
    parser.add_argument("--blast", type=int, default=20_000, help="people who follow the topic")
    parser.add_argument("--devices", type=int, default=1, help="every N-th follower has a device")
    parser.add_argument("--blast-every", type=float, default=60.0, help="seconds between blasts")
    parser.add_argument("--rate", type=float, default=40.0, help="small events a second")
    parser.add_argument("--json", type=Path, help="write the report to this file")
    parser.add_argument("--logs", type=Path, help="keep the processes' logs in this folder")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
