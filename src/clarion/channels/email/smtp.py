"""E-mail through any SMTP server (RFC 5321; enhanced status codes RFC 3463)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import formataddr, parseaddr
from typing import Any

import idna

from clarion.channels.contract import Capabilities, SettingField, SmtpAnswer, SmtpServer, Wire
from clarion.core.delivery import About, Message, Outcome, OutcomeClass
from clarion.core.mime import build_mime
from clarion.core.workflow import Channel
from clarion.errors import InvalidError, SettingsError

TLS_POLICIES = ("opportunistic", "starttls", "tls", "none")

SMTP = Capabilities(
    kind="smtp",
    channel=Channel.EMAIL,
    title="SMTP server",
    in_flight=8,
    settings=(
        SettingField(name="host", meaning="the mail server", required=True),
        SettingField(name="port", meaning="its port", default=587),
        SettingField(name="username", meaning="who logs in"),
        SettingField(name="password", meaning="the password for it", secret=True),
        SettingField(
            name="tls", meaning="one of " + ", ".join(TLS_POLICIES), default="opportunistic"
        ),
        SettingField(
            name="from", meaning="sender of mails that name none, `Name <a@b>`", required=True
        ),
        SettingField(name="hello", meaning="the name we greet with; default: the sender's domain"),
    ),
)

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\S)")
_QUEUE_ID = re.compile(r"queued as\s+<?([A-Za-z0-9._-]{1,64})", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ADDRESS = re.compile(r"\S*@\S*")
_PLAIN_LOCAL = re.compile(r"[^\s<>()\[\],;:\\\"@]{1,64}")

_CREDENTIAL_CODES = {530, 534, 535, 538}
_DEAD_CODES = {521, 551, 556}
_CREDENTIAL_STATUS = {"5.7.8", "5.7.9"}
_DEAD_STATUS = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"}
# Sender address, SPF, DKIM, DMARC, reverse DNS: wrong with us, whoever the recipient is.
_OURS = {"5.1.7", "5.1.8", "5.7.509", "5.7.515"}
_CONFIG_STATUS = _OURS | {f"5.7.{detail}" for detail in range(20, 33) if detail != 28}


class SmtpProvider:
    """Content: `subject`, `text`, `html`?, `from`?, `reply_to`?. One recipient a mail."""

    capabilities = SMTP

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """`settings` as SMTP.settings says; SettingsError when one has a value that cannot be."""
        self._sender = str(settings["from"])
        domain = _envelope(self._sender)
        if domain is None:
            raise SettingsError(
                "`from` is no mail address; write it as `Name <notify@example.com>`"
            )
        tls = settings.get("tls") or "opportunistic"
        if tls not in TLS_POLICIES:
            raise SettingsError(f"`tls` is one of {', '.join(TLS_POLICIES)}")
        self._server = SmtpServer(
            host=settings["host"],
            port=int(settings.get("port") or 587),
            username=settings.get("username"),
            password=settings.get("password"),
            tls=tls,
            hello=settings.get("hello") or domain.rpartition("@")[2],
        )

    async def send(self, message: Message, wire: Wire) -> Outcome:
        """One mail; its Message-ID comes from the delivery id and is the same on every retry."""
        sender_text = str(message.content.get("from") or self._sender)
        if _CONTROL.search(message.address) or _CONTROL.search(sender_text):
            return _refused("bad_address", "an address holds a control character")
        sender, recipient = _envelope(sender_text), _envelope(message.address)
        if sender is None:
            return Outcome(
                kind=OutcomeClass.CONFIG,
                code="bad_sender",
                detail="`from` is no mail address",
                about=About.MESSAGE,
            )
        if recipient is None:
            return Outcome(
                kind=OutcomeClass.DESTINATION_INVALID, code="5.1.3", detail="not a mail address"
            )
        try:
            mime = _mime(
                message,
                wire.now(),
                sender=_header(sender_text, sender),
                recipient=_header(message.address, recipient),
                message_id=f"<{message.delivery_id}@{sender.rpartition('@')[2]}>",
            )
        except InvalidError as error:
            return _refused("bad_header", str(error))
        answer = await wire.smtp(self._server, sender, recipient, mime)
        return _outcome(answer, own_sender=bool(message.content.get("from")))


def classify(code: int, text: str) -> OutcomeClass:
    """A reply as an outcome class. The enhanced code refines where it agrees with the basic one."""
    if 200 <= code < 300:
        return OutcomeClass.ACCEPTED
    if code < 500:
        return OutcomeClass.RETRY
    status = enhanced_status(code, text)
    if code in _CREDENTIAL_CODES or status in _CREDENTIAL_STATUS:
        return OutcomeClass.CREDENTIAL
    if code in _DEAD_CODES or status in _DEAD_STATUS:
        return OutcomeClass.DESTINATION_INVALID
    return OutcomeClass.CONFIG if status in _CONFIG_STATUS else OutcomeClass.PERMANENT


def enhanced_status(code: int, text: str) -> str:
    """`5.1.1` at the start of a reply's text; "" when missing or of another class than the code."""
    match = _ENHANCED.match(text.strip())
    return match[0] if match and int(match[1]) == code // 100 else ""


