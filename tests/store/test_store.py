from __future__ import annotations

import pytest

from clarion.errors import UnavailableError
from clarion.store.sql.store import SqlStore
from tests.store.builders import LEASE, NOW


async def test_a_store_that_works_is_well(store: SqlStore) -> None:
    await store.work.start_worker([1], LEASE, NOW)
    await store.check(NOW + 1)


async def test_a_store_that_was_closed_is_not_well(store: SqlStore) -> None:
    await store.close()
    with pytest.raises(UnavailableError):
        await store.check(NOW)
