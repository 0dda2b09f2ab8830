"""What the tests of the API stand on: a store in a folder, and everything the API asks of the
pipeline.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from clarion.api.app import create_app
from clarion.api.auth import key_hash, key_hint, new_api_key
from clarion.api.services import Services
from clarion.bus.inproc import InProcessBus
from clarion.clock import SECOND
from clarion.conditions.cel import CelCompiler
from clarion.content.compiler import TemplateCompiler
from clarion.core.links import Links
from clarion.pages import Pages
from clarion.pipeline.accept import Acceptor
from clarion.pipeline.aggregating import Teller
from clarion.pipeline.blasts.firing import Blasts
from clarion.pipeline.catalogs import CatalogService
from clarion.pipeline.composing import Composer
from clarion.pipeline.directory import Directory
from clarion.pipeline.editing import Editor
from clarion.pipeline.explain import Explainer
from clarion.pipeline.flows import Gatherer
from clarion.pipeline.gauges import Gauges
from clarion.pipeline.hindsight import Hindsight
from clarion.pipeline.hypotheses import Hypotheses
from clarion.pipeline.linking import Linker
from clarion.pipeline.looking import Looker
from clarion.pipeline.redriving import Redriver
from clarion.pipeline.routes import Routes
from clarion.pipeline.simulating import Simulator
from clarion.store.sqlite.store import SqliteStore, open_store

START = 1_767_323_045_678_901
"""2026-01-02T03:04:05.678901Z."""

WELCOME: dict[str, Any] = {
    "on": "user.joined",
    "category": "social",
    "steps": [
        {"send": {"channel": "inbox", "template": {"title": "Hi {{ user.name }}", "body": "..."}}}
    ],
}


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.instant = START

    def now(self) -> int:
        return self.instant

    def monotonic_seconds(self) -> float:
        return self.instant / SECOND

    def advance(self, seconds: float) -> None:
        self.instant += int(seconds * SECOND)


class CountedChance:
    """Bytes that differ from call to call and are the same in every run."""

    def __init__(self) -> None:
        self._calls = 0

    def __call__(self, count: int) -> bytes:
        self._calls += 1
        return hashlib.shake_128(self._calls.to_bytes(8, "big")).digest(count)


@dataclass
class House:
    """The application with its parts in reach."""

    app: Any
    store: SqliteStore
    services: Services
    clock: HandClock
    chance: CountedChance
    acceptor: Acceptor
    environment: str = ""
    env: int = 0
    admin_key: str = ""

    async def moved_into(self) -> House:
        """The same house with an environment of its own, at the instant START."""
        self.clock.instant = START
        new = dataclasses.replace(self, environment="env-" + self.chance(4).hex())
        new.admin_key = await new.key()
        new.env = (await self.store.keys.environments())[new.environment]
        return new

    async def key(self, scope: str = "admin", environment: str | None = None) -> str:
        """A fresh API key."""
        name = environment or self.environment
        key = new_api_key(name, self.chance(32))
        await self.store.keys.create(
            name, key_hash(key), key_hint(key), scope, self.clock.now(), None
        )
        return key

    def client(self, key: str | None = None, **headers: str) -> httpx.AsyncClient:
        """A client that shows the key."""
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=("127.0.0.1", 5)),
            base_url="http://clarion.test",
            headers=headers,
        )

    async def close(self) -> None:
        await self.acceptor.close()
        await self.store.close()


async def one_capture() -> list[dict[str, Any]]:
    """The accounts of a server without any."""
    return [{"account": "capture", "kind": "capture"}]


async def open_house(folder: Path) -> House:
    """Open a store in the folder and put the API over it."""
    clock, chance, bus = HandClock(), CountedChance(), InProcessBus()
    store = open_store(folder / "clarion.db", clock.now(), serve=True, inline=True)
    directory = Directory(store)
    catalogs = CatalogService(store, TemplateCompiler(), CelCompiler(), clock)
    gatherer = Gatherer(store, directory)
    composer = Composer(store, catalogs, directory, gatherer, Routes([]), chance)
    acceptor = Acceptor(store, composer, bus, clock, chance)
    services = Services(
        store=store,
        accepting=acceptor,
        catalogs=catalogs,
        editing=Editor(store, catalogs, clock),
        explaining=Explainer(store, catalogs, directory, gatherer, clock),
        telling=Teller(store, catalogs, directory),
        looking=Looker(store, Hindsight(store, catalogs, gatherer, clock), bus),
        redriving=Redriver(store, directory, Routes([]), bus, clock),
        blasting=Blasts(store, composer, catalogs, bus, clock, chance),
        simulating=Simulator(store, catalogs, directory, clock),
        supposing=Hypotheses(store, catalogs, gatherer, clock),
        clock=clock,
        bus=bus,
        secret=b"s" * 32,
        linker=Linker(Links("https://clarion.example", (b"l" * 32,))),
        chance=chance,
        provider_states=one_capture,
        metrics=lambda _form: b"clarion_up 1\n",
        gauge=Gauges(store, clock).set,
        version="0.0.1",
    )
    house = House(create_app(services, pages=Pages), store, services, clock, chance, acceptor)
    return await house.moved_into()


async def send(client: httpx.AsyncClient, **event: Any) -> str:
    """Send an event; its id."""
    answer = await client.post("/v1/events", json={"type": "user.joined", **event})
    assert answer.status_code == 202, answer.text
    name: str = answer.json()["event_id"]
    return name
