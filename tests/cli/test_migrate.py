from __future__ import annotations

from pathlib import Path

from tests.cli.shell import House, Run


def test_a_store_is_made_and_then_up_to_date(clarion: Run, tmp_path: Path) -> None:
    first = clarion("migrate")
    assert first.code == 0
    assert "0001_initial.sql" in first.out
    assert (tmp_path / "clarion-data" / "clarion.db").exists()
    assert "is up to date" in clarion("migrate").out
    assert clarion("migrate", "--json").json["applied"] == []


def test_it_may_run_beside_a_server(clarion: Run, house: House) -> None:
    said = clarion("migrate", CLARION_DATA_DIR=str(house.folder / "clarion-data"))
    assert said.code == 0
    assert "is up to date" in said.out
