from __future__ import annotations

import dataclasses
import gzip
from pathlib import Path

import httpx
import pytest
from litestar.types import HTTPScope, Receive, Send

from clarion.api.app import create_app
from clarion.api.statics import Statics
from tests.api.house import House

HTML = {"accept": "text/html,*/*"}


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    """Asks for files of a small folder; 404 is "no file"."""
    for name, text in {
        "dashboard/index.html": "<!doctype html><title>Clarion</title>",
        "dashboard/assets/app-1a2b.js": "let a = 1;\n" * 200,
        "inbox/clarion-inbox.js": "export {}\n",
        ".built": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    statics = Statics(tmp_path)

    async def app(scope: HTTPScope, receive: Receive, send: Send) -> None:
        file = statics.file(scope)
        if file is None:
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await statics.send(file, scope, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://clarion.test")  # type: ignore[arg-type]


async def test_the_dashboard_is_at_the_door_for_browsers_only(client: httpx.AsyncClient) -> None:
    page = await client.get("/", headers=HTML)
    assert "<title>Clarion</title>" in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert (await client.get("/", headers={"accept": "application/json"})).status_code == 404
    assert (await client.post("/", headers=HTML)).status_code == 404


async def test_a_file_named_by_its_content_is_kept_and_others_are_asked_for_again(
    client: httpx.AsyncClient,
) -> None:
    asset = await client.get("/static/dashboard/assets/app-1a2b.js")
    assert "immutable" in asset.headers["cache-control"]
    assert asset.headers["content-encoding"] == "gzip"
    assert asset.text == "let a = 1;\n" * 200
    component = await client.get("/static/clarion-inbox.js")
    assert component.headers["cache-control"] == "no-cache"
    assert component.headers["access-control-allow-origin"] == "*"
    again = {"if-none-match": component.headers["etag"]}
    assert (await client.get("/static/clarion-inbox.js", headers=again)).status_code == 304


async def test_who_cannot_unpack_gets_the_plain_file(client: httpx.AsyncClient) -> None:
    plain = await client.get(
        "/static/dashboard/assets/app-1a2b.js", headers={"accept-encoding": "identity"}
    )
    assert "content-encoding" not in plain.headers
    assert len(plain.content) == int(plain.headers["content-length"])
    assert len(gzip.compress(plain.content)) < len(plain.content)


@pytest.mark.parametrize("path", ["/static/.built", "/static/../app.py", "/static/nothing.js"])
async def test_nothing_else_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_pages_that_were_not_built_leave_the_api_alone(house: House) -> None:
    services = house.services
    app = create_app(services, statics=Statics(Path("nowhere")))
    async with dataclasses.replace(house, app=app).client() as client:
        assert (await client.get("/", headers=HTML)).json()["name"] == "Clarion"
        assert (await client.get("/static/clarion-inbox.js")).status_code == 404
