from __future__ import annotations

import httpx


async def test_a_topic_is_read_as_written(api: httpx.AsyncClient) -> None:
    body = {"parent": "folder:3", "kind": "thread", "default_level": "mentions", "data": {"n": 1}}
    written = (await api.put("/v1/topics/doc:9", json=body)).json()
    assert body.items() <= written.items()
    assert (await api.get("/v1/topics/doc:9")).json() == {**written, "subscribers": 0}


async def test_a_circle_of_parents_is_refused(api: httpx.AsyncClient) -> None:
    await api.put("/v1/topics/a", json={"parent": "b"})
    assert (await api.put("/v1/topics/b", json={"parent": "a"})).status_code == 422


async def test_subscribers_come_go_and_are_listed_page_by_page(api: httpx.AsyncClient) -> None:
    users = [f"u{number}" for number in range(5)]
    path = "/v1/topics/a%2Fb/subscribers"
    first = await api.post(path, json={"add": users})
    again = await api.post(path, json={"add": users, "remove": ["u4", "stranger"]})
    assert first.json() == {"added": 5, "removed": 0}
    assert again.json()["removed"] == 1
    listed: list[str] = []
    after = ""
    for _ in range(2):
        params = {"limit": "2", **({"after": after} if after else {})}
        page = (await api.get(path, params=params)).json()
        listed += [row["user"] for row in page["data"]]
        after = page["page_info"]["end_cursor"] or ""
    assert (sorted(listed), after) == (users[:4], "")
    assert (await api.get("/v1/topics/a%2Fb")).json()["subscribers"] == 4


async def test_a_call_changes_up_to_10000_subscriptions(api: httpx.AsyncClient) -> None:
    many = {"add": ["u"] * 10_000, "remove": ["v"]}
    assert (await api.post("/v1/topics/t/subscribers", json=many)).status_code == 413


async def test_a_bad_subscriber_is_pointed_at(api: httpx.AsyncClient) -> None:
    answer = await api.post("/v1/topics/t/subscribers", json={"add": ["u1", ""]})
    assert answer.json()["errors"][0]["pointer"] == "/add/1"


async def test_an_ended_topic_is_gone(api: httpx.AsyncClient) -> None:
    await api.post("/v1/topics/t/subscribers", json={"add": ["u1"]})
    assert (await api.delete("/v1/topics/t")).status_code == 204
    assert (await api.delete("/v1/topics/t")).status_code == 404
    assert (await api.get("/v1/topics/t")).status_code == 404
    assert (await api.get("/v1/topics/t/subscribers")).status_code == 404


async def test_a_subscriber_may_be_written_as_a_user(api: httpx.AsyncClient) -> None:
    path = "/v1/topics/t/subscribers"
    people = [{"id": "u1", "name": "Ana"}, {"id": "u2", "email": "none"}, "u3", {"id": "u4"}]
    answer = (await api.post(path, json={"add": people})).json()
    assert (answer["added"], answer["removed"]) == (3, 0)
    (refused,) = answer["refused"]
    assert (refused["index"], refused["id"]) == (1, "u2")
    assert refused["errors"][0]["pointer"] == "/add/1/email"
    assert (await api.get("/v1/users/u1")).json()["name"] == "Ana"
    assert (await api.get("/v1/users/u4")).json()["version"] == 1
    assert (await api.get("/v1/users/u3")).status_code == 404
    again = (await api.post(path, json={"add": [{"id": "u1"}]})).json()
    assert again == {"added": 0, "removed": 0}
    user = (await api.get("/v1/users/u1")).json()
    assert (user["name"], user["version"]) == ("Ana", 1)


async def test_topics_are_listed_page_by_page(api: httpx.AsyncClient) -> None:
    for key in ("a", "b", "c"):
        await api.put(f"/v1/topics/{key}", json={"default_level": "all"})
    await api.delete("/v1/topics/b")
    first = (await api.get("/v1/topics", params={"limit": "1"})).json()
    after = first["page_info"]["end_cursor"]
    rest = (await api.get("/v1/topics", params={"after": after})).json()
    assert [row["key"] for row in first["data"] + rest["data"]] == ["a", "c"]
    assert rest["page_info"]["has_next"] is False


async def test_the_beginning_of_a_key_finds_topics_page_by_page(api: httpx.AsyncClient) -> None:
    for key in ("doc:1", "doc:2", "doc:3", "other", "doc:4"):
        await api.put(f"/v1/topics/{key}", json={})
    await api.delete("/v1/topics/doc:2")
    params = {"q": "doc:", "limit": "3"}
    first = (await api.get("/v1/topics", params=params)).json()
    after = first["page_info"]["end_cursor"]
    rest = (await api.get("/v1/topics", params={**params, "after": after})).json()
    keys = [[row["key"] for row in page["data"]] for page in (first, rest)]
    assert keys == [["doc:1", "doc:3"], ["doc:4"]]
    assert rest["page_info"] == {"has_next": False, "end_cursor": None}
