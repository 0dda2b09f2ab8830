"""What a page is asked."""

from __future__ import annotations

import msgspec

from clarion.core.links import Link
from clarion.pages.forms import Form


class Asked(msgspec.Struct, frozen=True):
    """A link that we sealed, the form that was sent (None: to look only), the query, and the
    `Accept-Language` of the browser."""

    link: Link
    form: Form | None = None
    query: dict[str, str] = {}
    accepts: str = ""
