"""Fan-out: tasks with a cursor and a fence, audience pages, and the transaction of a page."""

from __future__ import annotations

from typing import Protocol

import msgspec

NOBODYS_TURN = (0, -1)
"""Before the first (environment, tenant)."""

UNCUT, REST, RANGE = 0, 1, 2
"""Of a task: nobody has looked whether it is large; it is what is left behind a first range; it is
walked as it is."""


class NotificationWrite(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A notification with its decisions. `event` is hex; `decided` is an encoded DecisionRecord."""

    env: int
    event: str
    workflow: int
    user: int
    tenant: int
    bucket: int
    open: int
    waiting: int
    sent: int
    dead: int
    decided: str


class ItemWrite(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An inbox item; its sequence number is given by the store."""

    env: int
    user: int
    tenant: int
    event: str
    workflow: int
    step: int
    locale: str
    personal: int
    alert: int
    created_at: int
    expires_at: int | None


class MemberWrite(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An event that an inbox item tells together with others of the same user, tenant, workflow,
    step and `key`; the first of them makes the item. `reopen` 1: it makes the item unseen and
    unread again, at the top. The words are made when the item is read."""

    env: int
    user: int
    tenant: int
    event: str
    workflow: int
    step: int
    locale: str
    alert: int
    created_at: int
    expires_at: int | None
    actor: int
    key: str
    reopen: int


class DeliveryWrite(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A delivery with its ready row. `channel` is the channel's number. `silent` 1: without a
    sound."""

    env: int
    event: str
    workflow: int
    user: int
    step: int
    channel: int
    destination: int
    account: str
    lane: int
    tenant: int
    due: int
    created_at: int
    expires_at: int | None
    ordering_key: str | None
    silent: int = 0


class ContentWrite(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Rendered fields (JSON text) of a step; `user` 0 for all users of the locale. Kept once."""

    env: int
    event: str
    workflow: int
    step: int
    locale: str
    user: int
    body: str


class UndecidableWrite(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A recipient whose decision failed: a dead delivery of the workflow's first step, which no
    account was asked for, with a dead letter that remembers its task."""

    env: int
    event: str
    workflow: int
    user: int
    step: int
    channel: int
    lane: int
    task: int
    at: int
    detail: str


class WaitWrite(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A step that waits. `first` up to before `last` are the steps to decide when it is `due`,
    which will be decision number `n`; `kind` as in `held`; `gates` held it so far, joined by
    commas."""

    env: int
    event: str
    workflow: int
    user: int
    step: int
    n: int
    first: int
    last: int
    kind: int
    gates: str
    lane: int
    tenant: int
    due: int


class JoinWrite(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event that joins the open digest of a user, step and key, or opens the one with the id
    `digest` (hex). `first` up to before `last` are the steps that tell it."""

    env: int
    digest: str
    user: int
    tenant: int
    workflow: int
    step: int
    key: str
    version: int
    category: int
    category_version: int
    lane: int
    about: int
    at: int
    due: int
    latest: int
    event: str
    actor: int
    mention: str
    first: int
    last: int


class AlikeWrite(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Users, in number order and each once, who get the same: `notification` and `item` are
    everybody's but for the user, which is 0 in them."""

    users: list[int]
    notification: NotificationWrite
    item: ItemWrite | None = None


class PageWrite(msgspec.Struct, frozen=True, kw_only=True):
    """What one page of recipients comes to; nobody is both among the `notifications` and `alike`.
    Items, deliveries and personal contents of
    notifications that were there before are left out by the store, as are the undecidable."""

    notifications: list[NotificationWrite] = []
    items: list[ItemWrite] = []
    deliveries: list[DeliveryWrite] = []
    contents: list[ContentWrite] = []
    undecidable: list[UndecidableWrite] = []
    waits: list[WaitWrite] = []
    joins: list[JoinWrite] = []
    members: list[MemberWrite] = []
    alike: list[AlikeWrite] = []


class TaskWrite(msgspec.Struct, frozen=True, kw_only=True):
    """A range of an audience to walk. `source` is `users` (named in the event), `topic` (`scope`
    is its
    number), `all` (`scope` is the tenant's number, 0 for everybody) or `nobody` (the reserved user
    0; then lo is 0), or `blast:<number>:<section>:<kind>`: the cut of a blast, of which `kind` says
    what `scope` is: `topic`, `tenant`, or `users` (0). Users with lo <= number <= hi."""

    workflow: int
    lane: int
    tenant: int
    source: str
    scope: int
    lo: int = 1
    hi: int = 2**62
    excepted: tuple[int, ...] = ()


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A claimed task. `cursor` is the last user number that was decided; `cut` as above."""

    task: int
    env: int
    event: bytes
    workflow: int
    lane: int
    tenant: int
    source: str
    scope: int
    hi: int
    cursor: int
    excepted: tuple[int, ...]
    fence: int
    crashes: int
    ordering_key: str | None = None
    cut: int = RANGE

    @property
    def topic(self) -> int:
        """The topic that its users are found by; 0: none."""
        return self.scope if self.source.rpartition(":")[2] == "topic" else 0


class Doubted(msgspec.Struct, frozen=True, kw_only=True):
    """What a restored store cannot know: how many deliveries waited, and the events (environment,
    id) whose audience was not walked to its end. `living` workers kept it from being doubted."""

    deliveries: int = 0
    events: list[tuple[int, bytes]] = []
    living: int = 0


class WorkStore(Protocol):
    """Tasks of the fan-out stage and workers."""

    async def start_worker(self, lanes: list[int], lease: int, now: int) -> int:
        """Number of a new worker. It has to `beat` within `lease` microseconds, again and again."""
        ...

    async def beat(self, worker: int, now: int) -> bool:
        """Renew the lease, the smallest write there is; False when the worker was buried."""
        ...

    async def stop_worker(self, worker: int, now: int) -> None: ...

    async def bury(self, alone: int, now: int) -> list[int]:
        """Mark workers whose lease has lapsed as dead; `alone` (a worker that holds the store for
        itself, else 0): all others. Answers all who are dead and not yet `rescued`."""
        ...

    async def rescue_tasks(self, dead: list[int]) -> int:
        """Make the tasks of dead workers claimable where their cursor stands; how many. What they
        were sending is answered by `DeliveryStore.stranded`."""
        ...

    async def rescued(self, dead: list[int], now: int) -> None:
        """Nothing is left in the hands of these; old ones are forgotten."""
        ...

    async def doubt(self, worker: int, alone: bool, now: int) -> Doubted:
        """Put every delivery that waits into the hands of a worker, as if it were being sent: of a
        restored store nobody knows what was sent since the backup. Unless the caller is `alone` on
        the store for sure, nothing is changed while another worker seems to be alive."""
        ...

    async def left_behind(self) -> int:
        """Dead workers that hold work although they were `rescued`, as a claim of theirs was
        committed only afterwards: `bury` answers them again. How many."""
        ...

    async def lead(self, role: str, worker: int, term: int, now: int) -> bool:
        """Whether the worker leads a role for `term` microseconds from now: it did before, or
        nobody does."""
        ...

    async def claim_tasks(
        self,
        lanes: list[int],
        worker: int,
        limit: int,
        now: int,
        after: tuple[int, int] = NOBODYS_TURN,
    ) -> list[Task]:
        """Most urgent lane first; the claim raises fence and crash count. Inside a lane tenants
        take turns, beginning with the one behind the (environment, tenant) `after`. A task whose
        ordering key has an earlier event that is not expanded yet is not claimed. Of tasks
        that were in hand at a death (or failed) a worker holds one at a time."""
        ...

    async def reclaim_tasks(self, lanes: list[int], worker: int) -> list[Task]:
        """Tasks of these lanes that the worker holds without knowing it, as the answer to its claim
        was lost. They get a new fence; no crash is counted."""
        ...

    async def audience(self, task: Task, after: int, limit: int) -> list[int]:
        """User numbers above `after` in number order, as subscribed now; excepted ones left out."""
        ...

    async def marks(self, task: Task, after: int, step: int, limit: int) -> list[int]:
        """User numbers at every `step`-th place of a topic's, tenant's or whole audience above
        `after`, up to the task's end, at most `limit`; those who left count as well. Other
        audiences have none."""
        ...

    async def cut(self, task: Task, bounds: list[int], rest: bool) -> None:
        """One transaction: the task ends at the first bound (a user number, itself included), and
        new tasks walk what is behind it, up to each further bound and from the last one to the end.
        `rest`: the last of these is to be cut on. LostLeaseError on an old fence, or when the task
        was cut or begun before."""
        ...

    async def write_page(
        self, task: Task, page: PageWrite, cursor: int, done: bool, now: int
    ) -> None:
        """One transaction: the page, the moved cursor, the end of the task. LostLeaseError on an
        old fence."""
        ...

    async def give_back(self, task: Task, due: int, state: int) -> None:
        """Let others claim it from `due` on (state 0), or put it aside (state 3) after repeated
        crashes. The other ranges of its event wait as long, as the turn was the event's."""
        ...

    async def postpone(self, task: Task, due: int) -> None:
        """Let it and the other ranges of its event wait until `due`: as given back, but its claim
        counts as no crash."""
        ...

    async def reserve(
        self, rows: list[tuple[int, str, int, int, str, int]], now: int
    ) -> dict[tuple[int, int, str], int]:
        """Reserve dedupe keys: rows of (env, event hex, workflow, user, key, until). Answers the
        (workflow, user, key) that another event holds, and until when; repeating by the same event
        is granted again."""
        ...

    async def prune_dedupe(self, now: int, limit: int) -> int:
        """Remove keys whose window is over (keeper)."""
        ...
