from pathlib import Path

import apsw
import pytest

from bench.sums import nobody_told, one_item_each, sums
from clarion.store.sqlite.store import open_store

EVENT = b"e" * 16


async def test_an_empty_store_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "clarion.db"
    await open_store(path, 0, serve=True).close()
    one_item_each(await sums(path), 0)
    nobody_told(await sums(path), 0)


async def test_a_count_without_its_rows_is_found(tmp_path: Path) -> None:
    path = tmp_path / "clarion.db"
    await open_store(path, 0, serve=True).close()
    connection = apsw.Connection(str(path))
    for table in ("event_count", "event_delta"):
        names = "(env, event, kind, open, held, sent, dead, skipped)"
        connection.execute(f"insert into {table} {names} values (1, ?, 0, 0, 1, 2, 0, 0)", (EVENT,))
    connection.close()
    found = await sums(path)
    assert (found.counted, found.counted_otherwise, found.notifications) == (4, 2, 0)
    with pytest.raises(RuntimeError, match="4 events were accepted"):
        one_item_each(found, 4)
    with pytest.raises(RuntimeError, match="0 events were accepted"):
        nobody_told(found, 0)
