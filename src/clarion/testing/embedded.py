"""A whole server inside a test: real store, stages and keepers on a file of its own, without HTTP,
with a clock that the test moves."""

from __future__ import annotations

import asyncio
import random
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec

from clarion.api.choosing import Choosing
from clarion.api.owners import Owner, a_tenants, a_users, the_environments
from clarion.api.services import Services
from clarion.assemble import DEFAULT_ENVIRONMENT, Server
from clarion.clock import Clock
from clarion.config.settings import Account, Settings
from clarion.core.event import IncomingEvent
from clarion.pipeline.contract import Accepted
from clarion.store.contract.events import EventCounts, EventRow
from clarion.store.contract.inbox import ItemRow
from clarion.store.contract.ledger import Imbalance
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import DeviceWrite, UserWrite
from clarion.store.postgres.store import PostgresStore
from clarion.store.sql.tx import Row
from clarion.store.sqlite.store import SqliteStore
from clarion.testing.clock import ManualClock
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.smtp import FakeSmtp
from clarion.testing.looking import looking_into
from clarion.testing.rows import Rows, read_rows

API_KEY = "ck_embedded_0123456789abcdef0123456789abcdef"
SIGNING_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TURNS = 3_000
TURN_SECONDS = 0.002
AUDIT_PAGE = 500
DUE = "state = 1 or state = 0 and behind = 0 and due <= ?"
WAITED = "state = 1 or state = 0 and due <= ?"
HELD_DUE = "state <> 3 and due <= ?"


