"""Command line of the benchmarks."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import uvloop

from bench import everything, publish
from bench.catalog import BENCHES, SQLITE, Bench
from bench.compare import compared
from bench.machine import Machine, described
from bench.report import FAILED, SKIPPED, Report, SkippedError, decoded, show

EXIT = {FAILED: 1, SKIPPED: 3}


def main(arguments: list[str] | None = None) -> int:
    """0 when what was asked for ran and was right; 1 when something failed; 3 when the benchmark
    cannot run here."""
    options = _parser().parse_args(arguments)
    if options.command == "run":
        return _run(options)
    if options.command == "all":
        return everything.run_all(options.short, options.to, options.only)
    if options.command == "publish":
        publish.publish(options.to)
        return 0
    first, second = (decoded(path.read_bytes()) for path in (options.first, options.second))
    print(compared(first, second))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run one benchmark")
    run.add_argument("name", choices=sorted(BENCHES), metavar="NAME", help=", ".join(BENCHES))
    stores = sorted({store for bench in BENCHES.values() for store in bench.stores})
    run.add_argument("--store", choices=stores, help="where the rows are kept")
    run.add_argument("--settled", type=int, default=0, help="claims: beside so many that are done")
    run.add_argument("--json", type=Path, help="write the result to this file")
    run.add_argument("--short", action="store_true", help="stay under a minute")
    every = commands.add_parser("all", help="run all, and make tables and plots of the results")
    every.add_argument("--short", action="store_true", help="the short form of each")
    every.add_argument("--only", nargs="+", default=[], metavar="NAME", help="only these")
    page = commands.add_parser("publish", help="make tables and plots of results that are there")
    for command in (every, page):
        command.add_argument("--to", type=Path, help="folder of results, tables and plots")
    compare = commands.add_parser("compare", help="ratios of two results of one benchmark")
    compare.add_argument("first", type=Path)
    compare.add_argument("second", type=Path)
    return parser


def _run(options: argparse.Namespace) -> int:
    bench = BENCHES[options.name]
    store = options.store or bench.stores[0]
    if store not in bench.stores:
        print(f"`{bench.name}` runs on {' or '.join(bench.stores)} only", file=sys.stderr)
        return 2
    before = described()
    if before.warning():
        print(f"warning: {before.warning()}", file=sys.stderr)
    report = _reported(bench, store, before, options)
    print(f"on {before.words()}; load before {before.load:.2f}")
    show(report)
    if report.status != "done":
        print(f"{report.status}: {report.why}", file=sys.stderr)
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_bytes(report.encoded())
    return EXIT.get(report.status, 0)


def _reported(bench: Bench, store: str, before: Machine, options: argparse.Namespace) -> Report:
    """What the benchmark answers; a report that says why where it answers nothing."""
    at, began = datetime.now(UTC), time.perf_counter()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            report = runner.run(bench.run(options.short, store, settled=options.settled))
    except SkippedError as error:
        report = _empty(bench, SKIPPED, str(error))
    except Exception as error:  # noqa: BLE001 - whatever it was, the report has to say so
        traceback.print_exc()
        why = f"{type(error).__name__}: {error}"[:500]
        report = _empty(bench, FAILED, why.replace(tempfile.gettempdir(), "TMP"))
    return msgspec.structs.replace(
        report,
        store=store if len(bench.stores) > 1 or store != SQLITE else report.store,
        short=options.short,
        at=at.isoformat(timespec="seconds"),
        seconds=round(time.perf_counter() - began, 1),
        machine=before,
    )


def _empty(bench: Bench, status: str, why: str) -> Report:
    return Report(bench=bench.name, settings={}, figures={}, status=status, why=why)


if __name__ == "__main__":
    sys.exit(main())
