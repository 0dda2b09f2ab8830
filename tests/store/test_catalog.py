from __future__ import annotations

import pytest

from clarion.core.workflow import (
    BUILT_IN_CATEGORIES,
    Category,
    Channel,
    Dedupe,
    Lane,
    OnUnknown,
    Rollout,
    SendStep,
    Workflow,
)
from clarion.errors import NotFoundError
from clarion.store.contract.catalog import TemplateRow, WorkflowRow
from clarion.store.sql.store import SqlStore
from tests.store.builders import ENV, NOW

COMMENT = Workflow(
    key="comment-added",
    on="comment.added",
    category="social",
    audience='topic("doc:" + data.doc)',
    dedupe=Dedupe(key="data.id", window_seconds=600),
    expires_in_seconds=86400,
    rollout=Rollout.SHADOW,
    locale="en",
    steps=(
        SendStep(index=0, channel=Channel.INBOX, template={"": {"title": "{{ actor.name }} ä"}}),
        SendStep(index=1, channel=Channel.EMAIL, when="!inbox.read"),
    ),
    partials={"layout.html": "<p>"},
    document={"key": "comment-added", "at": {"b": 1, "a": 2}},
)


async def put(store: SqlStore, workflow: Workflow = COMMENT) -> WorkflowRow:
    await store.catalog.put_categories(ENV, list(BUILT_IN_CATEGORIES), NOW)
    return (await store.catalog.put_workflows(ENV, [workflow], NOW))[0]


async def test_categories_come_back_as_put(store: SqlStore) -> None:
    category = Category(
        key="alerts",
        lane=Lane.CRITICAL,
        mandatory=True,
        quiet_hours="ignore",
        consent="required",
        on_unknown={"*": OnUnknown.AT_MOST_ONCE},
        attempts=2,
        deadline_seconds=60,
    )
    rows = await store.catalog.put_categories(ENV, [category, *BUILT_IN_CATEGORIES], NOW)
    assert [row.category for row in rows] == [category, *BUILT_IN_CATEGORIES]
    loaded = await store.catalog.load(ENV)
    assert sorted(rows, key=lambda row: row.category.key) == list(loaded.categories)


async def test_a_workflow_comes_back_as_put(store: SqlStore) -> None:
    row = await put(store)
    assert (row.workflow, row.version, row.at, row.paused) == (COMMENT, 1, NOW, False)
    loaded = await store.catalog.load(ENV)
    assert loaded.workflows == (row,)
    social = next(c for c in loaded.categories if c.category.key == "social")
    assert row.category_number == social.number
    assert list(loaded.workflows[0].workflow.document["at"]) == ["b", "a"]


async def test_an_equal_body_keeps_its_version(store: SqlStore) -> None:
    await put(store)
    assert (await put(store)).version == 1
    reordered = Workflow(
        **{f: getattr(COMMENT, f) for f in COMMENT.__struct_fields__}
        | {"document": {"at": {"a": 2, "b": 1}, "key": "comment-added"}}
    )
    assert (await put(store, reordered)).version == 1


async def test_a_changed_body_is_a_new_version_and_the_old_one_stays(store: SqlStore) -> None:
    first = await put(store)
    second = await put(store, Workflow(key=COMMENT.key, on="comment.edited", category="social"))
    assert (second.number, second.version) == (first.number, 2)
    wanted = [(first.number, 1), (first.number, 2), (first.number, 3)]
    found = await store.catalog.workflow_versions(ENV, wanted)
    assert found == {(first.number, 1): first, (first.number, 2): second}
    assert (await store.catalog.load(ENV)).workflows == (second,)


async def test_versions_of_categories_stay_too(store: SqlStore) -> None:
    (first,) = await store.catalog.put_categories(ENV, [Category(key="a", attempts=1)], NOW)
    (second,) = await store.catalog.put_categories(ENV, [Category(key="a", attempts=2)], NOW)
    await store.catalog.delete_category(ENV, first.number, NOW)
    found = await store.catalog.category_versions(ENV, [(first.number, 1), (first.number, 2)])
    assert found == {(first.number, 1): first, (first.number, 2): second}


async def test_a_workflow_of_an_unknown_category_is_refused(store: SqlStore) -> None:
    good = Workflow(key="good", on="x")
    await put(store)
    with pytest.raises(NotFoundError, match="nowhere"):
        await store.catalog.put_workflows(
            ENV, [good, Workflow(key="bad", on="x", category="nowhere")], NOW
        )
    assert [row.workflow.key for row in (await store.catalog.load(ENV)).workflows] == [COMMENT.key]


async def test_the_off_switch_outlives_a_new_version(store: SqlStore) -> None:
    row = await put(store)
    await store.catalog.pause(ENV, row.number, True, NOW)
    assert (await put(store, Workflow(key=COMMENT.key, on="x"))).paused
    await store.catalog.pause(ENV, row.number, False, NOW)
    assert not (await store.catalog.load(ENV)).workflows[0].paused
    with pytest.raises(NotFoundError):
        await store.catalog.pause(ENV, 99, True, NOW)


async def test_what_is_deleted_is_not_loaded_and_comes_back_as_a_new_version(
    store: SqlStore,
) -> None:
    row = await put(store)
    await store.catalog.pause(ENV, row.number, True, NOW)
    assert await store.catalog.delete_workflow(ENV, row.number, NOW)
    assert not await store.catalog.delete_workflow(ENV, row.number, NOW)
    assert (await store.catalog.load(ENV)).workflows == ()
    assert (row.number, 1) in await store.catalog.workflow_versions(ENV, [(row.number, 1)])
    again = await put(store)
    assert (again.number, again.version, again.paused) == (row.number, 2, False)


async def test_templates_keep_equal_bodies_and_come_back_after_a_delete(store: SqlStore) -> None:
    await store.catalog.put_templates(ENV, {"a.mjml": "1", "b.html": "x"}, NOW)
    rows = await store.catalog.put_templates(ENV, {"a.mjml": "2", "b.html": "x"}, NOW + 1)
    assert rows == [
        TemplateRow(name="a.mjml", version=2, body="2", at=NOW + 1),
        TemplateRow(name="b.html", version=1, body="x", at=NOW),
    ]
    assert list((await store.catalog.load(ENV)).templates) == rows
    assert await store.catalog.delete_template(ENV, "a.mjml", NOW)
    assert not await store.catalog.delete_template(ENV, "a.mjml", NOW)
    assert (await store.catalog.load(ENV)).templates == (rows[1],)
    (back,) = await store.catalog.put_templates(ENV, {"a.mjml": "2"}, NOW)
    assert back.version == 4
