import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from clarion.channels.contract import BlockedError, NoAnswerError, SmtpAnswer, SmtpServer
from clarion.channels.http_pool import Timeouts
from clarion.channels.smtp_pool import QUIET_SECONDS, SmtpPool
from clarion.testing.fakes.smtp import FakeSmtp
from tests.channels.builders import HandClock
from tests.channels.certificates import contexts_for

SHORT = Timeouts(connect_seconds=2.0, total_seconds=0.4)
MIME = b"Subject: Hello\r\n\r\nThere\r\n.\r\nend\r\n"


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def pool(clock: HandClock) -> AsyncIterator[SmtpPool]:
    pool = SmtpPool(SHORT, clock.monotonic_seconds, max_mails=3)
    yield pool
    await pool.close()


def server_of(
    fake: FakeSmtp, tls: str = "none", login: tuple[str, str] | None = None
) -> SmtpServer:
    username, password = login or (None, None)
    return SmtpServer(
        host="127.0.0.1", port=fake.port, tls=tls, username=username, password=password
    )


async def mail(pool: SmtpPool, server: SmtpServer, to: str = "ada@example.org") -> SmtpAnswer:
    return await pool.send(server, "notify@example.com", to, MIME)


async def test_a_mail_arrives_as_it_was_built(pool: SmtpPool, mail_server: FakeSmtp) -> None:
    answer = await mail(pool, server_of(mail_server))
    assert (answer.code, answer.text) == (250, "2.0.0 Ok: queued as FAKE1")
    received = mail_server.mails[0]
    assert (received.sender, received.recipient) == ("notify@example.com", "ada@example.org")
    assert received.content == MIME


async def test_a_connection_is_used_again_up_to_its_number_of_mails(
    pool: SmtpPool, mail_server: FakeSmtp
) -> None:
    for _ in range(4):
        await mail(pool, server_of(mail_server))
    assert len(mail_server.mails) == 4
    assert mail_server.connections == 2


async def test_a_dropped_connection_is_made_anew_and_the_mail_goes_once(
    pool: SmtpPool, mail_server: FakeSmtp
) -> None:
    await mail(pool, server_of(mail_server))
    mail_server.drop_connections()
    assert (await mail(pool, server_of(mail_server))).code == 250
    assert len(mail_server.mails) == 2
    assert mail_server.connections == 2


async def test_a_kept_connection_that_says_421_is_made_anew(
    pool: SmtpPool, mail_server: FakeSmtp
) -> None:
    await mail(pool, server_of(mail_server))
    mail_server.refuse_sender_once["notify@example.com"] = "421 4.3.2 idle for too long"
    assert (await mail(pool, server_of(mail_server))).code == 250
    assert mail_server.connections == 2


async def test_a_connection_that_was_quiet_is_asked_first(
    pool: SmtpPool, mail_server: FakeSmtp, clock: HandClock
) -> None:
    await mail(pool, server_of(mail_server))
    await mail(pool, server_of(mail_server))
    assert mail_server.commands["NOOP"] == 0
    clock.forward(QUIET_SECONDS)
    await mail(pool, server_of(mail_server))
    assert mail_server.commands["NOOP"] == 1
    assert mail_server.connections == 1


@pytest.mark.parametrize("where", ["refuse", "refuse_data"])
async def test_a_refused_mail_leaves_the_connection_fit_for_the_next(
    pool: SmtpPool, mail_server: FakeSmtp, where: str
) -> None:
    getattr(mail_server, where)["gone@example.org"] = "550 5.1.1 no such user"
    answer = await mail(pool, server_of(mail_server), "gone@example.org")
    assert (answer.code, answer.text) == (550, "5.1.1 no such user")
    assert answer.command == ("rcpt" if where == "refuse" else "data")
    assert (await mail(pool, server_of(mail_server))).code == 250
    assert mail_server.commands["RSET"] == 1
    assert mail_server.connections == 1


async def test_a_refused_sender_is_told_apart(pool: SmtpPool, mail_server: FakeSmtp) -> None:
    mail_server.refuse_sender["notify@example.com"] = "550 5.1.8 unknown domain"
    assert (await mail(pool, server_of(mail_server))).command == "mail"


