from collections.abc import Sequence
from email import message_from_bytes
from email.policy import default
from typing import Any, ClassVar

import pytest

from clarion.channels.contract import HttpAnswer, Provider, SmtpAnswer, SmtpServer
from clarion.channels.email.smtp import SmtpProvider, classify, enhanced_status
from clarion.channels.registry import make_provider
from clarion.core.delivery import About, Message, Outcome, OutcomeClass
from clarion.errors import SettingsError
from clarion.testing.conformance.provider import Behavior, ProviderConformance, ProviderHarness
from clarion.testing.fakes.smtp import FakeSmtp
from tests.channels.builders import NOON, a_mail, error_rows

SETTINGS: dict[str, Any] = {"host": "mail.example", "from": "Clarion <notify@example.com>"}


class MailWire:
    """Keeps what would go to the server and answers with one reply."""

    def __init__(self, answer: SmtpAnswer | None = None) -> None:
        self.answer = answer or SmtpAnswer(250, "2.0.0 Ok: queued as 4F2", "data")
        self.sent: list[tuple[SmtpServer, str, str, bytes]] = []

    async def post(self, url: str, **_: Any) -> HttpAnswer:
        raise AssertionError("mail goes by SMTP")

    async def smtp(
        self, server: SmtpServer, sender: str, recipient: str, mime: bytes
    ) -> SmtpAnswer:
        self.sent.append((server, sender, recipient, mime))
        return self.answer

    def now(self) -> int:
        return NOON


async def send(wire: MailWire, settings: dict[str, Any] = SETTINGS, **changes: Any) -> Outcome:
    return await SmtpProvider(settings).send(a_mail(**changes), wire)


@pytest.mark.parametrize("row", error_rows("smtp"), ids=lambda row: str(row["code"]))
async def test_every_reply_of_the_table_has_its_class(row: dict[str, Any]) -> None:
    code, status = row["code"].split(" ")
    wire = MailWire(SmtpAnswer(int(code), f"{status} words of the server", "rcpt"))
    outcome = await send(wire)
    assert outcome.kind.value == row["class"]
    assert outcome.code == row["code"]


@pytest.mark.parametrize(
    ("code", "text", "kind"),
    [
        (451, "4.4.1 try later", OutcomeClass.RETRY),
        (454, "4.7.0 temporary authentication failure", OutcomeClass.RETRY),
        (534, "mechanism too weak", OutcomeClass.CREDENTIAL),
        (554, "5.7.9 mechanism too weak", OutcomeClass.CREDENTIAL),
        (521, "no mail here", OutcomeClass.DESTINATION_INVALID),
        (551, "not local", OutcomeClass.DESTINATION_INVALID),
        (550, "5.4.4 no such domain", OutcomeClass.DESTINATION_INVALID),
        (550, "5.7.515 not aligned", OutcomeClass.CONFIG),
        (550, "5.7.1 policy", OutcomeClass.PERMANENT),
        (550, "no such user, says no code", OutcomeClass.PERMANENT),
        (502, "5.5.1 not implemented", OutcomeClass.PERMANENT),
        (550, "5.7.26\n5.7.26 unauthenticated", OutcomeClass.CONFIG),
    ],
)
def test_replies_beside_the_table_follow_its_rules(
    code: int, text: str, kind: OutcomeClass
) -> None:
    assert classify(code, text) is kind


def test_an_enhanced_code_of_another_class_does_not_count() -> None:
    assert enhanced_status(550, "4.1.1 odd") == ""
    assert enhanced_status(550, "5.1.1.9 odd") == ""
    assert classify(450, "5.1.1 odd") is OutcomeClass.RETRY
    assert classify(550, "2.1.1 odd") is OutcomeClass.PERMANENT


async def test_a_refusal_of_our_sender_is_not_the_recipients_fault() -> None:
    outcome = await send(MailWire(SmtpAnswer(550, "5.1.1 no such sender", "mail")))
    assert outcome.kind is OutcomeClass.CONFIG


async def test_the_queue_id_is_kept_and_addresses_are_not() -> None:
    assert (await send(MailWire())).provider_id == "4F2"
    refused = await send(MailWire(SmtpAnswer(550, "5.1.1 <ada@example.org>: unknown", "rcpt")))
    assert refused.detail == "5.1.1 <address> unknown"


