"""What the README promises, held against a real process that is killed in the middle of it."""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from email import message_from_bytes

import aiohttp

from clarion.core.states import DeliveryStatus
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.smtp import FakeSmtp
from tests.acceptance.conftest import Build
from tests.acceptance.house import House, until

CLIENTS = 32
FOLLOWERS = 10_000
WITH_DEVICES = 300
INBOX = {"channel": "inbox", "template": {"title": "News"}}
MAIL = {"channel": "email", "template": {"subject": "{{ data.n }}", "body": "News"}}
PUSH = {"channel": "push", "template": {"title": "News"}}
PAUSE_SECONDS = 0.05


def mail_account(mail: FakeSmtp) -> str:
    return (
        f'[providers.mail]\nkind = "smtp"\nhost = "127.0.0.1"\nport = {mail.port}\n'
        'from = "notify@example.org"\ntls = "none"\n'
    )


def push_account(fcm: FakeFcm) -> str:
    return (
        f'[providers.push]\nkind = "fcm"\nbase_url = "{fcm.base_url}"\n'
        f"service_account = '''{fcm.service_account}'''\n"
    )


async def mail_workflows(house: House) -> None:
    """`once` is never sent twice, `sure` is rather sent twice than not at all."""
    for key, policy in (("once", "at_most_once"), ("sure", "at_least_once")):
        await house.want("PUT", f"/v1/categories/{key}", {"on_unknown": policy})
        await house.workflow(key, INBOX, MAIL, category=key)
    await house.people({"id": f"u{n}", "email": f"u{n}@example.org"} for n in range(CLIENTS))


class Crowd:
    """Clients that send events one by one, each again under its own id until it is answered."""

    def __init__(self, house: House) -> None:
        self.accepted: dict[str, str] = {}
        self._house = house
        self._asked = 0
        self._work: asyncio.Queue[int | None] = asyncio.Queue()
        self._clients = [asyncio.create_task(self._client(n)) for n in range(CLIENTS)]

    async def reaches(self, count: int) -> None:
        """Wait until so many were accepted; every client is in the middle of another then."""
        for number in range(self._asked, count + 2 * CLIENTS):
            self._work.put_nowait(number)
        self._asked = max(self._asked, count + 2 * CLIENTS)

        async def there() -> bool:
            return len(self.accepted) >= count

        await until(there)

    async def go_home(self) -> None:
        """Let the clients finish what they began."""
        for _ in self._clients:
            self._work.put_nowait(None)
        await asyncio.gather(*self._clients)

    async def _client(self, client: int) -> None:
        while (number := await self._work.get()) is not None:
            type_ = ("once", "sure")[number % 2]
            await self._insist(type_, f"{type_}-{number}", f"u{client}")

    async def _insist(self, type_: str, key: str, user: str) -> None:
        event = {"type": type_, "id": key, "recipients": [user], "data": {"n": key}}
        while True:
            try:
                status, answer = await self._house.ask("POST", "/v1/events", event)
            except (aiohttp.ClientError, RuntimeError):  # killed, or not there yet
                status, answer = 0, None
            if status == 202:
                self.accepted[key] = answer["event_id"]
                return
            assert status in (0, 503), (status, answer)
            await asyncio.sleep(PAUSE_SECONDS)


def subjects(mail: FakeSmtp) -> Counter[str]:
    """How often each mail arrived."""
    return Counter(message_from_bytes(m.content)["Subject"] for m in mail.mails)


