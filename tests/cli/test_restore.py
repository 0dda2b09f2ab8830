from __future__ import annotations

from pathlib import Path

from tests.cli.shell import House, Run, ended, greeting_of, start

FREE = "127.0.0.1:0"


def test_a_backup_becomes_the_store_of_this_folder(
    clarion: Run, house: House, tmp_path: Path
) -> None:
    clarion("backup", "copy.db", CLARION_DATA_DIR=str(house.folder / "clarion-data"))
    said = clarion("restore", "copy.db")
    assert said.code == 0
    assert "is restored; start the server" in said.out
    assert "in doubt" in said.out
    assert clarion("audit").code == 0
    answer = clarion("restore", "copy.db", "--in-doubt", "drop", "--json").json
    assert answer["in_doubt"] == "drop"
    assert answer["kept"] == str(tmp_path / "clarion-data" / "clarion.db.before-restore")


def test_nothing_is_restored_under_a_running_server(clarion: Run, house: House) -> None:
    data = str(house.folder / "clarion-data")
    clarion("backup", "copy.db", CLARION_DATA_DIR=data)
    said = clarion("restore", "copy.db", CLARION_DATA_DIR=data)
    assert said.code == 2
    assert "another server runs" in said.err


def test_a_backup_that_is_not_there_is_told(clarion: Run) -> None:
    for arguments in (("restore", "copy.db"), ("restore",)):
        said = clarion(*arguments)
        assert said.code == 2
        assert "name its file" in said.err


def test_a_database_is_settled_only_when_nobody_works_on_it(
    clarion: Run, dsn: str, tmp_path: Path
) -> None:
    assert clarion("migrate", CLARION_STORE=dsn).code == 0
    process = start(tmp_path, "serve", "--json", env={"CLARION_STORE": dsn, "CLARION_LISTEN": FREE})
    try:
        greeting_of(process)
        said = clarion("restore", CLARION_STORE=dsn)
        assert said.code == 2
        assert "other processes work on this store" in said.err
    finally:
        process.terminate()
        assert ended(process).code == 0
    said = clarion("restore", CLARION_STORE=dsn)
    assert said.code == 0
    assert "0 messages may have been sent" in said.out


def test_for_postgresql_its_own_tool_is_named(clarion: Run) -> None:
    said = clarion("restore", "copy.dump", CLARION_STORE="postgresql://u:hush@db/clarion")
    assert said.code == 2
    assert "pg_restore --clean --if-exists" in said.err
    assert "hush" not in said.err
