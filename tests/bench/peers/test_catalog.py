import json
import re

import pytest

from bench.peers import catalog
from bench.peers.contract import Cell


def test_every_peer_says_how_to_get_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "node", lambda: "")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    for peer in catalog.PEERS:
        assert "pip install -c constraints.txt '.[bench]'" in peer.lacking()


def test_celery_waits_for_the_provider_in_threads_only() -> None:
    pools = [
        catalog.celery_pool(Cell(workers=1, latency_ms=latency, recipients=1))
        for latency in (0, 50)
    ]
    assert pools == ["prefork", "threads"]


def test_what_node_installs_is_pinned_and_names_no_host() -> None:
    lock = (catalog.BULLMQ / "package-lock.json").read_text()
    wanted = json.loads((catalog.BULLMQ / "package.json").read_text())["dependencies"]
    packages = json.loads(lock)["packages"]
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    assert re.search(r"https?://|\"resolved\"", lock) is None
