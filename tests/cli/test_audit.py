from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from clarion.cli.audit import Told
from clarion.testing.clock import ManualClock
from tests.cli.shell import Run, ended, start_house


@pytest.fixture
def store(tmp_path: Path, clarion: Run) -> Path:
    """A store in which one event was told, its server stopped."""
    house = start_house(tmp_path)
    said = clarion(
        "send", "login.new", "--to", "ana", "--wait", "--data",
        '{"device": "d", "place": "p", "at": "now", "session_id": "1"}',
        CLARION_URL=house.url, CLARION_API_KEY=house.key,
    )  # fmt: skip
    assert said.code == 0
    house.process.terminate()
    assert ended(house.process).code == 0
    return tmp_path / "clarion-data" / "clarion.db"


def test_a_sound_ledger_balances(clarion: Run, store: Path) -> None:
    said = clarion("audit")
    assert said.code == 0
    assert "The ledger balances: 1 event, 1 notification recounted" in said.out


def test_a_ledger_that_does_not_balance_is_told_and_exits_1(clarion: Run, store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("update notification set bucket = case bucket when 5 then 4 else 5 end")
        connection.commit()
    said = clarion("audit")
    assert said.code == 1
    assert "does not balance" in said.out
    assert "evt_" in said.out
    found = clarion("audit", "--json")
    assert found.code == 1
    assert found.json["found"][0]["environment"] == "default"


def test_a_long_audit_says_now_and_then_how_far_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = ManualClock()
    told = Told(clock)
    for _ in range(4):
        clock.advance(10)
        told.step(1000)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "clarion: 2,000 events recounted so far",
        "clarion: 4,000 events recounted so far",
    ]


def test_without_a_store_the_mend_is_named(clarion: Run) -> None:
    said = clarion("audit")
    assert said.code == 2
    assert "CLARION_STORE" in said.err


def test_a_file_that_is_no_database_is_told(clarion: Run, tmp_path: Path) -> None:
    (tmp_path / "other.db").write_text("this is no database, only words, many words" * 100)
    said = clarion("audit", CLARION_STORE="sqlite:///other.db")
    assert said.code == 2
    assert "not an intact database" in said.err
    assert said.err.count("\n") == 1


def test_the_result_is_written_for_a_node_exporter(
    clarion: Run, store: Path, tmp_path: Path
) -> None:
    file = tmp_path / "clarion.prom"
    assert clarion("audit", "--textfile", str(file)).code == 0
    told = dict(line.split() for line in file.read_text().splitlines() if line[0] != "#")
    assert float(told["clarion_audit_unbalanced"]) == 0
    assert float(told["clarion_audit_events"]) == 1
    assert float(told["clarion_audit_timestamp_seconds"]) > 1e9
    assert list(tmp_path.glob("clarion.prom.*")) == []
