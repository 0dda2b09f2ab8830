from __future__ import annotations

from typing import Any

import httpx

from tests.api.house import WELCOME

PATH = "/v1/workflows/welcome"
FILE = "/v1/templates/hello.txt"
ADMIN_ONLY = "needs a key with scope 'admin'"


def titled(title: str) -> dict[str, Any]:
    return {**WELCOME, "steps": [{"send": {"channel": "inbox", "template": {"title": title}}}]}


async def live_title(api: httpx.AsyncClient) -> str:
    document = (await api.get(PATH)).json()["document"]
    return str(document["steps"][0]["send"]["template"]["title"])


async def test_nothing_follows_a_draft_until_it_is_published(api: httpx.AsyncClient) -> None:
    await api.put(PATH, json=titled("Old"))
    saved = await api.put(PATH + "/draft", json={"document": titled("New")})
    assert (saved.status_code, saved.headers["etag"]) == (200, '"1"')
    draft = saved.json()
    assert (draft["based_on"], draft["live"], draft["problems"]) == (1, 1, [])
    assert (await api.get(PATH + "/draft")).json() == draft
    assert await live_title(api) == "Old"
    published = await api.post(PATH + "/publish", json={})
    assert published.json() == {"version": 2, "workflows": ["welcome"]}
    assert await live_title(api) == "New"
    assert (await api.get(PATH + "/draft")).status_code == 404
    assert (await api.post(PATH + "/publish", json={})).status_code == 404


async def test_a_draft_is_kept_with_its_mistakes_and_is_not_published(
    api: httpx.AsyncClient,
) -> None:
    await api.put(PATH, json=titled("Old"))
    saved = await api.put(PATH + "/draft", json={"document": titled("Hi {{ usr.name }}")})
    (problem,) = saved.json()["problems"]
    assert problem["pointer"] == "/steps/0/send/template/title"
    refused = await api.post(PATH + "/publish", json={})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (
        422,
        "/steps/0/send/template/title",
    )
    several = {**titled("x"), "colour": "red", "rollout": "maybe"}
    saved = await api.put(PATH + "/draft", json={"document": several})
    assert {found["pointer"] for found in saved.json()["problems"]} == {"/colour", "/rollout"}
    assert await live_title(api) == "Old"


async def test_of_two_who_save_the_same_edition_the_second_is_told(api: httpx.AsyncClient) -> None:
    await api.put(PATH, json=titled("Old"))
    first = {"If-Match": '"0"'}
    assert (
        await api.put(PATH + "/draft", json={"document": titled("Mine")}, headers=first)
    ).status_code == 200
    answer = await api.put(PATH + "/draft", json={"document": titled("Yours")}, headers=first)
    assert answer.status_code == 409
    assert "edition 1" in answer.json()["detail"]
    assert (await api.delete(PATH + "/draft", headers=first)).status_code == 409
    assert (await api.post(PATH + "/publish", json={}, headers=first)).status_code == 409
    wrong = await api.delete(PATH + "/draft", headers={"If-Match": "mine"})
    assert wrong.status_code == 400
    assert (await api.delete(PATH + "/draft", headers={"If-Match": '"1"'})).status_code == 204
    gone = {"If-Match": '"1"'}
    answer = await api.put(PATH + "/draft", json={"document": titled("Yours")}, headers=gone)
    assert "published or discarded" in answer.json()["detail"]


async def test_a_draft_of_an_older_version_is_refused_until_it_says_so(
    api: httpx.AsyncClient,
) -> None:
    await api.put(PATH, json=titled("One"))
    await api.put(PATH + "/draft", json={"document": titled("Mine")})
    await api.put(PATH, json=titled("Theirs"))
    assert (await api.get(PATH + "/draft")).json()["live"] == 2
    refused = await api.post(PATH + "/publish", json={})
    assert refused.status_code == 409
    assert "version 2" in refused.json()["detail"]
    assert await live_title(api) == "Theirs"
    await api.put(PATH + "/draft", json={"document": titled("Both"), "based_on": 2})
    assert (await api.post(PATH + "/publish", json={})).status_code == 200
    assert await live_title(api) == "Both"


async def test_a_workflow_goes_live_together_with_its_files(api: httpx.AsyncClient) -> None:
    step = {"send": {"channel": "sms", "template": "hello.txt"}}
    document = {"on": "user.joined", "steps": [step]}
    saved = await api.put(PATH + "/draft", json={"document": document})
    assert "hello.txt" in saved.json()["problems"][0]["detail"]
    await api.put(FILE + "/draft", json={"source": "Hello {{ user.name }}"})
    assert (await api.get(PATH + "/draft")).json()["problems"] == []
    assert (await api.post(PATH + "/publish", json={})).status_code == 422
    published = await api.post(PATH + "/publish", json={"templates": ["hello.txt"]})
    assert published.json() == {"version": 1, "workflows": ["welcome"]}
    assert (await api.get(FILE)).json()["source"] == "Hello {{ user.name }}"
    assert (await api.get("/v1/drafts")).json() == {"data": []}


async def test_a_file_whose_draft_would_break_a_workflow_stays_as_it_is(
    api: httpx.AsyncClient,
) -> None:
    await api.put(FILE, json={"source": "Hello"})
    step = {"send": {"channel": "sms", "template": "hello.txt"}}
    await api.put(PATH, json={"on": "user.joined", "steps": [step]})
    saved = await api.put(FILE + "/draft", json={"source": "{{ usr.name }}"})
    assert "welcome" in saved.json()["problems"][0]["detail"]
    assert (await api.post(FILE + "/publish")).status_code == 422
    listed = (await api.get("/v1/drafts")).json()["data"]
    assert [(row["kind"], row["name"], row["live"]) for row in listed] == [
        ("template", "hello.txt", 1)
    ]
    assert (await api.delete(FILE + "/draft")).status_code == 204
    await api.put(FILE + "/draft", json={"source": "Good day"})
    assert (await api.post(FILE + "/publish")).json() == {"version": 2, "workflows": ["welcome"]}


async def test_whoever_may_only_read_saves_nothing(house: Any) -> None:
    async with house.client(await house.key("read")) as reader:
        for path, body in (
            (PATH + "/draft", {"document": {}}),
            (FILE + "/draft", {"source": ""}),
        ):
            answer = await reader.put(path, json=body)
            assert (answer.status_code, ADMIN_ONLY in answer.json()["detail"]) == (403, True)
        for path in (PATH + "/publish", PATH + "/versions/1/restore"):
            assert (await reader.post(path, json={})).status_code == 403
        assert (await reader.get("/v1/drafts")).status_code == 200


async def test_a_file_beyond_its_bound_is_no_draft(api: httpx.AsyncClient) -> None:
    answer = await api.put(FILE + "/draft", json={"source": "x" * (2**20 + 1)})
    assert answer.status_code == 413
