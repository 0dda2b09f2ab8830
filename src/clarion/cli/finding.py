"""What `clarion check` found out about one thing."""

from __future__ import annotations

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `wrong` holds what to mend, a line each; empty: all is well.
    `warnings` hold what works and should not stay so."""

    what: str
    said: str = ""
    wrong: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
