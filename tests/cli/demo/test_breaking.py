from __future__ import annotations

from collections import Counter

import aiohttp

from clarion.cli.demo.breaking import told
from clarion.cli.demo.receiver import Receiver
from clarion.cli.demo.story import CROWD

ALL_SENT = {"counts": {"sent": CROWD, "skipped": 0}}


def a_receiver(taken: Counter[str]) -> Receiver:
    receiver = Receiver()
    receiver.taken = taken
    return receiver


def test_everybody_told_and_only_the_doubtful_twice_is_as_told() -> None:
    taken = Counter({f"m{n}": 1 + (n < 3) for n in range(CROWD)})
    played = told(a_receiver(taken), ALL_SENT, 5, 100)
    assert played.misses == []
    assert f"{CROWD - 3:,} told once, 3 twice, 0 lost. 5 were in doubt" in played.note


def test_somebody_lost_or_twice_without_a_doubt_is_told() -> None:
    lost = told(a_receiver(Counter({f"m{n}": 1 for n in range(CROWD - 1)})), ALL_SENT, 0, 100)
    assert lost.misses == ["1 were never told"]
    twice = Counter({f"m{n}": 1 + (n < 3) for n in range(CROWD)})
    assert told(a_receiver(twice), ALL_SENT, 2, 100).misses == [
        "3 were told twice, but only 2 were in doubt"
    ]


async def test_a_receiver_refuses_as_many_as_it_was_told_to() -> None:
    receiver = Receiver()
    async with receiver.listening(), aiohttp.ClientSession() as session:
        receiver.refuse(2)
        statuses = []
        for number in range(4):
            headers = {"webhook-id": f"m{number // 2}"}
            async with session.post(receiver.url, data=b"{}", headers=headers) as answer:
                statuses.append(answer.status)
        assert statuses == [503, 503, 204, 204]
        await receiver.took(1)
    assert (receiver.taken, receiver.refused) == (Counter(m1=2), 2)
