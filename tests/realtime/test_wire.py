"""Frames of sockets, as RFC 6455 writes them."""

from __future__ import annotations

import pytest

from clarion.realtime.wire import (
    BrokenError,
    Message,
    Opcode,
    Reader,
    close_frame,
    code_of,
    frame_of,
    masked,
)

MASK = bytes.fromhex("37fa213d")


def test_the_examples_of_the_standard_are_read() -> None:
    hello = bytes.fromhex("818537fa213d7f9f4d5158")
    assert [*Reader(100).feed(hello)] == [Message(Opcode.TEXT, b"Hello")]
    assert frame_of(Opcode.TEXT, b"Hello") == bytes.fromhex("810548656c6c6f")
    assert frame_of(Opcode.TEXT, b"Hello", MASK) == hello
    assert frame_of(Opcode.BINARY, bytes(256))[:4] == bytes.fromhex("827e0100")
    assert frame_of(Opcode.BINARY, bytes(65536))[:10] == bytes.fromhex("827f0000000000010000")


def test_pieces_are_joined_and_controls_may_stand_between() -> None:
    first = b"\x01\x83" + MASK + masked(b"Hel", MASK)
    last = b"\x80\x82" + MASK + masked(b"lo", MASK)
    whole = first + frame_of(Opcode.PING, b"?", MASK) + last
    reader = Reader(100)
    found = [message for at in range(len(whole)) for message in reader.feed(whole[at : at + 1])]
    assert found == [Message(Opcode.PING, b"?"), Message(Opcode.TEXT, b"Hello")]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x81\x01a", 1002),
        (b"\xc1\x81" + MASK + b"a", 1002),
        (b"\x83\x80" + MASK, 1002),
        (b"\x89\xfe\x00\x80" + MASK, 1002),
        (b"\x09\x80" + MASK, 1002),
        (b"\x80\x80" + MASK, 1002),
        (b"\x01\x80" + MASK + b"\x81\x80" + MASK, 1002),
        (b"\x81\xfe\x00\xff" + MASK, 1009),
        (b"\x81\xff" + b"\x7f" * 8 + MASK, 1009),
    ],
)
def test_what_no_client_may_send_is_refused(frame: bytes, code: int) -> None:
    with pytest.raises(BrokenError) as broken:
        list(Reader(100).feed(frame))
    assert broken.value.code == code


def test_pieces_count_together() -> None:
    piece = b"\x01\xbc" + MASK + bytes(60)
    with pytest.raises(BrokenError) as broken:
        list(Reader(100).feed(piece + b"\x00\xbc" + MASK + bytes(60)))
    assert broken.value.code == 1009


def test_a_message_in_endless_pieces_is_refused() -> None:
    with pytest.raises(BrokenError) as broken:
        list(Reader(100).feed(b"\x01\x80" + MASK + (b"\x00\x80" + MASK) * 64))
    assert broken.value.code == 1008


def test_messages_that_are_not_taken_wait_for_the_next_call() -> None:
    reader = Reader(100)
    ping = frame_of(Opcode.PING, b"", MASK)
    assert next(reader.feed(ping * 3)) == Message(Opcode.PING, b"")
    assert len([*reader.feed(b"")]) == 2


def test_codes_of_closing_are_checked() -> None:
    assert code_of(close_frame(4401, "later")[2:]) == 4401
    assert code_of(b"") == 1005
    for wrong in (b"\x03", b"\x03\xed", b"\x00\x01"):
        with pytest.raises(BrokenError):
            code_of(wrong)
