"""Numbered migrations with checksums: each is run once, in order, in one transaction."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from clarion.errors import SettingsError
from clarion.store.sqlite.connection import SqliteTx

COLUMNS = frozenset({"number", "name", "checksum", "applied_at"})
"""Columns of the table `migration`, by which a database is known as ours."""

TABLE = """
create table if not exists migration (
    number integer primary key,
    name text not null,
    checksum text not null,
    applied_at integer not null
) strict
"""
"""Makes the table of what was applied."""

_NOBODY = 2**31


def migrations() -> list[tuple[int, str, str]]:
    """(number, name, sql) of every migration file, in order."""
    folder = files(__package__).joinpath("migrations")
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return sorted((int(e.name[:4]), e.name, e.read_text("utf-8")) for e in found)


async def migrate(tx: SqliteTx, now: int) -> list[str]:
    """Apply what is missing; the names applied. A newer schema is left as it is when it says that
    this program can work with it. SettingsError when it cannot, the file is another program's, or a
    migration that was applied has changed since."""
    await _refuse_foreign(tx)
    await tx.script(TABLE)
    applied = {
        number: (name, checksum)
        for number, name, checksum in await tx.composed(
            "select number, name, checksum from migration order by number", []
        )
    }
    known = migrations()
    newest = known[-1][0]
    if applied and max(applied) > newest and await _needed(tx) > newest:
        raise SettingsError(
            f"this database was made by a newer version (migration {max(applied)}, this program "
            f"knows {newest}); start the newer program or restore a backup"
        )
    fresh = []
    for number, name, sql in known:
        checksum = hashlib.sha256(sql.encode()).hexdigest()
        if number in applied:
            if applied[number][1] != checksum:
                raise SettingsError(f"migration {name} has changed since it was applied")
            continue
        await tx.script(sql)
        await tx.composed(
            "insert into migration values (?, ?, ?, ?)", [number, name, checksum, now]
        )
        fresh.append(name)
    return fresh


async def _needed(tx: SqliteTx) -> int:
    """The newest migration that a program has to know to work with this schema, although there are
    newer ones; a schema that does not say takes none but the newest."""
    if not await tx.composed("select 1 from sqlite_schema where name = 'requirement'", []):
        return _NOBODY
    needs: int = (await tx.composed("select max(needs) from requirement", []))[0][0]
    return needs


async def _refuse_foreign(tx: SqliteTx) -> None:
    """A file with tables that no migration of ours made belongs to somebody else."""
    found = await tx.composed("select name from pragma_table_info('migration')", [])
    columns = {name for (name,) in found}
    if columns >= COLUMNS:
        return
    if await tx.composed("select 1 from sqlite_schema limit 1", []):
        raise SettingsError(
            "this database belongs to another program; give Clarion a file of its own with "
            "CLARION_STORE"
        )
