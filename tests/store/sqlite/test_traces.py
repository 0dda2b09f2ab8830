"""What stays in the files beside the rows, and who may read them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from clarion.core.workflow import Channel
from clarion.store.contract.law import ConsentWrite, SuppressionWrite
from clarion.store.sqlite.store import open_store
from tests.store.builders import ENV, NOW, a_push_page, a_user, an_event, an_event_id, some_content


async def test_an_erasure_leaves_no_bytes_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "clarion.db"
    store = open_store(path, NOW, serve=True, inline=True)
    user = 0
    for version in range(40):
        data = {"note": "unmistakable " * (1 + version * 20)}
        user = await a_user(store, "u1", email=f"unmistakable{version}@example.org", data=data)
    for n in range(40):
        event = an_event_id(n)
        words = some_content(event, "unmistakable " * (1 + n * 20), step=1, user=user)
        page = msgspec.structs.replace(a_push_page(event, user, n + 1), contents=[words])
        await store.events.accept_many([an_event(event, page)], NOW)
    for n in range(20):
        said = ConsentWrite(
            purpose=1, channel=None, granted=True, evidence={"note": "unmistakable " * n * 20}
        )
        await store.law.append_consents(ENV, user, [said], NOW)
    writes = [SuppressionWrite(channel=Channel.EMAIL, address="unmistakable@x.org", reason="stop")]
    await store.law.suppress(ENV, writes, NOW, b"f" * 32)
    for n in range(200):
        await a_user(store, f"other{n}", email=f"other{n}@example.org")
    await store.people.erase(ENV, "u1", NOW + 1)
    await store.close()
    for file in tmp_path.iterdir():
        assert file.read_bytes().count(b"unmistakable") == 0


async def test_only_the_own_user_may_read_the_store(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    store = open_store(folder / "clarion.db", NOW, serve=True, inline=True)
    await a_user(store, "u1", email="a@example.org")
    modes = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}
    await store.close()
    assert modes == dict.fromkeys(modes, 0o600)
    assert "clarion.db-wal" in modes
