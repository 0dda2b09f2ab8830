"""Preferences of many users: written in one call, and read page by page."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)

from clarion.api.answers import After, Limit, PageInfo, page_of
from clarion.api.auth import Asker
from clarion.api.choices import Preferences, Warned
from clarion.api.choosing import Choosing
from clarion.api.cursors import Cursors
from clarion.api.describing import route
from clarion.api.documents import documents
from clarion.api.owners import a_users
from clarion.api.problems import FieldError, RefusedError, refusal_of
from clarion.api.reading import check_id, decoded
from clarion.api.services import Services
from clarion.errors import ClarionError, InvalidError, NotFoundError, TooLargeError
from clarion.store.contract.names import NameKind
from clarion.store.contract.people import UserRow

BULK_LIMIT = 1000
"""Entries a call may have; its bytes are bounded like those of all bodies."""

AT_ONCE = 64
"""Entries under way together, so that their writes share transactions."""

NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")


class BulkEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user's preferences: a merge patch, or (with `replace`) the whole document."""

    user: str
    preferences: Preferences
    replace: bool = False


class BulkPreferences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 entries; each is decoded on its own, so that one mistake refuses one entry."""

    entries: list[msgspec.Raw]


class BulkPreferencesResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one entry: `written`, `unchanged` (it held already), or `refused` with what is
    wrong. Pointers begin at `/entries/<index>`.
    """

    index: int
    user: str | None = None
    status: str
    errors: list[FieldError] = []
    warnings: list[Warned] = []


class BulkPreferencesAnswer(msgspec.Struct, frozen=True):
    """In the order given."""

    results: list[BulkPreferencesResult]


class ExportedPreferences(msgspec.Struct, frozen=True):
    """A user and all choices of theirs; an entry that `POST /v1/preferences/bulk` takes back."""

    user: str
    preferences: Preferences


class PreferencesPage(msgspec.Struct, frozen=True):
    """A page of users who chose something; those known longest come first."""

    data: list[ExportedPreferences]
    page_info: PageInfo


_ENTRIES = msgspec.json.Decoder(BulkPreferences)
_ENTRY = msgspec.json.Decoder(BulkEntry)

_EXAMPLE: dict[str, Any] = {"user": "u1", "preferences": {"categories": {"social": {"sms": "off"}}}}
_REPLACING = {"user": "u2", "preferences": {"cadence": "daily"}, "replace": True}
_RESULTS = [
    {"index": 0, "user": "u1", "status": "written"},
    {
        "index": 1,
        "user": "u2",
        "status": "refused",
        "errors": [{"pointer": "/entries/1/user", "detail": "there is no user with this id"}],
    },
]


def _amend_post(operation: Operation) -> None:
    """The body is read by hand, so the signature does not say what it is."""
    text = Schema(type=OpenAPIType.STRING)
    preferences = Schema(
        type=OpenAPIType.OBJECT,
        description="As `PATCH /v1/users/{user}/preferences` takes them.",
    )
    entry = Schema(
        type=OpenAPIType.OBJECT,
        properties={
            "user": text,
            "preferences": preferences,
            "replace": Schema(type=OpenAPIType.BOOLEAN),
        },
        required=["user", "preferences"],
        additional_properties=False,
    )
    entries = Schema(type=OpenAPIType.ARRAY, items=entry, max_items=BULK_LIMIT)
    whole = Schema(
        type=OpenAPIType.OBJECT,
        properties={"entries": entries},
        required=["entries"],
        additional_properties=False,
    )
    lines = "\n".join(msgspec.json.encode(line).decode() for line in (_EXAMPLE, _REPLACING))
    operation.request_body = RequestBody(
        content={
            "application/json": OpenAPIMediaType(
                schema=whole, example={"entries": [_EXAMPLE, _REPLACING]}
            ),
            NDJSON[0]: OpenAPIMediaType(schema=text, example=lines),
        },
        required=True,
    )


