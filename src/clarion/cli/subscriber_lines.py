"""Lines of a file of subscribers: CSV with a header, or NDJSON; one person a line.

What a person agreed to is a column for each purpose, `consent:marketing/email` (the channel may be
left out for all of them), or the object `consents` of an NDJSON line.

A line is taken by itself, so that a quote that is never closed spoils one line and not the rest.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO, Literal

import msgspec

from clarion.api.problems import RefusedError
from clarion.api.reading import check_id
from clarion.cli.failing import MISUSED, CommandError
from clarion.core.suggestion import did_you_mean, nearest
from clarion.core.workflow import Channel

LONGEST_LINE = 64 * 1024
PROFILE = ("email", "phone", "locale", "timezone", "name")
NAMES = ("user", "id")
COLUMNS = (*NAMES, "topic", *PROFILE, "consent_source")
CONSENT = "consent:"
"""How a column begins that says what people agreed to."""

STATES = ("granted", "withdrawn")
CHANNELS = tuple(channel.value for channel in Channel)
_DELIMITERS = ",;\t"
_BOM = b"\xef\xbb\xbf"
_HEADER = (
    f"the first line names the columns: user (or id), and as needed topic, {', '.join(PROFILE)}, "
    "consent:PURPOSE/CHANNEL and consent_source"
)


Consent = tuple[str, str, str]


class Line(msgspec.Struct, gc=False):
    """A line: its number from 1, and a person on a topic or what is wrong. `profile` holds the
    fields that were given; an empty one is not. `consents` are (purpose, channel or `*`, state),
    said where `source` says."""

    number: int
    user: str = ""
    topic: str = ""
    profile: dict[str, str] = {}
    consents: tuple[Consent, ...] = ()
    source: str = ""
    wrong: str = ""


class _Document(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    user: str | int | None = None
    id: str | int | None = None
    topic: str | None = None
    email: str | None = None
    phone: str | None = None
    locale: str | None = None
    timezone: str | None = None
    name: str | None = None
    consents: dict[str, Literal["granted", "withdrawn"]] = {}
    consent_source: str | None = None


_DOCUMENT = msgspec.json.Decoder(_Document)


class Lines:
    """The lines of a source, one after the other.

    `form` is `csv`, `ndjson`, or "" to see by the first line; `topic` is everybody's, or "" where
    each line names its own. CommandError when the header is none. Lines before `first` are not
    given; `read` counts the bytes so far.
    """

    def __init__(self, source: BinaryIO, form: str, topic: str, first: int = 1) -> None:
        self._source = source
        self._form = form
        self._topic = topic
        self._first = first
        self._header: list[str] = []
        self._delimiter = ","
        self.read = 0

    def __iter__(self) -> Iterator[Line]:
        for number, raw in self._numbered():
            if raw is None:
                yield Line(number, wrong=f"the line is over {LONGEST_LINE // 1024} KiB")
            elif raw.strip():
                line = self._line(number, raw)
                if line is not None and number >= self._first:
                    yield line

    def _numbered(self) -> Iterator[tuple[int, bytes | None]]:
        """Each line with its number; None for one that is too long."""
        number = 0
        readline = self._source.readline
        while raw := readline(LONGEST_LINE + 1):
            number += 1
            self.read += len(raw)
            if number == 1:
                raw = raw.removeprefix(_BOM)
            if len(raw) <= LONGEST_LINE:
                yield number, raw
                continue
            while raw and not raw.endswith(b"\n"):
                raw = readline(LONGEST_LINE)
                self.read += len(raw)
            if number >= self._first:
                yield number, None

    def _line(self, number: int, raw: bytes) -> Line | None:
        """None for the header."""
        if not self._form:
            self._form = "ndjson" if raw.lstrip().startswith(b"{") else "csv"
        if self._form == "csv" and not self._header:
            self._read_header(raw)
            return None
        if number < self._first:
            return None
        try:
            fields = _from_json(raw) if self._form == "ndjson" else self._from_csv(raw)
            return self._checked(number, fields)
        except UnicodeDecodeError:
            return Line(number, wrong="the line is not UTF-8; convert the file")
        except (ValueError, RefusedError) as error:
            return Line(number, wrong=str(error))

    def _read_header(self, raw: bytes) -> None:
        try:
            text = raw.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise CommandError(f"the first line is not UTF-8; {_HEADER}", MISUSED) from None
        self._delimiter = max(_DELIMITERS, key=text.count)
        header = [_column(name.strip().strip('"')) for name in text.split(self._delimiter)]
        for name in header:
            if name.startswith(CONSENT):
                _check_column(name)
            elif name not in COLUMNS:
                near = nearest(name, COLUMNS)
                hint = f" (did you mean {near}?)" if near else ""
                raise CommandError(f"there is no column {name[:60]!r}{hint}; {_HEADER}", MISUSED)
        if sum(name in header for name in NAMES) != 1 or len(set(header)) < len(header):
            raise CommandError(f"each column has to be there once; {_HEADER}", MISUSED)
        self._header = header

    def _from_csv(self, raw: bytes) -> dict[str, str]:
        text = raw.decode().rstrip("\r\n")
        if '"' in text:
            try:
                (values,) = csv.reader([text], delimiter=self._delimiter, strict=True)
            except csv.Error as error:
                raise ValueError(f"the quotes are wrong ({error})") from None
        else:
            values = text.split(self._delimiter)
        if len(values) != len(self._header):
            wanted, found = len(self._header), len(values)
            raise ValueError(f"the header has {wanted} columns, the line {found}")
        return dict(zip(self._header, values, strict=True))

    def _checked(self, number: int, fields: dict[str, str]) -> Line:
        user = fields.pop("user", "") or fields.pop("id", "")
        topic = fields.pop("topic", "") or self._topic
        if not user:
            raise ValueError("the line names no user")
        if not topic:
            raise ValueError("the line names no topic; add the column, or give --topic")
        _check(user, "user")
        if topic is not self._topic:
            _check(topic, "topic")
        source = fields.pop("consent_source", "")
        given = {name: text for name, text in fields.items() if text}
        said = [name for name in given if name.startswith(CONSENT)]
        consents = tuple(_consent(name, given.pop(name)) for name in said)
        return Line(number, user, topic, given, consents, source)


def _from_json(raw: bytes) -> dict[str, str]:
    try:
        found = _DOCUMENT.decode(raw)
    except UnicodeDecodeError:
        raise
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None
    except (msgspec.DecodeError, RecursionError) as error:
        said = str(error).removeprefix("JSON is malformed: ")
        raise ValueError(f"the line is not JSON ({said})") from None
    if (found.user is None) == (found.id is None):
        raise ValueError("name the user once, as user or id")
    fields = {CONSENT + name: str(state) for name, state in found.consents.items()}
    for name in COLUMNS:
        if (value := getattr(found, name)) is not None:
            fields[name] = str(value)
    return fields


def _column(name: str) -> str:
    """A name of a column; what it says of a purpose is left as it is."""
    word = name.lower()
    return word[: len(CONSENT)] + name[len(CONSENT) :] if word.startswith(CONSENT) else word


def _check_column(name: str) -> None:
    try:
        _consent(name, STATES[0])
    except ValueError as error:
        raise CommandError(f"{error}; {_HEADER}", MISUSED) from None


def _consent(column: str, state: str) -> Consent:
    """`consent:marketing/email` and `granted` -> what the ledger gets."""
    state = state.strip().lower()
    if state not in STATES:
        raise ValueError(f"{column}: write granted, withdrawn, or nothing, not {state[:40]!r}")
    purpose, _, channel = column.removeprefix(CONSENT).partition("/")
    if channel not in ("", "*", *CHANNELS):
        raise ValueError(f"{column}: {did_you_mean(channel, CHANNELS)}")
    return purpose, channel or "*", state


def _check(text: str, what: str) -> None:
    try:
        check_id(text, "")
    except RefusedError as refusal:
        raise ValueError(f"{what}: {refusal.detail}") from None
