"""JSON merge patch (RFC 7396) on plain values."""

from __future__ import annotations

from typing import Any


def merged(target: Any, change: Any) -> Any:
    """`target` with `change` applied: objects are merged member by member, null removes, the rest
    replaces.
    """
    if not isinstance(change, dict):
        return change
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in change.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
