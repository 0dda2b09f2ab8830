"""A backup taken under load, the file lost, and what a restore brings back."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

import pytest

from clarion.core.states import DeliveryStatus
from clarion.testing.fakes.smtp import FakeSmtp
from tests.acceptance.conftest import Build
from tests.acceptance.house import House
from tests.acceptance.test_crashes import Crowd, mail_account, mail_workflows, subjects
from tests.cli.shell import environ

STUCK = 8
"""Mails that the provider has taken and not answered when the backup is taken."""


pytestmark = pytest.mark.timeout(180)


async def command(house: House, *arguments: str) -> Any:
    """What a command says in the house's folder, as JSON."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "clarion", *arguments, "--json",
        cwd=house.folder, env=environ(), stdout=PIPE, stderr=PIPE,
    )  # fmt: skip
    out, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    return json.loads(out)


async def lose(house: House) -> None:
    """The server dies, and its disk with it."""
    await house.kill()
    shutil.rmtree(house.folder / "clarion-data")


async def test_a_restore_brings_back_what_was_accepted_before_the_backup(
    build: Build, mail_server: FakeSmtp, tmp_path: Path
) -> None:
    house = build(mail_account(mail_server))
    await house.start()
    await mail_workflows(house)
    crowd = Crowd(house)
    await crowd.reaches(200)
    before = dict(crowd.accepted)
    copy = str(tmp_path / "copy.db")
    assert (await command(house, "backup", copy))["file"] == copy
    await crowd.reaches(len(crowd.accepted) + 100)
    await crowd.go_home()
    await house.idle()
    last = await house.send("sure", "u0", id="sure-last", data={"n": "sure-last"})
    await house.complete(last)
    await lose(house)

    restored = await command(house, "restore", copy)
    await house.start()
    await house.idle()
    events = {key: (await house.event(id_))["balanced"] for key, id_ in before.items()}
    assert events == dict.fromkeys(before, True)
    assert (await house.ask("GET", f"/v1/events/{last}"))[0] == 404
    await house.audit()
    mails = subjects(mail_server)
    twice = {key for key, count in mails.items() if count > 1}
    assert all(key.startswith("sure") for key in twice)
    assert len(twice) <= restored["again"] + restored["unfinished"]


async def test_what_was_sent_after_the_backup_goes_by_policy_or_as_told(
    build: Build, mail_server: FakeSmtp, tmp_path: Path
) -> None:
    """Mails wait at the backup, because the mail server puts them off, and are sent after it."""
    house = build(mail_account(mail_server))
    await house.start()
    await mail_workflows(house)
    for n in range(STUCK):
        mail_server.refuse[f"u{n}@example.org"] = "451 4.7.1 not now"
    sends = [(("once", "sure")[n % 2], n) for n in range(STUCK)]
    for type_, n in sends:
        await house.send(type_, f"u{n}", data={"n": f"{type_}-{n}"})
    await house.put_off(STUCK)
    copy = str(tmp_path / "copy.db")
    await command(house, "backup", copy)
    await house.kill()
    house.change("update ready set due = 0")
    mail_server.refuse.clear()
    await house.start()
    await house.idle()

    for choice, again in (("policy", {"sure"}), ("resend", {"once", "sure"}), ("drop", set())):
        before = subjects(mail_server)
        await lose(house)
        restored = await command(house, "restore", copy, "--in-doubt", choice)
        await house.start()
        await house.idle()
        fresh = subjects(mail_server) - before
        assert fresh == {f"{type_}-{n}": 1 for type_, n in sends if type_ in again}
        assert (restored["again"], restored["unknown"]) == (len(fresh), STUCK - len(fresh))
        unknown = DeliveryStatus.UNKNOWN
        ended = house.select("select count(*) from delivery where status = ?", unknown)
        assert ended == [(restored["unknown"],)]
        await house.audit()
