"""Where stories play: people, topics, categories and workflows of two environments, made once and
kept as an image of the database, so that a seed begins by copying a few hundred kilobytes."""

from __future__ import annotations

import asyncio
import random
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import apsw
import msgspec

from clarion.api.auth import key_hash
from clarion.clock import SECOND
from clarion.content.compiler import TemplateCompiler
from clarion.core.recipient import ScopeKind, Setting
from clarion.pipeline.catalogs import CatalogService
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import DeviceWrite, UserWrite
from clarion.store.sqlite.store import SqliteStore, migrate_file
from clarion.testing.clock import START, ManualClock
from clarion.testing.simulation.compiling import CONDITIONS
from clarion.testing.simulation.storage import Disk

SCENES = 12
ENVIRONMENTS = ("default", "other")
KEY = "ck_simulated_0123456789abcdef0123456789abcdef"
TEMPLATES: dict[str, dict[str, Any]] = {
    "inbox": {"title": "News {{ data.ref }}"},
    "push": {"title": "News {{ data.ref }}"},
    "email": {"subject": "News", "body": "Hello {{ user.name }}, {{ data.ref }}"},
    "sms": {"body": "{{ data.ref }}"},
    "webhook": {"url": "https://hooks.example/{{ data.ref }}", "body": {"ref": "{{ data.ref }}"}},
}
CAP_SECONDS = 15
SHOWS = "shows"
SHOW_PEOPLE = 9
SHOWN = {"channel": "inbox", "template": TEMPLATES["inbox"]}
PAUSE_SECONDS = 30.0
OUTWARD = ("push", "email", "sms")


class Place(msgspec.Struct, kw_only=True):
    """One environment: its number, its people, and who hears of what. `topics` and `tenants` map a
    name to users; `types` are the event types that a workflow listens to, with the CEL audience's
    users where the workflow names its own (else None). `caps` are workflows whose last step is
    capped, with the limit in CAP_SECONDS."""

    name: str
    env: int = 0
    users: list[str] = []
    topics: dict[str, list[str]] = {}
    tenants: dict[str, list[str]] = {}
    types: dict[str, list[str] | None] = {}
    deduped: set[str] = set()
    caps: list[tuple[str, int]] = []


class Scene(msgspec.Struct, kw_only=True):
    """An image of a database and what is in it."""

    image: bytes
    places: list[Place]
    show: Place


@lru_cache(maxsize=SCENES)
def scene_of(number: int) -> Scene:
    """The scene with this number, the same in every process."""
    chance = random.Random(f"scene {number}")  # noqa: S311 - a scene is repeated
    disk = Disk(_blank())
    try:
        places = asyncio.run(_furnish(disk, chance))
        show = asyncio.run(_furnish_show(disk))
        return Scene(image=disk.image(), places=places, show=show)
    finally:
        disk.close()


