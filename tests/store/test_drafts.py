from __future__ import annotations

import msgspec

from clarion.store.contract.drafts import Clash, DraftKind, DraftRow, Publication
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW
from tests.store.test_catalog import COMMENT, put

FILE = DraftKind.TEMPLATE


async def save(
    store: SqlStore, body: str = "words", *, based_on: int = 0, expected: int | None = None
) -> DraftRow | None:
    return await store.drafts.save(
        ENV, FILE, "a.txt", body=body, based_on=based_on, expected=expected, now=NOW
    )


async def saved(store: SqlStore, body: str = "words", based_on: int = 0) -> DraftRow:
    row = await save(store, body, based_on=based_on)
    assert row is not None
    return row


async def test_a_draft_is_found_as_it_was_saved_last(store: SqlStore) -> None:
    await saved(store)
    second = await saved(store, "other words")
    assert (second.edition, second.body, second.at) == (2, "other words", NOW)
    assert await store.drafts.find(ENV, FILE, "a.txt") == second
    assert await store.drafts.find(ENV + 1, FILE, "a.txt") is None
    assert await store.drafts.find(ENV, DraftKind.WORKFLOW, "a.txt") is None
    assert await store.drafts.list(ENV) == [second]


async def test_who_read_another_edition_changes_nothing(store: SqlStore) -> None:
    assert await save(store, expected=1) is None
    first = await save(store, expected=0)
    assert first is not None
    assert first.edition == 1
    assert await save(store, "late", expected=0) is None
    assert not await store.drafts.discard(ENV, FILE, "a.txt", 7)
    assert await store.drafts.find(ENV, FILE, "a.txt") == first
    assert await store.drafts.discard(ENV, FILE, "a.txt", 1)
    assert not await store.drafts.discard(ENV, FILE, "a.txt", None)


async def test_what_is_published_is_live_and_no_draft_any_more(store: SqlStore) -> None:
    row = await put(store)
    file = await saved(store)
    flow = await store.drafts.save(
        ENV, DraftKind.WORKFLOW, COMMENT.key, body="{}", based_on=row.version, expected=0, now=NOW
    )
    assert flow is not None
    before = (await store.catalog.stamps())[ENV]
    changed = msgspec.structs.replace(COMMENT, expires_in_seconds=60)
    publication = Publication(
        drafts=(flow, file), workflows=(changed,), templates={"a.txt": "words"}
    )
    assert await store.drafts.publish(ENV, publication, NOW + 1) is None
    catalog = await store.catalog.load(ENV)
    assert [(w.workflow, w.version) for w in catalog.workflows] == [(changed, row.version + 1)]
    assert [(t.name, t.body, t.version) for t in catalog.templates] == [("a.txt", "words", 1)]
    assert await store.drafts.list(ENV) == []
    assert (await store.catalog.stamps())[ENV] > before


async def test_a_draft_of_a_version_that_is_not_live_any_more_is_not_published(
    store: SqlStore,
) -> None:
    file = await saved(store)
    await store.catalog.put_templates(ENV, {"a.txt": "theirs"}, NOW)
    publication = Publication(drafts=(file,), workflows=(), templates={"a.txt": "words"})
    clash = await store.drafts.publish(ENV, publication, NOW)
    assert clash == Clash(kind=FILE, name="a.txt", version=1)
    assert (await store.catalog.load(ENV)).templates[0].body == "theirs"
    assert await store.drafts.list(ENV) == [file]


async def test_a_draft_that_was_saved_meanwhile_is_not_published(store: SqlStore) -> None:
    file = await saved(store)
    later = await saved(store, "later")
    publication = Publication(drafts=(file,), workflows=(), templates={"a.txt": "words"})
    clash = await store.drafts.publish(ENV, publication, NOW)
    assert clash == Clash(kind=FILE, name="a.txt", saved=True)
    assert await store.drafts.list(ENV) == [later]


async def test_a_deleted_thing_has_no_live_version(store: SqlStore) -> None:
    row = await put(store)
    await store.catalog.put_templates(ENV, {"a.txt": "old"}, NOW)
    await store.catalog.delete_template(ENV, "a.txt", NOW)
    await store.catalog.delete_workflow(ENV, row.number, NOW)
    file = await saved(store)
    flow = await store.drafts.save(
        ENV, DraftKind.WORKFLOW, COMMENT.key, body="{}", based_on=0, expected=None, now=NOW
    )
    assert flow is not None
    publication = Publication(
        drafts=(flow, file), workflows=(COMMENT,), templates={"a.txt": "words"}
    )
    assert await store.drafts.publish(ENV, publication, NOW) is None
    assert (await store.catalog.load(ENV)).templates[0].version == 3


async def test_versions_are_listed_newest_first(store: SqlStore) -> None:
    row = await put(store)
    changed = msgspec.structs.replace(COMMENT, expires_in_seconds=60)
    await put(store, changed)
    rows = await store.drafts.workflow_versions(ENV, row.number, limit=5)
    assert [(r.version, r.workflow) for r in rows] == [(2, changed), (1, COMMENT)]
    older = await store.drafts.workflow_versions(ENV, row.number, before=2, limit=5)
    assert older == rows[1:]
    await store.catalog.put_templates(ENV, {"a.txt": "one"}, NOW)
    await store.catalog.delete_template(ENV, "a.txt", NOW + 1)
    files = await store.drafts.template_versions(ENV, "a.txt", limit=5)
    assert [(f.version, f.body, f.deleted) for f in files] == [(2, "", True), (1, "one", False)]
    assert await store.drafts.template_versions(ENV, "a.txt", before=2, limit=1) == files[1:]
