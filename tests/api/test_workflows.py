from __future__ import annotations

import httpx

from tests.api.house import WELCOME


async def test_a_change_is_a_new_version_and_the_same_is_not(api: httpx.AsyncClient) -> None:
    path = "/v1/workflows/welcome"
    first = (await api.put(path, json=WELCOME)).json()
    same = (await api.put(path, json=WELCOME)).json()
    changed = (await api.put(path, json={**WELCOME, "category": "transactional"})).json()
    assert (first["version"], same["version"], changed["version"]) == (1, 1, 2)
    assert (await api.get(path)).json() == changed
    assert WELCOME.items() <= first["document"].items()


async def test_a_document_can_be_put_back_as_it_was_read(api: httpx.AsyncClient) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    for path in ("/v1/workflows/welcome", "/v1/categories/social"):
        seen = (await api.get(path)).json()
        again = (await api.put(path, json=seen["document"])).json()
        assert again["version"] == seen["version"]


async def test_a_mistake_in_a_workflow_is_pointed_at(api: httpx.AsyncClient) -> None:
    broken = {**WELCOME, "steps": [{"send": {"channel": "fax", "template": {"title": "Hi"}}}]}
    answer = await api.put("/v1/workflows/welcome", json=broken)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"].startswith("/steps/0/send/channel")
    assert (await api.get("/v1/workflows/welcome")).status_code == 404


async def test_an_unknown_workflow_of_an_event_is_refused(api: httpx.AsyncClient) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    answer = await api.post("/v1/events", json={"type": "user.joined", "workflow": "welcom"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/workflow")


async def test_a_workflow_is_switched_off_and_on(api: httpx.AsyncClient) -> None:
    path = "/v1/workflows/welcome"
    await api.put(path, json=WELCOME)
    assert (await api.patch(path, json={"paused": True})).json()["paused"] is True
    assert (await api.get("/v1/workflows")).json()["data"][0]["paused"] is True
    assert (await api.patch(path, json={"paused": False})).json()["paused"] is False
    assert (await api.patch("/v1/workflows/no", json={"paused": True})).status_code == 404


async def test_a_deleted_workflow_is_gone(api: httpx.AsyncClient) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    assert (await api.delete("/v1/workflows/welcome")).status_code == 204
    assert (await api.delete("/v1/workflows/welcome")).status_code == 404
    assert (await api.get("/v1/workflows")).json() == {"data": []}


async def test_a_preview_renders_and_sends_nothing(api: httpx.AsyncClient) -> None:
    await api.put("/v1/workflows/welcome", json=WELCOME)
    await api.put("/v1/users/u1", json={"name": "Ana"})
    path = "/v1/workflows/welcome/preview"
    (step,) = (await api.post(path, json={"user": "u1"})).json()["steps"]
    assert (step["channel"], step["content"]["title"]) == ("inbox", "Hi Ana")
    assert (await api.get("/v1/notifications")).json()["data"] == []
    assert (await api.post(path, json={"user": "nobody"})).status_code == 404
    await api.put("/v1/users/u1", json={})
    assert (await api.post(path, json={"user": "u1"})).status_code == 422


async def test_categories_are_put_read_and_deleted(api: httpx.AsyncClient) -> None:
    written = await api.put("/v1/categories/live", json={"lane": "critical"})
    assert written.json()["document"]["lane"] == "critical"
    listed = {row["key"] for row in (await api.get("/v1/categories")).json()["data"]}
    assert {"live", "security", "social"} <= listed
    await api.put("/v1/workflows/welcome", json={**WELCOME, "category": "live"})
    assert (await api.delete("/v1/categories/live")).status_code == 422
    await api.delete("/v1/workflows/welcome")
    assert (await api.delete("/v1/categories/live")).status_code == 204
    missing = await api.get("/v1/categories/secruity")
    assert "security" in missing.json()["detail"]


async def test_templates_are_taken_as_json_and_as_text(api: httpx.AsyncClient) -> None:
    path = "/v1/templates/mail%2Fhello.txt"
    first = await api.put(path, json={"source": "Hello"})
    second = await api.put(path, content="Höllo", headers={"content-type": "text/plain"})
    assert (first.json()["version"], second.json()["version"]) == (1, 2)
    assert (await api.get(path)).json()["source"] == "Höllo"
    listed = (await api.get("/v1/templates")).json()["data"]
    assert [row["name"] for row in listed] == ["mail/hello.txt"]
    assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 404


async def test_a_template_file_is_text_of_bounded_size(api: httpx.AsyncClient) -> None:
    text = {"content-type": "text/plain"}
    path = "/v1/templates/a.txt"
    assert (await api.put(path, content=b"\xff", headers=text)).status_code == 400
    assert (await api.put(path, content=b"x" * 2**20 + b"x", headers=text)).status_code == 413
    image = {"content-type": "image/png"}
    assert (await api.put(path, content=b"x", headers=image)).status_code == 415


async def test_workflows_follow_the_template_they_name(api: httpx.AsyncClient) -> None:
    await api.put("/v1/templates/hello.txt", json={"source": "Hello"})
    step = {"send": {"channel": "sms", "template": "hello.txt"}}
    answer = await api.put("/v1/workflows/mail", json={"on": "user.joined", "steps": [step]})
    assert answer.status_code == 200, answer.text
    changed = await api.put("/v1/templates/hello.txt", json={"source": "Good day"})
    assert changed.json()["workflows"] == ["mail"]
    assert (await api.get("/v1/workflows/mail")).json()["version"] == 2
    assert (await api.delete("/v1/templates/hello.txt")).status_code == 422
