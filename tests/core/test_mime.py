from __future__ import annotations

import email
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from clarion.core.mime import build_mime
from clarion.errors import InvalidError


def a_mail(**changes: Any) -> bytes:
    parts: dict[str, Any] = {
        "message_id": "<dlv_1@mail.example.org>",
        "now": 1_764_000_000_000_000,
        "sender": "Shop <shop@example.org>",
        "to": "ann@example.org",
        "subject": "Your order",
        "text": "Hello",
        **changes,
    }
    return build_mime(**parts)


def parsed(mime: bytes) -> EmailMessage:
    return email.message_from_bytes(mime, policy=SMTP)


def test_the_headers_of_a_notification_are_there() -> None:
    mail = parsed(a_mail(reply_to="help@example.org"))
    assert mail["From"] == "Shop <shop@example.org>"
    assert mail["To"] == "ann@example.org"
    assert mail["Subject"] == "Your order"
    assert mail["Message-ID"] == "<dlv_1@mail.example.org>"
    assert mail["Date"] == "Mon, 24 Nov 2025 16:00:00 +0000"
    assert mail["Reply-To"] == "help@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["MIME-Version"] == "1.0"


def test_without_html_it_is_one_text_part() -> None:
    mail = parsed(a_mail(text="a\nb"))
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content() == "a\r\nb\r\n"


def test_with_html_the_text_comes_first() -> None:
    mail = parsed(a_mail(html="<p>Hello</p>"))
    assert mail.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    html = mail.get_body(("html",))
    assert html is not None
    assert html.get_content().strip() == "<p>Hello</p>"


def test_letters_beyond_ascii_travel_as_ascii() -> None:
    words = "Grüße 👋 " * 30
    mime = a_mail(
        subject=words.strip(), text=words, html=f"<p>{words}</p>", sender="Jörg <j@exämple.org>"
    )
    assert mime.isascii()
    mail = parsed(mime)
    assert mail["Subject"] == words.strip()
    assert mail["From"] == "Jörg <j@xn--exmple-cua.org>"
    text = mail.get_body(("plain",))
    assert text is not None
    assert text.get_content().strip() == words.strip()


@pytest.mark.parametrize("text", ["x" * 5000, "é" * 5000, "x" * 998, "a\rb\r\nc\nd", "\0", ""])
def test_no_line_is_over_998_octets_and_every_line_ends_in_crlf(text: str) -> None:
    mime = a_mail(text=text, html=f"<p>{text}</p>", subject="s" * 500)
    lines = mime.split(b"\r\n")
    assert max(len(line) for line in lines) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert mime.endswith(b"\r\n")
    assert b"\0" not in mime


@pytest.mark.parametrize("field", ["message_id", "sender", "to", "subject", "reply_to"])
@pytest.mark.parametrize("end", ["\r\nBcc: x@example.org", "\nX: y", "\rX: y", "\0"])
def test_a_line_break_in_a_header_is_refused(field: str, end: str) -> None:
    with pytest.raises(InvalidError) as caught:
        a_mail(**{field: "a@example.org" + end})
    assert "line break" in caught.value.detail
    assert "example.org" not in caught.value.detail


@pytest.mark.parametrize(
    "name", ["Bad Name", "Bad:Name", "Bcc\r\nX", "", "Subject", "content-type", "From"]
)
def test_a_further_header_cannot_replace_what_the_mail_sets(name: str) -> None:
    with pytest.raises(InvalidError):
        a_mail(headers={name: "x"})


def test_further_headers_pass_through() -> None:
    headers = {
        "List-Unsubscribe": "<https://example.org/u/1>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "X-Note": "Grüße",
    }
    mail = parsed(a_mail(headers=headers))
    for name, value in headers.items():
        assert mail[name] == value
    with pytest.raises(InvalidError):
        a_mail(headers={"List-Unsubscribe": "<x>\r\nBcc: y"})
    with pytest.raises(InvalidError):
        a_mail(headers={"List-Unsubscribe": "<" + "x" * 1200 + ">"})


@pytest.mark.parametrize(
    "address",
    ["", "ann", "a@x.org, b@x.org", "a@b@c", "a b@x.org", "<>", "a@x.org;b@x.org"],
)
def test_what_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidError):
        a_mail(to=address)


def test_an_address_beyond_ascii_is_written_as_it_is() -> None:
    mime = a_mail(to='"Ann a@b" <ünn@exämple.org>')
    assert 'To: "Ann a@b" <ünn@xn--exmple-cua.org>\r\n'.encode() in mime


def test_a_name_with_a_comma_is_quoted() -> None:
    mail = parsed(a_mail(sender='"Shop, Inc." <s@example.org>'))
    assert mail["From"].addresses[0].display_name == "Shop, Inc."


def test_a_subject_that_looks_encoded_is_taken_as_it_is() -> None:
    subject = "=?utf-8?q?Bcc?= x"
    assert parsed(a_mail(subject=subject))["Subject"] == subject


def test_the_same_mail_is_the_same_bytes() -> None:
    assert a_mail(html="<p>é</p>") == a_mail(html="<p>é</p>")
    assert a_mail(html="x") != a_mail(html="x", message_id="<dlv_2@mail.example.org>")
