"""After a crash: nothing lost, nothing decided twice, every possible exception counted."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clarion.core.states import Bucket
from clarion.errors import SettingsError
from clarion.pipeline.keepers.rescuer import Rescuer
from clarion.pipeline.material import Materials
from clarion.store.contract.deliveries import Claim
from clarion.store.contract.work import PageWrite, Task
from clarion.testing.embedded import Embedded
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.smtp import FakeSmtp
from tests.pipeline.builders import INBOX, MAIL, PUSH, a_note, delivery

MAILBOX = "ada@example.org"

PEOPLE = 2_600
"""More than two chunks of the largest size."""


async def sending_a_mail(server: Embedded, mail_server: FakeSmtp, policy: str) -> bytes:
    """An event whose mail is with the server, which does not answer."""
    await server.category("letters", on_unknown=policy)
    await server.workflow("news", MAIL, category="letters")
    await server.user("ada", email=MAILBOX)
    mail_server.hang.add(MAILBOX)
    event = await server.send("news", "ada")
    await asyncio.wait_for(mail_server.waiting.wait(), 5)
    return event


async def crash_and_come_back(server: Embedded, mail_server: FakeSmtp) -> None:
    await server.crash()
    mail_server.hang.clear()
    await server.restart()


async def test_a_send_without_an_outcome_is_repeated_where_that_is_the_policy(
    wired: Embedded, mail_server: FakeSmtp
) -> None:
    event = await sending_a_mail(wired, mail_server, "at_least_once")
    await crash_and_come_back(wired, mail_server)
    await wired.settled(event)
    row = delivery(wired, event)
    assert (row["status"], row["attempts"]) == ("sent", 2)
    assert len(mail_server.mails) == 2
    (attempt,) = wired.rows(event)["attempt"]
    assert (attempt["outcome"], attempt["code"]) == ("ambiguous", "worker_died")


async def test_a_send_without_an_outcome_is_unknown_where_it_must_not_be_repeated(
    wired: Embedded, mail_server: FakeSmtp
) -> None:
    event = await sending_a_mail(wired, mail_server, "at_most_once")
    await crash_and_come_back(wired, mail_server)
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "unknown"
    assert wired.rows(event)["dead_letter"][0]["cause"] == "ambiguous:worker_died"
    assert len(mail_server.mails) == 1
    assert (await wired.counts(event)).dead == 1
    assert "may or may not have arrived" in (await wired.why(event, "ada"))["because"]


async def test_a_push_replaces_itself_whatever_the_policy(wired: Embedded, fcm: FakeFcm) -> None:
    await wired.category("once", on_unknown="at_most_once")
    await wired.workflow("news", PUSH, category="once")
    await wired.device("ada", "phone")
    fcm.react("phone", Reaction(hang=True))
    event = await wired.send("news", "ada")
    await asyncio.wait_for(fcm.waiting.wait(), 5)
    await wired.crash()
    fcm.react("phone", None)
    await wired.restart()
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "sent"
    assert len(fcm.requests) == 2


async def test_the_second_death_quarantines_a_delivery(
    wired: Embedded, mail_server: FakeSmtp
) -> None:
    event = await sending_a_mail(wired, mail_server, "at_least_once")
    await wired.crash()
    mail_server.waiting.clear()
    await wired.restart()
    await asyncio.wait_for(mail_server.waiting.wait(), 5)
    await crash_and_come_back(wired, mail_server)
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "dead"
    assert wired.rows(event)["dead_letter"][0]["cause"] == "quarantined"
    assert len(mail_server.mails) == 2


async def test_an_answer_in_between_starts_the_count_of_deaths_anew(
    wired: Embedded, mail_server: FakeSmtp
) -> None:
    event = await sending_a_mail(wired, mail_server, "at_least_once")
    await wired.crash()
    mail_server.hang.clear()
    mail_server.refuse[MAILBOX] = "451 4.3.0 try again"
    await wired.restart()
    await wired.quiet()
    mail_server.refuse.clear()
    mail_server.hang.add(MAILBOX)
    mail_server.waiting.clear()
    await wired.advance(12)
    await asyncio.wait_for(mail_server.waiting.wait(), 5)
    await crash_and_come_back(wired, mail_server)
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "sent"


async def test_what_was_ready_is_sent_by_the_next_server(
    wired: Embedded, mail_server: FakeSmtp
) -> None:
    await wired.workflow("news", MAIL)
    await wired.user("ada", email=MAILBOX)
    await wired.hold("ready")
    event = await wired.send("news", "ada")
    await wired.crash()
    await wired.restart()
    await wired.settled(event)
    assert len(mail_server.mails) == 1
    assert delivery(wired, event)["attempts"] == 1


@pytest.mark.parametrize("pages_before", [0, 1, 2])
@pytest.mark.parametrize("committed", [False, True])
async def test_a_fan_out_goes_on_where_its_last_page_ended(
    embedded: Embedded, pages_before: int, committed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    await embedded.users(*(f"u{n:04}" for n in range(PEOPLE)))
    await embedded.workflow("blast", INBOX, PUSH)
    await embedded.device("u0001", "phone")
    work = embedded.server.store.work
    write_page, dead, written = work.write_page, asyncio.Event(), list[int]()

    async def dying(task: Task, page: PageWrite, cursor: int, done: bool, now: int) -> None:
        if len(written) == pages_before:
            if committed:
                await write_page(task, page, cursor, done, now)
            dead.set()
            await asyncio.Event().wait()
        await write_page(task, page, cursor, done, now)
        written.append(cursor)

    monkeypatch.setattr(work, "write_page", dying)
    event = await embedded.send("blast", {"all": True})
    await asyncio.wait_for(dead.wait(), 5)
    await embedded.crash()
    await embedded.restart()
    await embedded.settled(event)
    assert embedded.select("select bucket, count(*) from notification group by bucket") == [
        (Bucket.SENT, PEOPLE)
    ]
    assert embedded.select("select count(*) from item") == [(PEOPLE,)]
    assert (await embedded.counts(event)).sent == PEOPLE
    assert len(embedded.rows(event)["delivery"]) == 1


async def test_a_fan_out_that_kills_its_worker_is_put_aside(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    await embedded.users("u1")
    await a_note(embedded)
    event = b""
    for _ in range(2):
        dead = asyncio.Event()

        async def dying(*_: object, dead: asyncio.Event = dead) -> None:
            dead.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(embedded.server.store.work, "write_page", dying)
        event = event or await embedded.send("note", {"all": True})
        await asyncio.wait_for(dead.wait(), 5)
        await embedded.crash()
        await embedded.restart()
    await embedded.quiet()
    (task,) = embedded.rows(event)["task"]
    assert (task["state"], task["crashes"]) == ("put aside", 3)


async def test_a_stranded_send_that_cannot_be_read_does_not_keep_the_server_down(
    wired: Embedded, mail_server: FakeSmtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await wired.user("bo", email="bo@example.org")
    event = await sending_a_mail(wired, mail_server, "at_least_once")
    mail_server.hang.add("bo@example.org")
    mail_server.waiting.clear()
    other = await wired.send("news", "bo")
    await asyncio.wait_for(mail_server.waiting.wait(), 5)
    await wired.crash()
    mail_server.hang.clear()
    gather = Materials.gather

    async def poisoned(self: Materials, claims: list[Claim]) -> Any:
        if any(claim.key.event == event for claim in claims):
            raise RuntimeError("this one cannot be read")
        return await gather(self, claims)

    with monkeypatch.context() as poisoning:
        poisoning.setattr(Materials, "gather", poisoned)
        await wired.restart()
    await wired.settled(event)
    await wired.settled(other)
    assert delivery(wired, event)["status"] == "unknown"
    assert delivery(wired, other)["status"] == "sent"


async def test_accepted_events_survive_a_crash_right_after_the_answer(
    embedded: Embedded,
) -> None:
    await embedded.users("u1")
    await a_note(embedded)
    answers = await asyncio.gather(
        *(embedded.accept({"type": "note", "id": f"n-{n}", "recipients": ["u1"]}) for n in range(9))
    )
    await embedded.crash()
    await embedded.restart()
    for n, answer in enumerate(answers):
        assert (await embedded.counts(answer.event)).sent == 1
        again = await embedded.accept({"type": "note", "id": f"n-{n}", "recipients": ["u1"]})
        assert again.replayed
        assert again.event == answer.event


async def test_a_second_server_on_the_same_file_is_refused(embedded: Embedded) -> None:
    with pytest.raises(SettingsError, match="another server runs"):
        await Embedded(embedded.path).start()


async def test_a_clean_stop_leaves_nothing_to_rescue(wired: Embedded, fcm: FakeFcm) -> None:
    await wired.workflow("news", PUSH)
    await wired.device("ada", "phone")
    fcm.react("phone", Reaction(hang=True))
    event = await wired.send("news", "ada")
    await asyncio.wait_for(fcm.waiting.wait(), 5)
    stopping = asyncio.create_task(wired.stop())
    await asyncio.sleep(0)
    fcm.release()
    await stopping
    await wired.restart()
    await wired.settled(event)
    assert delivery(wired, event)["status"] == "sent"
    assert len(fcm.requests) == 1


async def test_one_that_finds_itself_dead_leaves_its_rows_until_it_has_a_new_number(
    wired: Embedded, mail_server: FakeSmtp
) -> None:
    event = await sending_a_mail(wired, mail_server, "at_least_once")
    core = wired.server.core
    old = core.lease.worker
    rescuer = Rescuer(
        core.lease, core.store, core.materials, core.accounts.capabilities_of, core.clock
    )
    wired.change("update worker set beat_at = 0, stopped_at = null")
    assert await rescuer.rescue() == 0
    await core.lease.step(False)
    assert core.lease.worker != old
    assert await rescuer.rescue() == 1
    mail_server.hang.clear()
    await wired.settled(event)
    assert [row["code"] for row in wired.rows(event)["attempt"]] == ["worker_died"]
