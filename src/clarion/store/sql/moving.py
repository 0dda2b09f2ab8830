"""How the parts of notifications move between buckets, and with them the counts of their events.

A notification that is told by a digest counts the digest's notification as one part of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from clarion.core.ids import is_digest
from clarion.core.states import Bucket, bucket_of
from clarion.store.sql.tally import Tally
from clarion.store.sql.tx import Rows, Tx

NotificationKey = tuple[int, str, int, int]
"""Environment, event as hex, workflow, user."""

ToldDigest = tuple[int, str, Bucket]
"""Environment, id as hex, the bucket of the digest's notification."""

PARTS = (Bucket.OPEN, Bucket.HELD, Bucket.SENT, Bucket.DEAD)
"""Parts that a notification counts, in the order of its columns."""


class Moves:
    """Changes of the parts of notifications."""

    def __init__(self) -> None:
        self._changes: defaultdict[NotificationKey, list[int]] = defaultdict(lambda: [0, 0, 0, 0])

    def add(self, key: NotificationKey, part: Bucket, n: int) -> None:
        """Count `n` more (or less) of a part; skipped parts are not counted."""
        if part in PARTS and n:
            self._changes[key][PARTS.index(part)] += n

    def touch(self, key: NotificationKey) -> None:
        """Nothing changes, but the bucket is worked out again."""
        self._changes[key]

    def __len__(self) -> int:
        return len(self._changes)

    def take_digests(self) -> Moves:
        """The changes of the notifications of digests, which are no longer among these."""
        taken = Moves()
        for key in [key for key in self._changes if is_digest(bytes.fromhex(key[1]))]:
            taken._changes[key] = self._changes.pop(key)
        return taken

    def rows(self) -> list[list[int | str]]:
        """Rows of `held/move_notifications`, in the order in which notifications are locked."""
        return [[*key, *self._changes[key]] for key in sorted(self._changes)]

    def of(self, key: NotificationKey) -> list[int]:
        return self._changes[key]


async def move(tx: Tx, moves: Moves, tally: Tally) -> None:
    """Change the notifications; what their buckets were and are goes into the tally, and on into
    the notifications that a digest among them tells of.

    Those of digests are locked before those of events, which are locked in one order at the end:
    so nobody holds one of these and waits for a digest that tells of it.
    """
    while len(digests := moves.take_digests()):
        await tell_entries(tx, await _change(tx, digests, tally), moves)
    if len(moves):
        await _change(tx, moves, tally)


async def tell_entries(tx: Tx, digests: Iterable[ToldDigest], moves: Moves) -> None:
    """Digests count for another bucket from now on: so do their entries, for which one that was not
    told yet counted as held. What that changes is added to `moves`."""
    now = {(env, digest): bucket for env, digest, bucket in digests}
    if not now:
        return
    wanted = Rows([[env, digest] for env, digest in sorted(now)])
    before = {
        (env, digest.hex()): Bucket(part or Bucket.HELD)
        for env, digest, part in await tx.rows("held/parts", wanted)
    }
    parts = Rows([[*key, int(now[key])] for key in sorted(now)])
    await tx.run("held/set_parts", parts)
    for env, digest, event, workflow, user in await tx.rows("held/entries_of", wanted):
        key = (env, digest.hex())
        notification = (env, event.hex(), workflow, user)
        moves.touch(notification)
        moves.add(notification, before[key], -1)
        moves.add(notification, now[key], 1)


async def _change(tx: Tx, moves: Moves, tally: Tally) -> list[ToldDigest]:
    """Change these; digests that are in another bucket now."""
    changed: list[ToldDigest] = []
    for env, event, workflow, user, bucket, *parts in await tx.rows(
        "held/move_notifications", Rows(moves.rows())
    ):
        key = (env, event.hex(), workflow, user)
        was = bucket_of(*(now - by for now, by in zip(parts, moves.of(key), strict=True)))
        if bucket != was:
            tally.add(env, key[1], 0, was, -1)
            tally.add(env, key[1], 0, bucket)
            if is_digest(event):
                changed.append((env, key[1], Bucket(bucket)))
    return changed