@lru_cache(maxsize=1)
def _blank() -> bytes:
    """A migrated database with nothing in it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "blank.db"
        migrate_file(path, START)
        connection = apsw.Connection(str(path))
        connection.execute("pragma journal_mode=delete").fetchall()
        image = connection.serialize("main")
        connection.close()
    return image


async def _furnish(disk: Disk, chance: random.Random) -> list[Place]:
    store = SqliteStore(disk.executor)
    clock = ManualClock(START - 60 * SECOND)
    catalogs = CatalogService(store, TemplateCompiler(), CONDITIONS, clock)
    places = []
    for name in ENVIRONMENTS:
        key = KEY + name
        row = await store.keys.create(name, key_hash(key), key[:8], "admin", clock.now(), None)
        place = Place(name=name, env=row.env)
        await _people(store, place, chance, clock.now())
        await _workflows(catalogs, place, chance)
        places.append(place)
    return places


async def _furnish_show(disk: Disk) -> Place:
    """The environment of broadcasts. Nothing of it is left to chance."""
    store = SqliteStore(disk.executor)
    clock = ManualClock(START - 60 * SECOND)
    catalogs = CatalogService(store, TemplateCompiler(), CONDITIONS, clock)
    key = KEY + SHOWS
    row = await store.keys.create(SHOWS, key_hash(key), key[:8], "admin", clock.now(), None)
    place = Place(name=SHOWS, env=row.env)
    await _furnish_people(store, catalogs, place, clock.now())
    return place


async def _furnish_people(
    store: SqliteStore, catalogs: CatalogService, place: Place, now: int
) -> None:
    """People, most of them subscribed to a topic that is told by broadcasts, and a workflow that
    tells it and single people."""
    place.users = [f"v{n}" for n in range(SHOW_PEOPLE)]
    writes = [UserWrite(id=name, changed={}) for name in place.users]
    await store.people.write_users(place.env, writes, now)
    await store.topics.put(
        place.env, "show", parent=None, kind="topic", default_level=None, data={}, now=now,
        broadcast="always",
    )  # fmt: skip
    await store.topics.subscribe(place.env, "show", place.users[2:], [], now)
    await catalogs.put_category(place.env, {"key": "plain", "lane": "bulk"}, "plain")
    document: dict[str, Any] = {"on": "part", "category": "plain", "steps": [{"send": SHOWN}]}
    await catalogs.put_workflow(place.env, document, "part")


async def _people(store: SqliteStore, place: Place, chance: random.Random, now: int) -> None:
    count = chance.randint(8, 16) if place.name == ENVIRONMENTS[0] else 3
    place.users = [f"u{n}" for n in range(count)]
    writes = []
    for id_ in place.users:
        fields: dict[str, Any] = {"name": id_.upper()}
        if chance.random() < 0.8:
            fields["email"] = f"{id_}@{place.name}.example"
        if chance.random() < 0.5:
            fields["phone"] = f"+43 660 {place.env}{1000 + int(id_[1:])}"
        writes.append(UserWrite(id=id_, changed=fields))
    await store.people.write_users(place.env, writes, now)
    devices = [
        DeviceWrite(user=id_, token=f"{place.name}-{id_}-{n}", platform="fcm")
        for id_ in place.users
        for n in range(chance.choice((0, 1, 1, 2)))
    ]
    await store.people.write_devices(place.env, devices, now)
    await _pauses(store, place, chance, now)
    for n in range(2):
        topic, members = f"t{n}", sorted(chance.sample(place.users, max(2, len(place.users) // 2)))
        await store.topics.put(
            place.env, topic, parent=None, kind="topic", default_level=None, data={}, now=now
        )
        await store.topics.subscribe(place.env, topic, members, [], now)
        place.topics[topic] = members
    place.tenants["acme"] = sorted(chance.sample(place.users, 3))
    for id_ in place.tenants["acme"]:
        await store.people.join(place.env, "acme", id_, True, now)


async def _pauses(store: SqliteStore, place: Place, chance: random.Random, now: int) -> None:
    """Some people want no noise for a while."""
    numbers = await store.names.numbers(place.env, NameKind.USER, place.users)
    for number in sorted(numbers.values()):
        if chance.random() < 0.15:
            until = START + round(chance.uniform(0.0, PAUSE_SECONDS) * SECOND)
            quiet = Setting(user=number, kind=ScopeKind.USER, scope=0, pause_until=until)
            await store.settings.write(place.env, number, [quiet], [], now)


async def _workflows(catalogs: CatalogService, place: Place, chance: random.Random) -> None:
    """Categories of all kinds, and workflows that use them."""
    lanes = ["critical", "bulk"]
    for n in range(3):
        policy: Any = chance.choice(("at_least_once", "at_most_once"))
        if chance.random() < 0.3:
            policy = {"email": "at_most_once", "*": "at_least_once"}
        category = {
            "key": f"c{n}",
            "lane": lanes[n % 2],
            "on_unknown": policy,
            "attempts": chance.choice((1, 2, 3, 4)),
        }
        if chance.random() < 0.4:
            category["deadline"] = chance.choice(("PT20S", "PT1M", "PT5M"))
        await catalogs.put_category(place.env, category, f"c{n}")
    for n in range(4 if place.name == ENVIRONMENTS[0] else 1):
        await _workflow(catalogs, place, chance, n)


def _steps(
    place: Place, chance: random.Random, n: int, channels: list[str]
) -> list[dict[str, Any]]:
    """A send step a channel; some wait, some gather, some are capped."""
    sends: list[dict[str, Any]] = [{"channel": c, "template": TEMPLATES[c]} for c in channels]
    if "webhook" not in channels and chance.random() < 0.3:
        limit, over = chance.choice((1, 2)), chance.choice(("skip", "hold", "digest"))
        sends[-1]["cap"] = {"limit": limit, "window": f"PT{CAP_SECONDS}S", "over": over}
        place.caps.append((f"w{n}", limit))
    steps = [{"send": send} for send in sends]
    wait: dict[str, Any] | None = None
    if chance.random() < 0.25:
        wait = {"delay": chance.choice(("PT1S", "PT9S"))}
    elif chance.random() < 0.35:
        wait = {"digest": {"key": "data.group", "window": "PT12S", "lead": chance.random() < 0.3}}
        if chance.random() < 0.3:
            wait["digest"] |= {"sliding": True, "max": "PT40S"}
    if wait is not None:
        steps.insert(chance.randrange(len(steps)), wait)
    return steps


async def _workflow(catalogs: CatalogService, place: Place, chance: random.Random, n: int) -> None:
    channels = chance.sample(OUTWARD, chance.choice((1, 1, 2)))
    if chance.random() < 0.5:
        channels.insert(0, "inbox")
    if chance.random() < 0.15:
        channels.append("webhook")
    document: dict[str, Any] = {
        "on": f"kind.{n % 3}",
        "category": f"c{n % 3}",
        "steps": _steps(place, chance, n, channels),
    }
    own: list[str] | None = None
    if n == 1:
        topic = chance.choice(sorted(place.topics))
        document["audience"] = f'topic("{topic}")'
        own = place.topics[topic]
    if n == 2 and chance.random() < 0.7:
        document["dedupe"] = {"key": "data.group", "window": "PT30S"}
        place.deduped.add(f"kind.{n}")
    if chance.random() < 0.2:
        document["expires_in"] = chance.choice(("PT5S", "PT30S"))
    await catalogs.put_workflow(place.env, document, f"w{n}")
    if document["on"] not in place.types:
        place.types[document["on"]] = own