@post(
    "/v1/preferences/bulk",
    status_code=200,
    takes=NDJSON,
    **route(
        "Write preferences of many users",
        "admin",
        amend=_amend_post,
        refuses=(413, 415),
        tag="people",
        example={"results": _RESULTS},
    ),
)
async def post_preferences(
    services: NamedDependency[Services],
    choosing: NamedDependency[Choosing],
    asker: NamedDependency[Asker],
    request: Request[Any, Any, Any],
) -> BulkPreferencesAnswer:
    """Up to 1,000 entries as JSON, or one a line as NDJSON. One that is wrong does not keep the
    others from being written; those of one user are applied in their order. Repeating it changes
    nothing (durations such as `mute_for` begin anew).
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await request.body()
    parts = _lines(raw) if media_type in NDJSON else decoded(_ENTRIES, raw).entries
    if len(parts) > BULK_LIMIT:
        raise TooLargeError(f"a bulk write has up to {BULK_LIMIT} entries, this one {len(parts)}")
    return BulkPreferencesAnswer(await _Bulk(services, choosing, asker).write(parts))


@get(
    "/v1/preferences/export",
    **route(
        "Export preferences",
        "admin",
        tag="people",
        example={"data": [_EXAMPLE], "page_info": {"has_next": False, "end_cursor": None}},
    ),
)
async def export_preferences(
    services: NamedDependency[Services],
    asker: NamedDependency[Asker],
    cursors: NamedDependency[Cursors],
    after: After = None,
    limit: Limit = 50,
) -> PreferencesPage:
    """The choices of all users who made some, page by page; a page shows them as they are then."""
    filters = {"list": "preferences", "env": asker.env}
    last = cursors.open(filters, after)[0] if after else 0
    users = await services.store.settings.owners(asker.env, last, limit + 1)
    shown, info = page_of(users, limit, cursors, filters, lambda user: [user])
    rows = await services.store.settings.rows_of(asker.env, list(shown))
    names = await services.store.names.names(asker.env, NameKind.USER, shown)
    found = [user for user in shown if user in rows and user in names]
    owned = [(a_users(asker.env, user), rows[user]) for user in found]
    plain = await documents(services.store, asker.env, owned)
    data = [
        ExportedPreferences(names[user], msgspec.convert(document, Preferences))
        for user, document in zip(found, plain, strict=True)
    ]
    return PreferencesPage(data, info)


ROUTES = (post_preferences, export_preferences)


def _lines(raw: bytes) -> list[msgspec.Raw]:
    return [msgspec.Raw(line) for line in raw.split(b"\n") if line.strip()]


class _Bulk:
    """One bulk write."""

    def __init__(self, services: Services, choosing: Choosing, asker: Asker) -> None:
        self._services = services
        self._choosing = choosing
        self._env = asker.env
        self._source = asker.source
        self._room = asyncio.Semaphore(AT_ONCE)

    async def write(self, parts: list[msgspec.Raw]) -> list[BulkPreferencesResult]:
        """The results, in the order of the parts. What is no fault of an entry refuses the rest."""
        entries = [_entry(index, part) for index, part in enumerate(parts)]
        ids = {entry.user for entry in entries if isinstance(entry, BulkEntry)}
        users = await self._services.store.people.users(self._env, sorted(ids))
        try:
            async with asyncio.TaskGroup() as group:
                # Tasks begin in this order, and a user's changes wait for each other in line.
                tasks = [
                    group.create_task(self._one(index, entry, users))
                    for index, entry in enumerate(entries)
                ]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return [task.result() for task in tasks]

    async def _one(
        self, index: int, entry: BulkEntry | BulkPreferencesResult, users: dict[str, UserRow]
    ) -> BulkPreferencesResult:
        if isinstance(entry, BulkPreferencesResult):
            return entry
        at = f"/entries/{index}"
        user = users.get(entry.user)
        if user is None:
            return _refused(index, entry.user, _nobody(f"{at}/user"))
        patch = msgspec.to_builtins(entry.preferences)
        async with self._room:
            try:
                changed = await self._choosing.apply(
                    a_users(self._env, user.number),
                    patch,
                    replace=entry.replace,
                    at=f"{at}/preferences",
                    source=self._source,
                )
            except NotFoundError:  # erased meanwhile
                return _refused(index, entry.user, _nobody(f"{at}/user"))
            except (RefusedError, InvalidError) as error:
                return _refused(index, entry.user, error)
        return BulkPreferencesResult(
            index=index,
            user=entry.user,
            status="written" if changed.changed else "unchanged",
            warnings=changed.warnings,
        )


def _entry(index: int, part: msgspec.Raw) -> BulkEntry | BulkPreferencesResult:
    at = f"/entries/{index}"
    try:
        entry = decoded(_ENTRY, part, at)
        check_id(entry.user, f"{at}/user")
    except RefusedError as error:
        return _refused(index, None, error)
    return entry


def _nobody(pointer: str) -> InvalidError:
    return InvalidError("there is no user with this id; PUT /v1/users/{user} makes one", pointer)


def _refused(index: int, user: str | None, error: ClarionError) -> BulkPreferencesResult:
    errors = refusal_of(error).errors
    return BulkPreferencesResult(index=index, user=user, status="refused", errors=errors)