async def test_the_mail_says_what_the_content_says() -> None:
    wire = MailWire()
    content = {
        "subject": "Grüße",
        "text": "plain words",
        "html": "<p>rich words</p>",
        "from": "Jürgen <j@shop.example>",
        "reply_to": "help@shop.example",
    }
    await send(wire, content=content)
    _server, sender, recipient, mime = wire.sent[0]
    mail = message_from_bytes(mime, policy=default)
    assert (sender, recipient) == ("j@shop.example", "ada@example.org")
    assert mail["Subject"] == "Grüße"
    assert mail["From"] == "Jürgen <j@shop.example>"
    assert mail["Reply-To"] == "help@shop.example"
    assert [part.get_content().strip() for part in mail.iter_parts()] == [
        "plain words",
        "<p>rich words</p>",
    ]


async def test_the_message_id_comes_from_the_delivery_and_the_senders_domain() -> None:
    wire = MailWire()
    for _ in range(2):
        await send(wire)
    ids = [message_from_bytes(mime)["Message-ID"] for *_, mime in wire.sent]
    assert ids == ["<dlv_MAIL1@example.com>"] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "ada@example.org\r\nBcc: eve@example.org"},
        {"content": {"subject": "a\r\nBcc: eve@example.org", "text": ""}},
        {"content": {"subject": "a", "text": "", "from": "a@b.example\nBcc: eve@example.org"}},
        {"content": {"subject": "a", "text": "", "reply_to": "a@b.example\r\nX: 1"}},
    ],
)
async def test_a_line_break_in_a_header_is_never_sent(changes: dict[str, Any]) -> None:
    wire = MailWire()
    assert (await send(wire, **changes)).kind is OutcomeClass.PERMANENT
    assert wire.sent == []


@pytest.mark.parametrize(
    "name",
    [
        "Smith, John",
        "boss@bank.example,",
        "boss@bank.example",
        "<boss@bank.example>",
        '"x" <boss@bank.example>,',
        "boss@bank.example (",
        'boss@bank.example, "',
        "boss@bank.example;",
        "boss@bank.example>",
        "\\",
    ],
)
async def test_a_name_before_the_senders_address_cannot_become_the_address(name: str) -> None:
    wire = MailWire()
    content = {"subject": "a", "text": "b", "from": f"{name} <notify@shop.example>"}
    await send(wire, content=content)
    _server, sender, _recipient, mime = wire.sent[0]
    (shown,) = message_from_bytes(mime, policy=default)["From"].addresses
    assert (sender, shown.addr_spec) == ("notify@shop.example", "notify@shop.example")
    assert shown.display_name == name


@pytest.mark.parametrize("address", ["", "ada", "@example.org", "a b@example.org", "ada@-x.org"])
async def test_what_is_no_address_is_invalid_and_never_sent(address: str) -> None:
    wire = MailWire()
    assert (await send(wire, address=address)).kind is OutcomeClass.DESTINATION_INVALID
    assert wire.sent == []


async def test_a_domain_outside_ascii_goes_in_its_idna_form() -> None:
    wire = MailWire()
    await send(wire, address="ada@bücher.example")
    assert wire.sent[0][2] == "ada@xn--bcher-kva.example"


async def test_a_server_without_smtputf8_ends_a_delivery_to_such_an_address() -> None:
    wire = MailWire(SmtpAnswer(550, "5.6.7 needs SMTPUTF8"))
    outcome = await send(wire, address="jürgen@example.org")
    assert (outcome.kind, outcome.code) == (OutcomeClass.PERMANENT, "550 5.6.7")


async def test_the_server_is_reached_as_the_settings_say() -> None:
    wire = MailWire()
    await send(wire)
    assert wire.sent[0][0] == SmtpServer(
        host="mail.example", port=587, tls="opportunistic", hello="example.com"
    )


@pytest.mark.parametrize("wrong", [{"from": "nobody"}, {"tls": "maybe"}])
def test_impossible_settings_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        SmtpProvider(SETTINGS | wrong)


