from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import House, Run


@pytest.fixture
def store(house: House) -> dict[str, str]:
    """The settings of a server that runs."""
    return {"CLARION_DATA_DIR": str(house.folder / "clarion-data")}


def test_a_backup_is_taken_beside_a_running_server(
    clarion: Run, store: dict[str, str], tmp_path: Path
) -> None:
    said = clarion("backup", "copy.db", **store)
    assert said.code == 0
    assert "copy.db: " in said.out
    assert "whole and checked" in said.out
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600
    answer = clarion("backup", "other.db", "--json", **store).json
    assert answer["bytes"] == (tmp_path / "other.db").stat().st_size


def test_what_is_there_is_replaced_only_when_told_to(
    clarion: Run, store: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "copy.db").write_text("something of value")
    said = clarion("backup", "copy.db", **store)
    assert said.code == 2
    assert "add --force" in said.err
    assert (tmp_path / "copy.db").read_text() == "something of value"
    assert clarion("backup", "copy.db", "--force", **store).code == 0
    assert (tmp_path / "copy.db").read_bytes().startswith(b"SQLite format 3")


@pytest.mark.parametrize(
    ("target", "said"),
    [("nowhere/copy.db", "there is no folder nowhere"), (".", "is a folder; name a file in it")],
)
def test_a_place_that_cannot_be_is_refused(
    target: str, said: str, clarion: Run, store: dict[str, str]
) -> None:
    answer = clarion("backup", target, **store)
    assert answer.code == 2
    assert said in answer.err


def test_the_store_itself_is_no_place(clarion: Run, store: dict[str, str]) -> None:
    path = Path(store["CLARION_DATA_DIR"]) / "clarion.db"
    said = clarion("backup", str(path), "--force", **store)
    assert said.code == 2
    assert "is the store itself" in said.err


def test_without_a_store_the_mend_is_named(clarion: Run) -> None:
    said = clarion("backup", "copy.db")
    assert said.code == 2
    assert "CLARION_STORE" in said.err


def test_for_postgresql_its_own_tool_is_named_without_the_password(clarion: Run) -> None:
    store = "postgresql://clarion:hush@db1:5432,db2:5432/clarion?target_session_attrs=primary"
    said = clarion("backup", "copy.dump", CLARION_STORE=store)
    assert said.code == 2
    assert (
        "pg_dump --format=custom --file=copy.dump --dbname="
        "'postgresql://clarion@db1:5432,db2:5432/clarion?target_session_attrs=primary'"
    ) in said.err
    assert "hush" not in said.err
