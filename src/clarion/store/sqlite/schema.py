"""Whether a database holds what our migrations made, and nothing that somebody laid in it."""

from __future__ import annotations

from pathlib import Path

import apsw

from clarion.errors import SettingsError
from clarion.store.sqlite.migrate import TABLE, migrations

Entry = tuple[str, str, str, str]
"""(type, name, table, statement) of `sqlite_schema`, spaces in the statement made even."""

_ENTRIES = "select type, name, tbl_name, coalesce(sql, '') from sqlite_schema"
_BY_ANALYZE: frozenset[Entry] = frozenset(
    ("table", name, name, f"CREATE TABLE {name}({columns})")
    for name, columns in (
        ("sqlite_stat1", "tbl,idx,stat"),
        ("sqlite_stat4", "tbl,idx,neq,nlt,ndlt,sample"),
    )
)


def refuse_altered(path: Path, named: Path) -> None:
    """SettingsError, about the file `named`, unless the schema of the database at `path` is what
    the migrations make that it says were applied: a trigger or view of somebody else would work on
    in the store. Also when they are newer than this program, which cannot know them."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        applied = {number for (number,) in connection.execute("select number from migration")}
        found = _entries(connection)
    finally:
        connection.close()
    if newer := applied - {number for number, _, _ in migrations()}:
        raise SettingsError(
            f"{named} was made by a newer version (migration {max(map(str, newer))}); "
            "restore it with that version"
        )
    expected = _made_by(applied)
    if extra := found - expected - _BY_ANALYZE:
        raise SettingsError(
            f"{named} holds {_listed(extra)}, which no migration of ours made; take another "
            "backup, or drop it from a copy of this one"
        )
    if lacking := expected - found:
        raise SettingsError(f"{named} lacks {_listed(lacking)}; take another backup")


def _made_by(numbers: set[int]) -> set[Entry]:
    fresh = apsw.Connection(":memory:")
    try:
        fresh.execute(TABLE)
        for number, _, sql in migrations():
            if number in numbers:
                fresh.execute(sql)
        return _entries(fresh)
    finally:
        fresh.close()


def _entries(connection: apsw.Connection) -> set[Entry]:
    return {
        (kind, name, table, " ".join(sql.split()))
        for kind, name, table, sql in connection.execute(_ENTRIES)
    }


def _listed(entries: set[Entry]) -> str:
    return ", ".join(sorted(f"{kind} {name!r}" for kind, name, _, _ in entries))