class SmtpHarness(ProviderHarness):
    kind = "smtp"
    lacks = frozenset(
        {Behavior.THROTTLE, Behavior.ENDLESS_ANSWER}  # SMTP has no hint, and bounds its lines
    )
    faults: ClassVar = {
        "550 5.1.1 no such user": OutcomeClass.DESTINATION_INVALID,
        "450 4.7.1 greylisted": OutcomeClass.RETRY,
        "550 5.7.26 unauthenticated": OutcomeClass.CONFIG,
        "530 5.7.0 log in first": OutcomeClass.CREDENTIAL,
        "552 5.2.2 full": OutcomeClass.PERMANENT,
        "421 4.3.2 closing": OutcomeClass.RETRY,
    }

    def __init__(self) -> None:
        self.fake = FakeSmtp(login=("clarion", "a mail password"))

    @property
    def provider(self) -> Provider:
        return make_provider(
            "smtp",
            {
                "host": "127.0.0.1",
                "port": self.fake.port,
                "from": "Clarion <notify@example.com>",
                "username": "clarion",
                "password": "a mail password",
                "tls": "none",
            },
        )

    @property
    def secrets(self) -> Sequence[str]:
        return ["ada@example.org", "a mail password"]

    async def start(self) -> None:
        await self.fake.start()

    async def stop(self) -> None:
        await self.fake.stop()

    async def arrange(self, behavior: Behavior) -> Message:
        message = a_mail()
        match behavior:
            case Behavior.HANG:
                self.fake.hang.add(message.address)
            case Behavior.CUT:
                self.fake.hang_up.add(message.address)
            case Behavior.REFUSE_CONNECTION:
                await self.fake.stop()
            case Behavior.UNKNOWN_REFUSAL:
                self.fake.refuse[message.address] = "599 what"
            case Behavior.UNKNOWN_FAILURE:
                self.fake.refuse_data[message.address] = "499 what"
            case Behavior.GARBAGE_SUCCESS:
                self.fake.refuse_data[message.address] = "250 \x01\x02 <"
            case Behavior.ECHO_SECRETS:
                reply = f"550 5.7.1 <{message.address}>: mail for {message.address} refused"
                self.fake.refuse[message.address] = reply
        return message

    async def arrange_fault(self, name: str) -> Message:
        message = a_mail()
        self.fake.refuse[message.address] = name
        return message

    def received_ids(self) -> Sequence[str]:
        lines = [mail.content.decode().splitlines() for mail in self.fake.mails]
        return [next(line for line in mail if line.startswith("Message-ID")) for mail in lines]


class TestSmtpConformance(ProviderConformance):
    harness_class = SmtpHarness


@pytest.mark.parametrize(
    ("answer", "content", "about"),
    [
        (SmtpAnswer(450, "4.7.1 greylisted", "rcpt"), {}, About.DESTINATION),
        (SmtpAnswer(451, "4.3.0 busy", "data"), {}, About.ACCOUNT),
        (SmtpAnswer(421, "4.3.2 closing", "rcpt"), {}, About.ACCOUNT),
        (SmtpAnswer(550, "5.7.26 not aligned", "mail"), {}, About.ACCOUNT),
        (SmtpAnswer(550, "5.7.26 not aligned", "mail"), {"from": "a@b.example"}, About.MESSAGE),
    ],
)
async def test_a_reply_says_whose_trouble_it_is(
    answer: SmtpAnswer, content: dict[str, str], about: About
) -> None:
    words = {"subject": "Hi", "text": "There is news.", **content}
    assert (await send(MailWire(answer), content=words)).about is about


async def test_a_sender_that_is_none_is_its_templates_trouble() -> None:
    outcome = await send(MailWire(), content={"subject": "Hi", "text": "-", "from": "nobody"})
    assert (outcome.kind, outcome.about) == (OutcomeClass.CONFIG, About.MESSAGE)


async def test_further_headers_of_a_message_are_those_of_the_mail() -> None:
    wire = MailWire()
    headers = {
        "List-Unsubscribe": "<https://clarion.example/u/abc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    await send(wire, headers=headers)
    lines = wire.sent[0][-1].split(b"\r\n\r\n")[0].split(b"\r\n")
    assert b"List-Unsubscribe: <https://clarion.example/u/abc>" in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines


@pytest.mark.parametrize(
    "headers", [{"List-Unsubscribe": "<x>\r\nBcc: a@b.example"}, {"X\r\nBcc": "a"}, {"To": "a"}]
)
async def test_a_header_cannot_bring_another_one(headers: dict[str, str]) -> None:
    wire = MailWire()
    outcome = await send(wire, headers=headers)
    assert (outcome.kind, outcome.code) == (OutcomeClass.PERMANENT, "bad_header")
    assert wire.sent == []