async def test_a_kill_loses_nothing_that_was_accepted(build: Build, mail_server: FakeSmtp) -> None:
    house = build(mail_account(mail_server))
    await house.start()
    await mail_workflows(house)
    crowd = Crowd(house)
    ambiguous = 0
    for kill in (1, 2):
        await crowd.reaches(150 * kill)
        await house.kill()
        await house.start()
        ambiguous += int(await house.metric("clarion_ambiguous_outcomes_total"))
    await crowd.go_home()
    await house.idle()

    kept = house.select("select count(*), sum(expanding) from event")
    assert kept == [(len(set(crowd.accepted.values())), 0)]
    assert (await house.audit())["events"] == len(crowd.accepted)
    mails = subjects(mail_server)
    assert set(mails) <= set(crowd.accepted)
    unknown = house.select("select count(*) from delivery where status = ?", DeliveryStatus.UNKNOWN)
    missing = set(crowd.accepted) - set(mails)
    twice = {key for key, count in mails.items() if count > 1}
    assert all(key.startswith("once") for key in missing)
    assert all(key.startswith("sure") for key in twice)
    assert len(missing) <= unknown[0][0]
    assert unknown[0][0] + len(twice) <= ambiguous


async def test_fan_out_goes_on_behind_its_last_page(build: Build, fcm: FakeFcm) -> None:
    house = build(push_account(fcm))
    await house.start()
    await house.want("PUT", "/v1/topics/stars", {})
    await house.workflow("live", INBOX, PUSH, audience='topic("stars")')
    everybody = [f"u{n}" for n in range(FOLLOWERS)]
    await house.people(({"id": user} for user in everybody), "stars")
    await house.devices(everybody[:WITH_DEVICES])
    event = await house.send("live")

    async def begun() -> bool:
        return bool(house.select("select 1 from notification limit 1") and fcm.requests)

    await until(begun)
    await house.kill()
    assert house.select("select count(*) from notification")[0][0] < FOLLOWERS
    await house.start()
    ambiguous = await house.metric("clarion_ambiguous_outcomes_total", provider="push")
    row = await house.complete(event)

    assert row["counts"]["sent"] == FOLLOWERS
    assert row["deliveries"]["inbox"]["sent"] == FOLLOWERS
    assert row["deliveries"]["push"]["sent"] == WITH_DEVICES
    assert house.select("select count(*), count(distinct user) from item") == [
        (FOLLOWERS, FOLLOWERS)
    ]
    told = Counter(request.target for request in fcm.requests)
    assert set(told) == set(everybody[:WITH_DEVICES])
    assert sum(told.values()) - WITH_DEVICES <= ambiguous
    await house.audit()


async def test_a_stop_under_load_sends_everything_once(build: Build, mail_server: FakeSmtp) -> None:
    house = build(mail_account(mail_server))
    await house.start()
    await mail_workflows(house)
    crowd = Crowd(house)
    for stop in (1, 2):
        await crowd.reaches(150 * stop)
        assert await house.stop() == 0
        assert house.select("select count(*) from ready where state = 1") == [(0,)]
        await house.start()
    await crowd.go_home()
    await house.idle()
    assert subjects(mail_server) == Counter(crowd.accepted.keys())
    assert "taken over" not in house.said
    await house.audit()


async def test_without_space_nothing_is_lost_and_it_goes_on_by_itself(
    build: Build, mail_server: FakeSmtp
) -> None:
    house = build(mail_account(mail_server))
    await house.start()
    await mail_workflows(house)
    crowd = Crowd(house)
    await crowd.reaches(50)
    assert house.process is not None
    _, most = resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (65_536, most))

    async def refused() -> bool:
        status, _ = await house.ask("POST", "/v1/events", {"type": "once", "recipients": ["u0"]})
        return status == 503

    async def not_ready() -> bool:
        return (await house.ask("GET", "/readyz"))[0] == 503

    await until(refused)
    await until(not_ready)  # a small write may still find room where a large one did not
    assert (await house.ask("GET", "/livez"))[0] == 200
    assert (await house.ask("GET", "/v1/lanes"))[0] == 200
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (most, most))

    async def ready() -> bool:
        return (await house.ask("GET", "/readyz"))[0] == 200

    await until(ready)
    await crowd.reaches(len(crowd.accepted) + 50)
    await crowd.go_home()
    await house.idle()
    mails = subjects(mail_server)
    assert {key: mails[key] for key in crowd.accepted} == dict.fromkeys(crowd.accepted, 1)
    await house.audit()
