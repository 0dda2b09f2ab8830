"""What a process is for."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """`api` answers HTTP, `worker` fans out and delivers, `gateway` serves people's inboxes,
    `keeper` repairs and prunes. A process has one or more."""

    API = "api"
    WORKER = "worker"
    GATEWAY = "gateway"
    KEEPER = "keeper"


ALL_ROLES = frozenset(Role)
