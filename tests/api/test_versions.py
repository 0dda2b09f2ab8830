from __future__ import annotations

import httpx

from tests.api.house import WELCOME
from tests.api.test_drafts import FILE, PATH, live_title, titled


async def test_versions_of_a_workflow_are_listed_read_and_restored(api: httpx.AsyncClient) -> None:
    for title in ("One", "Two", "Three"):
        await api.put(PATH, json=titled(title))
    page = (await api.get(PATH + "/versions", params={"limit": 2})).json()
    assert [row["version"] for row in page["data"]] == [3, 2]
    after = page["page_info"]["end_cursor"]
    rest = (await api.get(PATH + "/versions", params={"limit": 2, "after": after})).json()
    assert [row["version"] for row in rest["data"]] == [1]
    first = (await api.get(PATH + "/versions/1")).json()
    assert first["document"] == {**titled("One"), "key": "welcome"}
    restored = (await api.post(PATH + "/versions/1/restore")).json()
    assert (restored["version"], restored["document"]) == (4, first["document"])
    listed = (await api.get(PATH + "/versions")).json()["data"]
    assert {row["version"]: row["same_as"] for row in listed} == {4: 1, 3: None, 2: None, 1: None}
    assert await live_title(api) == "One"


async def test_a_version_that_came_with_a_file_says_so(api: httpx.AsyncClient) -> None:
    await api.put(FILE, json={"source": "Hello"})
    step = {"send": {"channel": "sms", "template": "hello.txt"}}
    await api.put(PATH, json={"on": "user.joined", "steps": [step]})
    await api.put(FILE, json={"source": "Good day"})
    listed = (await api.get(PATH + "/versions")).json()["data"]
    assert [(row["version"], row["by_template"]) for row in listed] == [(2, True), (1, False)]
    whole = (await api.get(PATH + "/versions/1")).json()["whole"]
    assert whole["steps"][0]["send"]["template"] == {"body": "Hello"}


async def test_versions_of_a_file_are_listed_read_and_restored(api: httpx.AsyncClient) -> None:
    await api.put(FILE, json={"source": "Hello"})
    await api.delete(FILE)
    await api.put(FILE, json={"source": "Good day"})
    listed = (await api.get(FILE + "/versions")).json()["data"]
    assert [(row["version"], row["deleted"]) for row in listed] == [
        (3, False),
        (2, True),
        (1, False),
    ]
    assert (await api.get(FILE + "/versions/1")).json()["source"] == "Hello"
    assert (await api.post(FILE + "/versions/2/restore")).status_code == 404
    restored = await api.post(FILE + "/versions/1/restore")
    assert restored.json() == {"name": "hello.txt", "version": 4, "workflows": []}
    listed = (await api.get(FILE + "/versions")).json()["data"]
    assert [row["same_as"] for row in listed] == [1, None, None, None]
    assert (await api.get(FILE)).json()["source"] == "Hello"


async def test_what_has_no_versions_is_not_found(api: httpx.AsyncClient) -> None:
    await api.put(PATH, json=WELCOME)
    for path in (
        "/v1/workflows/nothing/versions",
        "/v1/templates/nothing.txt/versions",
        PATH + "/versions/2",
        PATH + "/versions/one",
        FILE + "/versions/1",
    ):
        assert (await api.get(path)).status_code == 404, path
