"""One mail as bytes: headers (RFC 5322), a text part and, where there is one, HTML beside it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from email.header import Header
from email.utils import formataddr, formatdate, getaddresses

from clarion.errors import InvalidError

_SECOND = 1_000_000
_LINE_OCTETS = 998
"""Longest line of a mail without its line end (RFC 5322 section 2.1.1)."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_NAME = re.compile(r"[!-9;-~]{1,76}")
_WORD = r"[^\s\x00-\x1f\x7f@<>,;:\"\\()\[\]]"
MAIL_ADDRESS = re.compile(f"{_WORD}{{1,64}}@{_WORD}{{1,255}}")
"""Addresses that mail can be sent to: no names beside them, no quotes, no numbers in brackets."""
_LINE_END = re.compile(r"\r\n|\r|\n")
_OWN = frozenset({"from", "to", "subject", "message-id", "reply-to", "date", "auto-submitted"})


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
    """A mail with CRLF line ends: `multipart/alternative`, or plain text without `html`. All of it
    is ASCII but an address that is not so itself before its @.

    `message_id` comes with its angle brackets; `now` in microseconds becomes the Date. `headers`
    are further ones, such as List-Unsubscribe (RFC 2369, RFC 8058). The same arguments give the
    same bytes, so a retry is the same mail. InvalidError when a header value holds a line break or
    another control character, is too long, or is no address where one belongs.
    """
    lines = [
        f"From: {_addresses('From', sender, at_most=1)}",
        f"To: {_addresses('To', to, at_most=1)}",
        f"Subject: {_unstructured('Subject', subject)}",
        f"Message-ID: {_plain('Message-ID', message_id)}",
        f"Date: {formatdate(now // _SECOND)[:-5]}+0000",
        "Auto-Submitted: auto-generated",
    ]
    if reply_to:
        lines.append(f"Reply-To: {_addresses('Reply-To', reply_to, at_most=10)}")
    lines += [_extra(name, value) for name, value in headers.items()]
    lines.append("MIME-Version: 1.0")
    body = _part("plain", text) if html is None else _alternative(message_id, text, html)
    return ("\r\n".join(lines) + "\r\n").encode() + body


def _alternative(message_id: str, text: str, html: str) -> bytes:
    # Encoded parts hold no "=_", and who writes the text does not know the id: no part holds it.
    boundary = "=_" + hashlib.blake2b(message_id.encode(), digest_size=16).hexdigest()
    head = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
    mark = f"--{boundary}".encode()
    parts = (mark, b"\r\n", _part("plain", text), mark, b"\r\n", _part("html", html), mark)
    return b"".join((head.encode(), *parts, b"--\r\n"))


def _part(subtype: str, content: str) -> bytes:
    data = _LINE_END.sub("\r\n", content).encode("utf-8", "replace")
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    plain = data.isascii() and b"\0" not in data
    if plain and max(map(len, data.split(b"\r\n"))) <= _LINE_OCTETS:
        encoding, charset = "7bit", "us-ascii"
    else:
        encoding, charset = "base64", "utf-8"
        data = base64.encodebytes(data).replace(b"\n", b"\r\n")
    head = (
        f'Content-Type: text/{subtype}; charset="{charset}"\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )
    return head.encode() + data


def _checked(name: str, value: str) -> str:
    if _CONTROLS.search(value):
        raise InvalidError(
            f"the header {name} holds a line break or control character; remove it", code="header"
        )
    return value


def _plain(name: str, value: str) -> str:
    if not _checked(name, value).isascii():
        raise InvalidError(f"the header {name} must be ASCII", code="header")
    if len(name) + 2 + len(value) > _LINE_OCTETS:
        raise InvalidError(f"the header {name} is too long; shorten it", code="header")
    return value


def _unstructured(name: str, value: str) -> str:
    """A text, as encoded words (RFC 2047) where it is not short plain ASCII."""
    if _checked(name, value).isascii() and len(name) + len(value) <= 76 and "=?" not in value:
        return value
    if len(value) > _LINE_OCTETS:
        raise InvalidError(f"the header {name} is too long; shorten it", code="header")
    clean = value.encode("utf-8", "replace").decode()
    return Header(clean, "utf-8", header_name=name).encode(linesep="\r\n")


def _addresses(name: str, value: str, at_most: int) -> str:
    if len(value) <= 254 and value.isascii() and MAIL_ADDRESS.fullmatch(value):
        return value
    found = getaddresses([_checked(name, value)])
    if not 1 <= len(found) <= at_most:
        raise InvalidError(f"the header {name} must hold one address", code="header")
    text = ", ".join(_address(name, *entry) for entry in found)
    if len(name) + 2 + len(text.encode()) > _LINE_OCTETS:
        raise InvalidError(f"the header {name} is too long; shorten it", code="header")
    return text


def _address(name: str, shown: str, address: str) -> str:
    local, _, domain = address.rpartition("@")
    if not MAIL_ADDRESS.fullmatch(address):
        hint = "write name@example.org"
        raise InvalidError(f"the header {name} holds no usable address; {hint}", code="header")
    if not domain.isascii():
        domain = _ascii_domain(name, domain)
    shown = shown.encode("utf-8", "replace").decode()
    if local.isascii():
        return formataddr((shown, f"{local}@{domain}"))
    # Only a server with SMTPUTF8 (RFC 6531) takes such an address, and then as it is.
    before, _, after = formataddr((shown, "a@b")).rpartition("a@b")
    return f"{before}{local}@{domain}{after}"


def _ascii_domain(name: str, domain: str) -> str:
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        raise InvalidError(f"the domain in the header {name} is no domain", code="header") from None


def _extra(name: str, value: str) -> str:
    if not _NAME.fullmatch(name) or name.lower() in _OWN or name.lower().startswith("content-"):
        raise InvalidError("a further header has a name that cannot be set", code="header")
    if value.isascii():
        return f"{name}: {_plain(name, value)}"
    return f"{name}: {_unstructured(name, value)}"
