"""Consents of many users in one call, as they are brought along from elsewhere."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import Body

from clarion.api.auth import Asker
from clarion.api.consents import (
    CONSENT_BODY_EXAMPLE,
    ConsentBody,
    check_consent,
    consent_write,
    purpose_numbers,
)
from clarion.api.describing import example_of, route
from clarion.api.problems import FieldError, RefusedError, refusal_of
from clarion.api.reading import check_id
from clarion.api.services import Services
from clarion.errors import ClarionError, InvalidError, NotFoundError, TooLargeError
from clarion.store.contract.law import ConsentWrite

BULK_LIMIT = 1000
"""Entries a call may have."""

USERS_AT_ONCE = 64
"""Users whose entries are under way together, so that their writes share transactions."""

_HISTORY_PAGE = 500

_Entry = tuple[int, ConsentWrite]
"""Its index in the call, and what to write."""


class BulkConsent(ConsentBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `user` said; the rest as `POST /v1/users/{user}/consents` takes it."""

    user: str


class BulkConsents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 entries."""

    entries: list[BulkConsent]


class BulkConsentResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one entry: `written`, `unchanged` (it is in the user's ledger already), or
    `refused` with what is wrong. Pointers begin at `/entries/<index>`."""

    index: int
    user: str
    status: str
    errors: list[FieldError] = []


class BulkConsentsAnswer(msgspec.Struct, frozen=True):
    """In the order given."""

    results: list[BulkConsentResult]


_EXAMPLE: dict[str, Any] = {"user": "u1", **CONSENT_BODY_EXAMPLE}


@post(
    "/v1/consents/bulk",
    status_code=200,
    **route(
        "Write consents of many users",
        "admin",
        refuses=(413, 415),
        tag="people",
        example={"results": [{"index": 0, "user": "u1", "status": "written"}]},
    ),
)
async def post_bulk_consents(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    data: Annotated[BulkConsents, Body(examples=example_of({"entries": [_EXAMPLE]}))],
) -> BulkConsentsAnswer:
    """Up to 1,000 entries. One that is wrong does not keep the others from being written; those of
    one user are written in their order. What is in a user's ledger already, word for word, is not
    written again: repeating a call changes nothing, and takes back nothing that was said since.
    """
    if len(data.entries) > BULK_LIMIT:
        found = len(data.entries)
        raise TooLargeError(f"a bulk write has up to {BULK_LIMIT} entries, this one {found}")
    return BulkConsentsAnswer(await _Bulk(services, asker.env, data.entries).write())


ROUTES = (post_bulk_consents,)


class _Bulk:
    """One bulk write."""

    def __init__(self, services: Services, env: int, entries: list[BulkConsent]) -> None:
        self._services = services
        self._env = env
        self._entries = entries
        self._results: dict[int, BulkConsentResult] = {}
        self._room = asyncio.Semaphore(USERS_AT_ONCE)

    async def write(self) -> list[BulkConsentResult]:
        """The results, in the order of the entries."""
        sound = await self._sound()
        people = self._services.store.people
        users = await people.users(self._env, sorted({self._entries[i].user for i, _ in sound}))
        mine: dict[str, list[_Entry]] = {}
        for index, write in sound:
            mine.setdefault(self._entries[index].user, []).append((index, write))
        try:
            async with asyncio.TaskGroup() as group:
                for user, entries in mine.items():
                    row = users.get(user)
                    if row is None:
                        self._nobody(entries)
                    else:
                        group.create_task(self._of_user(row.number, entries))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return [self._results[index] for index in range(len(self._entries))]

    async def _sound(self) -> list[_Entry]:
        """What can be written; the rest is refused."""
        known = await purpose_numbers(self._services, self._env, self._entries)
        found = []
        for index, entry in enumerate(self._entries):
            at = f"/entries/{index}"
            try:
                check_id(entry.user, f"{at}/user")
                check_consent(entry, known, at)
            except (RefusedError, InvalidError) as error:
                self._refuse(index, error)
            else:
                found.append((index, consent_write(entry, known)))
        return found

    async def _of_user(self, number: int, entries: list[_Entry]) -> None:
        async with self._room:
            said = await self._said(number)
            fresh = []
            for index, write in entries:
                words = _words(write)
                self._answer(index, "unchanged" if words in said else "written")
                if words not in said:
                    said.add(words)
                    fresh.append(write)
            law, now = self._services.store.law, self._services.clock.now()
            try:
                if fresh:
                    await law.append_consents(self._env, number, fresh, now)
            except NotFoundError:  # erased meanwhile
                self._nobody(entries)

    async def _said(self, number: int) -> set[bytes]:
        """All that the user's ledger holds."""
        law = self._services.store.law
        said: set[bytes] = set()
        before = None
        while True:
            rows = await law.consent_history(self._env, number, before=before, limit=_HISTORY_PAGE)
            said.update(map(_words, rows))
            if len(rows) < _HISTORY_PAGE:
                return said
            before = rows[-1].version

    def _nobody(self, entries: list[_Entry]) -> None:
        for index, _ in entries:
            detail = "there is no user with this id; PUT /v1/users/{user} makes one"
            self._refuse(index, InvalidError(detail, f"/entries/{index}/user"))

    def _answer(self, index: int, status: str) -> None:
        user = self._entries[index].user
        self._results[index] = BulkConsentResult(index=index, user=user, status=status)

    def _refuse(self, index: int, error: ClarionError) -> None:
        self._results[index] = BulkConsentResult(
            index=index, user=self._entries[index].user, status="refused",
            errors=refusal_of(error).errors,
        )  # fmt: skip


def _words(said: ConsentWrite) -> bytes:
    """What was said, as bytes that are the same for the same words; not when."""
    fields = [getattr(said, name) for name in ConsentWrite.__struct_fields__]
    return msgspec.json.encode(fields, order="deterministic")