def _outcome(answer: SmtpAnswer, *, own_sender: bool) -> Outcome:
    kind = classify(answer.code, answer.text)
    if answer.command == "mail" and kind is OutcomeClass.DESTINATION_INVALID:
        kind = OutcomeClass.CONFIG  # the reply is about our sender, not about the recipient
    code = f"{answer.code} {enhanced_status(answer.code, answer.text)}".strip()
    if kind is OutcomeClass.ACCEPTED:
        queued = _QUEUE_ID.search(answer.text)
        return Outcome(kind=kind, code=code, provider_id=queued[1] if queued else None)
    detail = _ADDRESS.sub("<address>", answer.text)
    return Outcome(kind=kind, code=code, detail=detail, about=_about(answer, own_sender))


def _about(answer: SmtpAnswer, own_sender: bool) -> About:
    """A reply to RCPT is about the recipient (greylisting, a full mailbox), one to MAIL about the
    sender, which is the message's where a template names one. A server that closes (421) says so
    of itself."""
    if answer.code == 421:
        return About.ACCOUNT
    if answer.command == "rcpt":
        return About.DESTINATION
    return About.MESSAGE if answer.command == "mail" and own_sender else About.ACCOUNT


def _refused(code: str, detail: str) -> Outcome:
    return Outcome(kind=OutcomeClass.PERMANENT, code=code, detail=detail)


def _mime(message: Message, now: int, *, sender: str, recipient: str, message_id: str) -> bytes:
    content = message.content
    return build_mime(
        message_id=message_id,
        now=now,
        sender=sender,
        to=recipient,
        subject=str(content.get("subject", "")),
        text=str(content.get("text", "")),
        html=content.get("html"),
        reply_to=content.get("reply_to"),
        headers=message.headers,
    )


def _parsed(text: str) -> tuple[str, str]:
    """`Name <address>` -> (name, address). Where brackets end the text they hold the address, and
    all before them is a name: a person may be called `Smith, John`, or `boss@bank.example,`."""
    if text.rstrip().endswith(">"):
        name, _, address = text.rstrip()[:-1].rpartition("<")
        name = name.strip()
        if len(name) > 1 and name[0] == name[-1] == '"':
            name = name[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        return name, address.strip()
    return parseaddr(text)


def _header(text: str, envelope: str) -> str:
    name = _parsed(text)[0]
    return formataddr((name, envelope)) if envelope.isascii() else text


def _envelope(text: str) -> str | None:
    """`Name <local@domain>` -> `local@domain` with the domain in ASCII; None when it is no
    address.
    """
    local, at, domain = _parsed(text)[1].rpartition("@")
    if not at or _PLAIN_LOCAL.fullmatch(local) is None:
        return None
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None
    return f"{local}@{ascii_domain}"
