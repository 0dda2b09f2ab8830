"""The catalogue: versions, switches, and nothing that does not compile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clarion.errors import InvalidError, NotFoundError
from clarion.pipeline.contract import PreviewAsked
from clarion.store.contract.catalog import Catalog
from clarion.testing.embedded import Embedded
from tests.pipeline.builders import INBOX, MAIL, a_note


async def keys(server: Embedded) -> list[str]:
    catalog = await server.server.catalogs.current(server.env)
    return sorted(row.workflow.key for row in catalog.workflows)


async def test_the_built_in_categories_are_there_from_the_start(embedded: Embedded) -> None:
    catalog = await embedded.server.catalogs.current(embedded.env)
    found = {row.category.key for row in catalog.categories}
    assert found == {"security", "transactional", "social", "marketing"}


async def test_an_unknown_category_is_refused_with_a_guess(embedded: Embedded) -> None:
    with pytest.raises(InvalidError, match="did you mean 'social'") as refused:
        await a_note(embedded, category="socail")
    assert refused.value.pointer == "/category"
    assert await keys(embedded) == []


async def test_an_unknown_workflow_is_refused_with_a_guess(embedded: Embedded) -> None:
    await a_note(embedded)
    catalogs, env = embedded.server.catalogs, embedded.env
    with pytest.raises(NotFoundError, match="did you mean 'note'"):
        await catalogs.pause(env, "notes", True)
    with pytest.raises(NotFoundError, match="did you mean 'note'"):
        await catalogs.preview(env, "notes", PreviewAsked())


@pytest.mark.parametrize(
    ("step", "fields", "pointer"),
    [
        ({"channel": "inbox", "template": {"title": "{{ usr.name }}"}}, {}, "/steps/0/send/templ"),
        ({**INBOX, "when": "data.amount >"}, {}, "/steps/0/send/when"),
        (INBOX, {"audience": "topics(data.x)"}, "/audience"),
        (INBOX, {"dedupe": {"key": "nobody.id", "window": "PT1M"}}, "/dedupe/key"),
    ],
)
async def test_what_does_not_compile_is_refused_with_its_place(
    embedded: Embedded, step: dict[str, Any], fields: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        await embedded.workflow("note", step, **fields)
    assert refused.value.pointer.startswith(pointer)
    assert await keys(embedded) == []


async def test_a_pause_that_meets_a_reload_is_not_forgotten(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await a_note(embedded)
    catalogs, store = embedded.server.catalogs, embedded.server.store.catalog
    load, read, go_on = store.load, asyncio.Event(), asyncio.Event()

    async def slow(env: int) -> Catalog:
        found = await load(env)
        read.set()
        await go_on.wait()
        return found

    await catalogs.compiled(embedded.env)
    with monkeypatch.context() as slowed:
        slowed.setattr(store, "load", slow)
        catalogs.forget(embedded.env)
        reloading = asyncio.create_task(catalogs.compiled(embedded.env))
        await read.wait()
    await store.pause(embedded.env, number, True, embedded.clock.now())
    catalogs.forget(embedded.env)
    go_on.set()
    assert (await reloading).by_key["note"].row.paused
    assert (await catalogs.compiled(embedded.env)).by_key["note"].row.paused


async def test_a_template_gives_its_workflows_a_new_version(embedded: Embedded) -> None:
    catalogs = embedded.server.catalogs
    await catalogs.put_template(embedded.env, "hello.txt", "---\nsubject: Hello\n---\nFirst words")
    step = {"channel": "email", "template": "hello.txt"}
    await embedded.workflow("note", step)
    await a_note(embedded, "other")
    version, changed = await catalogs.put_template(
        embedded.env, "hello.txt", "---\nsubject: Hello\n---\nOther words"
    )
    assert (version, changed) == (2, ["note"])
    found = {row.workflow.key: row.version for row in (await catalogs.current(1)).workflows}
    assert found == {"note": 2, "other": 1}


async def test_a_template_that_would_break_a_workflow_is_refused(embedded: Embedded) -> None:
    catalogs = embedded.server.catalogs
    await catalogs.put_template(embedded.env, "hello.txt", "---\nsubject: Hello\n---\nWords")
    await embedded.workflow("note", {"channel": "email", "template": "hello.txt"})
    with pytest.raises(InvalidError, match="'note' would break"):
        await catalogs.put_template(
            embedded.env, "hello.txt", "---\nsubject: Hello\n---\n{{ usr.x }}"
        )
    assert (await catalogs.current(embedded.env)).templates[0].version == 1


async def test_what_is_used_cannot_be_deleted(embedded: Embedded) -> None:
    catalogs = embedded.server.catalogs
    await embedded.category("live", lane="social")
    await catalogs.put_template(embedded.env, "hello.txt", "---\nsubject: Hello\n---\nWords")
    step = {"channel": "email", "template": "hello.txt"}
    await embedded.workflow("note", step, category="live")
    for kind, key in (("category", "live"), ("template", "hello.txt")):
        with pytest.raises(InvalidError, match="used by note"):
            await catalogs.delete(embedded.env, kind, key)
    assert await catalogs.delete(embedded.env, "workflow", "note")
    assert await catalogs.delete(embedded.env, "category", "live")
    assert await catalogs.delete(embedded.env, "template", "hello.txt")
    assert not await catalogs.delete(embedded.env, "workflow", "note")
    assert await keys(embedded) == []


async def test_a_workspace_is_put_as_a_whole_or_not_at_all(embedded: Embedded) -> None:
    good = {"key": "good", "steps": [{"send": INBOX}], "category": "live"}
    bad = {"key": "bad", "steps": [{"send": {**INBOX, "when": "1 +"}}]}
    apply = embedded.server.catalogs.apply
    live = [{"key": "live", "lane": "social"}]
    with pytest.raises(InvalidError):
        await apply(embedded.env, templates={}, categories=live, workflows=[good, bad])
    assert await keys(embedded) == []
    await apply(embedded.env, templates={}, categories=live, workflows=[good])
    assert await keys(embedded) == ["good"]


async def test_a_preview_shows_the_words_and_names_what_is_missing(embedded: Embedded) -> None:
    step = {"channel": "email", "template": {"subject": "Hi {{ user.name }}", "body": "Bye"}}
    await embedded.workflow("note", step, MAIL)
    await embedded.user("ada", name="Ada", locale="en")
    shown = await embedded.server.catalogs.preview(embedded.env, "note", PreviewAsked(user="ada"))
    assert [entry["channel"] for entry in shown] == ["email", "email"]
    assert shown[0]["content"]["subject"] == "Hi Ada"
    with pytest.raises(InvalidError, match=r"user\.name"):
        await embedded.server.catalogs.preview(embedded.env, "note", PreviewAsked())
    with pytest.raises(NotFoundError):
        await embedded.server.catalogs.preview(embedded.env, "note", PreviewAsked(user="nobody"))
    with pytest.raises(NotFoundError):
        await embedded.server.catalogs.preview(embedded.env, "nothing", PreviewAsked())


async def test_a_preview_goes_on_past_a_step_that_cannot_be_rendered(embedded: Embedded) -> None:
    sms = {"channel": "sms", "template": {"body": "{{ data.code }}"}}
    await embedded.workflow("note", sms, MAIL)
    asked = PreviewAsked(keep_going=True)
    broken, whole = await embedded.server.catalogs.preview(embedded.env, "note", asked)
    assert broken["problem"]["pointer"] == "/steps/0/send/template/body"
    assert "data.code" in broken["problem"]["detail"]
    assert whole["content"]["subject"]
    assert "problem" not in whole


async def test_a_preview_of_what_is_not_live_yet_changes_nothing(embedded: Embedded) -> None:
    step = {"channel": "sms", "template": "words.txt"}
    document = {"on": "thing.happened", "steps": [{"send": step}]}
    files = {"words.txt": "{{ actor.name }} wrote"}
    await embedded.user("ada", name="Ada")
    asked = PreviewAsked(actor="ada", document=document, templates=files)
    (shown,) = await embedded.server.catalogs.preview(embedded.env, "fresh", asked)
    assert shown["content"]["body"] == "Ada wrote"
    assert await keys(embedded) == []
    wrong = PreviewAsked(document={**document, "category": "socail"}, templates=files)
    with pytest.raises(InvalidError, match="did you mean 'social'") as refused:
        await embedded.server.catalogs.preview(embedded.env, "fresh", wrong)
    assert refused.value.pointer == "/document/category"


async def test_a_preview_of_a_digest_tells_the_one_event(embedded: Embedded) -> None:
    title = '{{ digest|tell(other="{names} liked it", others_other="{names} and {others}") }}'
    steps = [
        {"digest": {"window": "PT1M"}},
        {"send": {"channel": "inbox", "template": {"title": title}}},
    ]
    await embedded.user("ada", name="Ada")
    await embedded.user("ben", name="Ben")
    asked = PreviewAsked(user="ada", actor="ben", document={"steps": steps})
    (shown,) = await embedded.server.catalogs.preview(embedded.env, "liked", asked)
    assert shown["content"]["title"] == "Ben liked it"


async def test_pausing_what_is_not_there_is_refused(embedded: Embedded) -> None:
    with pytest.raises(NotFoundError, match="no workflow 'note'"):
        await embedded.server.catalogs.pause(embedded.env, "note", True)
