"""What the bus tells of inboxes: whose changed, and where there are new broadcasts.

Numbers of users travel in one message for a whole chunk of a page. Whoever has connections of some
of them picks these out; a process without any hears nothing.
"""

from __future__ import annotations

from clarion.store.contract.work import PageWrite

BROADCASTS = "broadcasts"
"""The name under which the numbers of environments with a new broadcast are told."""


def inboxes_of(env: int) -> str:
    """The name under which the users of an environment are told whose inboxes changed."""
    return f"inbox:{env}"


def told_of(page: PageWrite) -> list[int]:
    """The users whose inboxes a page changes."""
    told = [item.user for item in page.items]
    told += [member.user for member in page.members]
    for kind in page.alike:
        if kind.item:
            told += kind.users
    return told
