"""Several processes on one PostgreSQL that a test feeds, while it breaks what they stand on."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from clarion.testing.fakes.smtp import FakeSmtp
from tests.acceptance.house import House, until
from tests.acceptance.test_crashes import INBOX, MAIL, mail_account, subjects

PARTS = (("api", "--roles", "api,gateway"), ("work", "--roles", "worker,keeper"))


class Cluster:
    """An API and a worker, each a process of its own. `api` is whom to ask."""

    def __init__(self, folder: Path, mail_server: FakeSmtp, **env: str) -> None:
        self.mail_server = mail_server
        self.parts = [House(folder / name, mail_account(mail_server), **env) for name, *_ in PARTS]
        for part, (_, *options) in zip(self.parts, PARTS, strict=True):
            part.command = ("serve", *options)

    @property
    def api(self) -> House:
        return self.parts[0]

    async def start(self) -> None:
        """Start all parts."""
        await asyncio.gather(*(part.start() for part in self.parts))

    async def kill(self) -> None:
        """End all parts, as crashes do."""
        for part in self.parts:
            await part.kill()

    async def audience(self, size: int) -> None:
        """So many subscribers of the topic `stars` with a mail address, and the workflow `live`."""
        await self.api.want("PUT", "/v1/topics/stars", {})
        await self.api.workflow("live", INBOX, MAIL, audience='topic("stars")')
        people = ({"id": f"s{n}", "email": f"s{n}@example.org"} for n in range(size))
        await self.api.people(people, "stars")

    async def mailed(self, count: int) -> None:
        """Wait until the mail server took so many mails."""

        async def there() -> bool:
            return len(self.mail_server.mails) >= count

        await until(there)

    def mails_of_blast(self) -> Counter[str]:
        """How often each subscriber got a mail."""
        found = Counter(mail.recipient for mail in self.mail_server.mails)
        return Counter({who: n for who, n in found.items() if who.startswith("s")})

    def mails_of_crowd(self) -> Counter[str]:
        """How often each mail of a single event arrived."""
        return Counter({key: n for key, n in subjects(self.mail_server).items() if "-" in key})

    async def ambiguous(self) -> int:
        """Sends without an outcome that were taken over."""
        name = "clarion_ambiguous_outcomes_total"
        return int(sum([await part.metric(name) for part in self.parts]))

    async def statuses(self, events: dict[str, str]) -> Counter[Any]:
        """How the API answers for these events: their status, or the number of a refusal."""
        found: Counter[Any] = Counter()
        for id_ in events.values():
            code, row = await self.api.ask("GET", f"/v1/events/{id_}")
            found[row["status"] if code == 200 else code] += 1
        return found
