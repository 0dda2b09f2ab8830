"""Command line of the benchmarks."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path

from bench import claims, decide, fanout, ingest, otp, whatif
from bench.report import Report, show

BENCHES: dict[str, Callable[[bool], Coroutine[object, object, Report]]] = {
    "ingest": ingest.run,
    "fanout": fanout.run,
    "otp": otp.run,
    "whatif": whatif.run,
    "decide": decide.run,
}
"""Benchmarks of the whole server, which runs on SQLite, and of `decide` alone."""


def main() -> int:
    """Run one benchmark; 0 when it ran and its ledger balanced."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run one benchmark")
    run.add_argument("name", choices=sorted([*BENCHES, "claims"]))
    run.add_argument("--store", choices=sorted(claims.STORES), default="sqlite")
    run.add_argument("--settled", type=int, default=0, help="claims beside so many that are done")
    run.add_argument("--json", type=Path, help="write the result to this file")
    run.add_argument("--short", action="store_true", help="stay under a minute")
    options = parser.parse_args()
    if options.name == "claims":
        report = asyncio.run(claims.run(options.short, options.store, options.settled))
    elif options.name == "ingest":
        report = asyncio.run(ingest.run(options.short, options.store))
    elif options.store != "sqlite":
        parser.error("only `claims` and `ingest` run on another store than sqlite")
    else:
        report = asyncio.run(BENCHES[options.name](options.short))
    show(report)
    if options.json is not None:
        options.json.write_bytes(report.encoded())
    return 0


if __name__ == "__main__":
    sys.exit(main())
