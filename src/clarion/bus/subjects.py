"""Names of doorbells as subjects of NATS: every name has one, and no two share it.

A subject is made of tokens between dots; `*`, `>`, white space and empty tokens mean something else
or nothing there (docs.nats.io, "Subject-Based Messaging"). So the parts of a name between colons
become tokens, and whatever is not plainly safe in one becomes `=` and two hex digits a byte.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import sha256

LONGEST_SUBJECT = 200
"""Characters of an encoded name; a longer one is told by its hash."""

_UNSAFE = re.compile(rb"[^A-Za-z0-9_-]")


@lru_cache(maxsize=4096)
def subject_of(prefix: str, name: str) -> str:
    """`ready:push-main:0` under `ab12` -> `clarion.ab12.ring.ready.push-main.0`."""
    return f"clarion.{_token(prefix)}.ring.{_tokens(name)}"


@lru_cache(maxsize=4096)
def telling_subject_of(prefix: str, name: str) -> str:
    """Where numbers are told: `inbox:1` under `ab12` -> `clarion.ab12.ring.=tell.inbox.1`. No ring
    has it, as no part of a name begins with `=t`."""
    return f"clarion.{_token(prefix)}.ring.=tell.{_tokens(name)}"


def subjects_under(prefix: str) -> str:
    """The pattern that matches every subject under a prefix."""
    return f"clarion.{_token(prefix)}.ring.>"


def marker_under(prefix: str) -> str:
    """A subject that the stream keeps and no name has."""
    return f"clarion.{_token(prefix)}.ring.=marker"


def stream_of(prefix: str) -> str:
    """The stream that keeps the last rings under a prefix."""
    return f"CLARION_{_token(prefix)}"


def _tokens(name: str) -> str:
    told = ".".join(_token(part) for part in name.split(":"))
    if len(told) <= LONGEST_SUBJECT:
        return told
    return f"=h{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _token(part: str) -> str:
    """Of one part; "" is a lone `=`, which no other part gives."""
    safe = _UNSAFE.sub(lambda found: b"=%02X" % found[0][0], part.encode("utf-8", "surrogatepass"))
    return safe.decode("ascii") or "="
