"""Bodies of forms, in both encodings, bounded."""

from __future__ import annotations

from collections.abc import Mapping
from email import message_from_bytes
from email.policy import HTTP
from urllib.parse import parse_qsl

from clarion.api.problems import RefusedError

LARGEST_FORM = 128 * 1024
MOST_FIELDS = 4_000
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


class Form:
    """The fields of a form, in their order; unknown ones harm nobody."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in fields:
            self._fields.setdefault(name, []).append(value)

    def one(self, name: str, default: str = "") -> str:
        """The last value of a field."""
        return self._fields.get(name, [default])[-1]

    def every(self, name: str) -> list[str]:
        """All values of a field."""
        return self._fields.get(name, [])

    def has(self, name: str) -> bool:
        """Whether the field is there."""
        return name in self._fields


def form_of(body: bytes, headers: Mapping[str, str]) -> Form:
    """A body as its `content-type` says; one without a type, or of another one, has no fields.
    RefusedError 400 when it cannot be read."""
    content_type = headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == URLENCODED:
        return Form(_urlencoded(body))
    if kind == MULTIPART:
        return Form(_multipart(body, content_type))
    return Form([])


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise RefusedError(400, f"the form has more than {MOST_FIELDS} fields") from None


def _multipart(body: bytes, content_type: str) -> list[tuple[str, str]]:
    head = "Content-Type: " + content_type.replace("\r", " ").replace("\n", " ")
    mail = message_from_bytes(head.encode("latin-1", "replace") + b"\r\n\r\n" + body, policy=HTTP)
    found: list[tuple[str, str]] = []
    for part in mail.iter_parts() if mail.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            found.append((name, content.decode("utf-8", "replace")))
        if len(found) > MOST_FIELDS:
            raise RefusedError(400, f"the form has more than {MOST_FIELDS} fields")
    return found
