import json
import re

import pytest

from bench.peers import catalog
from bench.peers.contract import Cell
from bench.peers.queues import Tuning


def test_every_peer_says_how_to_get_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "node", lambda: "")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    for peer in catalog.PEERS:
        assert "pip install -c constraints.txt '.[bench]'" in peer.lacking()


def test_celery_has_a_worker_for_each_process_and_with_prefork_one_that_has_them() -> None:
    cell = Cell(workers=4, latency_ms=50, recipients=1)
    threads = catalog.CELERY_PEER.workers(
        cell, Tuning(concurrency=8, connections=8, pool="threads")
    )
    prefork = catalog.CELERY_PEER.workers(
        cell, Tuning(concurrency=4, connections=4, pool="prefork")
    )
    assert [one[one.index("--concurrency") + 1] for one in threads] == ["2"] * 4
    assert [one[one.index("--concurrency") + 1] for one in prefork] == ["4"]


def test_what_node_installs_is_pinned_and_names_no_host() -> None:
    lock = (catalog.BULLMQ / "package-lock.json").read_text()
    wanted = json.loads((catalog.BULLMQ / "package.json").read_text())["dependencies"]
    packages = json.loads(lock)["packages"]
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert re.search(r"https?://|\"resolved\"", lock) is None
