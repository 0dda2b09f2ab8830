"""Public ids lead back to the keys they were made of."""

from __future__ import annotations

import base64
import contextlib
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.delivery import DeliveryKey
from clarion.core.ids import (
    delivery_key,
    delivery_name,
    event_key,
    event_name,
    instant_of,
    item_key,
    item_name,
    new_event_id,
    notification_key,
    notification_name,
)
from clarion.core.workflow import Channel
from clarion.errors import NotFoundError

ENV = 7
EVENT = bytes(range(16))

events = st.binary(min_size=16, max_size=16)
workflows = st.integers(0, 2**32 - 1)
users = st.integers(0, 2**63 - 1)
instants = st.integers(0, 2**48 * 1000 - 1)
chances = st.binary(min_size=10, max_size=10)

READERS: dict[str, Callable[[str], object]] = {
    "evt_": event_key,
    "ntf_": notification_key,
    "dlv_": lambda name: delivery_key(name, ENV),
    "itm_": item_key,
}
NAMES = {
    "evt_": event_name(EVENT),
    "ntf_": notification_name(EVENT, 2, 3),
    "dlv_": delivery_name(DeliveryKey(ENV, EVENT, 2, 3, 4, Channel.PUSH, 5)),
    "itm_": item_name(2, 3),
}


@given(events)
def test_an_event_id_leads_back_to_its_key(event: bytes) -> None:
    assert event_key(event_name(event)) == event


@given(events, workflows, users)
def test_a_notification_id_leads_back_to_its_key(event: bytes, workflow: int, user: int) -> None:
    assert notification_key(notification_name(event, workflow, user)) == (event, workflow, user)


@given(
    st.builds(
        DeliveryKey,
        env=st.just(ENV),
        event=events,
        workflow=workflows,
        user=users,
        step=st.integers(0, 2**16 - 1),
        channel=st.sampled_from(Channel),
        destination=users,
    )
)
def test_a_delivery_id_leads_back_to_its_key(key: DeliveryKey) -> None:
    assert delivery_key(delivery_name(key), ENV) == key


@given(workflows, users)
def test_an_item_id_leads_back_to_its_key(tenant: int, sequence: int) -> None:
    assert item_key(item_name(tenant, sequence)) == (tenant, sequence)


@given(instants, chances)
def test_an_event_id_is_a_uuid_of_version_7_with_its_instant_inside(
    now: int, chance: bytes
) -> None:
    event = new_event_id(now, chance)
    assert len(event) == 16
    assert (event[6] >> 4, event[8] >> 6) == (7, 0b10)
    assert instant_of(event) == now // 1000 * 1000


@given(instants, instants, chances, chances)
def test_names_of_events_sort_by_time(one: int, other: int, first: bytes, second: bytes) -> None:
    if one // 1000 < other // 1000:
        names = [event_name(new_event_id(one, first)), event_name(new_event_id(other, second))]
        assert names == sorted(names)


@pytest.mark.parametrize("kind", READERS)
def test_an_id_of_another_kind_is_not_found(kind: str) -> None:
    for other, name in NAMES.items():
        if other != kind:
            with pytest.raises(NotFoundError, match=kind):
                READERS[kind](name)


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("body", ["", "a", "0000", "!?", "ü" * 26, "0" * 200, "z" * 26])
def test_a_broken_id_is_not_found(kind: str, body: str) -> None:
    with pytest.raises(NotFoundError):
        READERS[kind](kind + body)


@pytest.mark.parametrize("kind", READERS)
def test_a_shortened_id_is_not_found(kind: str) -> None:
    with pytest.raises(NotFoundError):
        READERS[kind](NAMES[kind][:-2])


@pytest.mark.parametrize("channel", [0, 7, 255])
def test_a_delivery_id_with_a_channel_that_does_not_exist_is_not_found(channel: int) -> None:
    raw = EVENT + struct.pack(">IQHBQ", 2, 3, 4, channel, 5)
    name = "dlv_" + base64.b32hexencode(raw).decode().rstrip("=").lower()
    with pytest.raises(NotFoundError):
        delivery_key(name, ENV)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("ntf_", EVENT + struct.pack(">IQ", 1, 2**63)),
        ("dlv_", EVENT + struct.pack(">IQHBQ", 2, 2**63, 4, 1, 5)),
        ("dlv_", EVENT + struct.pack(">IQHBQ", 2, 3, 4, 1, 2**64 - 1)),
        ("itm_", struct.pack(">IQ", 0, 2**64 - 1)),
    ],
)
def test_a_number_that_no_store_keeps_is_not_found(kind: str, body: bytes) -> None:
    name = kind + base64.b32hexencode(body).decode().rstrip("=").lower()
    with pytest.raises(NotFoundError):
        READERS[kind](name)


@given(st.sampled_from(sorted(READERS)), st.text())
def test_no_text_makes_a_reader_fail_otherwise(kind: str, body: str) -> None:
    with contextlib.suppress(NotFoundError):
        READERS[kind](kind + body)
