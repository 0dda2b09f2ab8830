"""The Python of the page about sending from Python runs as it stands there."""

from __future__ import annotations

import importlib
import json
import re
import sys
import threading
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from clarion.cli.client import Remote
from tests.cli.shell import House

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "from-python.md"
BLOCK = re.compile(r"```python\n# shop/(\w+)\.py\n(.*?)```", re.DOTALL)


class Commits:
    """Stands in for `django.db.transaction`: what waits for the commit runs at its end."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], object]] = []

    @contextmanager
    def atomic(self) -> Iterator[None]:
        self.waiting.clear()
        yield
        for call in self.waiting:
            call()

    def on_commit(self, call: Callable[[], object], robust: bool = False) -> None:
        del robust
        self.waiting.append(call)


class Task:
    """Stands in for a task of Celery: it runs at once, again and again as it would there."""

    class AgainError(Exception):
        pass

    def __init__(self, body: Callable[..., Any], options: dict[str, Any]) -> None:
        self.body, self.options = body, options
        self.countdowns: list[float] = []

    def retry(self, *, exc: Exception, countdown: float) -> Exception:
        if len(self.countdowns) >= self.options["max_retries"]:
            raise exc
        self.countdowns.append(countdown)
        raise self.AgainError

    def delay(self, *given: Any) -> Any:
        while True:
            try:
                return self.body(self, *given)
            except self.AgainError:
                continue
            except self.options["autoretry_for"]:
                self.countdowns.append(0)
                if len(self.countdowns) > self.options["max_retries"]:
                    raise


@pytest.fixture
def commits() -> Commits:
    return Commits()


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, commits: Commits) -> Path:
    """The page's modules, to be imported as `shop.<name>`."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "__init__.py").touch()
    blocks = dict(BLOCK.findall(PAGE.read_text("utf-8")))
    assert {"clarion", "orders", "views", "tasks", "tasks_of_orders"} == set(blocks)
    assert PAGE.read_text("utf-8").count("```python") == len(blocks)
    for name, source in blocks.items():
        (folder / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "shop"]:
        monkeypatch.delitem(sys.modules, name)

    def shared_task(**options: Any) -> Callable[[Callable[..., Any]], Task]:
        return lambda body: Task(body, options)

    stood_in: dict[str, dict[str, Any]] = {
        "django": {},
        "django.db": {"transaction": commits},
        "celery": {"shared_task": shared_task},
    }
    for name, held in stood_in.items():
        module = types.ModuleType(name)
        vars(module).update(held)
        monkeypatch.setitem(sys.modules, name, module)
    return folder


@pytest.fixture
def imported(shop: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Import one of them, speaking to the server at this URL."""
    del shop
    loaded: list[Any] = []

    def load(name: str, url: str, key: str) -> Any:
        monkeypatch.setenv("CLARION_URL", url)
        monkeypatch.setenv("CLARION_API_KEY", key)
        module = importlib.import_module(f"shop.{name}")
        loaded.append(sys.modules["shop.clarion"])
        return module

    yield load
    for module in loaded:
        module.clarion.close()


class Answers(BaseHTTPRequestHandler):
    """Gives the answers in their order, and keeps what was asked. None: hangs up."""

    protocol_version = "HTTP/1.1"
    script: ClassVar[list[tuple[int, dict[str, str]] | None]] = []
    bodies: ClassVar[list[Any]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.bodies.append(json.loads(body))
        answer = self.script.pop(0)
        if answer is None:
            self.close_connection = True
            return
        status, headers = answer
        content = b'{"event_id": "evt_1"}'
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def scripted() -> Iterator[str]:
    """The URL of a server that answers as `Answers.script` says."""
    Answers.script, Answers.bodies = [], []
    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_order_is_told_once_after_its_commit(house: House, imported: Callable[..., Any]) -> None:
    views = imported("views", house.url, house.key)
    saved: list[str] = []
    for _ in range(2):
        views.ship("9001", saved.append)
    stands = Remote(house.url, house.key).get("/v1/events/order-9001-shipped")
    assert (stands["type"], stands["data"]) == ("order.shipped", {"order": "9001"})
    assert saved == ["9001", "9001"]


def test_a_task_tells_the_same_way(
    house: House, imported: Callable[..., Any], commits: Commits
) -> None:
    orders = imported("tasks_of_orders", house.url, house.key)
    with commits.atomic():
        orders.shipped("9002")
    assert Remote(house.url, house.key).get("/v1/events/order-9002-shipped")["status"]


def test_no_answer_and_a_busy_server_are_asked_again_with_the_same_id(
    scripted: str, imported: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = imported("clarion", scripted, "key")
    pauses: list[float] = []
    monkeypatch.setattr(module.time, "sleep", pauses.append)
    Answers.script[:] = [None, (503, {"Retry-After": "7"}), (429, {"Retry-After": "2"}), (202, {})]
    assert module.emit("x", "own-1", data={"a": 1}) == "evt_1"
    assert [*map(json.dumps, Answers.bodies)] == [json.dumps(Answers.bodies[0])] * 4
    assert Answers.bodies[0] == {"type": "x", "id": "own-1", "data": {"a": 1}}
    assert pauses[0] < 1 <= 7 <= pauses[1] <= 10.5
    assert 2 <= pauses[2] <= 3


def test_patience_ends_and_what_is_refused_is_not_tried_again(
    scripted: str, imported: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = imported("clarion", scripted, "key")
    monkeypatch.setattr(module.time, "sleep", lambda _: pytest.fail("it waited"))
    Answers.script[:] = [(503, {"Retry-After": "60"}), (422, {})]
    with pytest.raises(module.Busy):
        module.emit("x", "own-1")
    with pytest.raises(module.Refused, match="422"):
        module.emit("x", "own-1")
    assert Answers.script == []


def test_a_task_waits_as_the_server_asks_and_tries_again_when_nobody_answers(
    scripted: str, imported: Callable[..., Any]
) -> None:
    tell = imported("tasks", scripted, "key").tell
    Answers.script[:] = [None, (429, {"Retry-After": "30"}), (202, {})]
    assert tell.delay({"type": "x", "id": "own-1"}) == "evt_1"
    assert [30 <= wait <= 35 for wait in tell.countdowns] == [False, True]
    assert tell.options["autoretry_for"] == (httpx.TransportError,)
