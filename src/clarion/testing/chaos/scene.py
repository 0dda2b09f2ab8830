"""Who is there and what is done about events: users, devices, a topic, categories and workflows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from clarion.assemble import open_beside
from clarion.clock import SystemClock
from clarion.config import load_settings
from clarion.store.contract.dead_letters import PUT_ASIDE
from clarion.store.contract.people import DeviceWrite
from clarion.testing.chaos.cluster import KEY, Cluster
from clarion.testing.chaos.producers import BROADCAST, CHANNELS, USERS
from clarion.testing.population import populate

TOPIC = "stars"
PART = 1000
CATEGORIES = {
    "code": {"lane": "critical", "on_unknown": "at_most_once"},
    "order": {"lane": "transactional", "on_unknown": "at_least_once"},
    "mention": {"lane": "social", "on_unknown": "at_least_once"},
    "news": {"lane": "bulk", "on_unknown": "at_least_once"},
    "live": {"lane": "bulk", "on_unknown": "at_least_once"},
}


class Followers(msgspec.Struct, frozen=True, kw_only=True):
    """Who follows the topic, which of them have a device, and who has looked at the inbox after
    all had come to rest."""

    names: list[str] = []
    phones: frozenset[str] = frozenset()
    lookers: frozenset[str] = frozenset()

    def is_shown(self, type_: str, user: str) -> bool:
        """Whether there has to be an item: what is broadcast comes with a look."""
        return type_ != BROADCAST or user in self.lookers


async def set_up(cluster: Cluster, followers: int) -> Followers:
    """Put everything in place: over the API of one process, and whoever follows the topic, being
    many, into its store."""
    url = cluster.of_role("api")[0].url
    headers = {"Authorization": f"Bearer {KEY}"}
    async with aiohttp.ClientSession(url, headers=headers) as session:
        await _catalogue(session, cluster)
        small = [{"id": f"s{n}", "email": f"s{n}@example.org"} for n in range(USERS)]
        await _want(session, "POST", "/v1/users/bulk", {"users": small})
        await _want(session, "PUT", f"/v1/topics/{TOPIC}", {"broadcast": "always"})
    await _devices(cluster, [str(user["id"]) for user in small])
    if not followers:
        return Followers()
    every = cluster.plan.devices
    people = await populate(cluster.store, followers, key=KEY, topic=TOPIC, devices=every)
    return Followers(
        names=[people.name(n) for n in range(1, followers + 1)],
        phones=frozenset(people.name(n) for n in range(every, followers + 1, every)),
    )


async def _catalogue(session: aiohttp.ClientSession, cluster: Cluster) -> None:
    attempts = cluster.plan.attempts
    for key, category in CATEGORIES.items():
        await _want(session, "PUT", f"/v1/categories/{key}", {**category, "attempts": attempts})
        document: dict[str, Any] = {
            "on": key,
            "category": key,
            "steps": [{"send": _step(channel, cluster)} for channel in CHANNELS[key]],
        }
        if key in ("news", BROADCAST):
            document["audience"] = f'topic("{TOPIC}")'
        await _want(session, "PUT", f"/v1/workflows/{key}", document)


async def take_up(cluster: Cluster) -> int:
    """Redrive the fan-out tasks that were in hand at too many deaths; how many there were."""
    url = cluster.of_role("api")[0].url
    headers = {"Authorization": f"Bearer {KEY}"}
    async with aiohttp.ClientSession(url, headers=headers) as session:
        async with session.get("/v1/dead-letters/tasks") as answer:
            aside = len((await answer.json())["data"])
        body = {"filter": {"cause": PUT_ASIDE}}
        await _want(session, "POST", "/v1/dead-letters/redrive", body)
    return aside


def _step(channel: str, cluster: Cluster) -> dict[str, Any]:
    template: dict[str, Any] = {"title": "News {{ data.n }}"}
    if channel == "email":
        template = {"subject": "{{ data.n }}", "body": "News"}
    elif channel == "webhook":
        template = {"url": f"{cluster.providers.url}/hook", "body": {"n": "{{ data.n }}"}}
    return {"channel": channel, "template": template}


async def _devices(cluster: Cluster, users: list[str]) -> None:
    clock = SystemClock()
    environ = {name: value for name, value in cluster.env.items() if name.startswith("CLARION_")}
    store = await open_beside(load_settings(environ, Path(cluster.folder)), clock)
    try:
        env = (await store.keys.environments())["default"]
        for part in _parts(users):
            writes = [DeviceWrite(user=user, token=user, platform="fcm") for user in part]
            await store.people.write_devices(env, writes, clock.now())
    finally:
        await store.close()


def _parts(users: list[str]) -> Iterator[list[str]]:
    return (users[start : start + PART] for start in range(0, len(users), PART))


async def _want(session: aiohttp.ClientSession, method: str, path: str, body: Any) -> None:
    async with session.request(method, path, json=body) as answer:
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {await answer.text()}")
