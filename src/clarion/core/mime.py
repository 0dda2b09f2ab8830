"""One mail as bytes: headers first, text, and HTML beside it (RFC 5322, RFC 2046)."""

from __future__ import annotations

from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import formatdate

from clarion.errors import InvalidError

_SECOND = 1_000_000


def build_mime(
    *,
    message_id: str,
    now: int,
    sender: str,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
    reply_to: str | None = None,
    headers: Mapping[str, str] = {},
) -> bytes:
    """A mail with CRLF line ends; `now` in microseconds becomes its Date.

    `message_id` comes with its angle brackets. InvalidError when a header value holds CR or LF.
    """
    values = {"From": sender, "To": to, "Subject": subject, "Message-ID": message_id}
    if reply_to:
        values["Reply-To"] = reply_to
    values |= {"Date": formatdate(now // _SECOND), "Auto-Submitted": "auto-generated", **headers}
    mail = EmailMessage(policy=SMTP if to.isascii() and sender.isascii() else SMTPUTF8)
    for name, value in values.items():
        if "\r" in value or "\n" in value:
            raise InvalidError(f"the header {name} holds a line break; remove it", code="header")
        mail[name] = value
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes()