class Embedded:
    """A server that a test starts, feeds, crashes, starts again and looks into.

    Webhooks may go to this machine over plain http. Channels without an account are captured. The
    store is the file at `path`, or the PostgreSQL at `dsn`; then `close` comes last.
    """

    def __init__(
        self,
        path: Path,
        *accounts: Account,
        clock: ManualClock | None = None,
        chance: random.Random | None = None,
        dsn: str | None = None,
    ) -> None:
        self.path = path
        self.clock = clock or ManualClock()
        self.chance = chance or random.Random(7)  # noqa: S311 - a test repeats its chances
        self.env = 0
        self._held: set[str] = set()
        self.settings = Settings(
            store=dsn or f"sqlite:///{path}",
            sqlite_path=path if dsn is None else None,
            data_dir=path.parent,
            api_key=API_KEY,
            accounts=accounts,
            allow_http=True,
            allow_networks=(ip_network("127.0.0.0/8"),),
        )
        self._server: Server | None = None
        self._looking = looking_into(path, dsn)

    @property
    def server(self) -> Server:
        """The server that runs, or ran last."""
        if self._server is None:
            raise RuntimeError("there is no server yet; start it first")
        return self._server

    async def start(self) -> None:
        """Start all stages; `env` is the number of the environment `default`."""
        clock: Clock = self.clock
        self._server = await Server.open(
            self.settings, clock=clock, chance=self.chance, serves=False
        )
        if isinstance(self.server.store, PostgresStore):
            self.server.store.follow_callers()
        await self.server.start()
        self.env = await self.server.environment(DEFAULT_ENVIRONMENT)
        self._held.clear()

    async def stop(self) -> None:
        """Stop as a server should."""
        await self.server.stop()

    def close(self) -> None:
        """Look no more into the store of a server that was stopped."""
        self._looking.close()

    async def crash(self) -> None:
        """End as a killed process does."""
        await self.server.abandon()

    async def restart(self) -> None:
        """A new server on the same file, after `stop` or `crash`."""
        await self.start()

    async def hold(self, stage: str) -> None:
        """Keep the loops whose name starts with `stage` (`fanout`, `ready`, `keeper`) from
        working."""
        self._held.add(stage)
        for loop in self.server.loops:
            if loop.name.startswith(stage):
                await loop.stop()

    def release(self, stage: str) -> None:
        """Let the loops held by the same word work again."""
        self._held.remove(stage)
        for loop in self.server.loops:
            if loop.name.startswith(stage):
                loop.start()

    async def fill_the_disk(self) -> None:
        """From now on the store's file cannot grow."""
        await self._file().bound(1)

    async def free_the_disk(self) -> None:
        """The store's file may grow again."""
        await self._file().bound()

    def _file(self) -> SqliteStore:
        if not isinstance(self.server.store, SqliteStore):
            raise TypeError("only a store in a file has a bound")
        return self.server.store

    async def workflow(self, key: str, *steps: dict[str, Any], **fields: Any) -> int:
        """Number of a workflow with these steps (those with a channel are sends); `on` is its key
        unless a field says otherwise."""
        written = [{"send": step} if "channel" in step else step for step in steps]
        document = {"steps": written, **fields}
        row = await self.server.catalogs.put_workflow(self.env, document, key)
        return row.number

    async def category(self, key: str, **fields: Any) -> int:
        """Number of a category."""
        return (await self.server.catalogs.put_category(self.env, fields, key)).number

    async def user(self, id_: str, **fields: Any) -> int:
        """Number of a user written with these fields."""
        write = UserWrite(id=id_, changed=fields)
        written = await self.server.store.people.write_users(self.env, [write], self.clock.now())
        return written[0].number

    async def users(self, *ids: str) -> None:
        """Users without an address."""
        writes = [UserWrite(id=id_, changed={}) for id_ in ids]
        await self.server.store.people.write_users(self.env, writes, self.clock.now())

    async def device(self, user: str, token: str, platform: str = "fcm") -> int:
        """Number of the destination of a user's device."""
        write = DeviceWrite(user=user, token=token, platform=platform)
        numbers = await self.server.store.people.write_devices(self.env, [write], self.clock.now())
        return numbers[0]

    async def topic(
        self,
        key: str,
        *subscribers: str,
        parent: str | None = None,
        kind: str = "topic",
        default_level: str | None = None,
        broadcast: str = "auto",
    ) -> int:
        """Number of a topic with these subscribers."""
        topics, now = self.server.store.topics, self.clock.now()
        row = await topics.put(
            self.env, key, parent=parent, kind=kind, default_level=default_level, data={}, now=now,
            broadcast=broadcast,
        )  # fmt: skip
        await topics.subscribe(self.env, key, list(subscribers), [], now)
        return row.number

    async def member(self, tenant: str, *users: str) -> None:
        """Make users members of a tenant."""
        for user in users:
            await self.server.store.people.join(self.env, tenant, user, True, self.clock.now())

    async def prefer(self, user: str, **choices: Any) -> None:
        """Change a user's preferences as PATCH does."""
        await self._choose(a_users(self.env, await self.number(NameKind.USER, user)), choices)

    async def default(self, tenant: str | None = None, **choices: Any) -> None:
        """Change what holds for those who chose nothing: in a tenant, or everywhere."""
        if tenant is None:
            await self._choose(the_environments(self.env), choices)
        else:
            number = await self.number(NameKind.TENANT, tenant)
            await self._choose(a_tenants(self.env, number), choices)

    async def _choose(self, owner: Owner, choices: dict[str, Any]) -> None:
        await Choosing(self.services).change(owner, choices)

    @property
    def services(self) -> Services:
        """What the API would be handed."""
        if self.server.services is None:
            raise RuntimeError("the server has no services yet; start it first")
        return self.server.services

    async def number(self, kind: NameKind, name: str) -> int:
        """Number of a name, given at first sight."""
        return (await self.server.store.names.mint(self.env, kind, [name]))[name]

    async def accept(
        self, document: dict[str, Any], *, key: str | None = None, env: int | None = None
    ) -> Accepted:
        """Hand an event over as the API does; `document` is the body."""
        incoming = msgspec.convert(document, IncomingEvent)
        return await self.server.acceptor.accept(
            env or self.env, incoming, raw=msgspec.json.encode(document), key=key
        )

    async def send(self, type_: str, *recipients: Any, **fields: Any) -> bytes:
        """Id of an event that was accepted; its problem is raised when there is one."""
        document = {"type": type_, **fields}
        if recipients:
            document["recipients"] = list(recipients)
        accepted = await self.accept(document)
        if accepted.problem is not None:
            raise accepted.problem
        return accepted.event

    async def event(self, event: bytes) -> EventRow:
        """The event as it stands."""
        return (await self.server.store.events.rows(self.env, [event]))[event]

    async def counts(self, event: bytes, kind: int = 0) -> EventCounts:
        """Counts of an event's notifications, or of its deliveries on the channel numbered
        `kind`."""
        found = await self.server.store.events.counts(self.env, event)
        return found.get(kind, EventCounts())

    async def read(self, user: str) -> None:
        """The user reads all that is in the inbox (of no tenant)."""
        number, now = await self.number(NameKind.USER, user), self.clock.now()
        await self.server.store.inbox.mark_all(self.env, number, 0, "read", 2**40, now)

    async def look(self, user: str, tenant: str | None = None) -> list[ItemRow]:
        """What a user finds in the inbox, newest first, as `GET /v1/inbox` does."""
        number = await self.number(NameKind.USER, user)
        place = await self.number(NameKind.TENANT, tenant) if tenant else 0
        await self.services.looking.look(self.env, number, place)
        return await self.server.store.inbox.page(
            self.env, number, place, status="all", archived="include", before=None, limit=1000,
            now=self.clock.now(),
        )  # fmt: skip

    async def advance(self, seconds: float) -> None:
        """Let time pass, and have every loop look at what is due now."""
        self.clock.advance(seconds)
        for loop in self.server.loops:
            self.server.bus.ring(loop.name)

    async def quiet(self) -> None:
        """Wait until nothing is due any more (of stages that are not held)."""
        for _ in range(TURNS):
            if not await self._due():
                return
            await asyncio.sleep(TURN_SECONDS)
        raise AssertionError(f"still at work: {await self._due()}")

    async def settled(self, event: bytes) -> bytes:
        """Wait until the event is complete: fan-out done, nothing open or held."""
        for _ in range(TURNS):
            if await self.complete(event):
                return event
            await asyncio.sleep(TURN_SECONDS)
        raise AssertionError(f"not complete: {await self.counts(event)}, due: {await self._due()}")

    async def complete(self, event: bytes) -> bool:
        """Whether fan-out is done and nothing is open or held."""
        row, counts = await self.event(event), await self.counts(event)
        return not (row.expanding or counts.open or counts.held)

    async def told(self, type_: str, *recipients: Any, **fields: Any) -> bytes:
        """Send and wait until the event is complete."""
        return await self.settled(await self.send(type_, *recipients, **fields))

    async def why(self, event: bytes, user: str) -> dict[str, Any]:
        """The answer of `GET /v1/events/{id}/why`."""
        return await self.server.explainer.why(self.env, event, user)

    async def reasons(self, event: bytes, user: str) -> dict[str, str]:
        """Reason by channel of one user (of the last workflow, when several listened)."""
        answer = await self.why(event, user)
        return {channel["channel"]: channel["reason"] for channel in answer["channels"]}

    async def imbalances(self) -> list[Imbalance]:
        """What the audit of the whole store finds; nothing, when the ledger balances."""
        found: list[Imbalance] = []
        cursor: tuple[int, bytes] | None = (0, b"")
        while cursor is not None:
            page = await self.server.store.ledger.audit(None, cursor, AUDIT_PAGE)
            found.extend(page.found)
            cursor = page.cursor
        return found

    def rows(self, event: bytes) -> Rows:
        """Every row of an event by table, in names and words."""
        return read_rows(self._looking, self.env, event)

    def select(self, sql: str, *parameters: Any) -> list[Row]:
        """Rows of a query of the test's own."""
        return self._looking.select(sql, *parameters)

    def change(self, sql: str, *parameters: Any) -> None:
        """Change rows behind the server's back."""
        self._looking.change(sql, *parameters)

    async def _due(self) -> dict[str, int]:
        found = {}
        if "fanout" not in self._held and (tasks := len(self._due_of("task", "lane"))):
            found["fanout"] = tasks
        if "held" not in self._held and (held := len(self._due_of("waiting", "lane", WAITED))):
            found["held"] = held
        if "held" not in self._held and (waits := len(self._due_of("waiting", "lane", HELD_DUE))):
            found["held"] = waits
        if "ready" not in self._held:
            accounts = self.server.core.accounts.shared
            rows = self._due_of("ready", "account")
            due = [state or not accounts.at_rest(account) for account, state in rows]
            if any(due):
                found["ready"] = sum(due)
        return found

    def _due_of(self, table: str, column: str, due: str = DUE) -> list[Row]:
        sql = f"select {column}, state from {table} where {due}"  # noqa: S608 - names of ours
        return self.select(sql, self.clock.now())


def push_account(fake: FakeFcm, **fields: Any) -> Account:
    """An account at a fake FCM."""
    settings = {"service_account": fake.service_account, "base_url": fake.base_url}
    return Account(**{"name": "push-main", "kind": "fcm", "settings": settings, **fields})


def mail_account(fake: FakeSmtp, **fields: Any) -> Account:
    """An account at a fake mail server."""
    settings = {
        "host": "127.0.0.1",
        "port": fake.port,
        "from": "Clarion <notify@example.org>",
        "tls": "none",
    }
    return Account(**{"name": "mail-main", "kind": "smtp", "settings": settings, **fields})


def hook_account(**fields: Any) -> Account:
    """An account that signs webhooks."""
    settings = {"secrets": [SIGNING_KEY]}
    return Account(**{"name": "hooks", "kind": "webhook", "settings": settings, **fields})
