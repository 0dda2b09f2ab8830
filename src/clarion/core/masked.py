"""Addresses as support staff may see them: enough to tell a user's own apart, not enough to use."""

from __future__ import annotations

from clarion.core.workflow import Channel

MASK = "…"
_ENDS = {Channel.SMS: 4, Channel.PUSH: 6, Channel.CHAT: 4}
"""Characters at the end that are shown, of addresses that are at least twice as long."""


def masked(channel: Channel, address: str) -> str:
    """`a…@example.org`, `…5678`, `…x7FqPz`; the mask alone for what is too short, or whole a
    secret."""
    if channel is Channel.EMAIL:
        local, at, domain = address.rpartition("@")
        return f"{local[:1] if len(local) > 1 else ''}{MASK}{at}{domain}" if at else MASK
    end = _ENDS.get(channel, 0)
    return MASK + address[-end:] if end and len(address) >= 2 * end else MASK
