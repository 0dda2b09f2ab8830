"""Public ids: a prefix and the key in base32, so that every id leads straight to its row and
sorts by time."""

from __future__ import annotations

import base64
import struct
from functools import lru_cache
from itertools import product

from clarion.core.delivery import DeliveryKey
from clarion.core.workflow import CHANNEL_NUMBER, CHANNELS
from clarion.errors import NotFoundError

_LARGEST = 2**63 - 1
"""Largest number that a store keeps; an id that somebody made up may hold a larger one."""

OWN_ID = "id:"
"""How an idempotency key begins that is the id its sender gave an event."""

REQUEST_ID = "req:"
"""How one begins that came in the header `Idempotency-Key`; `place_in_request` follows."""

_THREES = ["".join(three) for three in product("0123456789abcdefghijklmnopqrstuv", repeat=3)]
_SHIFTS = tuple(range(105, -1, -15))


def new_event_id(now: int, chance: bytes) -> bytes:
    """UUIDv7 (RFC 9562, 16 bytes) of an instant in microseconds and 10 bytes of chance."""
    milliseconds = (now // 1000).to_bytes(6, "big")
    body = bytearray(milliseconds + chance)
    body[6] = 0x70 | (body[6] & 0x0F)
    body[8] = 0x80 | (body[8] & 0x3F)
    return bytes(body)


def new_digest_id(now: int, chance: bytes) -> bytes:
    """An id like an event's, told from those by its version: UUIDv8, laid out as version 7."""
    body = bytearray(new_event_id(now, chance))
    body[6] = 0x80 | (body[6] & 0x0F)
    return bytes(body)


def is_digest(event: bytes) -> bool:
    """Whether what stands for an event in a key is a digest."""
    return event[6] >> 4 == 8


def instant_of(event: bytes) -> int:
    """The instant inside an event's id, in microseconds (to the millisecond)."""
    return int.from_bytes(event[:6], "big") * 1000


def event_name(event: bytes) -> str:
    """16 bytes -> `evt_` and the UUID in hex."""
    return "evt_" + event.hex()


def event_key(name: str) -> bytes:
    """`evt_...` -> 16 bytes; NotFoundError when it is none."""
    body = name.removeprefix("evt_")
    if len(name) != len(body) + 4 or len(body) != 32 or not body.isalnum():
        raise NotFoundError(f"{name[:60]!r} is not an event id (evt_ and 32 hex digits)")
    try:
        return bytes.fromhex(body)
    except ValueError:
        raise NotFoundError(f"{name[:60]!r} is not an event id") from None


def place_in_request(header: str, place: int) -> str:
    """What stands for the event at a place of a request with this `Idempotency-Key`."""
    return f"{header}:{place}"


def notification_name(event: bytes, workflow: int, user: int) -> str:
    """Key of a notification -> `ntf_...`."""
    user_end = (user & 0xFFFFFF) << 6  # 24 bits, filled up to six digits
    digits = _THREES[user_end >> 15] + _THREES[user_end & 0x7FFF]
    return f"ntf_{_start(event, workflow, user >> 24)}{digits[:-1]}"


def notification_key(name: str) -> tuple[bytes, int, int]:
    """`ntf_...` -> (event, workflow, user); NotFoundError when it is none."""
    raw = _raw(name, "ntf_")
    if len(raw) != 28:
        raise NotFoundError(f"{name!r} is not a notification id")
    workflow, user = struct.unpack(">IQ", raw[16:])
    if user > _LARGEST:
        raise NotFoundError(f"{name!r} is not a notification id")
    return raw[:16], workflow, user


def delivery_name(key: DeliveryKey) -> str:
    """Key of a delivery -> `dlv_...`."""
    user, place = key.user, key.step << 72 | CHANNEL_NUMBER[key.channel] << 64 | key.destination
    end = ((user & 0xFFFFFF) << 88 | place) << 8  # 112 bits, filled up to 24 digits
    digits = "".join([_THREES[end >> shift & 0x7FFF] for shift in _SHIFTS])
    return f"dlv_{_start(key.event, key.workflow, user >> 24)}{digits[:-1]}"


def delivery_key(name: str, env: int) -> DeliveryKey:
    """`dlv_...` and the environment of the asker -> key; NotFoundError when it is none."""
    raw = _raw(name, "dlv_")
    if len(raw) != 39:
        raise NotFoundError(f"{name!r} is not a delivery id")
    workflow, user, step, channel, destination = struct.unpack(">IQHBQ", raw[16:])
    if not 1 <= channel <= len(CHANNELS) or max(user, destination) > _LARGEST:
        raise NotFoundError(f"{name!r} is not a delivery id")
    return DeliveryKey(env, raw[:16], workflow, user, step, CHANNELS[channel - 1], destination)


def item_name(tenant: int, sequence: int) -> str:
    """Key of an inbox item inside one user's inbox -> `itm_...`."""
    return "itm_" + _text(struct.pack(">IQ", tenant, sequence))


def item_key(name: str) -> tuple[int, int]:
    """`itm_...` -> (tenant, sequence); NotFoundError when it is none."""
    raw = _raw(name, "itm_")
    if len(raw) != 12:
        raise NotFoundError(f"{name!r} is not an inbox item id")
    tenant, sequence = struct.unpack(">IQ", raw)
    if sequence > _LARGEST:
        raise NotFoundError(f"{name!r} is not an inbox item id")
    return tenant, sequence


@lru_cache(maxsize=4096)
def _start(event: bytes, workflow: int, user: int) -> str:
    """The digits that the ids of many users of an event begin with: 25 whole bytes, of which the
    last five are the user's without its lowest three."""
    return _text(event + struct.pack(">I", workflow) + user.to_bytes(5, "big"))


def _text(raw: bytes) -> str:
    return base64.b32hexencode(raw).decode().rstrip("=").lower()


def _raw(name: str, prefix: str) -> bytes:
    if not name.startswith(prefix):
        raise NotFoundError(f"{name!r} is not an id of this kind (it would start with {prefix!r})")
    body = name[len(prefix) :].upper()
    try:
        return base64.b32hexdecode(body + "=" * (-len(body) % 8))
    except ValueError:
        raise NotFoundError(f"{name!r} is not a whole id") from None