@pytest.mark.parametrize(("fault", "code"), [("hang", "timeout"), ("hang_up", "reset")])
async def test_silence_after_the_mail_may_have_been_a_success(
    pool: SmtpPool, mail_server: FakeSmtp, fault: str, code: str
) -> None:
    getattr(mail_server, fault).add("ada@example.org")
    with pytest.raises(NoAnswerError) as caught:
        await mail(pool, server_of(mail_server))
    assert (caught.value.sent, caught.value.code) == (True, code)


async def test_a_server_that_is_not_there_was_not_sent_to(
    pool: SmtpPool, mail_server: FakeSmtp
) -> None:
    await mail_server.stop()
    with pytest.raises(NoAnswerError) as caught:
        await mail(pool, server_of(mail_server))
    assert (caught.value.sent, caught.value.code) == (False, "connect")


async def test_a_server_that_greets_with_a_refusal_was_not_sent_to(pool: SmtpPool) -> None:
    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 5.3.2 no service here\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(busy, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(NoAnswerError) as caught:
        await mail(pool, SmtpServer(host="127.0.0.1", port=port, tls="none"))
    assert (caught.value.sent, caught.value.code) == (False, "greeting_554")
    server.close()
    await server.wait_closed()


async def test_a_wrong_password_is_answered_by_the_server(pool: SmtpPool) -> None:
    fake = FakeSmtp(login=("clarion", "right"))
    await fake.start()
    answer = await mail(pool, server_of(fake, login=("clarion", "wrong")))
    assert (answer.code, answer.command) == (535, "auth")
    assert (await mail(pool, server_of(fake, login=("clarion", "right")))).code == 250
    await fake.stop()


async def test_a_password_never_goes_in_the_clear_unless_told_so(pool: SmtpPool) -> None:
    fake = FakeSmtp(login=("clarion", "right"))
    await fake.start()
    with pytest.raises(BlockedError, match="no TLS"):
        await mail(pool, server_of(fake, "opportunistic", ("clarion", "right")))
    assert fake.mails == []
    await fake.stop()


async def test_required_starttls_is_not_given_up(pool: SmtpPool, mail_server: FakeSmtp) -> None:
    with pytest.raises(BlockedError, match="STARTTLS"):
        await mail(pool, server_of(mail_server, "starttls"))
    assert mail_server.mails == []


async def test_opportunistic_goes_in_the_clear_where_nothing_else_is_offered(
    pool: SmtpPool, mail_server: FakeSmtp
) -> None:
    assert (await mail(pool, server_of(mail_server, "opportunistic"))).code == 250


async def test_opportunistic_takes_any_certificate_and_starttls_only_a_good_one(
    pool: SmtpPool, clock: HandClock, tmp_path: Path
) -> None:
    server_tls, client_tls = contexts_for("localhost", tmp_path)
    fake = FakeSmtp(tls=server_tls)
    await fake.start()
    assert (await mail(pool, server_of(fake, "opportunistic"))).code == 250
    with pytest.raises(NoAnswerError) as caught:
        await mail(pool, server_of(fake, "starttls"))
    assert caught.value.sent is False
    trusting = SmtpPool(SHORT, clock.monotonic_seconds, client_tls)
    named = SmtpServer(host="localhost", port=fake.port, tls="starttls")
    assert (await mail(trusting, named)).code == 250
    assert [received.tls for received in fake.mails] == [True, True]
    await trusting.close()
    await fake.stop()


async def test_an_address_outside_ascii_needs_a_server_that_takes_it(
    pool: SmtpPool, mail_server: FakeSmtp
) -> None:
    plain = FakeSmtp(smtputf8=False)
    await plain.start()
    refused = await mail(pool, server_of(plain), "jürgen@example.org")
    assert (refused.code, refused.text[:5]) == (550, "5.6.7")
    assert plain.mails == []
    assert (await mail(pool, server_of(mail_server), "jürgen@example.org")).code == 250
    assert mail_server.mails[0].recipient == "jürgen@example.org"
    await plain.stop()
