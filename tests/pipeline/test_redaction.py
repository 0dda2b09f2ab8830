"""Marked addresses, tokens, bodies and vendors' answers go through the whole pipeline; none of the
marks may show up in the log, the metrics or the traces."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec
import pytest

from clarion.cli.log import JsonLines, PlainLines
from clarion.config import Traces
from clarion.telemetry import OPENMETRICS, exposition
from clarion.testing.embedded import Embedded, hook_account, mail_account, push_account
from clarion.testing.fakes.collector import FakeCollector
from clarion.testing.fakes.fcm import FakeFcm
from clarion.testing.fakes.reaction import Reaction
from clarion.testing.fakes.smtp import FakeSmtp
from clarion.testing.fakes.webhook import FakeReceiver
from tests.pipeline.builders import MAIL, PUSH, a_hook

MARK = "s3cr3tmark"


class Written(logging.Handler):
    """The log as it would be written, in both forms."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.lines = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += 1
        self.text += JsonLines().format(record) + PlainLines().format(record) + "\n"


async def people_with_marks(server: Embedded) -> None:
    await server.user(f"user-{MARK}", email=f"{MARK}@example.org", name=f"Ada {MARK}")
    await server.device(f"user-{MARK}", f"token-{MARK}")
    await server.user(f"bad-{MARK}", email=f"bad-{MARK}@example.org", phone=f"+4930{MARK}")
    await server.device(f"bad-{MARK}", f"bad-token-{MARK}")


async def workflows_with_marks(server: Embedded, url: str) -> None:
    words = {"title": MARK + " {{ data.code }}", "body": MARK}
    inbox = {"channel": "inbox", "template": words}
    mail = {"subject": MARK, "body": "{{ data.code }} {{ data.missing.deep }}"}
    await server.workflow("told", inbox, PUSH | {"template": words}, MAIL)
    await server.workflow("broken", MAIL | {"template": mail})
    await server.workflow("hooked", a_hook(f"{url}/{MARK}?token={MARK}", said=MARK))


async def test_no_mark_shows_up(
    tmp_path: Path,
    fcm: FakeFcm,
    mail_server: FakeSmtp,
    receiver: FakeReceiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    collector, written = FakeCollector(), Written()
    await collector.start()
    accounts = (push_account(fcm), mail_account(mail_server), hook_account())
    server = Embedded(tmp_path / "clarion.db", *accounts)
    traces = Traces(endpoint=collector.endpoint, headers={"authorization": MARK})
    server.settings = msgspec.structs.replace(server.settings, traces=traces)
    logging.getLogger().addHandler(written)
    caplog.set_level(logging.DEBUG, "clarion")  # of libraries warnings are written, as at work
    try:
        await server.start()
        await people_with_marks(server)
        await workflows_with_marks(server, receiver.base_url)
        fcm.fail(f"bad-token-{MARK}", 400, "INVALID_ARGUMENT", f"bad token {MARK}")
        receiver.echo = True
        receiver.react(f"/{MARK}", Reaction(status=500, body=MARK.encode()))
        both = (f"user-{MARK}", f"bad-{MARK}")
        events = [
            await server.send("told", *both, data={"code": MARK}),
            await server.send("broken", *both, data={"code": MARK}),
            await server.send("hooked", data={"code": MARK}),
        ]
        await server.quiet()
        receiver.react(f"/{MARK}", Reaction(hang=True))
        await server.advance(10)
        await receiver.waiting.wait()
        receiver.react(f"/{MARK}", None)
        receiver.release()
        for _ in range(6):
            await server.advance(3600)
            await server.quiet()
        for event in events:
            await server.settled(event)
        told = exposition(OPENMETRICS).decode() + exposition().decode()
    finally:
        await server.stop()
        logging.getLogger().removeHandler(written)
        await collector.stop()
    assert written.lines > 10
    assert len(collector.spans) > 10
    assert (len(fcm.requests) > 1, len(mail_server.mails) > 0) == (True, True)
    assert MARK not in written.text
    assert MARK not in told
    assert MARK.encode() not in collector.raw
