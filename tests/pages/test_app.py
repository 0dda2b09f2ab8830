"""What the pages refuse, and what guards them."""

from __future__ import annotations

import base64

import pytest

from clarion.core.links import Link, Links, Purpose
from clarion.testing.embedded import Embedded
from tests.pages.visiting import ONE_CLICK, PUBLIC_URL, Visitor, path_of


@pytest.fixture
async def path(server: Embedded, visitor: Visitor) -> str:
    """Ana's preference page."""
    await server.user("ana", name="Ana")
    return await visitor.link()


async def test_a_page_is_nobodys_frame_and_nothing_keeps_it(path: str, visitor: Visitor) -> None:
    answer = await visitor.browser.get(path)
    headers = answer.headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"].startswith("noindex")
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers
    assert " style=" not in answer.text
    assert "<script" not in answer.text
    assert "http" not in answer.text


async def test_the_style_is_found_below_any_public_path(path: str, visitor: Visitor) -> None:
    page = await visitor.open(path)
    href = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert href.startswith("../pages/")
    answer = await visitor.browser.get("/pages/" + href.removeprefix("../pages/"))
    assert answer.headers["content-type"].startswith("text/css")
    assert (await visitor.browser.get("/pages/other.css")).status_code == 404


async def test_a_link_that_was_touched_opens_nothing(path: str, visitor: Visitor) -> None:
    folder, token = path.rsplit("/", 1)
    whole = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    forged = [token[:-1], token + "A", token.upper(), "", "x" * 300, token + "/more", "%00"]
    for place in range(len(whole)):
        touched = bytes([*whole[:place], whole[place] ^ 1, *whole[place + 1 :]])
        forged.append(base64.urlsafe_b64encode(touched).decode().rstrip("="))
    for text in forged:
        answer = await visitor.browser.get(f"{folder}/{text}")
        assert answer.status_code == 404, text
        assert "Ana" not in answer.text


async def test_a_link_serves_its_purpose_only(
    path: str, server: Embedded, visitor: Visitor
) -> None:
    token = path.rpartition("/")[2]
    assert (await visitor.browser.post(f"/u/{token}", data=ONE_CLICK)).status_code == 404
    out = visitor.way_out(user=1, category=1).rpartition("/")[2]
    assert (await visitor.browser.get(f"/p/{out}")).status_code == 404
    assert (await visitor.browser.get(f"/x/{out}")).status_code == 404


async def test_a_link_of_another_secret_is_none(
    path: str, server: Embedded, visitor: Visitor
) -> None:
    number = (await server.server.store.people.users(server.env, ["ana"]))["ana"].number
    foreign = Links(PUBLIC_URL, (b"another secret of thirty-two byte",))
    url = foreign.url(Purpose.PREFERENCES, Link(env=server.env, user=number))
    assert (await visitor.browser.get(path_of(url))).status_code == 404


async def test_a_link_of_another_environment_is_about_its_own_users(
    path: str, server: Embedded, visitor: Visitor
) -> None:
    links = server.services.linker.links
    number = (await server.server.store.people.users(server.env, ["ana"]))["ana"].number
    url = links.url(Purpose.PREFERENCES, Link(env=server.env + 1, user=number))
    answer = await visitor.browser.get(path_of(url))
    assert answer.status_code == 410
    assert "Ana" not in answer.text


async def test_other_methods_are_refused(path: str, visitor: Visitor) -> None:
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = await visitor.browser.request(method, path)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_a_huge_form_is_refused(path: str, visitor: Visitor) -> None:
    for data in ({"do": "all", "x": "a" * 200_000}, {"do": "all", "x": ["a"] * 5_000}):
        answer = await visitor.browser.post(path, data=data)
        assert answer.status_code in (400, 413)
        assert answer.headers["content-type"].startswith("text/html")
    assert await visitor.consents() == []


async def test_one_link_is_not_pressed_without_end(path: str, visitor: Visitor) -> None:
    statuses = [(await visitor.browser.get(path)).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]
    forged = path[:-1] + ("A" if path[-1] != "A" else "B")
    assert (await visitor.browser.get(forged)).status_code == 404


async def test_who_looks_uses_up_no_right_to_unsubscribe(
    path: str, server: Embedded, visitor: Visitor
) -> None:
    out = visitor.way_out(user=1, category=1)
    statuses = [(await visitor.browser.get(out)).status_code for _ in range(61)]
    assert statuses[-1] == 429
    assert (await visitor.browser.get(path)).status_code == 200
    refused = [(await visitor.browser.post(out, data={"choice": "x"})) for _ in range(61)]
    assert refused[-1].status_code == 429
    clicks = [(await visitor.browser.post(out, data=ONE_CLICK)).status_code for _ in range(70)]
    assert clicks == [200] * 70


async def test_a_failing_page_is_a_page(
    path: str, server: Embedded, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret words")

    monkeypatch.setattr(server.server.store.people, "users_by_number", fail)
    answer = await visitor.browser.get(path)
    assert answer.status_code == 500
    assert "secret words" not in answer.text
